"""What words name besides clips: cases, people, recorders, places, whose pages a search leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from ingestd.index import registers
from ingestd.index.register_tables import case_parties
from ingestd.index.tables import findings, recorders
from ingestd.telling import signs, terms
from ingestd.telling.plain import in_one_line, shown
from ingestd.web import texts
from ingestd.web.desk import Desk
from ingestd.web.grams import has
from ingestd.web.places import place_of
from ingestd.web.query import FLAG_WORDS, Asked, Piece
from ingestd.web.sight import Sight
from ingestd.web.texts import Hit
from ingestd.words import Text

SHOWN = 6
"""Of each kind; of more it is said that there are."""
_LOOKED = 24
"""So many are looked at for those that the person may see."""
_NAMED = 3

_WHAT = {
    "case": Text("案件", "case"),
    "act": Text("执法行为", "act"),
    "officer": Text("使用人", "officer"),
    "recorder": Text("记录仪", "recorder"),
    "unit": Text("单位", "unit"),
    "rule": Text("规则", "rule"),
    "act-kind": Text("行为类型", "kind of act"),
    "days": Text("时间", "time"),
    "hours": Text("时间", "time"),
    "flag": Text("条件", "condition"),
    "text": Text("文字", "words"),
    "unused": Text("未使用", "not used"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Something with a page of its own."""

    title: str
    more: Text | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was found of one kind."""

    word: Text
    matches: tuple[Match, ...]
    is_more: bool
    """There are others."""


# --- how a piece is told ------------------------------------------------------------------------------------


def says(desk: Desk, connection: Connection, asked: Asked, piece: Piece) -> tuple[Text, Text]:
    """What a piece is taken for, and what exactly."""
    return _WHAT[piece.what], _told(desk, connection, asked, piece)


def _told(desk: Desk, connection: Connection, asked: Asked, piece: Piece) -> Text:
    match piece.what:
        case "days" | "hours" if asked.span is not None:
            return _span(desk, asked)
        case "flag":
            return FLAG_WORDS[piece.ids[1]]
        case "officer":
            names = desk.watch.names.of(connection, piece.ids, "full")
            return _list([" ".join(filter(None, (names.get(one), one))) for one in piece.ids])
        case "unit":
            known = registers.stated(connection, "unit", piece.ids)
            return _list([shown(known[one].row.name or one) for one in piece.ids])
        case "unused":
            return _plain(piece.typed)
        case _:
            return _list([shown(one) for one in piece.ids])


def _span(desk: Desk, asked: Asked) -> Text:
    """From when to when, by days where it is whole days."""
    assert asked.span is not None
    begin, end = (
        datetime.fromtimestamp(one / 1000, desk.zone) for one in (asked.span.since, asked.span.until)
    )
    if (begin.hour, begin.minute, end.hour, end.minute) == (0, 0, 0, 0):
        last = end - timedelta(days=1)
        told = f"{begin:%Y-%m-%d}" if last.date() == begin.date() else f"{begin:%Y-%m-%d} – {last:%Y-%m-%d}"
    else:
        ends = "24:00" if end.date() != begin.date() else f"{end:%H:%M}"
        told = f"{begin:%Y-%m-%d} {begin:%H:%M} – {ends}"
    return _plain(told)


def _list(told: Sequence[str]) -> Text:
    some, count = told[:_NAMED], len(told)
    if count <= _NAMED:
        return Text("、".join(some), ", ".join(some))
    return Text(f"{'、'.join(some)} 等 {count} 个", f"{', '.join(some)} and {count - _NAMED} more")


def _plain(text: str) -> Text:
    return Text(text, text)


# --- groups -------------------------------------------------------------------------------------------------


def groups(desk: Desk, connection: Connection, sight: Sight, asked: Asked) -> tuple[Group, ...]:
    """What the words name, a group for each kind that there is."""
    finder = _Finder(desk, connection, sight, asked)
    made = (
        finder.group(Text("案件", "cases"), finder.cases()),
        finder.group(Text("当事人", "subjects"), finder.subjects()),
        finder.group(Text("人员", "people"), finder.officers()),
        finder.group(Text("单位", "units"), finder.units()),
        finder.group(Text("记录仪", "recorders"), finder.recorders()),
        finder.group(Text("执法行为与地点", "acts and places"), finder.acts()),
        finder.group(Text("异常的说明", "explanations of findings"), finder.reasons()),
    )
    return tuple(one for one in made if one.matches)


class _Finder:
    """Looks for each kind of thing by the pieces and words of one query."""

    def __init__(self, desk: Desk, connection: Connection, sight: Sight, asked: Asked) -> None:
        self._desk = desk
        self._connection = connection
        self._sight = sight
        self._asked = asked

    def group(self, word: Text, found: tuple[list[Match], bool]) -> Group:
        """A group of what was found, with whether there was more."""
        matches, is_more = found
        return Group(word=word, matches=tuple(matches), is_more=is_more)

    def cases(self) -> tuple[list[Match], bool]:
        """By number or title."""
        ids = [*self._ids("case"), *self._items(texts.NUMBER), *self._items(texts.TITLE)]
        seen, is_more = self._seen("case", ids)
        titles = texts.named(self._connection, texts.TITLE, seen)
        return [_match("case", one, _maybe(titles.get(one))) for one in seen], is_more

    def subjects(self) -> tuple[list[Match], bool]:
        """By name; whoever sees none of their cases does not see them."""
        hits = self._hits(texts.SUBJECT)
        cases = self._cases_of([hit.item for hit in hits])
        self._sight.prepare(f"case:{one}" for some in cases.values() for one in some)
        seen = [
            hit
            for hit in hits
            if self._sight.sees_all or any(self._sight.item(f"case:{one}") for one in cases.get(hit.item, ()))
        ]
        matches = [
            Match(
                title=hit.text,
                more=Text(f"{len(cases.get(hit.item, ()))} 个案件", f"{len(cases.get(hit.item, ()))} cases"),
                href=f"/subjects/{hit.item}",
            )
            for hit in seen[:SHOWN]
        ]
        return matches, len(seen) > SHOWN

    def officers(self) -> tuple[list[Match], bool]:
        """By number or name."""
        seen, is_more = self._seen("officer", [*self._ids("officer"), *self._items(texts.OFFICER)])
        known = registers.stated(self._connection, "officer", seen)
        units = registers.units(self._connection)
        names = self._desk.watch.names.of(self._connection, seen, "full")
        made = []
        for one in seen:
            unit = units.get(known[one].row.unit or "") if one in known else None
            title = " ".join(filter(None, (names.get(one), one)))
            made.append(_match("officer", one, _maybe(None if unit is None else unit.name), title=title))
        return made, is_more

    def units(self) -> tuple[list[Match], bool]:
        """By id or name."""
        seen, is_more = self._seen("unit", self._ids("unit"))
        known = registers.stated(self._connection, "unit", seen)
        return [_match("unit", one, _plain(one), title=known[one].row.name or one) for one in seen], is_more

    def recorders(self) -> tuple[list[Match], bool]:
        """By serial, or its beginning."""
        row = recorders.c
        ids = [*self._ids("recorder")]
        for term in self._asked.terms:
            word = term.upper()
            near = select(row.recorder).where(row.recorder >= word, row.recorder < word + "\uffff")
            ids += self._connection.scalars(near.order_by(row.recorder).limit(_LOOKED))
        seen, is_more = self._seen("recorder", ids)
        query = select(row.recorder, row.state).where(row.recorder.in_(seen))
        states = {found.recorder: found.state for found in self._connection.execute(query)}
        told = {one: signs.sign(terms.RECORDERS, state).word for one, state in states.items()}
        return [_match("recorder", one, told[one]) for one in seen if one in told], is_more

    def acts(self) -> tuple[list[Match], bool]:
        """By number, place, remark."""
        ids = [*self._ids("act"), *self._items(texts.PLACE), *self._items(texts.REMARK)]
        seen, is_more = self._seen("act", ids)
        known = registers.stated(self._connection, "act", seen)
        places = texts.named(self._connection, texts.PLACE, seen)
        return [
            _match(
                "act",
                one,
                _maybe(" · ".join(filter(None, (known[one].row.kind, known[one].row.case)))),
                title=places.get(one, one),
            )
            for one in seen
            if one in known
        ], is_more

    def reasons(self) -> tuple[list[Match], bool]:
        """Findings by what people said of them."""
        hits = {hit.item: hit for hit in self._hits(texts.REASON)}
        row = findings.c
        query = select(row.finding, row.kind, row.about).where(row.finding.in_(list(hits)))
        known = {one.finding: one for one in self._connection.execute(query)}
        seen = [one for one in hits if one in known and self._sight.item(known[one].about)]
        made = [
            Match(
                title=hits[one].text[:60],
                more=terms.word(terms.FINDINGS, known[one].kind),
                href=f"/findings/{one}",
            )
            for one in seen[:SHOWN]
        ]
        return made, len(seen) > SHOWN

    def _ids(self, what: str) -> list[str]:
        return [id_ for piece in self._asked.pieces if piece.what == what for id_ in piece.ids]

    def _hits(self, kind: str) -> list[Hit]:
        """Texts of a kind that have all words in them."""
        words = self._asked.terms
        if not words:
            return []
        found = texts.find(self._connection, kind, words[0], limit=_LOOKED)
        return [hit for hit in found if all(has(hit.text, word) for word in words[1:])]

    def _items(self, kind: str) -> list[str]:
        return [hit.item for hit in self._hits(kind)]

    def _seen(self, kind: str, ids: Iterable[str]) -> tuple[list[str], bool]:
        """Those that the person may see, as many as are shown, and whether there are more."""
        told = list(dict.fromkeys(ids))
        self._sight.prepare(f"{kind}:{one}" for one in told)
        seen = [one for one in told if self._sight.item(f"{kind}:{one}")]
        return seen[:SHOWN], len(seen) > SHOWN

    def _cases_of(self, parties: Sequence[str]) -> dict[str, list[str]]:
        row, found = case_parties.c, dict[str, list[str]]()
        query = select(row.party, row.case).where(row.party.in_(parties)).order_by(row.case)
        for party, case in self._connection.execute(query):
            found.setdefault(party, []).append(case)
        return found


def _match(kind: str, id_: str, more: Text | None, *, title: str | None = None) -> Match:
    return Match(title=shown(title or id_), more=more, href=place_of(f"{kind}:{id_}") or "/")


def _maybe(text: str | None) -> Text | None:
    return _plain(shown(in_one_line(text))) if text else None

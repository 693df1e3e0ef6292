"""Clips by what they are and by the words around them: their notes, acts, cases, and whom those concern.

A page of answers is bounded as in `index.clip_search`: common words are followed from the newest text back, in
rounds, and where rounds run out the page says how far it looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, or_, select

from ingestd.index import clip_search
from ingestd.index.clip_search import LONGEST_MS, Page, Place, Row, Wanted
from ingestd.index.law_tables import links
from ingestd.index.register_tables import acts, case_parties
from ingestd.index.tables import clips
from ingestd.model import Millis
from ingestd.web import texts
from ingestd.web.grams import has

ROUNDS = (100, 400, 1000)
"""Notes that a page follows in one step after the other, until it is full."""
ABOUT_MOST = 100
"""Acts of a stretch of time, cases, subjects that words are about: of more, the newest."""
_READ_MOST = 600
"""Clips whose texts a page reads one by one."""
_LOOK = 100
_DAY_MS = 86_400_000
"""A clip of an act begins within a day of it."""
_EVER = 1 << 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of clips, and whether words are about more cases than were looked at."""

    page: Page
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A text beside a clip."""

    kind: str
    """A word of `texts.KINDS`."""
    text: str


def found(
    connection: Connection, wanted: Wanted, terms: Sequence[str], *, before: Place | None, limit: int
) -> Found:
    """The newest clips that are all this and have all these words around them, from before a place on."""
    if not terms:
        return Found(page=clip_search.page(connection, wanted, before=before, limit=limit))
    known = clip_search.few(connection, wanted)
    if known is not None:
        whole = clip_search.among(connection, wanted, known, before=before)
        return Found(page=_read(connection, whole.rows, terms, limit))
    seeker = _Seeker(connection, wanted, terms)
    rows, at = list[Row](), before
    for size in ROUNDS:
        some, at = seeker.step(at, size)
        rows += some
        if at is None or len(rows) > limit:
            break
    page = Page(rows=tuple(rows[:limit]), next=rows[limit - 1].place if len(rows) > limit else at)
    if page.next is not None and len(rows) <= limit:
        page = replace(page, looked_to=Millis(page.next.start))
    return Found(page=page, is_partial=seeker.is_partial)


def _read(connection: Connection, rows: Sequence[Row], terms: Sequence[str], limit: int) -> Page:
    """Of these rows the first that have all words in the texts around them."""
    kept = list[Row]()
    for start in range(0, min(len(rows), _READ_MOST), _LOOK):
        some = rows[start : start + _LOOK]
        near = around(connection, [row.acquisition for row in some])
        kept += [row for row in some if _has_all(near.get(row.acquisition, ()), terms)]
        if len(kept) > limit:
            return Page(rows=tuple(kept[:limit]), next=kept[limit - 1].place)
    if len(rows) <= _READ_MOST:
        return Page(rows=tuple(kept), next=None)
    last = rows[_READ_MOST - 1].place
    return Page(rows=tuple(kept), next=last, looked_to=Millis(last.start))


def _has_all(near: Sequence[Around], terms: Sequence[str]) -> bool:
    return all(any(has(one.text, term) for one in near) for term in terms)


class _Seeker:
    """Goes back in time through the notes that have the rarest of the words, and what else has it."""

    def __init__(self, connection: Connection, wanted: Wanted, terms: Sequence[str]) -> None:
        self.is_partial = False
        self._connection = connection
        self._wanted = wanted
        self._terms = terms
        self._of_cases = {term: self._cases(term) for term in terms}

    def step(self, before: Place | None, size: int) -> tuple[list[Row], Place | None]:
        """The clips of one stretch of time, and where it ends; None: at the beginning of time."""
        below, above = self._bounds(before)
        hits = {
            term: texts.find(self._connection, texts.NOTE, term, above=above, below=below, limit=size)
            for term in self._terms
        }
        rarest = min(self._terms, key=lambda term: len(hits[term]))
        notes, horizon = hits[rarest], None
        if len(notes) == size:
            horizon, above = _place_of(self._connection, notes[-1].item), notes[-1].key - 1
        found_ = {hit.item for hit in notes} | self._beside(rarest, above, below)
        for term in self._terms:
            if term != rarest:
                found_ &= self._with(term, rarest, found_, above, below)
        rows = clip_search.among(self._connection, self._wanted, sorted(found_), before=before).rows
        return [row for row in rows if horizon is None or row.place >= horizon], horizon

    def _bounds(self, before: Place | None) -> tuple[int, int]:
        """Keys below and above which notes can be meant."""
        below = texts.key_of(_EVER if self._wanted.until is None else self._wanted.until, 0)
        if before is not None:
            below = min(below, texts.key_of(before.start, before.seq))
        since = self._wanted.since
        return below, -1 if since is None else texts.key_of(since - LONGEST_MS, 0)

    def _with(self, term: str, rarest: str, some: set[str], above: int, below: int) -> set[str]:
        """Those that have another word too: in the same note, in an act or case, in the note of such a clip."""
        both = texts.find(
            self._connection, texts.NOTE, rarest, term, above=above, below=below, limit=max(ROUNDS)
        )
        found_ = {hit.item for hit in both} | self._beside(term, above, below)
        others = sorted((some & self._beside(rarest, above, below)) - found_)[:_READ_MOST]
        near = _texts(self._connection, (texts.NOTE,), others)
        return found_ | {one for one in others if any(has(text.text, term) for text in near.get(one, ()))}

    def _beside(self, term: str, above: int, below: int) -> set[str]:
        """Clips of a stretch of time of acts and cases that a word is about."""
        begin, end = texts.moment_of(max(above, 0)), texts.moment_of(below)
        stretch = {"above": texts.key_of(begin - _DAY_MS, 0), "below": texts.key_of(end + _DAY_MS, 0)}
        of_acts = list[str]()
        for kind in (texts.PLACE, texts.REMARK):
            hits = texts.find(self._connection, kind, term, **stretch, limit=ABOUT_MOST + 1)
            self.is_partial |= len(hits) > ABOUT_MOST
            of_acts += [hit.item for hit in hits[:ABOUT_MOST]]
        row = links.c
        found_ = {*self._connection.scalars(select(row.acquisition).where(row.act.in_(of_acts)))}
        return found_ | {one for one, start in self._of_cases[term].items() if begin <= start <= end}

    def _cases(self, term: str) -> dict[str, int]:
        """Clips of cases that a word is about, whenever they were recorded, with when they began."""
        hits = {
            kind: texts.find(self._connection, kind, term, limit=ABOUT_MOST + 1)
            for kind in (texts.NUMBER, texts.TITLE, texts.SUBJECT)
        }
        self.is_partial |= any(len(some) > ABOUT_MOST for some in hits.values())
        items = {kind: [hit.item for hit in some[:ABOUT_MOST]] for kind, some in hits.items()}
        party, row = case_parties.c, links.c
        of_cases = [*items[texts.NUMBER], *items[texts.TITLE]]
        of_cases += self._connection.scalars(select(party.case).where(party.party.in_(items[texts.SUBJECT])))
        theirs = self._connection.scalars(select(acts.c.act).where(acts.c.case.in_(of_cases))).all()
        either = or_(row.case.in_(of_cases), row.act.in_(theirs))
        query = select(row.acquisition, clips.c.start_key).join_from(
            links, clips, clips.c.acquisition == row.acquisition
        )
        return {one.acquisition: one.start_key for one in self._connection.execute(query.where(either))}


def _place_of(connection: Connection, acquisition: str) -> Place | None:
    row = clips.c
    found_ = connection.execute(select(row.start_key, row.seq).where(row.acquisition == acquisition)).first()
    return None if found_ is None else Place(start=found_.start_key, seq=found_.seq)


def around(connection: Connection, acquisitions: Sequence[str]) -> Mapping[str, list[Around]]:
    """The texts beside some hundred clips: their notes, what their acts and cases say."""
    row = links.c
    query = select(row.acquisition, row.act, row.case, acts.c.case.label("act_case")).join_from(
        links, acts, acts.c.act == row.act, isouter=True
    )
    linked = connection.execute(query.where(row.acquisition.in_(acquisitions))).all()
    cases = {one.case or one.act_case for one in linked} - {None}
    by_act = _texts(connection, (texts.PLACE, texts.REMARK), {one.act for one in linked} - {None})
    by_case = _texts(connection, (texts.NUMBER, texts.TITLE), cases)
    for case, some in _subjects(connection, cases).items():
        by_case.setdefault(case, []).extend(some)
    near = _texts(connection, (texts.NOTE,), acquisitions)
    for one in linked:
        told = near.setdefault(one.acquisition, [])
        told += [*by_act.get(one.act, ()), *by_case.get(one.case or one.act_case, ())]
    return near


def _subjects(connection: Connection, cases: Iterable[str]) -> dict[str, list[Around]]:
    row = case_parties.c
    pairs = connection.execute(select(row.case, row.party).where(row.case.in_(sorted(cases)))).all()
    names = _texts(connection, (texts.SUBJECT,), {party for _, party in pairs})
    found_ = dict[str, list[Around]]()
    for case, party in pairs:
        found_.setdefault(case, []).extend(names.get(party, ()))
    return found_


def _texts(connection: Connection, kinds: Iterable[str], items: Iterable[str]) -> dict[str, list[Around]]:
    found_, wanted = dict[str, list[Around]](), sorted(set(items))
    for kind in kinds:
        for item, text in texts.named(connection, kind, wanted).items():
            found_.setdefault(item, []).append(Around(kind=kind, text=text))
    return found_

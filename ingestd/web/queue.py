"""Clips that wait for a person's choice: one at a time, its candidates side by side, with what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from ingestd.facts import Act
from ingestd.index import link_queries, registers
from ingestd.index.authority import Bar
from ingestd.index.facts import Clip
from ingestd.index.items import find_clip
from ingestd.index.link_queries import Candidate, Link, Queued
from ingestd.linking.weights import DAY_MS
from ingestd.model import Interval, Millis
from ingestd.people.separation import Deed
from ingestd.telling.case_footage import Teller
from ingestd.telling.plain import interval_brief, shown
from ingestd.telling.register_views import Reader
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.web.tiles import Tile, tiles
from ingestd.words import Lang, Text

LOOKED_AT = 300
"""Of those that wait the first so many are shown one by one."""
KEYS = 9
"""Candidates that have a key."""
_THOUSAND = 1000
_WIDTH = 100.0
_PAD = 0.04
_LANGS: tuple[Lang, Lang] = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What speaks for or against a candidate."""

    text: Text
    weight: str
    """``+3.4``: thousandths of a natural logarithm, rounded for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch on the two lanes of a drawing, percent."""

    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """When the clip was recorded, above when the act was, on one scale."""

    sure: Span | None
    """Of the clip, wherever its clock lies; None: nothing is sure."""
    possible: Span | None
    act: Span | None
    told: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One candidate."""

    number: int
    act: str
    act_href: str
    kind: Text
    case: str | None
    title: str
    begun: Millis | None
    ended: Millis | None
    place: str
    officers: tuple[tuple[str, str | None], ...]
    score: str
    supports: tuple[Reason, ...]
    opposes: tuple[Reason, ...]
    lanes: Lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line of those that wait."""

    acquisition: str
    path: str
    started: Interval
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """The clip whose turn it is, with its neighbours."""

    waiting: tuple[Waiting, ...]
    is_all: bool
    """No more than these wait."""
    clip: Clip | None
    tile: Tile | None
    why: Text | None
    link: Link | None
    linked_why: str
    options: tuple[Option, ...]
    before: str | None
    after: str | None
    bar: Bar | None
    """The rule that keeps this person from deciding."""


def decided(desk: Desk, connection: Connection, acquisition: str | None) -> Text | None:
    """The clip that was decided last, by who recorded it, when, and its file; None where there is none to be seen."""
    clip = None if acquisition is None else find_clip(connection, acquisition)
    if clip is None or not Sight(desk, connection).clips([clip]):
        return None
    name = desk.watch.names.of(connection, [clip.officer or ""], "full").get(clip.officer or "")
    who = [one for one in (name or clip.officer,) if one]
    zh, en = (interval_brief(clip.started, now=desk.now, zone=desk.zone, lang=lang) for lang in _LANGS)
    file = shown(clip.path.rpartition("/")[2])
    return Text(" · ".join((*who, zh, file)), " · ".join((*who, en, file)))


def queue_page(desk: Desk, connection: Connection, acquisition: str | None) -> QueuePage:
    """The queue at a clip: the one that is named, else the first. The caller asks for sight of a named one."""
    first = link_queries.first_waiting(connection, LOOKED_AT)
    seen = Sight(desk, connection).clips(first)
    ids = [str(one.acquisition) for one in seen]
    chosen = acquisition or (ids[0] if ids else None)
    clip = None if chosen is None else find_clip(connection, chosen)
    at = ids.index(chosen) if chosen in ids else None
    queued = () if chosen is None else link_queries.queue(connection, chosen)
    link = None if chosen is None else link_queries.link_of(connection, chosen)
    drawn = () if clip is None else tiles(desk, connection, [clip.acquisition])
    return QueuePage(
        waiting=tuple(_line(one, chosen) for one in seen),
        is_all=len(first) < LOOKED_AT,
        clip=clip,
        tile=drawn[0] if drawn else None,
        why=queued[0].why if queued else None,
        link=link,
        linked_why="" if link is None else Teller(desk.lang, desk.zone).why(link),
        options=() if not queued else _options(desk, connection, queued[0]),
        before=ids[at - 1] if at else None,
        after=_after(ids, at),
        bar=None if clip is None else desk.against(connection, Deed.LINK, f"clip:{clip.acquisition}"),
    )


def _line(clip: Clip, chosen: str | None) -> Waiting:
    is_this = clip.acquisition == chosen
    return Waiting(acquisition=clip.acquisition, path=clip.path, started=clip.started, is_this=is_this)


def _after(ids: Sequence[str], at: int | None) -> str | None:
    """The next one; after one that waits no more the first."""
    if at is None:
        return ids[0] if ids else None
    return ids[at + 1] if at + 1 < len(ids) else None


def _options(desk: Desk, connection: Connection, queued: Queued) -> tuple[Option, ...]:
    acts = registers.stated(connection, "act", [one.act for one in queued.candidates])
    cases = registers.stated(
        connection, "case", {one.case for one in queued.candidates if one.case is not None}
    )
    officers = {officer for one in acts.values() for officer in one.row.officers}
    names = desk.watch.names.of(connection, officers, "full")
    reader, found = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang), []
    for number, one in enumerate(queued.candidates, 1):
        act = acts[one.act].row if one.act in acts else Act(act=one.act)
        case = cases.get(one.case or "")
        title = "" if case is None else reader.parts(case.row.title_value).get("title", "")
        around = _Around(number=number, title=shown(title), names=names, reader=reader)
        found.append(_option(desk, queued.clip, act, one, around))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What a candidate is drawn with."""

    number: int
    title: str
    names: Mapping[str, str]
    reader: Reader


def _option(desk: Desk, clip: Clip, act: Act, one: Candidate, around: _Around) -> Option:
    book = desk.watch.book
    return Option(
        number=around.number,
        act=one.act,
        act_href=f"/acts/{quote(one.act)}",
        kind=book.named(book.kind(act.kind)) if act.kind else Text("类型未说明", "kind not told"),
        case=one.case,
        title=around.title,
        begun=act.started_at,
        ended=act.ended_at,
        place=shown(around.reader.personal(act.place_value)),
        officers=tuple((officer, around.names.get(officer)) for officer in act.officers),
        score=_weight(one.score),
        supports=_reasons(one, is_for=True),
        opposes=_reasons(one, is_for=False),
        lanes=lanes(clip.started, clip.ended, act),
    )


def _reasons(one: Candidate, *, is_for: bool) -> tuple[Reason, ...]:
    """The heaviest first; what weighs nothing is left out."""
    some = [told for told in one.reasons if round(told.weight / _THOUSAND, 1) and (told.weight > 0) == is_for]
    some.sort(key=lambda told: -abs(told.weight))
    return tuple(
        Reason(text=Text(shown(told.text.zh), shown(told.text.en)), weight=_weight(told.weight))
        for told in some
    )


def _weight(thousandths: int) -> str:
    return f"{thousandths / _THOUSAND:+.1f}"


def lanes(started: Interval, ended: Interval, act: Act) -> Lanes:
    """Clip and act on one scale; what lies further than a day apart is told in words alone."""
    earliest, latest = started.earliest, ended.latest
    begin, end = act.started_at, act.ended_at or act.started_at
    if earliest is None or latest is None or begin is None or end is None:
        return _unplaced(Text("时间不全，无法对照", "times are lacking: they cannot be compared"))
    low, high = int(min(earliest, begin)), int(max(latest, end))
    if high - low > 2 * DAY_MS:
        return _unplaced(Text("相隔一天以上", "more than a day apart"))
    pad = max(1, round((high - low) * _PAD))
    low, whole = low - pad, high - low + 2 * pad

    def span(since: int, until: int) -> Span:
        left = (since - low) / whole * _WIDTH
        return Span(left=round(left, 2), width=round(max(0.4, (until - since) / whole * _WIDTH), 2))

    sure_from, sure_until = started.latest, ended.earliest
    is_sure = sure_from is not None and sure_until is not None and sure_from < sure_until
    return Lanes(
        sure=span(sure_from, sure_until) if is_sure and sure_from and sure_until else None,
        possible=span(earliest, latest),
        act=span(begin, end),
        told=Text(
            "上：录像（斜线处存疑）；下：执法行为", "above: the clip (hatched: in doubt); below: the act"
        ),
    )


def _unplaced(told: Text) -> Lanes:
    return Lanes(sure=None, possible=None, act=None, told=told)

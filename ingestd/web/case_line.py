"""What the time line of a clip is drawn of: the clips of its case with the acts and how they are covered.

A clip of no case has those around it that came of its own recorder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ingestd.facts import Act
from ingestd.index import law_facts, link_queries, queries, registers
from ingestd.index.facts import Clip
from ingestd.index.link_queries import Link
from ingestd.law.facts import Analysis
from ingestd.model import Kind, Millis, length_between
from ingestd.telling import case_footage
from ingestd.web import coverage
from ingestd.web.desk import Desk
from ingestd.web.lanes import Acted, Shot, TimeLine, time_line
from ingestd.web.sight import Sight

AROUND_MS = 3_600_000
"""Of a clip of no case the recorder's other clips within an hour."""
CLIPS = 400
"""At most so many clips of a case are looked at for its line; those nearest in time."""
_NO_CASE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A time line with what it was drawn of."""

    case: str | None
    act: str | None
    link: Link | None
    shots: tuple[Shot, ...]
    line: TimeLine


def read(desk: Desk, connection: Connection, clip: Clip, shown: Sequence[str]) -> CaseLine:
    """The line of a clip, with those of the clips that the person may see."""
    link = link_queries.link_of(connection, clip.acquisition)
    act = None if link is None else link.act
    case = None if link is None else link.case or _case_of(connection, act)
    acts = _acts(connection, case, act)
    found = _clips(connection, clip, case, acts)
    seen = Sight(desk, connection).clips(found)
    shots = _named(desk, connection, shots_of(connection, seen))
    acted = _acted(desk, connection, case, acts)
    line = time_line(shots, acted, shown, desk.zone)
    return CaseLine(case=case, act=act, link=link, shots=tuple(shots), line=line)


def shots_of(connection: Connection, clips: Sequence[Clip]) -> list[Shot]:
    """Recordings as they lie in time, with what was found in them."""
    facts = law_facts.clips_of(connection, [one.acquisition for one in clips])
    known = {key: one.analysis for key, one in facts.items()}
    return [_shot(one, known.get(one.acquisition)) for one in clips if one.kind.is_recording]


def _named(desk: Desk, connection: Connection, shots: Sequence[Shot]) -> list[Shot]:
    """With the names of the officers in the place of their numbers, where they are known."""
    names = desk.watch.names.of(connection, {one.officer for one in shots if one.officer}, "full")
    return [replace(one, officer=names.get(one.officer or "", one.officer)) for one in shots]


def _shot(clip: Clip, heard: Analysis | None) -> Shot:
    return Shot(
        acquisition=clip.acquisition,
        recorder=clip.recorder,
        officer=clip.officer,
        kind=clip.kind,
        started=clip.started,
        ended=clip.ended,
        length_ms=0 if clip.kind is Kind.PHOTO else length_between(clip.started, clip.ended) or 0,
        is_marked=clip.marked,
        stretches=() if heard is None else tuple((one.kind, one.begin, one.end) for one in heard.stretches),
        speech_ms=None if heard is None else heard.speech_from_ms,
    )


def _case_of(connection: Connection, act: str | None) -> str | None:
    stated = None if act is None else registers.one(connection, "act", act)
    case: str | None = None if stated is None else stated.row.case
    return case


def _acts(connection: Connection, case: str | None, act: str | None) -> Sequence[Act]:
    if case is not None:
        return registers.acts_of(connection, case)
    stated = None if act is None else registers.one(connection, "act", act)
    return [] if stated is None else [stated.row]


def _clips(connection: Connection, clip: Clip, case: str | None, acts: Sequence[Act]) -> list[Clip]:
    """The clip and what belongs with it, in the order of time."""
    if case is None and not acts:
        middle = clip.started.earliest or clip.started.latest or clip.stored_at
        since, until = Millis(middle - AROUND_MS), Millis(middle + AROUND_MS)
        some = queries.clips(connection, recorder=clip.recorder, since=since, until=until, limit=CLIPS)
        found = {one.acquisition: one for one in some if one.state != "superseded"}
    else:
        linked = link_queries.linked_to(connection, case or _NO_CASE, [one.act for one in acts])
        found = {one.acquisition: one for one, _ in linked}
    found[clip.acquisition] = clip
    around = _begin(clip)
    nearest = sorted(found.values(), key=lambda one: abs(_begin(one) - around))[:CLIPS]
    return sorted(nearest, key=lambda one: (_begin(one), one.seq))


def _begin(clip: Clip) -> int:
    return clip.started.earliest or clip.started.latest or clip.stored_at


def _acted(desk: Desk, connection: Connection, case: str | None, acts: Sequence[Act]) -> list[Acted]:
    """The acts whose begin and end are known, with how much of each is on film."""
    told = case_footage.read(connection, case or _NO_CASE, acts, desk.watch.book, desk.now)
    known = {act.act: act for act in acts}
    return [
        Acted(bar=coverage.bar(known[one.act], one.coverage, desk.zone), coverage=one.coverage)
        for one in told
        if one.act in known and one.coverage is not None
    ]

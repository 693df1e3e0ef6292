"""Links and the queue of clips that wait for a person's choice. None of these reads writes or asks the time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from ingestd.index.facts import Clip
from ingestd.index.law_tables import link_queue, links
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips
from ingestd.model import Kind, Millis
from ingestd.words import Text

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""
MACHINE, PERSON = "machine", "person"
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One term of a score."""

    what: str
    weight: int
    """Thousandths."""
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An act that a clip may be of."""

    act: str
    case: str | None
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a clip belongs, and by whom."""

    act: str | None
    case: str | None
    by: str
    """machine, person; a person's with neither act nor case: to none."""
    score: int | None
    margin: int | None
    reasons: tuple[Reason, ...]
    reason_value: str | None
    said_by: str
    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the log tells of a clip: where it belongs, or that it waits."""

    act: str | None = None
    case: str | None = None
    by: str | None = None
    """None: it is linked to nothing, and nobody said so."""
    queued: tuple[str, ...] = ()
    """Acts among which a person may choose, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A clip that waits for a person's choice, with its candidates, the likeliest first."""

    clip: Clip
    why: Text
    candidates: tuple[Candidate, ...]
    at: Millis


def link_of(connection: Connection, acquisition: str) -> Link | None:
    """Where a clip belongs."""
    row = connection.execute(select(links).where(links.c.acquisition == acquisition)).mappings().one_or_none()
    return None if row is None else _link(row)


def queue(connection: Connection, acquisition: str | None = None) -> tuple[Queued, ...]:
    """Clips that wait for a choice, those that were recorded first in front; of one clip where it is named."""
    row = clips.c
    query = select(link_queue.c.acquisition, link_queue).join(
        clips, row.acquisition == link_queue.c.acquisition
    )
    query = query.where(row.state != "superseded").order_by(row.start_key, row.seq)
    if acquisition is not None:
        query = query.where(row.acquisition == acquisition)
    waiting = {one["acquisition"]: one for one in connection.execute(query).mappings()}
    found = _clips(connection, list(waiting))
    return tuple(
        Queued(
            clip=found[key],
            why=Text(one["zh"], one["en"]),
            candidates=tuple(_candidate(told) for told in json.loads(one["candidates"])),
            at=one["at"],
        )
        for key, one in waiting.items()
    )


def first_waiting(connection: Connection, limit: int) -> tuple[Clip, ...]:
    """The clips that wait for a choice, those that were recorded first in front, so many at most."""
    row = clips.c
    # Named by a list, not joined: SQLite would walk all clips in their order for the few that wait.
    waiting = row.acquisition.in_(select(link_queue.c.acquisition))
    query = CLIP.where(waiting, row.state != "superseded")
    rows = connection.execute(query.order_by(row.start_key + 0, row.seq).limit(limit)).mappings()
    return tuple(map(clip_of, rows))


def unmatched(connection: Connection, since: Millis) -> tuple[Clip, ...]:
    """Recordings stored since a moment that nothing links and for which there is no candidate."""
    row = clips.c
    query = (
        CLIP.join(links, links.c.acquisition == row.acquisition, isouter=True)
        .join(link_queue, link_queue.c.acquisition == row.acquisition, isouter=True)
        .where(links.c.acquisition.is_(None), link_queue.c.acquisition.is_(None))
        .where(row.kind.in_(_RECORDINGS), row.state != "superseded", row.stored_at >= since)
    )
    return tuple(
        clip_of(one) for one in connection.execute(query.order_by(row.start_key, row.seq)).mappings()
    )


def linked_to(connection: Connection, case: str, acts: Sequence[str]) -> tuple[tuple[Clip, Link], ...]:
    """The clips that belong to a case or to one of its acts, in the order of their time."""
    row = links.c
    query = select(links).where(or_(row.case == case, row.act.in_(acts)))
    told = {one["acquisition"]: _link(one) for one in connection.execute(query).mappings()}
    found = _clips(connection, list(told))
    in_time = sorted(found.values(), key=lambda clip: (clip.started.earliest or clip.stored_at, clip.seq))
    return tuple((clip, told[clip.acquisition]) for clip in in_time)


def told(connection: Connection, acquisitions: Sequence[str]) -> dict[str, Told]:
    """What the log tells of these clips; those of which it tells nothing are not in it."""
    found: dict[str, Told] = {}
    for start in range(0, len(acquisitions), AT_ONCE):
        some = acquisitions[start : start + AT_ONCE]
        row, waits = links.c, link_queue.c
        queued = select(waits.acquisition, waits.candidates).where(waits.acquisition.in_(some))
        for key, candidates in connection.execute(queued):
            found[key] = Told(queued=tuple(one["act"] for one in json.loads(candidates)))
        linked = select(row.acquisition, row.act, row.case, row.by).where(row.acquisition.in_(some))
        for key, act, case, by in connection.execute(linked):
            found[key] = Told(act=act, case=case, by=by)
    return found


def names_of(connection: Connection, acquisitions: Sequence[str]) -> dict[str, str]:
    """The files of these clips, without their folders."""
    found = dict[str, str]()
    for start in range(0, len(acquisitions), AT_ONCE):
        some = clips.c.acquisition.in_(acquisitions[start : start + AT_ONCE])
        rows = connection.execute(select(clips.c.acquisition, clips.c.path).where(some))
        found |= {key: path.rpartition("/")[2] for key, path in rows}
    return found


def _clips(connection: Connection, acquisitions: Sequence[str]) -> dict[str, Clip]:
    found: dict[str, Clip] = {}
    for start in range(0, len(acquisitions), AT_ONCE):
        query = CLIP.where(clips.c.acquisition.in_(acquisitions[start : start + AT_ONCE]))
        told = (clip_of(row) for row in connection.execute(query).mappings())
        found |= {clip.acquisition: clip for clip in told if clip.state != "superseded"}
    return found


def _link(row: RowMapping) -> Link:
    names = ("act", "case", "by", "score", "margin", "reason_value", "said_by", "at")
    return Link(
        **{name: row[name] for name in names},
        reasons=tuple(_reason(one) for one in json.loads(row["reasons"])),
    )


def _candidate(told: dict[str, Any]) -> Candidate:
    reasons = tuple(_reason(one) for one in told["reasons"])
    return Candidate(act=told["act"], case=told["case"], score=told["score"], reasons=reasons)


def _reason(told: dict[str, Any]) -> Reason:
    return Reason(what=told["what"], weight=told["weight"], text=Text(told["zh"], told["en"]))

"""Recordings that lack their short text note (REC-8): what the kiosk asks for and the dock board counts.

Segments of one recording share a note, as the rule's judge has it (`law.rules.narration`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from ingestd.index.law_facts import portions
from ingestd.index.law_tables import links, notes
from ingestd.index.register_tables import acts
from ingestd.index.tables import clips
from ingestd.law.base import Base
from ingestd.law.facts import Clip, Link
from ingestd.model import Flag, Interval, Kind, Millis

AT_MOST = 3000
"""Clips without a note of their own whose dockings are looked through, newest first."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)
_COLUMNS = (
    clips.c.acquisition, clips.c.kind, clips.c.recorder, clips.c.session, clips.c.officer, clips.c.path,
    clips.c.sequence, clips.c.started_earliest, clips.c.started_latest, clips.c.started_basis,
    clips.c.ended_earliest, clips.c.ended_latest, clips.c.ended_basis, clips.c.stored_at, clips.c.flags,
    notes.c.at.label("note_at"), links.c.act, links.c.case, acts.c.kind.label("act_kind"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnoted:
    """One recording without a note."""

    acquisition: str
    """Of its first segment: where the note belongs."""
    officer: str
    recorder: str
    kind: Kind
    started: Interval
    ended: Interval
    """Of its last segment."""
    segments: int
    stored_at: Millis
    case: str | None
    act_kind: str | None
    """Of the act that it is linked to: a key of the act catalogue."""


def unnoted(connection: Connection, *, since: Millis, officer: str | None = None) -> tuple[Unnoted, ...]:
    """Recordings begun since a moment, of one officer or of all that name one, newest first.

    What is backlog from before the station's start is not asked for.
    """
    row = clips.c
    wanted = (
        row.start_key >= since,
        row.kind.in_(_RECORDINGS),
        row.state != "superseded",
        row.officer.is_not(None) if officer is None else row.officer == officer,
    )
    lacking = (
        select(row.session)
        .join_from(clips, notes, notes.c.acquisition == row.acquisition, isouter=True)
        .where(*wanted, notes.c.acquisition.is_(None))
        .order_by(row.start_key.desc())
        .limit(AT_MOST)
    )
    # Segments of one recording are of one docking: those of all others have their note.
    rows = _near(list(_rows(connection, set(connection.scalars(lacking)), wanted)))
    kinds = {one["acquisition"]: one["act_kind"] for one in rows}
    found = _recordings(Base(map(_clip, rows)), kinds)
    return tuple(sorted(found, key=lambda one: (_order(one), one.acquisition), reverse=True))


def _rows(
    connection: Connection, dockings: Collection[str], wanted: Sequence[ColumnElement[bool]]
) -> Iterator[RowMapping]:
    """What these dockings brought of the clips that are wanted."""
    row = clips.c
    query = (
        select(*_COLUMNS)
        .join_from(clips, notes, notes.c.acquisition == row.acquisition, isouter=True)
        .join(links, links.c.acquisition == row.acquisition, isouter=True)
        .join(acts, acts.c.act == links.c.act, isouter=True)
        .where(*wanted)
    )
    for some in portions(dockings):
        yield from connection.execute(query.where(row.session.in_(some))).mappings()


def _near(rows: Sequence[RowMapping]) -> list[RowMapping]:
    """Those without a note, with what may be a segment of the same recording: their numbers follow each other."""
    by_number = {_place(row): row for row in rows if row["sequence"] is not None}
    kept: dict[str, RowMapping] = {}
    for row in rows:
        if row["note_at"] is None:
            kept[row["acquisition"]] = row
            for step in (-1, 1) if row["sequence"] is not None else ():
                place = _place(row, step)
                while (other := by_number.get(place)) is not None and other["acquisition"] not in kept:
                    kept[other["acquisition"]] = other
                    place = _place(other, step)
    return list(kept.values())


def _place(row: RowMapping, step: int = 0) -> tuple[str, str, int]:
    return row["session"], row["recorder"], row["sequence"] + step


def _recordings(base: Base, kinds: dict[str, str | None]) -> Iterator[Unnoted]:
    for clip in base.clips.values():
        if clip.is_backlog or clip.officer is None or base.previous(clip) is not None:
            continue
        parts = list(base.segments(clip))
        if any(one.note_at is not None for one in parts):
            continue
        yield Unnoted(
            acquisition=clip.acquisition,
            officer=clip.officer,
            recorder=clip.recorder,
            kind=clip.kind,
            started=clip.started,
            ended=parts[-1].ended,
            segments=len(parts),
            stored_at=clip.stored_at,
            case=None if clip.link is None else clip.link.case,
            act_kind=kinds[clip.acquisition],
        )


def _order(one: Unnoted) -> int:
    return next((at for at in (one.started.earliest, one.started.latest) if at is not None), one.stored_at)


def _clip(row: RowMapping) -> Clip:
    """As the law has it, as far as it matters here."""
    return Clip(
        acquisition=row["acquisition"],
        kind=Kind(row["kind"]),
        recorder=row["recorder"],
        session=row["session"],
        officer=row["officer"],
        path=row["path"],
        sequence=row["sequence"],
        started=_interval(row, "started"),
        ended=_interval(row, "ended"),
        stored_at=row["stored_at"],
        is_backlog=Flag.BACKLOG in json.loads(row["flags"]),
        link=Link(act=row["act"], case=row["case"], by_person=False),
        note_at=row["note_at"],
    )


def _interval(row: RowMapping, name: str) -> Interval:
    earliest, latest = row[f"{name}_earliest"], row[f"{name}_latest"]
    return Interval(earliest=earliest, latest=latest, basis=row[f"{name}_basis"])

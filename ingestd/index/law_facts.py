"""The facts that the engine judges, read from the rows: all of them, or those of some ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select, select

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.index import queries, registers
from ingestd.index.law_tables import analyses, case_files, determinations, links, notes, sheets
from ingestd.index.row_values import waiting_file_of
from ingestd.index.tables import card_files, clips, sessions
from ingestd.intake.custody import State
from ingestd.law.coverage import Stretch
from ingestd.law.facts import (
    Analysis,
    CaseFile,
    Clip,
    Determination,
    Fact,
    Link,
    Recorder,
    Sheet,
    WaitingFile,
)
from ingestd.model import UNIDENTIFIED, Flag, Interval, Kind, Millis, RecorderId

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""
PERSON = "person"
UNREADABLE = "unreadable"
"""The word of `media.analysed`."""
REGISTERS: dict[type[Any], str] = {
    Unit: "unit",
    Officer: "officer",
    Case: "case",
    Act: "act",
    TextRecord: "record",
    Decision: "decision",
    Review: "review",
}
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)


def every(connection: Connection, now: Millis, watched: frozenset[str]) -> Iterator[Fact]:
    """All facts there are. ``watched``: the slots that the daemon looks at."""
    for name in REGISTERS.values():
        yield from (stated.row for stated in registers.listed(connection, name))
    for row in connection.execute(select(determinations)).mappings():
        yield _determination(row)
    for row in connection.execute(select(case_files)).mappings():
        yield CaseFile(case=row["case"], formed_at=row["formed_at"])
    yield from given(connection)
    yield from recorders(connection, None, now, watched)
    yield from _clips(connection, _CLIPS.where(clips.c.state != "superseded"))


def of_register(connection: Connection, kind: type[Any], keys: Iterable[str]) -> dict[str, Fact]:
    """Rows of a register by id."""
    found = registers.stated(connection, REGISTERS[kind], keys)
    return {key: stated.row for key, stated in found.items()}


def determined(connection: Connection, acts: Sequence[str]) -> Iterator[Determination]:
    """What was determined of these acts."""
    for some in _portions(acts):
        query = select(determinations).where(determinations.c.act.in_(some))
        yield from (_determination(row) for row in connection.execute(query).mappings())


def filed(connection: Connection, cases: Sequence[str]) -> Iterator[CaseFile]:
    """The files of these cases."""
    for some in _portions(cases):
        for row in connection.execute(select(case_files).where(case_files.c.case.in_(some))).mappings():
            yield CaseFile(case=row["case"], formed_at=row["formed_at"])


def given(connection: Connection) -> Iterator[Sheet]:
    """All sheets that were given out; a few a year."""
    for row in connection.execute(select(sheets)).mappings():
        yield Sheet(sheet=row["sheet"], period=row["period"], given_at=row["given_at"])


def _determination(row: RowMapping) -> Determination:
    return Determination(act=row["act"], needed=row["needed"], at=row["at"])


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


# --- clips -------------------------------------------------------------------------------------------

_COLUMNS: tuple[Column[Any], ...] = (
    clips.c.acquisition, clips.c.state, clips.c.kind, clips.c.recorder, clips.c.session, clips.c.officer,
    clips.c.path, clips.c.sequence, clips.c.started_earliest, clips.c.started_latest, clips.c.started_basis,
    clips.c.ended_earliest, clips.c.ended_latest, clips.c.ended_basis, clips.c.stored_at, clips.c.flags,
)  # fmt: skip
_CLIPS: Select[Any] = (
    select(
        *_COLUMNS,
        links.c.act,
        links.c.case,
        links.c.by,
        analyses.c.stretches,
        analyses.c.speech_from_ms,
        analyses.c.lead_ms,
        analyses.c.sound,
        analyses.c.failure,
        notes.c.at.label("note_at"),
    )
    .join_from(clips, links, links.c.acquisition == clips.c.acquisition, isouter=True)
    .join(analyses, analyses.c.sha256 == clips.c.sha256, isouter=True)
    .join(notes, notes.c.acquisition == clips.c.acquisition, isouter=True)
    .where(clips.c.kind.in_(_RECORDINGS))
)


def clips_of(connection: Connection, acquisitions: Sequence[str]) -> dict[str, Clip | None]:
    """Clips by id, with those that share their bytes or that they superseded; None: not judged any more."""
    wanted: dict[str, None] = dict.fromkeys(acquisitions)
    for some in _portions(acquisitions):
        row = clips.c
        query = select(row.sha256, row.supersedes).where(row.acquisition.in_(some))
        told = connection.execute(query).all()
        for one in told:
            wanted |= dict.fromkeys(json.loads(one.supersedes))
        shared = select(row.acquisition).where(row.sha256.in_({one.sha256 for one in told}))
        wanted |= dict.fromkeys(connection.scalars(shared))
    found: dict[str, Clip | None] = dict.fromkeys(wanted)
    for some in _portions(list(wanted)):
        chosen = _CLIPS.where(clips.c.acquisition.in_(some), clips.c.state != "superseded")
        found |= {clip.acquisition: clip for clip in _clips(connection, chosen)}
    return found


def _clips(connection: Connection, query: Select[Any]) -> Iterator[Clip]:
    bases: dict[str, str] = {}
    for row in connection.execute(query.execution_options(yield_per=1000)).mappings():
        yield _clip(row, bases)


def _clip(row: RowMapping, bases: dict[str, str]) -> Clip:
    is_linked = row["by"] is not None
    return Clip(
        acquisition=row["acquisition"],
        kind=Kind(row["kind"]),
        recorder=bases.setdefault(row["recorder"], row["recorder"]),
        session=bases.setdefault(row["session"], row["session"]),
        officer=row["officer"],
        path=row["path"],
        sequence=row["sequence"],
        started=_interval(row, "started", bases),
        ended=_interval(row, "ended", bases),
        stored_at=row["stored_at"],
        is_backlog=Flag.BACKLOG in json.loads(row["flags"]),
        link=Link(act=row["act"], case=row["case"], by_person=row["by"] == PERSON) if is_linked else None,
        analysis=_analysis(row),
        note_at=row["note_at"],
    )


def _interval(row: RowMapping, name: str, bases: dict[str, str]) -> Interval:
    basis = row[f"{name}_basis"]
    return Interval(
        earliest=row[f"{name}_earliest"],
        latest=row[f"{name}_latest"],
        basis=bases.setdefault(basis, basis),
    )


def _analysis(row: RowMapping) -> Analysis | None:
    """None too where nothing could be said: what nobody could look at is not found empty."""
    if row["stretches"] is None or row["failure"] is not None:
        return None
    return Analysis(
        stretches=tuple(Stretch(**one) for one in json.loads(row["stretches"])),
        speech_from_ms=row["speech_from_ms"],
        lead_ms=row["lead_ms"],
        is_heard=row["sound"] != UNREADABLE,
    )


# --- recorders ---------------------------------------------------------------------------------------


def recorders(
    connection: Connection, ids: Iterable[str] | None, now: Millis, watched: frozenset[str]
) -> Iterator[Recorder]:
    """Recorders as custody has them (None: all), with what waits on them.

    One that is clear in a slot which nobody watches (`ingestd intake`) may have left at once: it counts as out
    from then on. Its officer is who got it when it left, else who has it now.
    """
    known = queries.recorders(connection, now)
    wanted = None if ids is None else frozenset(ids)
    waiting = _waiting(connection, wanted)
    for one in known:
        if one.recorder == UNIDENTIFIED or (wanted is not None and one.recorder not in wanted):
            continue
        is_let_go = one.state == State.CLEAR and one.slot not in watched
        yield Recorder(
            recorder=one.recorder,
            officer=one.issued_to or one.officer,
            out_since=one.since_at if is_let_go else one.out_since_at,
            is_lost=one.state == State.LOST,
            waiting=tuple(waiting.get(one.recorder, ())),
        )


def _waiting(connection: Connection, ids: frozenset[str] | None) -> dict[str, list[WaitingFile]]:
    row = card_files.c
    query = select(card_files).where(row.gone_at.is_(None), row.recording.is_(True))
    if ids is not None:
        query = query.where(row.recorder.in_(sorted(ids)))
    found: dict[str, list[WaitingFile]] = {}
    for one in connection.execute(query.order_by(row.recorder, row.path)).mappings():
        file = waiting_file_of(one)
        found.setdefault(file.recorder, []).append(WaitingFile(path=file.path, ended=file.ended))
    return found


def recorders_of_sessions(connection: Connection, ids: Sequence[str]) -> set[RecorderId]:
    """Which recorders these dockings were of."""
    row, found = sessions.c, set[RecorderId]()
    for some in _portions(ids):
        query = select(row.recorder).where(row.session.in_(some), row.recorder.is_not(None))
        found.update(connection.scalars(query))
    return found

"""The facts that the engine judges, read from the rows, by what the verdicts on some subjects read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, select

from ingestd.index import audits, queries, registers
from ingestd.index.law_tables import analyses, case_files, determinations, links, notes, sheets
from ingestd.index.register_tables import acts, cases, decisions, officers, reviews, text_records
from ingestd.index.row_values import waiting_file_of
from ingestd.index.tables import card_files, clips
from ingestd.intake.custody import State
from ingestd.law.base import Base, Subject
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
from ingestd.model import UNIDENTIFIED, Flag, Interval, Kind, Millis, Stretch

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""
PERSON = "person"
UNREADABLE = "unreadable"
"""The word of `media.analysed`."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the rows alone do not tell."""

    connection: Connection
    now: Millis
    watched: frozenset[str]
    """The slots that the daemon looks at."""
    utc_offset_minutes: int = 480


def base_of(reads: Reading, subjects: Iterable[Subject]) -> Base:
    """A base with all that the verdicts on these subjects read (`ingestd.law.rules`)."""
    return Base(_facts_of(reads, subjects), utc_offset_minutes=reads.utc_offset_minutes)


def _facts_of(reads: Reading, subjects: Iterable[Subject]) -> Iterator[Fact]:
    connection, wanted = reads.connection, by_kind(subjects)
    records = list(_rows(connection, "record", text_records.c.record, wanted["record"]))
    decided = list(_rows(connection, "decision", decisions.c.decision, wanted["decision"]))
    judged = set(wanted["act"])
    acts_ = list(
        _rows(connection, "act", acts.c.act, judged | {one.act for one in records if one.act is not None})
    )
    theirs = [act for act in acts_ if act.act in judged]
    cases_of = {act.case for act in theirs if act.case is not None}
    named = wanted["case"] | cases_of | {one.case for one in decided if one.case is not None}
    yield from (*records, *decided, *acts_)
    yield from _rows(connection, "case", cases.c.case, named)
    yield from _rows(connection, "record", text_records.c.act, judged)
    yield from _rows(connection, "record", text_records.c.case, cases_of, text_records.c.act.is_(None))
    yield from determined(connection, judged)
    yield from _rows(
        connection, "officer", officers.c.officer, {one for act in theirs for one in act.officers}
    )
    yield from _rows(connection, "act", acts.c.case, wanted["case"])
    yield from _rows(connection, "decision", decisions.c.case, wanted["case"])
    yield from _rows(connection, "review", reviews.c.case, wanted["case"])
    yield from filed(connection, wanted["case"])
    yield from _footage(connection, wanted)
    if wanted["unit"]:
        yield from (one.row for name in ("unit", "officer") for one in registers.listed(connection, name))
    if wanted["unit"] or wanted["recorder"]:
        ids = None if wanted["unit"] else wanted["recorder"]
        yield from recorders(connection, ids, reads.now, reads.watched)
    if wanted["audit"] or wanted["month"]:
        yield from audits.facts(connection)
        yield from audits.recorded(connection, wanted["month"], reads.utc_offset_minutes)
    if wanted["station"]:
        yield from given(connection)
        inspections = cases.c.random_inspection.is_(True), cases.c.concluded_at.is_not(None)
        yield from (one.row for one in registers.where(connection, "case", *inspections))


def by_kind(subjects: Iterable[Subject]) -> Mapping[str, set[str]]:
    """Ids of subjects by their kind; no kind is missing."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        found[subject.kind].add(subject.id)
    return found


def _rows(
    connection: Connection,
    register: str,
    column: Column[Any],
    keys: Iterable[str],
    *where: ColumnElement[bool],
) -> Iterator[Any]:
    """Rows of a register by what stands in a column."""
    for some in portions(keys):
        yield from (one.row for one in registers.where(connection, register, column.in_(some), *where))


def _footage(connection: Connection, wanted: Mapping[str, set[str]]) -> Iterator[Clip]:
    """What is linked to acts, and whole dockings: a recording goes on in the next file of its docking."""
    row, sessions_ = clips.c, set(wanted["session"])
    for some in portions(wanted["clip"]):
        sessions_ |= set(connection.scalars(select(row.session).where(row.acquisition.in_(some))))
    linked = set[str]()
    for some in portions(wanted["act"]):
        linked |= set(connection.scalars(select(links.c.acquisition).where(links.c.act.in_(some))))
    for column, keys in ((row.acquisition, linked), (row.session, sessions_)):
        for some in portions(keys):
            yield from _clips(connection, _CLIPS.where(column.in_(some), row.state != "superseded"))


def determined(connection: Connection, acts: Iterable[str]) -> Iterator[Determination]:
    """What was determined of these acts."""
    for some in portions(acts):
        query = select(determinations).where(determinations.c.act.in_(some))
        yield from (_determination(row) for row in connection.execute(query).mappings())


def filed(connection: Connection, cases: Iterable[str]) -> Iterator[CaseFile]:
    """The files of these cases."""
    for some in portions(cases):
        for row in connection.execute(select(case_files).where(case_files.c.case.in_(some))).mappings():
            yield CaseFile(case=row["case"], formed_at=row["formed_at"])


def given(connection: Connection) -> Iterator[Sheet]:
    """All sheets that were given out; a few a year."""
    for row in connection.execute(select(sheets)).mappings():
        yield Sheet(sheet=row["sheet"], period=row["period"], given_at=row["given_at"])


def _determination(row: RowMapping) -> Determination:
    return Determination(act=row["act"], needed=row["needed"], at=row["at"])


def portions(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    """Keys in order, so many as one query takes."""
    keys = sorted(keys)
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


def clips_of(connection: Connection, acquisitions: Iterable[str]) -> dict[str, Clip]:
    """Clips by id; what was superseded by a better read is not in it."""
    found: dict[str, Clip] = {}
    for some in portions(acquisitions):
        query = _CLIPS.where(clips.c.acquisition.in_(some), clips.c.state != "superseded")
        found |= {clip.acquisition: clip for clip in _clips(connection, query)}
    return found


def clips_where(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Clip]:
    """The clips that are judged, of which this is so; one at a time."""
    return _clips(connection, _CLIPS.where(clips.c.state != "superseded", *where))


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

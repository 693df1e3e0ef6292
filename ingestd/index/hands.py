"""Reads of who has which recorder when, and of what is wanted first. None of them writes or asks the time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, or_, select

from ingestd import canon
from ingestd.index.facts import Recorder, Slot, Urge, WaitingFile
from ingestd.index.hand_rows import EVERYTHING
from ingestd.index.row_values import waiting_file_of
from ingestd.index.tables import STANDS, assignments, card_files, clips, findings, path_digest, urges
from ingestd.intake.holding import NOBODY, Holder, Statement, holder_at
from ingestd.intake.numbering import Numbered
from ingestd.intake.ports import OpenHole, Urged
from ingestd.intake.tally import KIND as HOLE
from ingestd.model import Interval, Kind, Millis, RecorderId

FOR_GOOD = Millis(2**53 - 1)
"""Stands for the moment where none is asked for: then whose a recorder is until something else is said."""

AT_ONCE = 400
"""Recorders in one query: below what SQLite and PostgreSQL allow."""
_STATEMENT = (
    assignments.c.recorder, assignments.c.said_at, assignments.c.officer, assignments.c.mode,
    assignments.c.since_at, assignments.c.until_at,
)  # fmt: skip


def statements(connection: Connection, recorder: RecorderId) -> tuple[Statement, ...]:
    """Everything that was ever said of a recorder's assignment, in the order of the log."""
    query = select(*_STATEMENT).where(assignments.c.recorder == recorder).order_by(assignments.c.seq)
    return tuple(map(_statement_of, connection.execute(query)))


def all_statements(
    connection: Connection, recorders: Collection[RecorderId]
) -> dict[RecorderId, tuple[Statement, ...]]:
    """The same of many recorders; those of which nothing was said are not in it."""
    found: dict[RecorderId, list[Statement]] = {}
    wanted = sorted(recorders)
    for start in range(0, len(wanted), AT_ONCE):
        some = assignments.c.recorder.in_(wanted[start : start + AT_ONCE])
        for row in connection.execute(select(*_STATEMENT).where(some).order_by(assignments.c.seq)):
            found.setdefault(row.recorder, []).append(_statement_of(row))
    return {recorder: tuple(said) for recorder, said in found.items()}


def _statement_of(row: Any) -> Statement:
    return Statement(
        said_at=row.said_at,
        officer=row.officer,
        mode=row.mode,
        since_at=row.since_at,
        until_at=row.until_at,
    )


def holders(connection: Connection, at: Millis | None, *only: RecorderId) -> dict[RecorderId, Holder]:
    """Who has each recorder at a moment (of all, where none is named); those of nobody are not in it."""
    row, moment = assignments.c, FOR_GOOD if at is None else at
    speaking = (row.since_at <= moment, or_(row.until_at.is_(None), row.until_at > moment))
    query = select(*_STATEMENT).where(*speaking).order_by(row.seq)
    said: dict[RecorderId, list[Statement]] = {}
    for found in connection.execute(query.where(row.recorder.in_(only)) if only else query):
        said.setdefault(found.recorder, []).append(_statement_of(found))
    told = {recorder: holder_at(of_one, moment) for recorder, of_one in said.items()}
    return {recorder: holder for recorder, holder in told.items() if holder != NOBODY}


def with_officers(
    connection: Connection, recorders: Sequence[Recorder], at: Millis | None
) -> tuple[Recorder, ...]:
    """The recorders with who has them at a moment."""
    only = [recorders[0].recorder] if len(recorders) == 1 else []
    found = holders(connection, at, *only)
    return tuple(
        replace(one, officer=holder.officer, mode=holder.mode) if holder else one
        for one, holder in ((one, found.get(one.recorder)) for one in recorders)
    )


def slots_with_officers(connection: Connection, slots: Sequence[Slot], at: Millis | None) -> tuple[Slot, ...]:
    """The slots with who has what stands in them."""
    found = holders(connection, at)
    return tuple(
        replace(slot, officer=found.get(slot.recorder, NOBODY).officer) if slot.recorder else slot
        for slot in slots
    )


def urged(connection: Connection, recorder: RecorderId) -> Urged:
    """What of a recorder is wanted first."""
    query = select(urges).where(urges.c.recorder == recorder)
    rows = connection.execute(query).all()
    return Urged(
        everything=any(row.path_digest == EVERYTHING for row in rows),
        paths=frozenset(canon.path_bytes(row.path, row.path_b64) for row in rows if row.path is not None),
    )


def open_urges(connection: Connection) -> tuple[Urge, ...]:
    """What people want first and have not got yet, oldest first."""
    row = urges.c
    query = select(row.recorder, row.path, row.urged_by, row.urged_at).order_by(row.urged_at, row.recorder)
    return tuple(Urge(**found) for found in connection.execute(query).mappings())


def waiting_at(connection: Connection, path: str) -> tuple[WaitingFile, ...]:
    """Files that wait on cards under a path as people type it."""
    row = card_files.c
    is_it = or_(row.path_digest == path_digest(path.encode(errors="replace")), row.path == path)
    query = select(card_files).where(is_it, row.gone_at.is_(None)).order_by(row.recorder)
    return tuple(map(waiting_file_of, connection.execute(query).mappings()))


# --- its own numbering --------------------------------------------------------------------------


def numbers(connection: Connection, recorder: RecorderId, since: Millis) -> tuple[Numbered, ...]:
    """Recordings with a number that came from a recorder, or name it, since a moment; and those seen on it."""
    row, card = clips.c, card_files.c
    columns = (
        row.sequence, row.kind, row.path, row.mtime_us,
        row.started_earliest, row.started_latest, row.started_basis,
    )  # fmt: skip
    own = (row.recorder == recorder, row.claimed_recorder.is_(None), row.start_key >= since)
    stored = [
        *connection.execute(select(*columns).where(*own, row.sequence.is_not(None))),
        *connection.execute(
            select(*columns).where(row.claimed_recorder == recorder, row.sequence.is_not(None))
        ),
    ]
    seen = connection.execute(
        select(card.sequence, card.kind, card.path, card.mtime_us).where(
            card.recorder == recorder, card.sequence.is_not(None)
        )
    )
    return (
        *(_numbered(file, _started(file)) for file in stored),
        *(_numbered(file, None) for file in seen),
    )


def _started(row: Any) -> Interval:
    return Interval(earliest=row.started_earliest, latest=row.started_latest, basis=row.started_basis)


def _numbered(row: Any, started: Interval | None) -> Numbered:
    return Numbered(
        number=row.sequence,
        kind=Kind(row.kind),
        path=row.path,
        at=None if row.mtime_us is None else Millis(row.mtime_us // 1000),
        started=started,
    )


def open_holes(connection: Connection, recorder: RecorderId) -> tuple[OpenHole, ...]:
    """Holes in a recorder's numbering that stand."""
    row = findings.c
    begin, end = f"recorder:{recorder}/", f"recorder:{recorder}0"  # "0" comes after "/"
    of_it = (row.about >= begin, row.about < end)
    query = select(row.about, row.facts).where(row.kind == HOLE, STANDS, *of_it)
    found = []
    for one in connection.execute(query.order_by(row.opened_seq)):
        facts = dict(json.loads(one.facts))
        first, _, last = str(facts["missing"]).partition("-")
        series = one.about.removeprefix(begin).rpartition("#")[0]
        found.append(
            OpenHole(
                about=one.about,
                series=series,
                first=int(first),
                last=int(last or first),
                counted_per=facts["counted_per"],
                facts=facts,
            )
        )
    return tuple(found)

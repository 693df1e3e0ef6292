"""Reads of who has which recorder when, and of what is wanted first. None of them writes or asks the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, or_, select

from ingestd import canon
from ingestd.index.facts import Recorder, Slot, Urge, WaitingFile
from ingestd.index.hand_rows import EVERYTHING
from ingestd.index.row_values import waiting_file_of
from ingestd.index.tables import assignments, card_files, path_digest, urges
from ingestd.intake.holding import NOBODY, Holder, Statement, holder_at
from ingestd.intake.ports import Urged
from ingestd.model import Millis, RecorderId

FOR_GOOD = Millis(2**53 - 1)
"""Stands for the moment where none is asked for: then whose a recorder is until something else is said."""

_STATEMENT = (
    assignments.c.recorder, assignments.c.said_at, assignments.c.officer, assignments.c.mode,
    assignments.c.since_at, assignments.c.until_at,
)  # fmt: skip


def statements(connection: Connection, recorder: RecorderId) -> tuple[Statement, ...]:
    """Everything that was ever said of a recorder's assignment, in the order of the log."""
    query = select(*_STATEMENT).where(assignments.c.recorder == recorder).order_by(assignments.c.seq)
    return tuple(
        Statement(
            said_at=row.said_at,
            officer=row.officer,
            mode=row.mode,
            since_at=row.since_at,
            until_at=row.until_at,
        )
        for row in connection.execute(query)
    )


def holders(connection: Connection, at: Millis | None, *only: RecorderId) -> dict[RecorderId, Holder]:
    """Who has each recorder at a moment (of all, where none is named); those of nobody are not in it."""
    row, moment = assignments.c, FOR_GOOD if at is None else at
    speaking = (row.since_at <= moment, or_(row.until_at.is_(None), row.until_at > moment))
    query = select(*_STATEMENT).where(*speaking).order_by(row.seq)
    said: dict[RecorderId, list[Statement]] = {}
    for found in connection.execute(query.where(row.recorder.in_(only)) if only else query):
        said.setdefault(found.recorder, []).append(
            Statement(
                said_at=found.said_at,
                officer=found.officer,
                mode=found.mode,
                since_at=found.since_at,
                until_at=found.until_at,
            )
        )
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

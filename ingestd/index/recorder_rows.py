"""Recorders, sessions, slots: what each of their events does to the rows.

What an event makes of a recorder's custody is said by `intake.custody`; here it becomes its row. States of a
slot are the words of the screens: receiving, may-be-taken, do-not-take, problem, empty. Percent and speed are
live facts, never here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from ingestd import canon
from ingestd.events import (
    CardListed,
    ClaimRecord,
    Event,
    FindingClosed,
    FindingOpened,
    RecorderAssigned,
    RecorderClear,
    RecorderDocked,
    RecorderEnrolled,
    RecorderHandedOut,
    RecorderLost,
    RecorderProblem,
    RecorderPulledEarly,
    RecorderUndocked,
    SessionClosed,
    SessionOpened,
)
from ingestd.index import hand_rows
from ingestd.index.position import Position
from ingestd.index.tables import actions, recorders, sessions, slots
from ingestd.intake import custody
from ingestd.intake.custody import Custody, State
from ingestd.model import UNIDENTIFIED, RecorderId

HAND_OUT = "hand-out"
"""Verb of the two-person action that `recorder.handed-out` completes."""

_SLOT_AFTER = {
    "clear": "may-be-taken",
    "kept": "do-not-take",
    "problem": "problem",
    "pulled": "empty",
    "interrupted": "do-not-take",
    "refused": "problem",
    "nothing": "empty",
}


def _claims(claims: tuple[ClaimRecord, ...]) -> str:
    plain = [{"what": c.what, "text": c.text, "value": c.value, "source": c.source} for c in claims]
    return canon.encode(plain).decode()


_CUSTODY = (
    recorders.c.state, recorders.c.slot, recorders.c.session, recorders.c.outcome, recorders.c.out_since_at,
    recorders.c.since_at,
)  # fmt: skip


def _set_recorder(connection: Connection, entry: Position, recorder: RecorderId, **values: Any) -> None:
    """Update a recorder's row, or begin it where the log names it for the first time."""
    found = connection.execute(update(recorders).where(recorders.c.recorder == recorder).values(**values))
    if found.rowcount == 0:
        first = {"recorder": recorder, "state": State.IN_FIELD, "since_at": entry.at, "claims": "[]"}
        connection.execute(insert(recorders), first | values)


def _step(
    connection: Connection, entry: Position, recorder: RecorderId, event: Event, **values: Any
) -> tuple[Custody, Custody]:
    """Let an event move a recorder's custody, and change other columns with it; custody before and after."""
    row = connection.execute(select(*_CUSTODY).where(recorders.c.recorder == recorder)).one_or_none()
    before = Custody()
    if row is not None:
        before = Custody(
            state=State(row.state),
            slot=row.slot,
            session=row.session,
            outcome=row.outcome,
            out_since=row.out_since_at,
        )
    now = custody.after(before, event, entry.at)
    is_moved = row is None or isinstance(event, RecorderDocked) or now.state is not before.state
    _set_recorder(
        connection,
        entry,
        recorder,
        state=now.state.value,
        since_at=entry.at if row is None or is_moved else row.since_at,
        slot=now.slot,
        session=now.session,
        outcome=now.outcome,
        out_since_at=now.out_since,
        **values,
    )
    return before, now


def _set_slot(connection: Connection, entry: Position, state: str, *where: Any) -> None:
    connection.execute(update(slots).where(*where).values(state=state, since_at=entry.at))


def recorder_enrolled(connection: Connection, entry: Position, event: RecorderEnrolled) -> None:
    """The recorder is known."""
    _set_recorder(
        connection,
        entry,
        event.recorder,
        family=event.family,
        driver=event.driver,
        claims=_claims(event.claims),
        enrolled_at=entry.at,
    )


def recorder_assigned(connection: Connection, entry: Position, event: RecorderAssigned) -> None:
    """Whose it is, or was."""
    _step(connection, entry, event.recorder, event)
    hand_rows.assigned(connection, entry, event)


def recorder_docked(connection: Connection, entry: Position, event: RecorderDocked) -> None:
    """The recorder is in a slot."""
    before, _ = _step(
        connection,
        entry,
        event.recorder,
        event,
        family=event.family,
        driver=event.driver,
        claims=_claims(event.claims),
        docked_at=entry.at,
        battery=event.battery,
        problem=None,
        detail=None,
        unsecured=None,
    )
    if before.slot is None:
        hand_rows.is_back(connection, event.recorder, entry.at)
    connection.execute(
        update(sessions)
        .where(sessions.c.session == event.session)
        .values(
            recorder=event.recorder,
            docked_at=entry.at,
            clock_wall=event.clock_wall,
            clock_zone=event.clock_zone,
        )
    )
    connection.execute(
        update(slots)
        .where(slots.c.slot == event.slot, slots.c.session == event.session)
        .values(recorder=event.recorder)
    )


def recorder_clear(connection: Connection, entry: Position, event: RecorderClear) -> None:
    """It may be taken."""
    _step(connection, entry, event.recorder, event, problem=None, detail=None)
    hand_rows.done(connection, event.recorder)
    _set_slot(connection, entry, "may-be-taken", slots.c.session == event.session)


def recorder_problem(connection: Connection, entry: Position, event: RecorderProblem) -> None:
    """A person must look."""
    _step(connection, entry, event.recorder, event, problem=event.problem, detail=event.detail)
    _set_slot(connection, entry, "problem", slots.c.session == event.session)


def recorder_pulled_early(connection: Connection, entry: Position, event: RecorderPulledEarly) -> None:
    """It was taken before it was clear."""
    _step(connection, entry, event.recorder, event, unsecured=event.unsecured)
    _set_slot(connection, entry, "empty", slots.c.session == event.session)


def recorder_handed_out(connection: Connection, entry: Position, event: RecorderHandedOut) -> None:
    """Two people let it go although it still holds a quarantined clip; the proposal is done with."""
    _set_slot(connection, entry, "may-be-taken", slots.c.recorder == event.recorder, slots.c.state != "empty")
    _step(connection, entry, event.recorder, event, problem=None, detail=None)
    connection.execute(
        actions.delete().where(actions.c.verb == HAND_OUT, actions.c.about == f"recorder:{event.recorder}")
    )


def recorder_undocked(connection: Connection, entry: Position, event: RecorderUndocked) -> None:
    """A recorder left its slot, into somebody's hands."""
    issued_to = event.issued_to.officer if event.issued_to else None
    _step(connection, entry, event.recorder, event, issued_at=entry.at, issued_to=issued_to)
    is_its = slots.c.recorder == event.recorder
    if event.recorder == UNIDENTIFIED:  # what never said who it is
        is_its = or_(is_its, slots.c.recorder.is_(None))
    _set_slot(connection, entry, "empty", slots.c.slot == event.slot, is_its)


def recorder_lost(connection: Connection, entry: Position, event: RecorderLost) -> None:
    """Reported lost."""
    _step(connection, entry, event.recorder, event)


def listed(connection: Connection, entry: Position, event: CardListed) -> None:
    """Its card was listed: from now on it is being drained."""
    if _is_known(connection, event.recorder):
        _step(connection, entry, event.recorder, event)


def away(connection: Connection, entry: Position, event: FindingOpened | FindingClosed) -> None:
    """The finding that a recorder was not returned in time is its state; where facts end it, so do they that."""
    subject, _, recorder = event.about.partition(":")
    if subject == "recorder" and _is_known(connection, RecorderId(recorder)):
        _step(connection, entry, RecorderId(recorder), event)


def _is_known(connection: Connection, recorder: RecorderId) -> bool:
    query = select(recorders.c.recorder).where(recorders.c.recorder == recorder)
    return connection.execute(query).first() is not None


def session_opened(connection: Connection, entry: Position, event: SessionOpened) -> None:
    """Something is in a slot and being looked at."""
    connection.execute(
        insert(sessions),
        {
            "session": event.session,
            "seq": entry.seq,
            "opened_at": entry.at,
            "slot": event.slot,
            "driver": event.driver,
            "location": event.location,
        },
    )
    now = {
        "state": "receiving",
        "since_at": entry.at,
        "session": event.session,
        "driver": event.driver,
        "recorder": None,
    }
    found = connection.execute(update(slots).where(slots.c.slot == event.slot).values(**now))
    if found.rowcount == 0:
        connection.execute(insert(slots), {"slot": event.slot} | now)


def session_closed(connection: Connection, entry: Position, event: SessionClosed) -> None:
    """The docking is over; states that are still those of its course become those of its outcome."""
    connection.execute(
        update(sessions)
        .where(sessions.c.session == event.session)
        .values(
            closed_at=entry.at,
            outcome=event.outcome,
            secured=event.secured,
            quarantined=event.quarantined,
            released=event.released,
            left=event.left,
            bytes=event.bytes,
        )
    )
    if event.recorder is not None and _is_known(connection, event.recorder):
        _step(connection, entry, event.recorder, event)
        if event.outcome == "kept":
            hand_rows.done(connection, event.recorder)
    _set_slot(
        connection,
        entry,
        _SLOT_AFTER.get(event.outcome, "problem"),
        slots.c.session == event.session,
        slots.c.state == "receiving",
    )

"""Recorders, sessions, slots: what each of their events does to the rows.

States of a recorder: in-field, docked, draining, clear, and beside them refused, pulled-early,
not-returned, lost, problem. States of a slot are the words of the screens: receiving, may-be-taken,
do-not-take, problem, empty. Percent and speed are live facts, never here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, update

from ingestd import canon
from ingestd.events import (
    ClaimRecord,
    RecorderAssigned,
    RecorderClear,
    RecorderDocked,
    RecorderEnrolled,
    RecorderHandedOut,
    RecorderProblem,
    RecorderPulledEarly,
    RecorderUndocked,
    SessionClosed,
    SessionOpened,
)
from ingestd.index.position import Position
from ingestd.index.tables import actions, recorders, sessions, slots
from ingestd.model import RecorderId

HAND_OUT = "hand-out"
"""Verb of the two-person action that `recorder.handed-out` completes."""

_RECORDER_AFTER = {
    "clear": "clear",
    "kept": "docked",
    "problem": "problem",
    "pulled": "pulled-early",
    "interrupted": "docked",
    "refused": "refused",
    "nothing": "docked",
}
"""By a session's outcome, for a recorder that no event has given a state of its own since."""

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


def _set_recorder(connection: Connection, entry: Position, recorder: RecorderId, **values: Any) -> None:
    """Update a recorder's row, or begin it where the log names it for the first time."""
    found = connection.execute(update(recorders).where(recorders.c.recorder == recorder).values(**values))
    if found.rowcount == 0:
        first = {"recorder": recorder, "state": "in-field", "since_at": entry.at, "claims": "[]"}
        connection.execute(insert(recorders), first | values)


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
    """Whose it is from now on."""
    _set_recorder(connection, entry, event.recorder, officer=event.officer, mode=event.mode)


def recorder_docked(connection: Connection, entry: Position, event: RecorderDocked) -> None:
    """The recorder is in a slot."""
    _set_recorder(
        connection,
        entry,
        event.recorder,
        state="docked",
        since_at=entry.at,
        family=event.family,
        driver=event.driver,
        claims=_claims(event.claims),
        slot=event.slot,
        session=event.session,
        docked_at=entry.at,
        battery=event.battery,
        problem=None,
        detail=None,
        unsecured=None,
    )
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
    _set_recorder(
        connection, entry, event.recorder, state="clear", since_at=entry.at, problem=None, detail=None
    )
    _set_slot(connection, entry, "may-be-taken", slots.c.session == event.session)


def recorder_problem(connection: Connection, entry: Position, event: RecorderProblem) -> None:
    """A person must look."""
    _set_recorder(
        connection,
        entry,
        event.recorder,
        state="problem",
        since_at=entry.at,
        problem=event.problem,
        detail=event.detail,
    )
    _set_slot(connection, entry, "problem", slots.c.session == event.session)


def recorder_pulled_early(connection: Connection, entry: Position, event: RecorderPulledEarly) -> None:
    """It was taken before it was clear."""
    _set_recorder(
        connection,
        entry,
        event.recorder,
        state="pulled-early",
        since_at=entry.at,
        slot=None,
        unsecured=event.unsecured,
    )
    _set_slot(connection, entry, "empty", slots.c.session == event.session)


def recorder_handed_out(connection: Connection, entry: Position, event: RecorderHandedOut) -> None:
    """Two people let it go although it still holds a quarantined clip; the proposal is done with."""
    _set_slot(connection, entry, "may-be-taken", slots.c.recorder == event.recorder, slots.c.state != "empty")
    _set_recorder(
        connection, entry, event.recorder, state="in-field", since_at=entry.at, problem=None, detail=None
    )
    connection.execute(
        actions.delete().where(actions.c.verb == HAND_OUT, actions.c.about == f"recorder:{event.recorder}")
    )


def recorder_undocked(connection: Connection, entry: Position, event: RecorderUndocked) -> None:
    """A clear recorder left its slot."""
    _set_recorder(connection, entry, event.recorder, state="in-field", since_at=entry.at, slot=None)
    _set_slot(connection, entry, "empty", slots.c.slot == event.slot)


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
    connection.execute(
        update(recorders)
        .where(
            recorders.c.recorder == event.recorder,
            recorders.c.session == event.session,
            recorders.c.state.in_(("docked", "draining")),
        )
        .values(state=_RECORDER_AFTER.get(event.outcome, "problem"), since_at=entry.at)
    )
    _set_slot(
        connection,
        entry,
        _SLOT_AFTER.get(event.outcome, "problem"),
        slots.c.session == event.session,
        slots.c.state == "receiving",
    )

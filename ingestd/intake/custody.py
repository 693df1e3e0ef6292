"""Custody of a recorder as a state machine: in the field, docked, draining, clear, in the field again. PURE.

Beside this way stand refused, pulled early, not returned, lost, problem. `after` says what an event of the log
does to a recorder's custody; it refuses nothing, because what stands in the log has happened, but an event of a
docking that is not the newest one changes nothing. What is promised: *clear* is reached by the newest docking's
own `recorder.clear` only, and a recorder that leaves its slot in any other way than clear, kept or handed out
has left early.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ingestd.events import (
    CardListed,
    Event,
    FindingClosed,
    FindingOpened,
    RecorderAssigned,
    RecorderClear,
    RecorderDocked,
    RecorderHandedOut,
    RecorderLost,
    RecorderProblem,
    RecorderPulledEarly,
    RecorderUndocked,
    SessionClosed,
)
from ingestd.model import Millis, SessionId, SlotName

NOT_RETURNED = "not-returned"
"""The finding that is a recorder's state as long as it stands."""


class State(StrEnum):
    """Where a recorder stands (design 4)."""

    IN_FIELD = "in-field"
    DOCKED = "docked"
    DRAINING = "draining"
    CLEAR = "clear"
    REFUSED = "refused"
    PULLED_EARLY = "pulled-early"
    NOT_RETURNED = "not-returned"
    LOST = "lost"
    PROBLEM = "problem"


_AFTER = {
    "clear": State.CLEAR,
    "kept": State.DOCKED,
    "problem": State.PROBLEM,
    "pulled": State.PULLED_EARLY,
    "interrupted": State.DOCKED,
    "refused": State.REFUSED,
    "nothing": State.DOCKED,
}
"""By a docking's outcome, for a recorder that no event has given a state of its own since."""

_MAY_LEAVE = frozenset({State.CLEAR, State.IN_FIELD, State.REFUSED})
"""In a slot, these may be taken (in the field and in a slot: two people have handed it out)."""
_DONE_WITH = frozenset({"kept", "nothing"})
"""Outcomes after which a recorder that is not to be cleared may be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Where one recorder stands."""

    state: State = State.IN_FIELD
    slot: SlotName | None = None
    """The slot that it stands in, whatever its state; None: it is out."""
    session: SessionId | None = None
    """Its newest docking."""
    outcome: str | None = None
    """How that ended; None while it goes on."""
    out_since: Millis | None = None
    """Since when it is in somebody's hands; None: in a slot, taken back, or never given out."""

    @property
    def leaves_early(self) -> bool:
        """Whether taking it now is too early."""
        return self.state not in _MAY_LEAVE and self.outcome not in _DONE_WITH


def after(before: Custody, event: Event, at: Millis) -> Custody:  # noqa: PLR0911 - one line a kind of event
    """What an event of this recorder (or of its docking), logged at ``at``, makes of its custody."""
    match event:
        case RecorderDocked():
            return Custody(state=State.DOCKED, slot=event.slot, session=event.session)
        case CardListed() | RecorderClear() | RecorderProblem() | RecorderPulledEarly() | SessionClosed():
            return _of_docking(before, event, at)
        case RecorderUndocked():
            return before if before.slot not in (None, event.slot) else _out(before, State.IN_FIELD, at)
        case RecorderHandedOut():
            out_since = before.out_since if before.slot else before.out_since or at
            return replace(before, state=State.IN_FIELD, out_since=out_since)
        case RecorderAssigned() if before.slot is None:
            return _assigned(before, event, at)
        case RecorderLost() if before.slot is None or before.state is State.CLEAR:
            return replace(before, state=State.LOST, slot=None)
        case FindingOpened(kind="not-returned") if before.slot is None and before.state is not State.LOST:
            return replace(before, state=State.NOT_RETURNED)
        case FindingClosed() if before.state is State.NOT_RETURNED:
            return replace(before, state=State.IN_FIELD)
        case _:
            return before


def _out(before: Custody, state: State, at: Millis) -> Custody:
    return replace(before, state=state, slot=None, out_since=before.out_since or at)


def _assigned(before: Custody, event: RecorderAssigned, at: Millis) -> Custody:
    """Given into somebody's hands, or taken back: nobody's recorder is not waited for."""
    if event.officer is not None:
        return replace(before, out_since=before.out_since or event.since_at or at)
    state = State.IN_FIELD if before.state is State.NOT_RETURNED else before.state
    return replace(before, out_since=None, state=state)


def _of_docking(
    before: Custody,
    event: CardListed | RecorderClear | RecorderProblem | RecorderPulledEarly | SessionClosed,
    at: Millis,
) -> Custody:
    """Events that a docking brings: those of an older docking come late and change nothing."""
    if before.session not in (None, event.session):
        return before
    match event:
        case CardListed():
            is_begun = before.state is State.DOCKED
            return replace(before, state=State.DRAINING) if is_begun else before
        case RecorderClear():
            is_here = before.session == event.session and before.slot is not None
            return replace(before, state=State.CLEAR) if is_here else before
        case RecorderProblem():
            return replace(before, state=State.PROBLEM)
        case RecorderPulledEarly():
            return _out(before, State.PULLED_EARLY, at)
        case SessionClosed():
            return _closed(before, event, at)


def _closed(before: Custody, event: SessionClosed, at: Millis) -> Custody:
    closed = replace(before, outcome=event.outcome)
    if before.session is None or before.state not in (State.DOCKED, State.DRAINING):
        return closed
    if event.outcome == "pulled":
        return _out(closed, State.PULLED_EARLY, at)
    return replace(closed, state=_AFTER.get(event.outcome, State.PROBLEM))

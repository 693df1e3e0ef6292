"""Custody of a recorder: every way through its states, and what no order of events can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.events import (
    CardListed,
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
from ingestd.intake.custody import Custody, State, after
from tests.event_samples import events_of

R = "7-104233"
DAY = 86_400_000
CUSTODY_EVENTS = (
    RecorderAssigned, RecorderDocked, CardListed, RecorderClear, RecorderProblem, RecorderPulledEarly,
    RecorderHandedOut, RecorderUndocked, RecorderLost, SessionClosed, FindingOpened, FindingClosed,
)  # fmt: skip
COURSES = st.lists(st.one_of(*map(events_of, CUSTODY_EVENTS)), max_size=30)


def docked(session="s1", slot="1"):
    return RecorderDocked(
        recorder=R, session=session, slot=slot, driver="folder", family=None, evidence=(), claims=(),
        battery=None, clock_wall=None, clock_zone=None,
    )  # fmt: skip


def listed(session="s1"):
    return CardListed(session=session, recorder=R, files=(), complete=True)


def closed(outcome, session="s1"):
    numbers = dict.fromkeys(("secured", "quarantined", "released", "left", "bytes"), 0)
    return SessionClosed(session=session, recorder=R, outcome=outcome, **numbers)


def clear(session="s1"):
    return RecorderClear(recorder=R, session=session)


def undocked(slot="1"):
    return RecorderUndocked(recorder=R, slot=slot)


def problem(session="s1"):
    return RecorderProblem(recorder=R, session=session, problem="quarantined", detail="")


def pulled(session="s1"):
    return RecorderPulledEarly(recorder=R, session=session, unsecured=1)


HANDED_OUT = RecorderHandedOut(recorder=R, reason_value="d", proposed_by="a", confirmed_by="b")
LOST = RecorderLost(recorder=R, reason_value="d")
AWAY = FindingOpened(finding="f", kind="not-returned", about=f"recorder:{R}", rule=None, layer=None, facts=())
BACK = FindingClosed(finding="f", about=f"recorder:{R}", why="docked")


def assigned(officer):
    return RecorderAssigned(recorder=R, officer=officer, mode="permanent")


def run(*events, begin=None):
    found = begin or Custody()
    for number, event in enumerate(events):
        found = after(found, event, DAY + number)
    return found


def test_a_day():
    """In the field, docked, draining, clear, in the field; out since it was taken."""
    course = [
        (docked(), State.DOCKED),
        (listed(), State.DRAINING),
        (clear(), State.CLEAR),
        (closed("clear"), State.CLEAR),
        (undocked(), State.IN_FIELD),
    ]
    found = Custody()
    for number, (event, state) in enumerate(course):
        found = after(found, event, DAY + number)
        assert found.state is state, event
        assert (found.slot is None) == (state is State.IN_FIELD)
    assert found.out_since == DAY + 4
    assert run(docked("s2"), begin=found).out_since is None


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((docked(), listed(), problem(), closed("problem")), State.PROBLEM),
        ((docked(), listed(), pulled(), closed("pulled")), State.PULLED_EARLY),
        ((docked(), closed("refused")), State.REFUSED),
        ((docked(), listed(), closed("interrupted")), State.DOCKED),
        ((docked(), listed(), closed("some-new-word")), State.PROBLEM),
        ((docked(), problem(), HANDED_OUT, undocked()), State.IN_FIELD),
        ((docked(), clear(), undocked(), AWAY), State.NOT_RETURNED),
        ((docked(), clear(), undocked(), AWAY, BACK), State.IN_FIELD),
        ((docked(), clear(), undocked(), AWAY, assigned(None)), State.IN_FIELD),
        ((docked(), clear(), undocked(), AWAY, LOST), State.LOST),
        ((docked(), clear(), undocked(), LOST, AWAY), State.LOST),
        ((docked(), clear(), undocked(), LOST, docked("s2")), State.DOCKED),
        ((docked(), listed(), LOST), State.DRAINING),
        ((docked(), listed(), AWAY), State.DRAINING),
        ((docked(), listed(), docked("s2", "2"), undocked("1")), State.DOCKED),
    ],
)
def test_other_ways(events, state):
    """Each ends in its own word."""
    assert run(*events).state is state


@pytest.mark.parametrize(
    ("events", "is_early"),
    [
        ((docked(), listed(), clear(), closed("clear")), False),
        ((docked(), listed(), closed("kept")), False),
        ((docked(), listed(), problem(), closed("problem"), HANDED_OUT), False),
        ((docked(), closed("refused")), False),
        ((docked(),), True),
        ((docked(), listed()), True),
        ((docked(), listed(), closed("interrupted")), True),
        ((docked(), listed(), problem(), closed("problem")), True),
    ],
)
def test_when_leaving_is_too_early(events, is_early):
    """Only what is clear, was to be kept, refused, or let go by two people may leave."""
    assert run(*events).leaves_early is is_early


def test_nobodys_recorder_is_not_waited_for():
    """Out is what left a slot or was given out; what was taken back is not."""
    assert run(assigned("104233")).out_since == DAY
    assert run(assigned("104233"), assigned(None)).out_since is None
    assert run(docked(), clear(), undocked(), assigned(None)).out_since is None
    later = RecorderAssigned(recorder=R, officer="1", mode="shift", since_at=5 * DAY, until_at=6 * DAY)
    assert run(later).out_since == 5 * DAY
    assert run(docked(), later).out_since is None


@given(COURSES)
def test_nothing_upsets_it(events):
    """Any events in any order: a state always, in a slot or out, never both."""
    found = Custody()
    for number, event in enumerate(events):
        found = after(found, event, number)
        assert isinstance(found.state, State)
        assert found.slot is None or found.out_since is None or found.state is State.IN_FIELD
        if found.state in (State.NOT_RETURNED, State.LOST):
            assert found.slot is None


@given(COURSES)
def test_clear_by_the_newest_docking_only(events):
    """No event but `recorder.clear` or the close of the newest docking makes a recorder clear."""
    found = Custody()
    for number, event in enumerate(events):
        before, found = found, after(found, event, number)
        if found.state is State.CLEAR and before.state is not State.CLEAR:
            assert isinstance(event, RecorderClear | SessionClosed)
            assert event.session == before.session
            assert before.slot is not None


@given(COURSES)
def test_an_older_docking_changes_nothing(events):
    """What an abandoned session says late leaves the next docking alone."""
    found = replace(run(*events, docked("s9", "9")), state=State.DRAINING)
    for late in (clear("s8"), closed("pulled", "s8"), problem("s8"), pulled("s8"), listed("s8")):
        assert after(found, late, DAY) == found

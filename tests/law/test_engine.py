"""By events and as a whole the engine comes to the same; time wakes what is due and nothing is swept."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.facts import Act, Case, Officer, TextRecord, Unit
from ingestd.law.base import Base
from ingestd.law.engine import Engine, evaluate
from ingestd.law.facts import Clip, Recorder
from ingestd.law.kinds import KINDS
from ingestd.law.rules import JUDGES
from tests.law.cases import DAY, HOUR, POLICIES, T0, act, clip, facts, rulebook

BOOKS = {key: rulebook(key) for key in POLICIES}
_DROPS = st.sampled_from(
    (
        (Clip, "c1"),
        (Clip, "c2"),
        (Act, "a1"),
        (Case, "k1"),
        (Officer, "o1"),
        (Unit, "u1"),
        (Recorder, "R1"),
        (TextRecord, "t1"),
    )
)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(facts, min_size=1, max_size=4)),
        st.tuples(st.just("drop"), _DROPS),
        st.tuples(st.just("tick"), st.sampled_from((1, HOUR, 20 * HOUR, 30 * DAY, 300 * DAY))),
        st.tuples(st.just("policy"), st.sampled_from(POLICIES)),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(POLICIES), _STEPS)
def test_step_by_step_is_as_a_whole(key: str, steps: list[tuple[str, Any]]) -> None:
    """Any sequence of facts, moments and policies leaves the findings of a full evaluation, told change by change."""
    now, book = T0, BOOKS[key]
    engine = Engine(Base(), book, now)
    told = dict(engine.findings)
    for what, value in steps:
        match what:
            case "put":
                changes = engine.put(value, now)
            case "drop":
                changes = engine.drop([value], now)
            case "tick":
                now = type(now)(now + value)
                changes = engine.tick(now)
            case _:
                book = BOOKS[value]
                changes = engine.set_policy(book, now)
        for finding in changes.closed:
            del told[finding.id]
        for finding in changes.opened:
            assert finding.id not in told
            told[finding.id] = finding
        for finding in changes.changed:
            assert finding.id in told
            told[finding.id] = finding
        assert told == evaluate(engine.base, book, now)


def test_every_kind_has_its_judge() -> None:
    """No kind stands in the table that no judge makes, and none is made that has no words."""
    assert sorted(KINDS) == sorted(kind for judge in JUDGES for kind in judge.kinds)


def test_an_act_waits_for_its_clips_and_then_is_told_by_time_alone() -> None:
    """Ended acts are 'not yet' for as long as clips may come in time; then a finding opens without an event."""
    book = BOOKS["baseline"]
    engine = Engine(Base(), book, T0)
    assert not engine.put([act()], T0)
    due = engine.next_at
    assert due is not None
    assert due == T0 + 10 * 60_000 + 24 * HOUR + 1
    assert not engine.tick(type(T0)(due - 1))
    (opened,) = engine.tick(due).opened
    assert (opened.kind, opened.rule, opened.about) == ("act-unfilmed", "REC-4", "act:a1")
    late = clip(stored_at=type(T0)(due), act="a1")
    (closed,) = engine.put([late], due).closed
    assert closed.id == opened.id

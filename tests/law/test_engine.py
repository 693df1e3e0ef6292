"""By events and as a whole the engine comes to the same; time wakes what is due and nothing is swept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.law.base import Base, key_of
from ingestd.law.engine import Engine, Findings, evaluate
from ingestd.law.kinds import KINDS
from ingestd.law.rules import JUDGES
from ingestd.model import Sha256
from tests.law.cases import CHANGES, DAY, HOUR, POLICIES, T0, WORLD, act, changed, clip, rulebook

BOOKS = {key: rulebook(key) for key in POLICIES}
_LEAPS = (1, HOUR, 20 * HOUR, 30 * DAY, 300 * DAY)
_OPERATIONS = ("put", "put", "put", "put", "put", "put", "drop", "back", "tick", "policy")
_small = st.integers(0, 29)
_STEPS = st.lists(st.tuples(st.sampled_from(_OPERATIONS), _small, _small, _small), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(POLICIES), _STEPS)
def test_step_by_step_is_as_a_whole(key: str, steps: list[tuple[str, int, int, int]]) -> None:
    """Any sequence of facts, moments and policies leaves the findings of a full evaluation, told change by change."""
    now, book, world = T0 + 2 * DAY, BOOKS[key], list(WORLD)
    engine = Engine(Base(), book, now)
    engine.put(world, now)
    told = dict(engine.findings)
    for what, which, field, value in steps:
        place = which % len(world)
        fact = world[place]
        match what:
            case "put":
                world[place] = changed(fact, field, value)
                changes = engine.put([world[place]], now)
            case "drop":
                changes = engine.drop([(type(fact), key_of(fact))], now)
            case "back":
                changes = engine.put([fact], now)
            case "tick":
                now = type(now)(now + _LEAPS[value % len(_LEAPS)])
                changes = engine.tick(now)
            case _:
                book = BOOKS[POLICIES[value % len(POLICIES)]]
                changes = engine.set_policy(book, now)
        for finding in changes.closed:
            del told[finding.id]
        for finding in changes.opened:
            assert finding.id not in told
            told[finding.id] = finding
        for finding in changes.changed:
            assert finding.id in told
            told[finding.id] = finding
        assert said(told) == said(evaluate(engine.base, book, now))
        assert engine.findings == evaluate(engine.base, book, now)


def said(findings: Findings) -> Findings:
    """Findings without the policy under which they were told: another that says the same is no news."""
    return {key: replace(finding, policy_sha256=Sha256("")) for key, finding in findings.items()}


@pytest.mark.parametrize("key", POLICIES)
def test_any_one_change_in_the_dense_world(key: str) -> None:
    """Every field of every fact, as each of the ways that it may be, and each fact gone and back."""
    now, book = T0 + 60 * DAY, BOOKS[key]
    base = Base()
    base.fill(WORLD)
    engine = Engine(base, book, now)
    for fact in WORLD:
        for field, values in enumerate(CHANGES[type(fact)].values()):
            for value in range(len(values)):
                engine.put([changed(fact, field, value)], now)
                assert engine.findings == evaluate(engine.base, book, now)
        engine.drop([(type(fact), key_of(fact))], now)
        assert engine.findings == evaluate(engine.base, book, now)
        engine.put([fact], now)
        assert engine.findings == evaluate(engine.base, book, now)


def test_the_world_of_the_test_above_has_findings_of_every_kind() -> None:
    """Nothing is proved by a world in which nothing is found: over all policies, changes bring every kind about."""
    found = set()
    for book in BOOKS.values():
        for moment in (T0 + HOUR, T0 + 21 * HOUR, T0 + 60 * DAY):
            engine = Engine(Base(), book, moment)
            engine.put(WORLD, moment)
            found |= {finding.kind for finding in engine.findings.values()}
            for fact in WORLD:
                fields = CHANGES[type(fact)]
                for field, values in enumerate(fields.values()):
                    for value in range(len(values)):
                        opened = engine.put([changed(fact, field, value)], moment).opened
                        found |= {finding.kind for finding in opened}
                engine.put([fact], moment)
    assert found == set(KINDS)


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

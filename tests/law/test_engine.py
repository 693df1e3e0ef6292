"""The engine: every kind of finding comes about, verdicts end by time alone, and no fact is kept for that."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.law.base import Base, Subject
from ingestd.law.engine import Engine, evaluate
from ingestd.law.facts import Analysis, Fact
from ingestd.law.kinds import KINDS
from ingestd.law.rules import JUDGES
from ingestd.model import Millis, Stretch
from tests.law.cases import (
    CHANGES,
    DAY,
    HOUR,
    POLICIES,
    T0,
    WORLD,
    act,
    between,
    changed,
    clip,
    rulebook,
)

BOOKS = {key: rulebook(key) for key in POLICIES}


def worlds() -> Iterator[list[Fact]]:
    """The world of the tests, each with one change."""
    for place, fact in enumerate(WORLD):
        for field, values in enumerate(CHANGES[type(fact)].values()):
            for value in range(len(values)):
                world: list[Fact] = list(WORLD)
                world[place] = changed(fact, field, value)
                yield world


def test_the_world_of_the_tests_has_findings_of_every_kind() -> None:
    """Nothing is proved by a world in which nothing is found: over all policies, changes bring every kind about."""
    wanted = set(KINDS)
    for book in BOOKS.values():
        for moment in (T0 + 60 * DAY, T0 + 21 * HOUR, T0 + HOUR):
            for world in worlds():
                wanted -= {finding.kind for finding in evaluate(Base(world), book, Millis(moment)).values()}
                if not wanted:
                    return
    assert not wanted


def test_every_kind_has_its_judge() -> None:
    """No kind stands in the table that no judge makes, and none is made that has no words."""
    assert sorted(KINDS) == sorted(kind for judge in JUDGES for kind in judge.kinds)


def test_an_act_waits_for_its_clips_and_then_is_told_by_time_alone() -> None:
    """Ended acts are 'not yet' for as long as clips may come in time; then they are due, without an event."""
    book, engine, subject = BOOKS["baseline"], Engine(), Subject("act", "a1")
    assert not engine.judge(Base([act()]), [subject], book, T0)
    due = engine.next_at
    assert due == T0 + 10 * 60_000 + 24 * HOUR + 1
    assert engine.due(Millis(due - 1)) == set()
    assert engine.due(due) == {subject}
    (told,) = engine.judge(Base([act()]), engine.due(due), book, due).values()
    assert (told.kind, told.rule, told.about) == ("act-unfilmed", "REC-4", "act:a1")
    assert (engine.next_at, len(engine)) == (None, 0)
    late = clip(stored_at=due, act="a1")
    assert not engine.judge(Base([act(), late]), [subject], book, due)


def test_what_is_judged_again_is_due_once() -> None:
    """A clock that was set anew leaves nothing behind of the one before; what is no more is not due."""
    book, engine, subject = BOOKS["baseline"], Engine(), Subject("act", "a1")
    engine.judge(Base([act()]), [subject], book, T0)
    engine.judge(Base([act(minutes=20)]), [subject], book, T0)
    assert engine.next_at == T0 + 20 * 60_000 + 24 * HOUR + 1
    engine.judge(Base(), [subject], book, T0)
    assert engine.next_at is None


def test_a_film_of_which_only_the_docking_is_known_leaves_its_act_in_doubt() -> None:
    """Nothing tells when it began or how long it is: no gap is claimed where it may have been filming."""
    book, anywhen = BOOKS["baseline"], between(T0 - DAY, T0 + DAY)
    black = Analysis(stretches=(Stretch(kind="black", begin=Millis(0), end=Millis(2 * DAY)),))
    one = clip(act="a1", started=anywhen, ended=anywhen, analysis=black)
    found = evaluate(Base([act(), one]), book, Millis(T0 + 9 * DAY))
    assert "act-coverage-unclear" in {told.kind for told in found.values()}
    assert "act-gaps" not in {told.kind for told in found.values()}
    before = between(T0 - DAY, T0 - HOUR)
    found = evaluate(Base([act(), clip(act="a1", started=before, ended=before)]), book, Millis(T0 + 9 * DAY))
    assert "act-gaps" in {told.kind for told in found.values()}

"""An act's bar: what is surely on film, doubtful, missing, in percent and in words."""

from __future__ import annotations

from datetime import UTC

import pytest

from ingestd.facts import Act
from ingestd.law.coverage import Piece, Reel, Terms, cover
from ingestd.model import Millis
from ingestd.web.coverage import bar

T0 = 1_795_270_000_000
MINUTE = 60_000


def of(*pieces, later=0, minutes=60):
    """The bar of an act of so many minutes that one recorder filmed in these pieces (minutes)."""
    act = Act(act="a1", started_at=Millis(T0), ended_at=Millis(round(T0 + minutes * MINUTE)))
    film = tuple(
        Piece(acquisition=str(n), begin=Millis(round(T0 + b * MINUTE)), end=Millis(round(T0 + e * MINUTE)))
        for n, (b, e) in enumerate(pieces)
    )
    reels = [Reel(recorder="r", pieces=film, earlier=0, later=later)] if film else []
    span = (T0, round(T0 + minutes * MINUTE))
    told = cover(span, reels, Terms(begin_ms=0, end_ms=0, pause_ms=0), more_may_come=False)
    return bar(act, told, UTC)


def test_whole():
    found = of((0, 60))
    assert found.told.zh == "已覆盖 60/60 分钟"
    assert [(one.state, one.left, one.width) for one in found.stretches] == [("recorded", 0, 100)]
    assert (found.sign.word.zh, found.lacks) == ("全程已录", ())


def test_a_gap_has_its_place_and_length():
    found = of((0, 30), (45, 60))
    assert found.told.en == "45/60 min recorded"
    assert [one.state for one in found.stretches] == ["recorded", "recorded", "gap"]
    gap = found.stretches[-1]
    assert (gap.left, gap.width) == (50, 25)
    assert "15 min" in found.lacks[0].en


def test_doubt_is_drawn_as_doubt():
    found = of((0, 60), later=5 * MINUTE)
    assert {one.state for one in found.stretches} == {"recorded", "doubtful"}
    assert found.doubtful_ms == 5 * MINUTE
    assert found.lacks[-1].zh == "存疑 5 分钟"


@pytest.mark.parametrize(("minutes", "until", "told"), [(3, 2.99, "2.9/3.0"), (20, 19.5, "19/20")])
def test_nothing_is_rounded_up_to_whole(minutes, until, told):
    act = of((0, until), minutes=minutes)
    assert told in act.told.en


@pytest.mark.parametrize(
    ("pieces", "later", "word", "state"),
    [
        ([(-1, 1)], 0, "whole", "recorded"),
        ([(-1, 1)], 5 * MINUTE, "cannot tell", "doubtful"),
        ([(1, 2)], 0, "not recorded", "gap"),
        ([], 0, "not recorded", "gap"),
    ],
)
def test_an_act_of_one_moment(pieces, later, word, state):
    """It is on film where its moment is: one stretch over all of the bar, no minutes of none."""
    found = of(*pieces, later=later, minutes=1 / MINUTE)
    assert (found.sign.word.en, found.told.en, found.lacks) == (word, "begins and ends at one moment", ())
    assert [(one.state, one.left, one.width) for one in found.stretches] == [(state, 0, 100)]


def test_nothing_filmed():
    found = of()
    assert (found.sign.word.en, found.missing_ms) == ("not recorded", 60 * MINUTE)

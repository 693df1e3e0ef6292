"""Who stands out: the exact chance, one error for all comparisons, and nothing said of small counts."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.reports.counting import Trial
from ingestd.reports.outliers import LEAST_FAILURES, LEAST_TRIALS, compare, holm, tail


@given(st.integers(0, 40), st.integers(0, 60), st.data())
def test_the_chance_is_exact(trials: int, others: int, data: st.DataObject) -> None:
    """As fractions say it: the share of all ways to deal the failures that give so many or more."""
    failures = data.draw(st.integers(0, trials + others))
    low = max(0, failures - others)
    failed = data.draw(st.integers(low, min(trials, failures)))
    ways = sum(
        comb(failures, k) * comb(trials + others - failures, trials - k)
        for k in range(failed, min(trials, failures) + 1)
    )
    exact = Fraction(ways, comb(trials + others, trials))
    assert tail(failed, trials, failures, trials + others) == pytest.approx(float(exact), rel=1e-9)


def test_large_counts_do_not_overflow() -> None:
    """A station of a million dockings."""
    assert 0.45 < tail(5_000, 100_000, 50_000, 1_000_000) < 0.55
    assert tail(5_400, 100_000, 50_000, 1_000_000) < 1e-7


def test_one_error_for_all() -> None:
    """Holm: the smallest against the strictest part, and none after the first that fails."""
    assert holm([0.01, 0.02, 0.03, 0.04]) == [True, False, False, False]
    assert holm([0.012, 0.016, 0.02, 0.5]) == [True, True, True, False]
    assert holm([]) == []


def trials(**units: tuple[int, int]) -> list[Trial]:
    """For each unit, failures and trials."""
    return [
        Trial(measure="late-docking", keys=(("unit", unit),), failed=place < failed)
        for unit, (failed, count) in units.items()
        for place in range(count)
    ]


def test_who_is_late_more_than_its_peers() -> None:
    """The one that is, with its numbers and those of the others; not the best, nor who is as the rest."""
    (first, *rest) = compare(trials(a=(18, 40), b=(4, 40), c=(5, 50), d=(3, 30)))
    assert (first.key, first.failed, first.trials) == ("a", 18, 40)
    assert (first.others_failed, first.others_trials) == (12, 120)
    assert first.is_outlier
    assert not any(one.is_outlier for one in rest)
    assert {one.key for one in rest} == {"b", "c", "d"}


def test_small_counts_are_no_outliers() -> None:
    """Fewer trials than can be told are not compared; few failures are compared, and never stand out."""
    few, many = LEAST_TRIALS - 1, 10 * LEAST_TRIALS
    assert compare(trials(a=(few, few), b=(1, few))) == ()
    (found, *_) = compare(trials(a=(LEAST_FAILURES - 1, LEAST_TRIALS), b=(0, 100 * many)))
    assert found.p < 1e-9
    assert not found.is_outlier


def test_equal_units_rarely_stand_out() -> None:
    """Where all are alike, at most about one report in twenty names anybody."""
    draw, named = random.Random(7), 0
    for _ in range(300):
        units = {f"u{n}": (sum(draw.random() < 0.1 for _ in range(60)), 60) for n in range(8)}
        named += any(one.is_outlier for one in compare(trials(**units)))
    assert named <= 0.05 * 300 + 10


def test_the_newest_month_against_those_before() -> None:
    """A trend is told of the last month alone, not of each month against the others."""
    months = {"2026-01": (2, 40), "2026-02": (3, 40), "2026-03": (20, 40)}
    told = [
        Trial(measure="late-docking", keys=(("month", month),), failed=place < failed)
        for month, (failed, count) in months.items()
        for place in range(count)
    ]
    (found,) = compare(told)
    assert (found.key, found.failed, found.others_failed, found.others_trials) == ("2026-03", 20, 5, 80)
    assert found.is_outlier

"""Room left by trend: robust against single events, silent where nothing can be said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingestd.model import Millis
from ingestd.trend import DAY_MS, days_left, threshold

GB = 10**9


def steady(days: int, *, free: int, use: int) -> list[tuple[Millis, int]]:
    return [(Millis(d * DAY_MS), free - use * d) for d in range(days)]


def test_steady_use_is_counted_in_days():
    """8 TB with 200 GB a day: 30 days remain after ten."""
    assert days_left(steady(11, free=8000 * GB, use=200 * GB)) == 30


def test_one_disposal_or_archive_does_not_bend_the_trend():
    """A day on which a terabyte was freed leaves the slope where it was."""
    samples = steady(15, free=8000 * GB, use=200 * GB)
    freed = samples[:7] + [(at, free + 1000 * GB) for at, free in samples[7:]]
    assert days_left(freed) in range(28, 40)


def test_nothing_is_said_of_too_little_or_of_growing_room():
    """One sample, an hour, or more room than before: no days."""
    assert days_left([]) is None
    assert days_left([(Millis(0), 5)]) is None
    assert days_left([(Millis(0), 5), (Millis(3_600_000), 1)]) is None
    assert days_left([(Millis(0), 5), (Millis(DAY_MS), 9)]) is None
    assert days_left([(Millis(0), 5), (Millis(DAY_MS), 5)]) is None


@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**14)), max_size=300).map(sorted),
)
def test_any_samples_give_days_or_none(samples):
    """Whatever was measured: a number of days, never negative, or nothing."""
    days = days_left(samples)
    assert days is None or 0 <= days <= 3650


def test_thresholds_with_hysteresis():
    """Told once on the way down, ended only when clearly more room is left."""
    assert threshold(31, before=None) is None
    assert threshold(30, before=None) == 30
    assert threshold(33, before=30) == 30
    assert threshold(37, before=30) is None
    assert threshold(7, before=30) == 7
    assert threshold(8, before=7) == 7
    assert threshold(9, before=7) == 30
    assert threshold(0, before=7) == 2
    assert threshold(None, before=2) is None

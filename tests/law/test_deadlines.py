"""REC-1 is judged on bounds, and doubt stays doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.law.deadlines import HOUR_MS, Standing, Verdict, standing, verdict
from ingestd.model import Interval, Millis

END = 1_795_270_000_000
DAY = 24 * HOUR_MS


def between(earliest: int | None, latest: int | None) -> Interval:
    return Interval(
        earliest=None if earliest is None else Millis(earliest),
        latest=None if latest is None else Millis(latest),
        basis="test",
    )


@pytest.mark.parametrize(
    ("ended", "stored_at", "expected"),
    [
        (between(END, END), END + DAY, Verdict.ON_TIME),
        (between(END, END), END + DAY + 1, Verdict.LATE),
        (between(END, END + 10), END + DAY + 1, Verdict.CANNOT_TELL),
        (between(END, END + 10), END + DAY + 10, Verdict.CANNOT_TELL),
        (between(END, END + 10), END + DAY + 11, Verdict.LATE),
        (between(END, None), END + DAY, Verdict.ON_TIME),
        (between(END, None), END + DAY + 1, Verdict.CANNOT_TELL),
        (between(None, END), END + DAY, Verdict.CANNOT_TELL),
        (between(None, END), END + DAY + 1, Verdict.LATE),
        (between(None, None), END, Verdict.CANNOT_TELL),
    ],
)
def test_boundaries(ended: Interval, stored_at: int, expected: Verdict) -> None:
    """To the millisecond: exactly 24 hours is in time."""
    assert verdict(ended, Millis(stored_at), 24) is expected


def test_station_clock_in_doubt_makes_the_verdict_doubtful() -> None:
    """What the station's own clock may be off by counts on both sides."""
    at = between(END, END)
    assert verdict(at, Millis(END + DAY), 24, uncertainty_ms=1) is Verdict.CANNOT_TELL
    assert verdict(at, Millis(END + DAY + 1), 24, uncertainty_ms=1) is Verdict.CANNOT_TELL
    assert verdict(at, Millis(END + DAY + 2), 24, uncertainty_ms=1) is Verdict.LATE


def test_backlog_gets_no_verdict() -> None:
    """Made before the station was commissioned: not late; perhaps made before: not called late either."""
    stored = Millis(END + 10 * DAY)
    assert verdict(between(END, END), stored, 24, commissioned_at=Millis(END + 1)) is Verdict.BACKLOG
    assert verdict(between(END, END + 9), stored, 24, commissioned_at=Millis(END + 5)) is Verdict.CANNOT_TELL
    assert verdict(between(END, END), stored, 24, commissioned_at=Millis(END)) is Verdict.LATE


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 3),
    st.none() | st.integers(0, 50),
)
def test_a_verdict_holds_for_every_moment_within_the_bounds(
    earliest: int, width: int, stored: int, hours: int, commissioned: int | None
) -> None:
    """On time and late are said only where every possible end agrees."""
    unit = HOUR_MS
    ended = between(earliest * unit, (earliest + width) * unit)
    found = verdict(
        ended,
        Millis(stored * unit),
        hours,
        commissioned_at=None if commissioned is None else Millis(commissioned * unit),
    )
    truths = set()
    for end in range(earliest, earliest + width + 1):
        is_backlog = commissioned is not None and end < commissioned
        truths.add("backlog" if is_backlog else "on time" if stored <= end + hours else "late")
    if found is Verdict.LATE:
        assert truths == {"late"}
    elif found is Verdict.ON_TIME:
        assert "late" not in truths
    elif found is Verdict.BACKLOG:
        assert truths == {"backlog"}
    else:
        assert len(truths) > 1


@pytest.mark.parametrize(
    ("ended", "now", "expected"),
    [
        (between(END, END), END + DAY - 2 * HOUR_MS - 1, Standing.NOT_DUE),
        (between(END, END), END + DAY - 2 * HOUR_MS, Standing.DUE_SOON),
        (between(END, END), END + DAY, Standing.DUE_SOON),
        (between(END, END), END + DAY + 1, Standing.OVERDUE),
        (between(END, END + 5), END + DAY + 5, Standing.CANNOT_TELL),
        (between(END, END + 5), END + DAY + 6, Standing.OVERDUE),
        (between(None, END), END + 1, Standing.CANNOT_TELL),
        (between(END, None), END + DAY + 1, Standing.CANNOT_TELL),
    ],
)
def test_standing_of_what_is_not_stored(ended: Interval, now: int, expected: Standing) -> None:
    """Due soon from two hours before; overdue only beyond doubt."""
    assert standing(ended, Millis(now), 24, soon_ms=2 * HOUR_MS) is expected

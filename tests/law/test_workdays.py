"""Working days of the Chinese calendar, and what is said where it is not published yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.law.workdays import Workdays
from ingestd.model import Millis

DAY_MS = 86_400_000
BEIJING = Workdays()


def at(text: str) -> Millis:
    """A local time in Beijing."""
    return Millis(round(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000))


def test_over_the_national_day():
    """Saturday 2026-10-10 is worked for the long holiday: the seventh day is Tuesday the 13th."""
    due = BEIJING.in_workdays(at("2026-09-28T15:00"), 7)
    assert (due.day, due.provisional) == (date(2026, 10, 13), False)
    assert due.at == at("2026-10-14T00:00")


@pytest.mark.parametrize(
    ("decided", "days", "last"),
    [
        ("2026-02-13T09:00", 7, date(2026, 3, 2)),  # the Spring Festival, with worked weekends round it
        ("2025-09-28T09:00", 1, date(2025, 9, 29)),  # decided on a worked Sunday
        ("2026-04-30T23:59", 1, date(2026, 5, 6)),
        ("2026-05-01T00:00", 1, date(2026, 5, 6)),
    ],
)
def test_published_years(decided, days, last):
    """Counted by hand from the notices of the years."""
    assert BEIJING.in_workdays(at(decided), days).day == last


def test_beyond_the_published_years_it_is_provisional():
    """Weekends alone are counted, and it is said; a notice entered by the agency makes it sure again."""
    decided = at("2027-09-30T09:00")
    assert BEIJING.in_workdays(decided, 1).provisional
    assert BEIJING.in_workdays(decided, 1).day == date(2027, 10, 1)
    holiday = {date(2027, 10, day): False for day in range(1, 8)} | {date(2027, 10, 9): True}
    told = Workdays(told=holiday)
    due = told.in_workdays(decided, 2)
    assert (due.day, due.provisional) == (date(2027, 10, 9), False)


def test_the_day_itself_counts_only_where_the_policy_says_so():
    """Thirty calendar days (REC-11): default not."""
    concluded = at("2026-11-02T10:00")
    assert BEIJING.in_days(concluded, 30).day == date(2026, 12, 2)
    assert BEIJING.in_days(concluded, 30, counts_first=True).day == date(2026, 12, 1)
    assert BEIJING.in_workdays(concluded, 3, counts_first=True).day == date(2026, 11, 4)


def test_the_agencys_midnight_decides():
    """23:30 UTC on the 2nd is the 3rd in Beijing, and the 2nd in a place that keeps UTC."""
    moment = Millis(round(datetime(2026, 11, 2, 23, 30, tzinfo=UTC).timestamp() * 1000))
    assert BEIJING.in_days(moment, 1).day == date(2026, 11, 4)
    assert Workdays(utc_offset_minutes=0).in_days(moment, 1).day == date(2026, 11, 3)


@given(st.dates(date(2010, 1, 1), date(2026, 6, 1)), st.integers(0, DAY_MS - 1), st.integers(1, 40))
def test_it_is_the_nth_worked_day(first, of_day, days):
    """Between the day itself and the last day lie exactly so many worked days, the last is one of them."""
    due = BEIJING.in_workdays(Millis(at(f"{first}T00:00") + of_day), days)
    between = [first + timedelta(days=n) for n in range(1, (due.day - first).days + 1)]
    assert sum(map(BEIJING.is_worked, between)) == days
    assert BEIJING.is_worked(due.day)
    assert due.at == at(f"{due.day + timedelta(days=1)}T00:00")

"""Deadlines in calendar days and in Chinese working days, make-up workdays included. PURE.

The State Council publishes each year's days off in the autumn before. Beyond the last year that is known, a
deadline is counted by weekends alone and marked *provisional*: it may move, and nobody is blamed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

import chinese_calendar  # type: ignore[import-untyped]  # it ships no types

from ingestd.model import Millis

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The last day on which something is in time, and the moment after which it is late."""

    day: date
    at: Millis
    """The end of that day at the agency's place (milliseconds since 1970, UTC)."""
    provisional: bool
    """A year that is counted through has no published days off yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdays:
    """The working days of an agency."""

    utc_offset_minutes: int = 480
    told: Mapping[date, bool] = field(default_factory=dict)
    """Days that a notice sets (True: worked), before any table: for years that the tables do not know yet."""

    def is_worked(self, day: date) -> bool:
        """Whether people work that day, by notice, by the published table, else by weekday."""
        if day in self.told:
            return self.told[day]
        if self._is_published(day.year):
            return _is_published_workday(day)
        return day.weekday() < _SATURDAY

    def in_workdays(self, since: Millis, days: int, *, counts_first: bool = False) -> Due:
        """The end of the last of so many working days after a moment.

        The day of the moment itself does not count unless ``counts_first`` says so.
        """
        day, left, provisional = self._day_of(since), days, False
        if counts_first and self.is_worked(day):
            left -= 1
        while left > 0:
            day += timedelta(days=1)
            provisional = provisional or not self._is_known(day)
            left -= self.is_worked(day)
        return self._due(day, provisional=provisional)

    def in_days(self, since: Millis, days: int, *, counts_first: bool = False) -> Due:
        """The end of the last of so many calendar days after a moment (REC-11)."""
        return self._due(self._day_of(since) + timedelta(days=days - counts_first), provisional=False)

    def _due(self, day: date, *, provisional: bool) -> Due:
        midnight = datetime.combine(day + timedelta(days=1), time(), self._zone)
        return Due(day=day, at=Millis(round(midnight.timestamp() * 1000)), provisional=provisional)

    def _day_of(self, at: Millis) -> date:
        return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(self._zone).date()

    @property
    def _zone(self) -> timezone:
        return timezone(timedelta(minutes=self.utc_offset_minutes))

    def _is_known(self, day: date) -> bool:
        return self._is_published(day.year) or any(told.year == day.year for told in self.told)

    @staticmethod
    def _is_published(year: int) -> bool:
        return _has_table(year)


@lru_cache(maxsize=4096)
def _is_published_workday(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=64)
def _has_table(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 6, 1))
    except NotImplementedError:
        return False
    return True

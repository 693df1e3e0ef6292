"""Months of the agency's place, as ``2026-03``. PURE."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from ingestd.model import Millis


def later(month: str, by: int) -> str:
    """So many months later (earlier: less than none)."""
    year, number = (int(part) for part in month.split("-"))
    total = year * 12 + number - 1 + by
    return f"{total // 12:04}-{total % 12 + 1:02}"


def begin_of(month: str, utc_offset_minutes: int) -> Millis:
    """The month's first moment. Raises ValueError for text that is no month."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    return Millis(round(datetime.combine(date.fromisoformat(f"{month}-01"), time(), zone).timestamp() * 1000))


def month_of(at: Millis, utc_offset_minutes: int) -> str:
    """The month of a moment."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    return f"{datetime.fromtimestamp(at / 1000, zone):%Y-%m}"


def between(begin: Millis, end: Millis) -> list[str]:
    """The months from one moment to another, in whatever zone they lie."""
    month, last = later(month_of(begin, 0), -1), later(month_of(end, 0), 1)
    found = [month]
    while month < last:
        month = later(month, 1)
        found.append(month)
    return found

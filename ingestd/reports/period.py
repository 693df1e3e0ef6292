"""The period of a report: a year or a month by the agency's own calendar. PURE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ingestd.model import Millis

_YEAR, _MONTH = re.compile(r"[12]\d{3}"), re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """``begin`` is in it, ``end`` is not; midnight is the agency's."""

    label: str
    """``2026`` or ``2026-10``."""
    begin: Millis
    end: Millis
    months: tuple[str, ...]
    utc_offset_minutes: int

    def has(self, at: Millis | None) -> bool:
        """Whether a moment lies in it; one that nobody knows does not."""
        return at is not None and self.begin <= at < self.end

    def month_of(self, at: Millis) -> str:
        """The month of a moment at the agency's place."""
        zone = timezone(timedelta(minutes=self.utc_offset_minutes))
        return datetime.fromtimestamp(at // 1000, UTC).astimezone(zone).strftime("%Y-%m")


def period(label: str, utc_offset_minutes: int) -> Period | None:
    """The period of a label; None where it is neither a year nor a month."""
    if _YEAR.fullmatch(label):
        months = tuple(f"{label}-{month:02}" for month in range(1, _MONTHS + 1))
    elif _MONTH.fullmatch(label):
        months = (label,)
    else:
        return None
    return Period(
        label=label,
        begin=_first(months[0], utc_offset_minutes),
        end=_first(_after(months[-1]), utc_offset_minutes),
        months=months,
        utc_offset_minutes=utc_offset_minutes,
    )


def _after(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1}-01" if number == _MONTHS else f"{year}-{number + 1:02}"


def _first(month: str, utc_offset_minutes: int) -> Millis:
    """The first moment of a month."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    return Millis(round(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone).timestamp() * 1000))

"""Moments as people type them: in the station's local time, or with a zone of their own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from ingestd import config
from ingestd.errors import UsageError
from ingestd.model import Millis
from ingestd.vault.layout import Home
from ingestd.words import Text

_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")


def station_zone(home: Path) -> tzinfo:
    """The zone that the station's configuration says. Raises ConfigError."""
    return timezone(timedelta(minutes=config.read(Home(home.resolve()).config).utc_offset_minutes))


def moment(text: str | None, *, zone: tzinfo, now: Millis) -> Millis | None:
    """``08:00`` (today), ``2026-11-21T08:00``, or that with a zone (``Z``, ``+08:00``). Raises UsageError."""
    if text is None:
        return None
    today = datetime.fromtimestamp(now / 1000, zone).date()
    full = f"{today.isoformat()}T{'0' * (text[1:2] == ':')}{text}" if _CLOCK.fullmatch(text) else text
    try:
        found = datetime.fromisoformat(full)
        there = found if found.tzinfo else found.replace(tzinfo=zone)
        at = Millis(round(there.timestamp() * 1000))
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            Text(
                "“{t}”不是时刻；请写成 2026-11-21T08:00 或 08:00。",
                "{t!r} is no moment; write 2026-11-21T08:00 or 08:00.",
            ).format(t=text)
        ) from error
    if at < 0:
        raise UsageError(
            Text(
                "“{t}”早于 1970 年，不会是记录仪的时刻；请核对年份。",
                "{t!r} lies before 1970, when there was no recorder; see to the year.",
            ).format(t=text)
        )
    return at

"""Creation times as containers and photos write them, read strictly. PURE; imports nothing of ours.

What does not read as a time exactly is no claim.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

ZERO_EPOCHS = (datetime(1904, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
"""QuickTime's and Unix's zero: what a writer leaves that knows no time."""

_TIME = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)

Claim = tuple[int, str]
"""Milliseconds as if UTC, and the zone as labelled: utc or local."""


def read(text: str) -> Claim | None:
    """A time of the forms ``2026-11-21T10:00:00.0Z``, ``... +0800`` or, local, ``2026:11:21 18:00:00``."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    *parts, fraction, zone = match.groups()
    offset, label = UTC, "local" if zone is None else "utc"
    try:
        if zone is not None and zone != "Z":
            minutes = int(zone[1:3]) * 60 + int(zone[-2:])
            offset = timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=offset)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    millis = int((fraction or "0").ljust(6, "0")) // 1000
    return (since.days * 86_400 + since.seconds) * 1000 + millis, label


def is_zero(claim: Claim) -> bool:
    """Whether this is an epoch's zero: no time at all."""
    return any(claim[0] == int(epoch.timestamp()) * 1000 for epoch in ZERO_EPOCHS)

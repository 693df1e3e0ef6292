"""The 24-hour rule (REC-1) on times that are known as intervals only. PURE.

A verdict is given only where every moment within the bounds gives the same: *late* when even the latest
possible end was too long ago, *on time* when even the earliest was not. The number of hours is the
policy's; what counts is the moment of being stored (durable and read back), not of being signed.
"""

from __future__ import annotations

from enum import StrEnum

from ingestd.model import Interval, Millis

HOUR_MS = 3_600_000
SOON_MS = 2 * HOUR_MS
"""From so long before its end a deadline counts as *due soon*."""


class Verdict(StrEnum):
    """Whether a stored recording came in time."""

    ON_TIME = "on time"
    LATE = "late"
    CANNOT_TELL = "cannot tell"
    BACKLOG = "backlog"
    """Made before the station was commissioned: no verdict."""


class Standing(StrEnum):
    """Where a recording that is not stored yet stands."""

    NOT_DUE = "not due"
    DUE_SOON = "due soon"
    OVERDUE = "overdue"
    CANNOT_TELL = "cannot tell"
    """It may be overdue already."""


def verdict(
    ended: Interval,
    stored_at: Millis,
    hours: int,
    *,
    uncertainty_ms: int = 0,
    commissioned_at: Millis | None = None,
) -> Verdict:
    """The verdict on a stored recording.

    A bound that the verdict needs and that is unknown makes it *cannot tell*, and so does an interval that
    the limit or the commissioning cuts. ``uncertainty_ms`` is the station clock's own when it stored.
    """
    limit = hours * HOUR_MS
    if commissioned_at is not None and ended.latest is not None and ended.latest < commissioned_at:
        return Verdict.BACKLOG
    if ended.earliest is not None and ended.earliest + limit >= stored_at + uncertainty_ms:
        return Verdict.ON_TIME
    may_be_backlog = commissioned_at is not None and (
        ended.earliest is None or ended.earliest < commissioned_at
    )
    too_late = ended.latest is not None and ended.latest + limit < stored_at - uncertainty_ms
    return Verdict.LATE if too_late and not may_be_backlog else Verdict.CANNOT_TELL


def standing(ended: Interval, now: Millis, hours: int, *, soon_ms: int) -> Standing:
    """Where a recording stands that is seen and not stored; due soon from ``soon_ms`` before the deadline."""
    limit = hours * HOUR_MS
    if ended.latest is not None and ended.latest + limit < now:
        return Standing.OVERDUE
    if ended.earliest is None or ended.earliest + limit < now:
        return Standing.CANNOT_TELL
    return Standing.DUE_SOON if ended.earliest + limit <= now + soon_ms else Standing.NOT_DUE

"""How many days of room a disk has left, by trend, and when to say so (design 5: at 30, 7 and 2). PURE."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from ingestd.model import Millis

DAY_MS = 86_400_000
LEAST_SPAN_MS = 6 * 3_600_000
"""No trend is told from less: one busy morning is none."""
DAYS_MAX = 3_650
THRESHOLDS = (30, 7, 2)
"""Days left at which a warning is due."""
HYSTERESIS = 1.2
"""A warning ends when a fifth more than its days is left, so that it does not come and go."""


def days_left(samples: Sequence[tuple[Millis, int]]) -> int | None:
    """Whole days until nothing is free, from (moment, free bytes) in order of time.

    The slope is the median of the slopes over a day each: a disposal or an archive copied among the samples
    spoils one day and does not bend it, and nights count with their days. None where the samples span too
    little or room does not shrink.
    """
    if len(samples) < 2 or samples[-1][0] - samples[0][0] < LEAST_SPAN_MS:  # noqa: PLR2004 - a slope needs two
        return None
    stretch = min(DAY_MS, samples[-1][0] - samples[0][0])
    slopes = []
    end = 0
    for at, free in samples:
        while end < len(samples) and samples[end][0] - at < stretch:
            end += 1
        if end == len(samples):
            break
        slopes.append((samples[end][1] - free) / (samples[end][0] - at))
    slope = median(slopes)
    if slope >= 0:
        return None
    return min(int(samples[-1][1] / -slope / DAY_MS), DAYS_MAX)


def threshold(days: int | None, *, before: int | None) -> int | None:
    """The threshold that is passed now (30, 7, 2 or None), given the one that was told before."""
    passed = [limit for limit in THRESHOLDS if days is not None and days <= limit]
    now = min(passed, default=None)
    if (
        before is not None
        and (now is None or now > before)
        and days is not None
        and days <= before * HYSTERESIS
    ):
        return before
    return now

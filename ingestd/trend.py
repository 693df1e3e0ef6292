"""How many days of room a disk has left, by trend, and when to say so (design 5: at 30, 7 and 2). PURE."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from ingestd.model import Millis

DAY_MS = 86_400_000
SAMPLES_MAX = 120
"""More samples are thinned evenly: Theil-Sen looks at all pairs, 120 make 7140."""
LEAST_SPAN_MS = 6 * 3_600_000
"""No trend is told from less: one busy morning is none."""
DAYS_MAX = 3_650
THRESHOLDS = (30, 7, 2)
"""Days left at which a warning is due."""
HYSTERESIS = 1.2
"""A warning ends when a fifth more than its days is left, so that it does not come and go."""


def days_left(samples: Sequence[tuple[Millis, int]]) -> int | None:
    """Whole days until nothing is free, from (moment, free bytes) in order of time.

    The slope is Theil and Sen's (the median of all pairs' slopes): a disposal or a copied archive among the
    samples does not bend it. None where the samples span too little or room does not shrink.
    """
    if len(samples) < 2 or samples[-1][0] - samples[0][0] < LEAST_SPAN_MS:  # noqa: PLR2004 - a slope needs two
        return None
    step = -(-len(samples) // SAMPLES_MAX)
    thinned = [*samples[:-1:step], samples[-1]]
    slopes = [
        (later_free - free) / (later - at)
        for index, (at, free) in enumerate(thinned)
        for later, later_free in thinned[index + 1 :]
        if later > at
    ]
    slope = median(slopes) if slopes else 0.0
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

"""Where a clip was recorded, as a drawing without a map: the way, a scale bar, north up. PURE.

A recorder's places are its own word (`media.analysis.tracks`): a hint beside the clip, no evidence of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingestd.facts import E6

WIDTH, HEIGHT, MARGIN = 320.0, 200.0, 22.0
METRES_A_DEGREE = 111_320.0
"""Of latitude, on the mean sphere: half a percent off at most, below what a receiver knows."""
_LEAST_M = 40.0
"""A drawing shows no less than this, so that a receiver's trembling is no journey."""
_BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_LONGEST_BAR = 110.0
_DM = 10
_MS_KMH = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place on the drawing."""

    at_ms: int
    """From the clip's begin, as far as its times tell."""
    x: float
    y: float
    kmh: int | None
    """How fast, since the point before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The way of one clip."""

    points: tuple[Point, ...]
    bar_px: float
    bar_m: int
    accuracy_m: int
    """The worst of its points, one standard deviation."""
    is_timed: bool
    """Its points have times; else they are spread evenly over the clip."""
    latitude: float
    longitude: float
    """Where it begins, degrees (WGS 84)."""

    @property
    def path(self) -> str:
        """For SVG."""
        return " ".join(f"{'L' if at else 'M'}{one.x} {one.y}" for at, one in enumerate(self.points))


def trace_of(fields: Mapping[str, Any] | None, length_ms: int) -> Trace | None:
    """The trace of a track's value (``timed_by``, ``points``); None where there is none to draw."""
    told: Sequence[Sequence[Any]] = () if fields is None else fields.get("points", ())
    if not told:
        return None
    times = _times([one[0] for one in told], length_ms)
    lat0, lon0 = told[0][1] / E6, told[0][2] / E6
    shrink = math.cos(math.radians(lat0))
    metres = [
        (
            (one[2] / E6 - lon0) * METRES_A_DEGREE * shrink,
            (one[1] / E6 - lat0) * METRES_A_DEGREE,
        )
        for one in told
    ]
    scale, left, top = _fit(metres)
    points = []
    for at, (east, north) in enumerate(metres):
        x, y = round(WIDTH / 2 + (east - left) * scale, 1), round(HEIGHT / 2 - (north - top) * scale, 1)
        points.append(Point(at_ms=times[0][at], x=x, y=y, kmh=_speed(metres, times[0], at)))
    bar = max((one for one in _BARS_M if one * scale <= _LONGEST_BAR), default=_BARS_M[0])
    return Trace(
        points=tuple(points),
        bar_px=round(bar * scale, 1),
        bar_m=bar,
        accuracy_m=max(one[3] for one in told) // _DM,
        is_timed=times[1],
        latitude=lat0,
        longitude=lon0,
    )


def _times(told: Sequence[int | None], length_ms: int) -> tuple[list[int], bool]:
    """When each point was passed, from the clip's begin; and whether its times say so."""
    if any(at is None for at in told) or len(set(told)) == 1:
        step = length_ms / max(1, len(told) - 1)
        return [round(at * step) for at in range(len(told))], False
    return [max(0, (at or 0) - (told[0] or 0)) for at in told], True


def _fit(metres: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Pixels a metre, and the middle of the drawing in metres."""
    easts, norths = [one[0] for one in metres], [one[1] for one in metres]
    wide = max(max(easts) - min(easts), _LEAST_M)
    high = max(max(norths) - min(norths), _LEAST_M)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    return scale, (max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2


def _speed(metres: Sequence[tuple[float, float]], times: Sequence[int], at: int) -> int | None:
    if at == 0 or times[at] <= times[at - 1]:
        return None
    away = math.dist(metres[at], metres[at - 1])
    return round(away / (times[at] - times[at - 1]) * _MS_KMH)

"""What each docking tells of its recorder's clock, for the recorder's other dockings. PURE.

A clock drifts by seconds a day: unless somebody set it, its error at one docking is that at the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestd.linking.weights import SAME_CLOCK, SAME_CLOCK_MS, STEP_MS


@dataclass(frozen=True, slots=True)
class ClockWord:
    """How likely each clock error is, by the recordings of one docking."""

    at: int
    """When, by the recorder's clock."""
    errors: tuple[float, ...]
    weights: tuple[float, ...]
    """Relative to an error of which nothing is said: their mean is about 1."""

    def of(self, error: float) -> float:
        """The weight of an error, where the drift of some days makes no difference."""
        low, high = self.errors[0], self.errors[-1]
        if not low - STEP_MS <= error <= high + STEP_MS:
            return 0.0
        if high <= low:
            return self.weights[0]
        place = (error - low) / (high - low) * (len(self.errors) - 1)
        return self.weights[min(max(round(place), 0), len(self.errors) - 1)]


def heard(grid: Sequence[float], at: int, words: Iterable[ClockWord]) -> list[float]:
    """How likely other dockings about that time make each error of a grid."""
    found = [1.0] * len(grid)
    for word in words:
        if abs(word.at - at) <= SAME_CLOCK_MS:
            found = [
                one * (SAME_CLOCK * word.of(error) + 1 - SAME_CLOCK)
                for one, error in zip(found, grid, strict=True)
            ]
    top = max(found)
    return [one / top for one in found]


def with_width(errors: Sequence[float], weights: Sequence[float], of: float) -> tuple[float, ...]:
    """Weights relative to an even spread over all errors that a clock may have (``of``, milliseconds)."""
    width = max(errors[-1] - errors[0], STEP_MS)
    mean = sum(weights) / len(weights)
    return tuple(weight / mean * max(of / width, 1.0) for weight in weights)

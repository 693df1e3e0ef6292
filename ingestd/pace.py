"""A rate limit for work that must not be felt: so many bytes a second, and none while intake runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ingestd.clock import Clock

SLICE_S = 0.1
"""Sleeps are cut into slices, so that a stop is noticed."""
BURST_S = 0.25
"""Time unused for longer than this is lost: no catching up in a burst."""


class Pace:
    """Call `spent` after each piece of work; it returns when the next piece may begin."""

    def __init__(
        self,
        *,
        bytes_per_s: int,
        busy: Callable[[], bool],
        stop: threading.Event,
        clock: Clock,
    ) -> None:
        if bytes_per_s <= 0:
            raise ValueError("a rate above zero was expected")
        self._rate = bytes_per_s
        self._busy = busy
        self._stop = stop
        self._clock = clock
        self._due = clock.monotonic()

    def spent(self, amount: int) -> bool:
        """Account for bytes, sleep as the rate and intake ask; False where the work is to stop."""
        self._due = max(self._due, self._clock.monotonic() - BURST_S) + amount / self._rate
        while not self._stop.is_set():
            rest = self._due - self._clock.monotonic()
            if rest <= 0 and not self._busy():
                return True
            self._stop.wait(min(max(rest, SLICE_S / 4), SLICE_S))
        return False

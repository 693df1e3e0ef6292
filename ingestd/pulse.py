"""Whether a loop still goes round: what the service manager's watchdog is fed from.

A loop beats once a round and at every piece of work. Before a step that takes long by its nature it says how
long that may be; while it waits for what may never come (a recorder, the next commit), it rests. Nothing here
asks a loop to answer: a hung one is told by its silence, from outside.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLOWEST_BYTES_PER_S = 4_000_000
"""Slower than this a disk is hung, not busy: a tenth of what one of twenty slots gets of a hard disk."""


def time_for(size: int) -> float:
    """Seconds that the slowest disk takes for so many bytes."""
    return size / SLOWEST_BYTES_PER_S


class Pulse:
    """One loop's sign of life; its own thread beats, anybody reads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._due = monotonic()
        self._rests = False

    def beat(self, allow_s: float = 0.0) -> None:
        """It goes on; the next step may take so many seconds more than any step may."""
        self._due = self._monotonic() + allow_s

    @contextmanager
    def resting(self) -> Iterator[None]:
        """It waits for what may never come, or for somebody with a time limit of his own."""
        self._rests = True
        try:
            yield
        finally:
            self.beat()
            self._rests = False

    def silent_s(self) -> float:
        """For how many seconds it should have beaten and did not."""
        return 0.0 if self._rests else max(0.0, self._monotonic() - self._due)


class Steps:
    """Long steps under way in a pool of threads: each with the time that its bytes may take."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._running: list[Pulse] = []

    @contextmanager
    def step(self, size: int) -> Iterator[None]:
        """A step over so many bytes."""
        pulse = Pulse(self._monotonic)
        pulse.beat(time_for(size))
        with self._lock:
            self._running.append(pulse)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(pulse)

    def silent_s(self) -> float:
        """Of the step that is most overdue."""
        with self._lock:
            return max((pulse.silent_s() for pulse in self._running), default=0.0)

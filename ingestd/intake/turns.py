"""Whose batch is read next: marked clips first, then the earliest deadline; nobody starves.

At most so many readers work at once; each holds a turn for one batch, so a more urgent recorder waits for one
batch at the most. Whoever has waited longer than `PATIENCE_S` goes before everybody else, longest first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ingestd.model import Millis

PATIENCE_S = 30.0
"""Longer than any batch takes at 35 MB/s but the largest; then waiting counts more than urgency."""
NO_DEADLINE = Millis(2**53 - 1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Urgency:
    """How urgent a batch is; the smaller, the sooner (design 4, order of work over the slots)."""

    rank: int
    """0 marked by the officer or requested by a supervisor, 1 all others."""
    due: Millis


def urgency(*, marked: bool, due: Millis | None) -> Urgency:
    """Marked or requested first, then the earliest deadline (or earliest end where there is none)."""
    return Urgency(rank=0 if marked else 1, due=NO_DEADLINE if due is None else due)


class Turns:
    """A semaphore of ``readers`` places whose waiters are served by urgency, with patience."""

    def __init__(self, readers: int, monotonic: Callable[[], float]) -> None:
        self._free = readers
        self._monotonic = monotonic
        self._condition = threading.Condition()
        self._waiting: list[tuple[Urgency, float, object]] = []

    @contextmanager
    def turn(self, urgent: Urgency, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Hold a turn. Returns without one where ``stopped`` says so (the caller checks)."""
        me = object()
        entry = (urgent, self._monotonic(), me)
        with self._condition:
            self._waiting.append(entry)
            while not stopped() and (self._free <= 0 or self._next() is not me):
                self._condition.wait(0.5)
            self._waiting.remove(entry)
            self._free -= 1
        try:
            yield
        finally:
            with self._condition:
                self._free += 1
                self._condition.notify_all()

    def _next(self) -> object:
        now = self._monotonic()
        late = [w for w in self._waiting if now - w[1] >= PATIENCE_S]
        if late:
            return min(late, key=lambda w: w[1])[2]
        return min(self._waiting, key=lambda w: (w[0], w[1]))[2]

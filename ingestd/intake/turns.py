"""Whose batch is read next: marked clips first, then the earliest deadline; nobody starves.

At most so many readers work at once; each asks again before every batch, so a more urgent recorder waits for
what is on its way at the most (one batch copied, one sent ahead). Whoever has waited longer than `PATIENCE_S`
goes before everybody else, longest first.
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
    """A semaphore of ``readers`` places whose waiters are served by urgency, with patience.

    A recorder keeps its place from batch to batch until somebody before it waits: were it to leave in between,
    whoever waits would always be served in its stead, however much less urgent.
    """

    def __init__(self, readers: int, monotonic: Callable[[], float]) -> None:
        self._free = readers
        self._monotonic = monotonic
        self._condition = threading.Condition()
        self._waiting: list[tuple[Urgency, float, Place]] = []

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A place that is held from its first turn on and left at the end."""
        place = Place(self)
        try:
            yield place
        finally:
            self._leave(place)

    def _take(self, place: Place, urgent: Urgency, stopped: Callable[[], bool]) -> None:
        with self._condition:
            if self._is_kept(place, urgent):
                return
            self._give_back(place)
            entry = (urgent, self._monotonic(), place)
            self._waiting.append(entry)
            while not stopped() and (self._free <= 0 or self._next() is not place):
                self._condition.wait(0.5)
            self._waiting.remove(entry)
            self._free -= 1
            place.is_held = True
            self._condition.notify_all()

    def _keeps(self, place: Place, urgent: Urgency) -> bool:
        with self._condition:
            return self._is_kept(place, urgent)

    def _is_kept(self, place: Place, urgent: Urgency) -> bool:
        return place.is_held and not self._is_somebody_before(urgent)

    def _leave(self, place: Place) -> None:
        with self._condition:
            self._give_back(place)

    def _give_back(self, place: Place) -> None:
        if place.is_held:
            place.is_held = False
            self._free += 1
            self._condition.notify_all()

    def _is_somebody_before(self, urgent: Urgency) -> bool:
        return any(w[0] < urgent for w in self._waiting) or bool(self._late())

    def _late(self) -> list[tuple[Urgency, float, Place]]:
        now = self._monotonic()
        return [w for w in self._waiting if now - w[1] >= PATIENCE_S]

    def _next(self) -> Place:
        late = self._late()
        if late:
            return min(late, key=lambda w: w[1])[2]
        return min(self._waiting, key=lambda w: (w[0], w[1]))[2]


class Place:
    """One recorder's place among the readers."""

    def __init__(self, turns: Turns) -> None:
        self.is_held = False
        self._turns = turns

    def keeps(self, urgent: Urgency) -> bool:
        """Whether this recorder may read one more batch without giving its place back first."""
        return self._turns._keeps(self, urgent)  # noqa: SLF001 - two halves of one thing

    def take(self, urgent: Urgency, stopped: Callable[[], bool] = lambda: False) -> None:
        """Return when it is this recorder's turn for one more batch, or when ``stopped`` (the caller checks)."""
        self._turns._take(self, urgent, stopped)  # noqa: SLF001 - two halves of one thing

"""Whose batch is read next: what people urge, marked clips, then the earliest deadline; nobody starves.

At most so many readers work at once, and so many on one bus; each asks again before every batch, so a more
urgent recorder waits for one batch at the most. Whoever has waited longer than `PATIENCE_S` goes before everybody
else, longest first. Why somebody waits, and after whom, can be asked (`Turns.waits`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ingestd.model import Millis, RecorderId, SlotName

PATIENCE_S = 30.0
"""Longer than any batch takes at 35 MB/s but the largest; then waiting counts more than urgency."""
NO_DEADLINE = Millis(2**53 - 1)
URGED, MARKED, ORDINARY = 0, 1, 2
"""Ranks: a person's request of now goes before the marks that officers set on their clips."""
USB, SUPERSPEED = "usb:", "ss"
"""How the location of a USB socket begins, and its ports where they have no USB 2 half (`portpath`)."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Urgency:
    """How urgent a batch is; the smaller, the sooner (design 4, order of work over the slots)."""

    rank: int
    """`URGED` by a person, `MARKED` by the officer, `ORDINARY`."""
    due: Millis


def urgency(*, marked: bool, due: Millis | None, urged: bool = False) -> Urgency:
    """Urged first, then marked, then the earliest deadline (or earliest end where there is none)."""
    rank = URGED if urged else MARKED if marked else ORDINARY
    return Urgency(rank=rank, due=NO_DEADLINE if due is None else due)


def bus_of(location: str) -> str | None:
    """The bus that a slot's location hangs on: the controller of a USB socket, None for all others.

    All high-speed devices below one controller share its 480 Mb/s, hubs of USB 3 included: those carry two buses
    side by side and translate nothing from one to the other (USB 3.2, chapter 10).
    """
    controller, _, ports = location.removeprefix(USB).rpartition("/")
    if not location.startswith(USB) or not controller:
        return None
    return f"{controller}/{SUPERSPEED}" if ports.startswith(SUPERSPEED) else controller


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who wants to read: the slot, the recorder in it, the bus that the slot hangs on."""

    slot: SlotName
    recorder: RecorderId
    bus: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a slot waits for its turn, and after whom. Live, and no evidence."""

    slot: SlotName
    why: str
    """urged, marked, due, longer: how the other goes before it; batch: it is next, after the other's batch."""
    after: SlotName
    due_at: Millis | None
    """When the other is due, where that is why."""
    on_bus: bool
    """It is the bus that both share that has no room, not the station."""
    seconds: int
    """How long it has waited."""


@dataclass(slots=True, kw_only=True)
class _Waiter:
    place: Place
    since: float

    @property
    def urgent(self) -> Urgency:
        return self.place.urgent


class Turns:
    """Places for ``readers`` at once, ``per_bus`` on one bus (0: no limit), served by urgency, with patience.

    A recorder keeps its place from batch to batch until somebody before it waits: were it to leave in between,
    whoever waits would always be served in its stead, however much less urgent.
    """

    def __init__(self, readers: int, monotonic: Callable[[], float], *, per_bus: int = 0) -> None:
        self._readers = readers
        self._per_bus = per_bus
        self._monotonic = monotonic
        self._condition = threading.Condition()
        self._waiting: list[_Waiter] = []
        self._held: list[Place] = []

    def limit(self, readers: int, *, per_bus: int) -> None:
        """Other numbers from now on; those who are too many leave after their batch."""
        with self._condition:
            self._readers, self._per_bus = readers, per_bus
            self._condition.notify_all()

    @property
    def waiting(self) -> int:
        """How many recorders wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def place(self, reader: Reader) -> Iterator[Place]:
        """A place that is held from its first turn on and left at the end."""
        place = Place(self, reader)
        try:
            yield place
        finally:
            with self._condition:
                self._give_back(place)

    def promote(self, recorder: RecorderId) -> None:
        """A person urges this recorder: if it waits, it waits as such from now on."""
        with self._condition:
            for waiter in self._waiting:
                if waiter.place.reader.recorder == recorder:
                    waiter.place.urgent = replace(waiter.place.urgent, rank=URGED)
            self._condition.notify_all()

    def waits(self) -> tuple[Wait, ...]:
        """Why each slot that waits does so, in the order in which they will be served."""
        with self._condition:
            queue = self._queue()
            found = [self._why(waiter, queue[:at]) for at, waiter in enumerate(queue)]
            return tuple(wait for wait in found if wait is not None)

    def _take(self, place: Place, urgent: Urgency, stopped: Callable[[], bool]) -> None:
        with self._condition:
            if self._is_kept(place, urgent):
                return
            self._give_back(place)
            waiter = _Waiter(place=place, since=self._monotonic())
            self._waiting.append(waiter)
            place.urgent = urgent
            while not stopped() and self._next() is not waiter:
                self._condition.wait(0.5)
            self._waiting.remove(waiter)
            self._held.append(place)
            self._condition.notify_all()

    def _keeps(self, place: Place, urgent: Urgency) -> bool:
        with self._condition:
            return self._is_kept(place, urgent)

    def _is_kept(self, place: Place, urgent: Urgency) -> bool:
        """Whether it holds a place that nobody before it could use."""
        if place not in self._held or self._is_one_too_many(place):
            return False
        for waiter in self._waiting:
            is_before = waiter.urgent < urgent or self._is_late(waiter)
            if is_before and (self._has_room(waiter) or _share_bus(waiter.place, place)):
                return False
        place.urgent = urgent
        return True

    def _give_back(self, place: Place) -> None:
        if place in self._held:
            self._held.remove(place)
            self._condition.notify_all()

    def _is_late(self, waiter: _Waiter) -> bool:
        return self._monotonic() - waiter.since >= PATIENCE_S

    def _is_one_too_many(self, place: Place) -> bool:
        """Whether the limits have become smaller than what is held."""
        on_bus = sum(_share_bus(held, place) for held in self._held)
        return len(self._held) > self._readers or 0 < self._per_bus < on_bus

    def _has_room(self, waiter: _Waiter) -> bool:
        """Whether its bus has room for one more."""
        on_bus = sum(_share_bus(held, waiter.place) for held in self._held)
        return self._per_bus == 0 or on_bus < self._per_bus

    def _queue(self) -> list[_Waiter]:
        """All that wait, as they would be served if every bus had room."""
        late = sorted((w for w in self._waiting if self._is_late(w)), key=lambda w: w.since)
        others = [w for w in self._waiting if w not in late]
        return late + sorted(others, key=lambda w: (w.urgent, w.since))

    def _next(self) -> _Waiter | None:
        """Who is served next, None where no place is free for anybody."""
        if len(self._held) >= self._readers:
            return None
        return next((waiter for waiter in self._queue() if self._has_room(waiter)), None)

    # --- why ----------------------------------------------------------------------------------

    def _why(self, waiter: _Waiter, ahead: Sequence[_Waiter]) -> Wait | None:
        """By whoever is right before it: the last that is served before, else the least urgent that reads."""
        on_bus = len(self._held) < self._readers and not self._has_room(waiter)
        if on_bus:
            ahead = [one for one in ahead if _share_bus(one.place, waiter.place)]
        if ahead:
            other = ahead[-1]
            is_longer = self._is_late(other) or not other.urgent < waiter.urgent
            why = "longer" if is_longer else _before(other.urgent, waiter.urgent)
            return self._wait(waiter, other.place, why, on_bus)
        reading = [held for held in self._held if not on_bus or _share_bus(held, waiter.place)]
        if not reading:
            return None  # it is being served now
        last = max(reading, key=lambda held: held.urgent)
        is_before = last.urgent < waiter.urgent and not self._is_late(waiter)
        return self._wait(waiter, last, _before(last.urgent, waiter.urgent) if is_before else "batch", on_bus)

    def _wait(self, waiter: _Waiter, other: Place, why: str, on_bus: bool) -> Wait:
        return Wait(
            slot=waiter.place.reader.slot,
            why=why,
            after=other.reader.slot,
            due_at=other.urgent.due if why == "due" else None,
            on_bus=on_bus,
            seconds=round(self._monotonic() - waiter.since),
        )


def _share_bus(one: Place, other: Place) -> bool:
    return one.reader.bus is not None and one.reader.bus == other.reader.bus


def _before(other: Urgency, this: Urgency) -> str:
    """The word of how one is more urgent than another."""
    if other.rank == this.rank:
        return "due"
    return "urged" if other.rank == URGED else "marked"


class Place:
    """One recorder's place among the readers."""

    def __init__(self, turns: Turns, reader: Reader) -> None:
        self.reader = reader
        self.urgent = Urgency(rank=ORDINARY, due=NO_DEADLINE)
        """Of what it reads, or last asked to read."""
        self._turns = turns

    def keeps(self, urgent: Urgency) -> bool:
        """Whether this recorder may read one more batch without giving its place back first."""
        return self._turns._keeps(self, urgent)  # noqa: SLF001 - two halves of one thing

    def take(self, urgent: Urgency, stopped: Callable[[], bool] = lambda: False) -> None:
        """Return when it is this recorder's turn for one more batch, or when ``stopped`` (the caller checks)."""
        self._turns._take(self, urgent, stopped)  # noqa: SLF001 - two halves of one thing

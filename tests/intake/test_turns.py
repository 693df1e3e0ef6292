"""Whose batch is read next, with real threads: the urgent first, nobody starves, nobody is left waiting."""

from __future__ import annotations

import threading
import time

from ingestd.intake import turns
from ingestd.intake.turns import Turns, Urgency, urgency
from ingestd.model import Millis
from tests.rig import wait_for


class Readers:
    """Threads that each read some batches in turn, and the order in which they did."""

    def __init__(self, places, monotonic=time.monotonic):
        self.turns = Turns(places, monotonic)
        self.order: list[str] = []
        self.at_once = self.most = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, urgent: Urgency, batches: int, seconds: float = 0.02) -> None:
        thread = threading.Thread(target=self._read, args=(name, urgent, batches, seconds))
        self._threads.append(thread)
        thread.start()

    def _read(self, name, urgent, batches, seconds):
        with self.turns.place() as place:
            for _ in range(batches):
                place.take(urgent)
                with self._lock:
                    self.order.append(name)
                    self.at_once += 1
                    self.most = max(self.most, self.at_once)
                time.sleep(seconds)
                with self._lock:
                    self.at_once -= 1

    def join(self):
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()


def due(hours):
    return urgency(marked=False, due=Millis(hours))


MARKED = urgency(marked=True, due=None)


def test_marked_then_earliest_deadline_then_without():
    """Everybody waits for one reader who finishes a batch; then they are served in order, each to its end."""
    readers = Readers(1)
    readers.start("first", due(1), 1, seconds=0.3)
    wait_for(lambda: readers.order == ["first"])
    for name, urgent in (("none", urgency(marked=False, due=None)), ("late", due(9)), ("soon", due(2))):
        readers.start(name, urgent, 3)
    readers.start("marked", MARKED, 3)
    readers.join()
    assert readers.order == ["first", *["marked"] * 3, *["soon"] * 3, *["late"] * 3, *["none"] * 3]


def test_a_more_urgent_one_waits_for_one_batch():
    """It comes in between the batches of a less urgent one, which goes on afterwards."""
    readers = Readers(1)
    readers.start("slow", due(9), 4, seconds=0.2)
    wait_for(lambda: readers.order == ["slow"])
    readers.start("marked", MARKED, 2)
    readers.join()
    assert readers.order == ["slow", "marked", "marked", "slow", "slow", "slow"]


def test_nobody_starves(monkeypatch):
    """Whoever has waited longer than the patience goes before everybody, also before the marked."""
    monkeypatch.setattr(turns, "PATIENCE_S", 0.3)
    readers = Readers(1)
    readers.start("marked", MARKED, 40)
    wait_for(lambda: readers.order != [])
    readers.start("patient", due(9), 1)
    readers.join()
    assert "patient" in readers.order[:-5]


def test_as_many_at_once_as_there_are_places():
    """Never more, and all places are used."""
    readers = Readers(3)
    for number in range(8):
        readers.start(str(number), due(number), 5)
    readers.join()
    assert readers.most == 3
    assert len(readers.order) == 40


def test_places_that_are_free_are_taken_at_once():
    """A waiter does not wait for its next look when several places come free together."""
    readers = Readers(2)
    for name in ("a", "b"):
        readers.start(name, due(1), 1, seconds=0.1)
    wait_for(lambda: len(readers.order) == 2)
    begun = time.monotonic()
    for name in ("c", "d"):
        readers.start(name, due(2), 1, seconds=0)
    readers.join()
    assert time.monotonic() - begun < 0.4


def test_a_stop_lets_everybody_through():
    """Nobody waits for a turn while the daemon ends."""
    one, stopping = Turns(1, time.monotonic), threading.Event()
    with one.place() as held:
        held.take(MARKED)

        def wait():
            with one.place() as place:
                place.take(due(1), stopping.is_set)

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.05)
        assert waiter.is_alive()
        stopping.set()
        waiter.join(2)
        assert not waiter.is_alive()
    with one.place() as place:  # and the count of places is right afterwards
        begun = time.monotonic()
        place.take(due(1))
        assert time.monotonic() - begun < 0.2

"""Whose batch is read next, with real threads: the urgent first, nobody starves, nobody is left waiting."""

from __future__ import annotations

import threading
import time

from ingestd.intake import turns
from ingestd.intake.turns import Reader, Turns, Urgency, bus_of, urgency
from ingestd.model import Millis
from tests.rig import wait_for


class Readers:
    """Threads that each read some batches in turn, and the order in which they did."""

    def __init__(self, places, monotonic=time.monotonic, per_bus=0):
        self.turns = Turns(places, monotonic, per_bus=per_bus)
        self.on_bus: dict[str | None, int] = {}
        self.most_on_bus = 0
        self.order: list[str] = []
        self.at_once = self.most = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(
        self, name: str, urgent: Urgency, batches: int, seconds: float = 0.02, bus: str | None = None
    ) -> None:
        thread = threading.Thread(target=self._read, args=(name, urgent, batches, seconds, bus))
        self._threads.append(thread)
        thread.start()

    def _read(self, name, urgent, batches, seconds, bus):
        with self.turns.place(Reader(slot=name, recorder=f"R{name}", bus=bus)) as place:
            for _ in range(batches):
                place.take(urgent)
                with self._lock:
                    self.order.append(name)
                    self.at_once += 1
                    self.most = max(self.most, self.at_once)
                    self.on_bus[bus] = self.on_bus.get(bus, 0) + 1
                    if bus is not None:
                        self.most_on_bus = max(self.most_on_bus, self.on_bus[bus])
                time.sleep(seconds)
                with self._lock:
                    self.at_once -= 1
                    self.on_bus[bus] -= 1

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


def test_new_limits_are_in_force_from_the_next_batch_on():
    """Fewer: who is one too many waits although it is not the less urgent's turn; more: it goes on at once."""
    turns = Turns(4, time.monotonic, per_bus=2)
    readers = [Reader(slot=name, recorder=name, bus="b") for name in "12"]
    with turns.place(readers[0]) as one, turns.place(readers[1]) as other:
        one.take(due(1))
        other.take(due(2))
        turns.limit(4, per_bus=1)
        assert not one.keeps(due(1))
        waiting = threading.Thread(target=one.take, args=(due(1),))
        waiting.start()
        wait_for(lambda: turns.waiting == 1)
        assert not other.keeps(due(2)), "somebody before it waits"
        turns.limit(4, per_bus=0)
        waiting.join(2)
        assert not waiting.is_alive()
        assert one.keeps(due(1))
        assert other.keeps(due(2))


def test_a_stop_lets_everybody_through():
    """Nobody waits for a turn while the daemon ends."""
    one, stopping = Turns(1, time.monotonic), threading.Event()
    with one.place(Reader(slot="1", recorder="R")) as held:
        held.take(MARKED)

        def wait():
            with one.place(Reader(slot="1", recorder="R")) as place:
                place.take(due(1), stopping.is_set)

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.05)
        assert waiter.is_alive()
        stopping.set()
        waiter.join(2)
        assert not waiter.is_alive()
    with one.place(Reader(slot="1", recorder="R")) as place:  # and the count of places is right afterwards
        begun = time.monotonic()
        place.take(due(1))
        assert time.monotonic() - begun < 0.2


# --- urging, buses, and why -------------------------------------------------------------------------


def test_urged_goes_before_marked():
    """A person's request of now before the marks of officers, whatever is due."""
    assert urgency(marked=False, due=None, urged=True) < MARKED < due(0)
    assert urgency(marked=True, due=Millis(5), urged=True) < urgency(marked=False, due=Millis(6), urged=True)


def test_urging_reaches_whoever_waits_already():
    """It is served before those that were before it."""
    readers = Readers(1)
    readers.start("first", due(1), 1, seconds=0.4)
    wait_for(lambda: readers.order == ["first"])
    readers.start("soon", due(2), 1)
    readers.start("late", due(9), 1)
    wait_for(lambda: len(readers.turns.waits()) == 2)
    readers.turns.promote("Rlate")
    assert [(w.slot, w.why, w.after) for w in readers.turns.waits()] == [
        ("late", "batch", "first"),
        ("soon", "urged", "late"),
    ]
    readers.join()
    assert readers.order == ["first", "late", "soon"]


def test_a_bus_has_a_limit_of_its_own():
    """Never more on one bus, whatever else is free; others pass by those who wait for theirs."""
    readers = Readers(6, per_bus=2)
    for number in range(5):
        readers.start(f"usb{number}", due(number), 4, bus="0000:00:14.0")
    for number in range(3):
        readers.start(f"folder{number}", due(100 + number), 4)
    readers.join()
    assert readers.most_on_bus == 2
    assert readers.most > 2
    assert len(readers.order) == 32


def test_a_full_bus_blocks_only_its_own():
    """A more urgent one whose bus is full makes no reader of another bus give up its place."""
    readers = Readers(2, per_bus=1)
    readers.start("a", due(1), 3, seconds=0.15, bus="x")
    wait_for(lambda: "a" in readers.order)
    readers.start("b", MARKED, 1, bus="x")
    readers.start("other", due(9), 3, seconds=0.1, bus="y")
    wait_for(lambda: "other" in readers.order)
    readers.join()
    assert readers.most_on_bus == 1
    assert readers.order.index("b") < max(i for i, name in enumerate(readers.order) if name == "a")


def test_the_bus_of_a_location():
    """The controller of a USB socket; its SuperSpeed-only ports are a bus of their own; folders have none."""
    assert bus_of("usb:0000:00:14.0/3.2") == bus_of("usb:0000:00:14.0/1") == "0000:00:14.0"
    assert bus_of("usb:0000:00:14.0/ss3") == "0000:00:14.0/ss"
    assert bus_of("/srv/dock/1") is None
    assert bus_of("usb:") is None


def test_why_somebody_waits():
    """Each waiting slot says after whom and why; the next one that it waits for a batch."""
    readers = Readers(1)
    readers.start("now", due(5), 1, seconds=0.5)
    wait_for(lambda: readers.order == ["now"])
    for name, urgent in (("marked", MARKED), ("early", due(1)), ("late", due(7)), ("same", due(7))):
        readers.start(name, urgent, 1)
        wait_for(lambda n=name: n in {w.slot for w in readers.turns.waits()})
    told = [(w.slot, w.why, w.after, w.due_at, w.on_bus) for w in readers.turns.waits()]
    readers.join()
    assert told == [
        ("marked", "batch", "now", None, False),
        ("early", "marked", "marked", None, False),
        ("late", "due", "early", 1, False),
        ("same", "longer", "late", None, False),
    ]
    assert readers.turns.waits() == ()


def test_why_by_the_bus():
    """Where the station has room and the bus has none, the one on the bus is named."""
    readers = Readers(4, per_bus=1)
    readers.start("folder", due(0), 1, seconds=0.4)
    readers.start("usb1", due(3), 1, seconds=0.4, bus="x")
    wait_for(lambda: len(readers.order) == 2)
    readers.start("usb2", due(4), 1, bus="x")
    wait_for(lambda: len(readers.turns.waits()) == 1)
    (wait,) = readers.turns.waits()
    readers.join()
    assert (wait.slot, wait.why, wait.after, wait.due_at, wait.on_bus) == ("usb2", "due", "usb1", 3, True)

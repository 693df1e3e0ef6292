"""One thread looks for all: quickly told, cheap while nothing changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.dock import uevents
from ingestd.dock.sights import NOTHING, Sight
from ingestd.dock.watcher import LOOK_EVERY_S, Dock
from ingestd.portpath import PortPath
from tests.rig import wait_for
from tests.sysfs import Disk, Sysfs, machine

PORT = PortPath.parse("usb:0000:00:14.0/3")


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return machine(tmp_path / "sys")


@pytest.fixture
def dock(sysfs: Sysfs) -> Iterator[Dock]:
    dock = Dock(sysfs.root)
    yield dock
    dock.close()


def test_what_is_there_at_the_start_is_known_at_once(sysfs: Sysfs, dock: Dock) -> None:
    """A daemon that starts with recorders in their slots."""
    sysfs.plug("1-3", Disk("sdb"))
    dock.start()
    assert dock.sight(PORT).device is not None
    assert set(dock.seen()) == {PORT}


def test_a_slot_is_told_within_the_time(sysfs: Sysfs, dock: Dock) -> None:
    """Without any hint from the kernel: two seconds and the settling."""
    dock.start()
    told: list[Sight] = []

    def slot() -> None:
        while (sight := dock.sight(PORT)).token is None:
            dock.wait(PORT, sight, lambda: False)
        told.append(sight)

    waiting = threading.Thread(target=slot)
    waiting.start()
    sysfs.plug("1-3", Disk("sdb"))
    waiting.join(10 * LOOK_EVERY_S)
    assert [sight.token for sight in told] == [dock.sight(PORT).token]
    sysfs.unplug("1-3")
    wait_for(lambda: dock.sight(PORT) == NOTHING, 10 * LOOK_EVERY_S)


def test_whoever_waits_is_let_go(dock: Dock) -> None:
    """A slot that is to stop, and a dock that is closed, keep nobody."""
    dock.start()
    over = threading.Event()
    waiting = threading.Thread(target=dock.wait, args=(PORT, NOTHING, over.is_set))
    waiting.start()
    over.set()
    dock.wake()
    waiting.join(5)
    assert not waiting.is_alive()
    other = threading.Thread(target=dock.wait, args=(PORT, NOTHING, lambda: False))
    other.start()
    dock.close()
    other.join(5)
    assert not other.is_alive()


def test_a_change_between_two_looks_is_not_missed(sysfs: Sysfs, dock: Dock) -> None:
    """Same names before and after: the device number tells."""
    sysfs.plug("1-3", Disk("sdb"))
    dock.look(0.0)
    dock.look(1.0)
    before = dock.sight(PORT).token
    sysfs.unplug("1-3")
    sysfs.plug("1-3", Disk("sdb"))
    dock.look(2.0)
    dock.look(3.0)
    assert dock.sight(PORT).token not in (None, before)


def test_another_card_in_a_reader_is_not_missed(sysfs: Sysfs, dock: Dock) -> None:
    """No node of the file system changes when a card is changed: the medium's number does."""
    sysfs.plug("1-3", Disk("sdb"))
    dock.look(0.0)
    dock.look(1.0)
    before = dock.sight(PORT).token
    sysfs.set("sdb", "diskseq", 77)
    dock.look(2.0)
    dock.look(3.0)
    assert dock.sight(PORT).token not in (None, before)


def test_looking_is_cheap(sysfs: Sysfs, dock: Dock) -> None:
    """Eight recorders in their slots and nothing new: well under a thousandth of a core."""
    for port in range(1, 9):
        sysfs.plug(f"1-{port}", Disk(f"sd{chr(97 + port)}", partitions=(1 << 20,)))
    dock.look(0.0)
    assert dock.look(5.0) == LOOK_EVERY_S
    looks = 50
    begun = time.process_time()
    for number in range(looks):
        dock.look(6.0 + number)
    assert (time.process_time() - begun) / looks < LOOK_EVERY_S / 200


def test_a_recorder_that_hangs_blinds_nobody(sysfs: Sysfs, dock: Dock) -> None:
    """While the kernel resets a device, whoever reads its strings waits (here: for ever, in a pipe)."""
    sysfs.plug("1-5", Disk("sdb"), serial="BWC-000009")
    dock.start()
    serial = sysfs.links / "1-5" / "serial"
    serial.unlink()
    os.mkfifo(serial)
    sysfs.plug("1-3", Disk("sdc"))
    wait_for(lambda: dock.sight(PORT).token is not None, 10 * LOOK_EVERY_S)
    hanging = dock.sight(PortPath.parse("usb:0000:00:14.0/5")).device
    assert hanging is not None
    assert hanging.serial == "BWC-000009"


def test_a_bus_that_cannot_be_read_ends_nothing(sysfs: Sysfs, dock: Dock) -> None:
    """The thread goes on when sysfs comes back."""
    dock.start()
    links = sysfs.root / "bus"
    links.rename(sysfs.root / "away")
    wait_for(lambda: dock.sight(PORT) == NOTHING, 10)
    (sysfs.root / "away").rename(links)
    sysfs.plug("1-3", Disk("sdb"))
    wait_for(lambda: dock.sight(PORT).token is not None, 10 * LOOK_EVERY_S)


def test_the_kernel_can_be_listened_to() -> None:
    """The socket opens without rights, and is quiet while nothing is plugged."""
    heard = uevents.opened()
    if heard is None:
        pytest.skip("no socket for kernel events here")
    assert heard.drain() is False
    heard.close()

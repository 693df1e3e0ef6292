"""From looks at the bus to what a slot acts on: nothing is believed before it stood still."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.device import usb
from ingestd.device.gate import Gate
from ingestd.dock import sights
from ingestd.dock.sights import DISK_SETTLES_S, NO_DISK_S, NOTHING, REFUSAL_SETTLES_S, Sight, View
from ingestd.portpath import PortPath
from tests.sysfs import KEYBOARD, Disk, Sysfs, machine

SOON, LATER = DISK_SETTLES_S + 0.01, REFUSAL_SETTLES_S + 0.01


class Eyes:
    """Looks at a made-up bus with a clock of its own."""

    def __init__(self, sysfs: Sysfs) -> None:
        self.sysfs = sysfs
        self.view: View = sights.EMPTY
        self.now = 100.0

    def look(self, after: float = 0.0, port: str = "3") -> Sight:
        self.now += after
        self.view = sights.see(usb.scan(self.sysfs.root), self.view, self.now)
        return self.view.sights.get(PortPath.parse(f"usb:0000:00:14.0/{port}"), NOTHING)


@pytest.fixture
def eyes(tmp_path: Path) -> Eyes:
    return Eyes(machine(tmp_path / "sys"))


def gate(sight: Sight) -> Gate | None:
    return None if sight.verdict is None else sight.verdict.gate


def test_an_empty_socket_is_nothing(eyes: Eyes) -> None:
    """And nothing has to be looked at again."""
    assert eyes.look() == NOTHING
    assert eyes.view.look_again_at is None


def test_a_recorder_is_told_once_its_disk_stands(eyes: Eyes) -> None:
    """Device, then disk, then partitions: one token at the end, none on the way."""
    eyes.sysfs.plug("1-3")
    assert gate(eyes.look()) is Gate.WAIT
    eyes.sysfs.disks("1-3", Disk("sdb", partitions=(1 << 20,)))
    first = eyes.look(after=1.0)
    assert first.token is None
    assert eyes.view.look_again_at == pytest.approx(eyes.now + DISK_SETTLES_S)
    assert eyes.look(after=SOON).token is not None
    assert eyes.view.look_again_at is None


def test_disks_that_come_one_after_another_are_one_arrival(eyes: Eyes) -> None:
    """Card and internal memory: the second disk comes while the first settles."""
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    eyes.sysfs.disks("1-3", Disk("sdc"))
    assert eyes.look(after=DISK_SETTLES_S / 2).token is None
    assert eyes.look(after=DISK_SETTLES_S / 2 + 0.01).token is None, "it changed in between"
    token = eyes.look(after=SOON).token
    assert token is not None
    assert "sdb" in token
    assert "sdc" in token


def test_a_refusal_takes_longer(eyes: Eyes) -> None:
    """It is logged and shown: a reader that is not ready yet gets two seconds."""
    eyes.sysfs.plug("1-3", interfaces=(KEYBOARD,))
    assert gate(eyes.look()) is Gate.WAIT
    assert gate(eyes.look(after=SOON)) is Gate.WAIT
    assert gate(eyes.look(after=LATER)) is Gate.REFUSED


def test_interfaces_that_come_late_are_no_refusal(eyes: Eyes) -> None:
    """A device is there some milliseconds before its interfaces."""
    eyes.sysfs.plug("1-3", interfaces=())
    assert gate(eyes.look()) is Gate.WAIT
    eyes.sysfs.unplug("1-3")
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    assert gate(eyes.look(after=SOON)) is Gate.STORAGE


def test_a_disk_that_never_comes_is_said(eyes: Eyes) -> None:
    """After twenty seconds a person must look."""
    eyes.sysfs.plug("1-3")
    eyes.look()
    assert eyes.view.look_again_at == pytest.approx(eyes.now + NO_DISK_S)
    assert gate(eyes.look(after=NO_DISK_S + 0.1)) is Gate.NO_DISK


def test_setting_a_disk_read_only_changes_nothing(eyes: Eyes) -> None:
    """The mount unit does that to every disk."""
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    before = eyes.look(after=SOON)
    eyes.sysfs.set("sdb", "ro", 1)
    assert eyes.look() == before


def test_another_recorder_between_two_looks_is_another(eyes: Eyes) -> None:
    """Pulled and replaced within two seconds: never the old token, not even for a moment."""
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    before = eyes.look(after=SOON)
    eyes.sysfs.unplug("1-3")
    eyes.sysfs.plug("1-3", Disk("sdb"), serial="BWC-000002")
    assert eyes.look(after=2.0).token is None
    assert eyes.look(after=SOON).token not in (None, before.token)


def test_pulled_is_told_at_once(eyes: Eyes) -> None:
    """No settling for what is gone."""
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    eyes.look(after=SOON)
    eyes.sysfs.unplug("1-3")
    assert eyes.look() == NOTHING


def test_a_recorder_that_moves_is_seen_where_it_is(eyes: Eyes) -> None:
    """Another port, another disk name: gone there, arrived here."""
    eyes.sysfs.plug("1-3", Disk("sdb"))
    eyes.look()
    before = eyes.look(after=SOON)
    eyes.sysfs.unplug("1-3")
    eyes.sysfs.plug("1-5", Disk("sdc"))
    assert eyes.look() == NOTHING
    eyes.look(after=SOON, port="5")
    after = eyes.look(port="5")
    assert after.token not in (None, before.token)
    assert after.device is not None
    assert after.device.serial == "BWC-000001"


def test_a_hub_in_a_slot_does_not_hide_what_is_behind_it(eyes: Eyes) -> None:
    """The hub at its socket, the recorder at its own."""
    eyes.sysfs.hub("1-3")
    eyes.sysfs.plug("1-3.2", Disk("sdb"))
    eyes.look()
    assert gate(eyes.look(after=LATER)) is Gate.HUB
    assert gate(eyes.look(port="3.2")) is Gate.STORAGE


def test_a_recorder_behind_a_switched_device_is_seen_first(eyes: Eyes) -> None:
    """Both halves of a USB 3 hub are at one port; a device that is no hub counts before them."""
    eyes.sysfs.hub("1-3")
    eyes.sysfs.plug("2-3", Disk("sdb"), speed="5000")
    eyes.look()
    assert gate(eyes.look(after=LATER)) is Gate.STORAGE

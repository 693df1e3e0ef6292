"""Recorders that are unlike others, or behave unlike a recorder should: several disks, a failing card, a wrong mode.

As in `test_dock`, the independent checker looks at the home after each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import cards
from tests.e2e.gadget import Gadget
from tests.e2e.station import GADGET_SLOT, Station, findings, outcomes

pytestmark = pytest.mark.e2e


def test_two_disks_in_one_recorder(station: Station, images: Path) -> None:
    """Card and memory of its own, two LUNs of one device: one docking of one recorder, both freed."""
    machine = station.machine
    source = images / "two"
    for name in "12":
        cards.folder(source / name, "TWOLUN1", 3000 + int(name))
    made = [cards.fat(images / f"{name}.img", source / name) for name in "12"]
    station.hold(source)
    machine.plug_several("two", "1", made, "TWOLUN1")
    station.clear("1")
    machine.pull("two")
    station.until("1", "empty")
    left = {f"{number}/{name}" for number, image in enumerate(made, 1) for name in cards.files_on(image)}
    assert left == set()
    station.left(source, left)
    log = station.check(images)
    assert outcomes(log, "1") == ["clear"]
    paths = {
        e["data"]["path"] for e in log if e["type"] == "clip.secured" and e["data"]["recorder"] == "TWOLUN1"
    }
    assert {path.partition("/")[0] for path in paths} == {"1", "2"}


def test_a_card_that_the_kernel_turns_read_only(station: Station, images: Path) -> None:
    """The first deletion shows a damaged table: the kernel writes no more, and the board says what happened."""
    machine = station.machine
    source = cards.folder(images / "worn", "WORN001", 3000, 4000, 5000)
    image = cards.fat(images / "worn.img", source)
    clips = {path.relative_to(source): path.read_bytes() for path in source.rglob("*.mp4")}
    for content in clips.values():
        cards.run_on(image, content)
    station.hold(source, image)
    machine.plug("worn", "2", image, "WORN001")
    live = station.until("2", "clear", "problem")
    assert live["phase"] == "problem"
    assert "Filesystem has been set read-only" in machine.run("dmesg")
    machine.pull("worn")
    station.until("2", "empty")
    assert cards.files_on(image), "the kernel deleted no more"
    log = station.check(images)
    secured = [e for e in log if e["type"] == "clip.secured" and e["data"]["recorder"] == "WORN001"]
    assert len(secured) == len(clips)
    assert "release-failed" in findings(log, "recorder:WORN001")


def test_one_serial_in_two_slots(station: Station, images: Path) -> None:
    """Two recorders with one name: both are taken in, neither is freed, the board of both says why."""
    machine = station.machine
    made = []
    for number, slot in enumerate("34"):
        source = cards.folder(images / f"twin{slot}", "TWIN001", 1000 + number)
        made.append(cards.fat(images / f"twin{slot}.img", source))
        station.hold(source, made[-1])
        machine.plug(f"twin{slot}", slot, made[-1], "TWIN001")
    for slot in "34":
        station.until(slot, "problem", "clear", "kept")
    told = [station.live(slot)["problem"] for slot in "34"]
    log = station.check(images)
    assert "same-serial-twice" in told
    assert any("same-serial-twice" in findings(log, f"recorder:{name}") for name in ("TWIN001",))
    left = [len(cards.files_on(image)) for image in made]
    assert sum(left) >= 1, "not both were freed"
    print(f"same serial twice: {told}, clips left {left}")
    for slot in "34":
        machine.pull(f"twin{slot}")
        station.until(slot, "empty")


def test_in_its_makers_mode(station: Station, images: Path) -> None:
    """Refused by name while it speaks its maker's language; switched, it is a disk in the same socket and drained."""
    machine = station.machine
    source = cards.folder(images / "mode", "MODE001", 2000)
    image = cards.fat(images / "mode.img", source)
    station.hold(source)
    gadget = Gadget(machine)
    gadget.show(vid=0x2207, pid=0x0010, inquiry="DV16    DEVICE          V1.0", medium=None)
    assert "vendor mode (Jieli)" in station.until(GADGET_SLOT, "problem")["problem"]
    gadget.leave()
    gadget.show(vid=0x2207, pid=0x0011, inquiry="DV16    DISK            0100", medium=image)
    station.clear(GADGET_SLOT)
    gadget.leave()
    station.until(GADGET_SLOT, "empty")
    station.left(source, gadget.files())
    log = station.check(images)
    refused = [e["data"]["gate"] for e in log if e["type"] == "device.refused"]
    assert refused == ["vendor-mode"]
    assert findings(log, f"slot:{GADGET_SLOT}") == set()
    assert outcomes(log, GADGET_SLOT) == ["clear"]

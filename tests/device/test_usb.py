"""What sysfs shows of the USB becomes values: sockets, devices, disks."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.device import usb
from ingestd.portpath import PortPath
from tests.sysfs import HUB, KEYBOARD, STORAGE, Disk, Sysfs, machine

XHCI = "0000:00:14.0"


def port(text: str) -> PortPath:
    return PortPath.parse(f"usb:{XHCI}/{text}")


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return machine(tmp_path / "sys")


def test_a_machine_without_usb_has_no_devices(tmp_path: Path) -> None:
    """No USB in the kernel is an empty bus, no error."""
    assert usb.scan(tmp_path) == ()


def test_a_recorder_is_told_with_all_it_says(sysfs: Sysfs) -> None:
    """Port, address, numbers, strings, interfaces, speed, disks with INQUIRY and partitions."""
    sysfs.plug("1-3", Disk("sdb", size=1 << 20, partitions=(500 << 10, 400 << 10), read_only=True))
    (device,) = usb.scan(sysfs.root)
    assert device.port == port("3")
    assert device.address == (1, 2)
    assert (device.usb_id, device.serial) == ("1234:0001", "BWC-000001")
    assert (device.manufacturer, device.product) == ("Invented", "Body Camera")
    assert device.interfaces == (STORAGE,)
    assert device.speed == 480
    assert device.authorized
    assert device.is_storage
    assert not device.is_hub
    (block,) = device.blocks
    assert (block.name, block.size, block.read_only, block.sequence) == ("sdb", 1 << 20, True, 10)
    assert (block.vendor, block.model, block.rev) == ("BodyCam", "Recorder DV16", "1.00")
    assert [(p.name, p.device, p.size) for p in device.parts] == [
        ("sdb1", "8:17", 500 << 10),
        ("sdb2", "8:18", 400 << 10),
    ]


def test_a_disk_without_partitions_is_mountable_itself(sysfs: Sysfs) -> None:
    """Many recorders format the bare disk."""
    sysfs.plug("1-1", Disk("sdb"))
    assert [part.name for part in usb.scan(sysfs.root)[0].parts] == ["sdb"]


def test_several_disks_keep_their_order(sysfs: Sysfs) -> None:
    """Card and internal memory are two logical units; the order is the device's, not the alphabet's."""
    sysfs.plug("1-1", Disk("sdz"), Disk("sdaa"), Disk("sdb", size=0))
    (device,) = usb.scan(sysfs.root)
    assert [block.name for block in device.blocks] == ["sdz", "sdaa", "sdb"]
    assert [part.name for part in device.parts] == ["sdz", "sdaa"], "an empty reader has nothing to mount"


def test_both_halves_of_a_socket_are_one_port(sysfs: Sysfs) -> None:
    """A USB 3 recorder and a USB 2 recorder in the same socket are at the same port."""
    sysfs.plug("2-3", speed="5000")
    three = usb.scan(sysfs.root)[0].port
    sysfs.unplug("2-3")
    sysfs.plug("1-3")
    assert three == usb.scan(sysfs.root)[0].port == port("3")


def test_the_halves_need_not_have_the_same_number(tmp_path: Path) -> None:
    """Controllers count the ports of their two buses apart: the kernel's link counts, not the number."""
    sysfs = Sysfs(tmp_path).controller(XHCI, (1, 480), (2, 5000), peers=False)
    sysfs.peer("usb1-port7", "usb2-port1")
    sysfs.plug("2-1")
    sysfs.plug("1-1")
    assert [(d.port, d.address[0]) for d in usb.scan(tmp_path)] == [(port("1"), 1), (port("7"), 2)]


def test_a_port_that_is_usb_3_only_is_no_other_port(tmp_path: Path) -> None:
    """Without a USB 2 twin it keeps its own number, marked, for the USB 2 bus counts from 1 too."""
    sysfs = Sysfs(tmp_path).controller(XHCI, (1, 480), (2, 5000), peers=False)
    sysfs.plug("1-5")
    sysfs.plug("2-5")
    assert [str(d.port) for d in usb.scan(tmp_path)] == [f"usb:{XHCI}/5", f"usb:{XHCI}/ss5"]


def test_hubs_are_followed(sysfs: Sysfs) -> None:
    """A recorder behind hubs is at their ports; the hub is a device too."""
    sysfs.hub("1-3")
    sysfs.hub("1-3.2")
    sysfs.plug("1-3.2.4", Disk("sdb"))
    found = usb.scan(sysfs.root)
    assert [(str(d.port).rpartition("/")[2], d.is_hub) for d in found] == [
        ("3", True),
        ("3.2", True),
        ("3.2.4", False),
    ]
    assert found[2].port.is_behind(found[0].port)
    assert not found[0].port.is_behind(found[0].port)
    assert not found[2].port.is_behind(port("2"))


def test_both_halves_of_a_hub_are_one(sysfs: Sysfs) -> None:
    """A USB 3 hub is two hubs to the kernel; behind either half a socket has one name."""
    sysfs.hub("1-3")
    sysfs.hub("2-3", speed="5000")
    sysfs.peer("1-3-port2", "2-3-port2")
    sysfs.plug("2-3.2", speed="5000")
    sysfs.plug("2-3.4", speed="5000")  # the twin of this port was not linked (yet): the hub's was
    assert [str(d.port).rpartition("/")[2] for d in usb.scan(sysfs.root)] == ["3", "3", "3.2", "3.4"]


def test_controllers_off_the_pci_bus_have_names(tmp_path: Path) -> None:
    """Small boards: the platform device's name stands where others have a PCI address."""
    sysfs = Sysfs(tmp_path).controller("xhci-hcd.0.auto", (1, 480), (2, 5000))
    sysfs.plug("2-1")
    assert str(usb.scan(tmp_path)[0].port) == "usb:xhci-hcd.0.auto/1"


def test_two_controllers_do_not_mix(tmp_path: Path) -> None:
    """Port 1 of one controller is not port 1 of another; bus numbers do not matter."""
    sysfs = Sysfs(tmp_path).controller(XHCI, (3, 480), (4, 5000)).controller("0000:02:00.0", (1, 480))
    sysfs.plug("1-1")
    sysfs.plug("3-1")
    assert [str(d.port) for d in usb.scan(tmp_path)] == [f"usb:{XHCI}/1", "usb:0000:02:00.0/1"]


def test_a_device_that_says_nothing_is_still_told(sysfs: Sysfs) -> None:
    """No serial, no names, no configuration: what is there is there."""
    sysfs.plug("1-1", serial=None, product=None, manufacturer=None, interfaces=(), authorized=False)
    (device,) = usb.scan(sysfs.root)
    assert (device.serial, device.product, device.manufacturer) == ("", "", "")
    assert device.interfaces == ()
    assert not device.authorized


def test_texts_of_a_device_are_one_printable_line(sysfs: Sysfs) -> None:
    """A hostile string ends up as a harmless one, and no longer than USB allows."""
    sysfs.plug("1-1", serial=None, product="执法\x1b[2J\n仪" + "A" * 500)
    sysfs.set("1-1", "serial", "")
    (device,) = usb.scan(sysfs.root)
    assert device.serial == ""
    assert device.product.startswith("执法 [2J 仪A")
    assert len(device.product) == usb.TEXT_CHARS


def test_a_device_that_leaves_while_it_is_read_is_left_out(sysfs: Sysfs) -> None:
    """A half-removed folder spoils nothing."""
    folder = sysfs.plug("1-1")
    sysfs.plug("1-2")
    (folder / "devnum").unlink()
    assert [str(d.port).rpartition("/")[2] for d in usb.scan(sysfs.root)] == ["2"]


def test_a_keyboard_with_storage_is_both(sysfs: Sysfs) -> None:
    """All interfaces are told: the gate decides."""
    sysfs.plug("1-1", interfaces=(STORAGE, KEYBOARD))
    assert usb.scan(sysfs.root)[0].interfaces == (STORAGE, KEYBOARD)
    assert HUB not in usb.scan(sysfs.root)[0].interfaces


# --- what stays and what changes ------------------------------------------------------------------


def seen(sysfs: Sysfs, name: str) -> str | None:
    found = usb.at_port(port(name.partition("-")[2]), sysfs.root)
    return None if found is None else usb.token(found)


def test_there_is_no_token_before_there_is_a_disk(sysfs: Sysfs) -> None:
    """The kernel finds disks a second after the device: until then there is nothing to read."""
    sysfs.plug("1-1")
    assert seen(sysfs, "1-1") is None
    sysfs.disks("1-1", Disk("sdb"))
    assert seen(sysfs, "1-1") is not None


def test_the_token_stays_while_the_recorder_stays(sysfs: Sysfs) -> None:
    """Also when the disk is set read-only: that is what the mount unit does."""
    sysfs.plug("1-1", Disk("sdb", partitions=(1 << 20,)))
    before = seen(sysfs, "1-1")
    sysfs.set("sdb", "ro", 1)
    assert seen(sysfs, "1-1") == before


def test_replugged_it_has_another_token(sysfs: Sysfs) -> None:
    """The same recorder in the same port with the same disk name: another docking."""
    sysfs.plug("1-1", Disk("sdb"))
    before = seen(sysfs, "1-1")
    sysfs.unplug("1-1")
    assert seen(sysfs, "1-1") is None
    sysfs.plug("1-1", Disk("sdb"))
    assert seen(sysfs, "1-1") not in (None, before)


def test_another_card_in_the_same_reader_has_another_token(sysfs: Sysfs) -> None:
    """A card reader stays plugged when its card is changed; the kernel counts media."""
    sysfs.plug("1-1", Disk("sdb"))
    before = seen(sysfs, "1-1")
    sysfs.set("sdb", "diskseq", 99)
    assert seen(sysfs, "1-1") not in (None, before)


def test_a_kernel_that_counts_no_media_is_fine(sysfs: Sysfs) -> None:
    """Before Linux 5.15 there is no diskseq."""
    sysfs.plug("1-1", Disk("sdb"))
    (sysfs.root / "class" / "block" / "sdb" / "diskseq").unlink()
    assert usb.scan(sysfs.root)[0].blocks[0].sequence is None
    assert seen(sysfs, "1-1") is not None

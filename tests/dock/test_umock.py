"""The real libusb, the kernel's event socket and real udev see the same made-up devices as we do."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingestd.device import usb
from ingestd.dock import rules
from ingestd.model import SlotName
from ingestd.portpath import PortPath
from tests.rig import is_root
from tests.sysfs import Sysfs, machine

PRELOAD = "libumockdev-preload.so.0"
ROOT = Path(__file__).parents[2]
PORT = "usb:0000:00:14.0/3.2"


def mocked(what: str, *before: str) -> Any:
    try:
        ctypes.CDLL(PRELOAD)
    except OSError:
        pytest.skip("umockdev is not installed")
    done = subprocess.run(
        [*before, "env", f"LD_PRELOAD={PRELOAD}", sys.executable, str(ROOT / "tests/dock/umock.py"), what],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_device_that_is_not_configured_tells_its_interfaces_by_libusb() -> None:
    """Held back by udev rules sysfs shows none: descriptors need no opening, so the keyboard is named."""
    told = mocked("discovery")
    keyboard = "usb:0000:00:14.0/5"
    assert told["bare"] == {"usb:0000:00:14.0/3": [[9, 0, 0]], PORT: [[8, 6, 80]], keyboard: []}
    assert told["whole"] == told["bare"] | {keyboard: [[3, 1, 1]]}
    assert told["addresses"] == [[1, 1], [1, 4], [1, 5], [1, 6], [2, 1]]
    assert told["seconds"] < 5


def test_the_kernel_tells_of_a_device_that_leaves() -> None:
    """A message on the netlink socket, without udev; then sysfs is without it."""
    told = mocked("discovery")
    assert told["heard"] is True
    assert told["left"] == ["usb:0000:00:14.0/3", PORT]


# --- udev rules --------------------------------------------------------------------------------------


def test_rules_name_both_halves_of_a_socket(tmp_path: Path) -> None:
    """By the links of the kernel, where the hub of the dock is there; else the USB 2 half, which is known."""
    sysfs = machine(tmp_path)
    slots = {PortPath.parse(PORT): SlotName("1"), PortPath.parse("usb:0000:00:14.0/5"): SlotName("东-2")}
    text = rules.render(slots, usb.ports(tmp_path))
    assert "# 1: usb:0000:00:14.0/3.2\n" in text
    assert "# 东-2: usb:0000:00:14.0/5\n" in text
    assert text.count('GOTO="ingestd_dock"') == 3, "the hub of slot 1 is not there now"
    sysfs.hub("1-3")
    sysfs.hub("2-3", speed="5000")
    sysfs.peer("1-3-port2", "2-3-port2")
    assert rules.render(slots, usb.ports(tmp_path)).count('GOTO="ingestd_dock"') == 4


def test_ports_of_a_machine_are_told_with_their_sockets(tmp_path: Path) -> None:
    """Both halves of eight sockets; a controller that links none has sixteen."""
    sockets = [port.socket for port in usb.ports(machine(tmp_path / "a").root)]
    assert len(sockets) == 16
    assert len(set(sockets)) == 8
    apart = Sysfs(tmp_path / "b").controller("0000:00:14.0", (1, 480), (2, 5000), peers=False)
    assert len({port.socket for port in usb.ports(apart.root)}) == 16


def test_no_slots_no_rules(tmp_path: Path) -> None:
    """Without a USB slot nothing is matched."""
    assert "DEVPATH" not in rules.render({}, usb.ports(tmp_path))


def _in_udev(folder: Path, text: str) -> Any:
    """What udev makes of the testbed with only these rules added, in a mount namespace of its own."""
    if not is_root() or shutil.which("udevadm") is None:
        pytest.skip("needs root and udevadm")
    (folder / rules.NAME).write_text(text)
    script = 'mount --bind "$0" /etc/udev/rules.d && mount -t tmpfs none /run/udev && exec "$@"'
    probe = ["unshare", "-m", "sh", "-c", "mkdir -p /run/udev && " + script, str(folder)]
    if subprocess.run([*probe, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace here")
    return mocked("rules", *probe)


def test_udev_takes_the_rules_for_the_dock_only(tmp_path: Path) -> None:
    """In the slot: no desktop mounts it, no keyboard lives; beside it nothing is touched."""
    told = _in_udev(tmp_path, rules.render({PortPath.parse(PORT): SlotName("1")}, ()))
    assert not [line for one in told.values() for line in one["complaints"] if "nvalid" in line]
    disk = told["disk in the slot"]["properties"]
    assert {"UDISKS_IGNORE=1", "UDISKS_AUTO=0", "SYSTEMD_READY=0"} <= set(disk)
    assert not [line for line in disk if line.startswith("CURRENT_TAGS=") and ":uaccess:" in line]
    assert "UDISKS_IGNORE=1" not in told["disk beside it"]["properties"]
    assert (told["storage in the slot"]["authorized"], told["storage in the slot"]["device"]) == ("1", "1")
    assert (told["vendor in the slot"]["authorized"], told["vendor in the slot"]["device"]) == ("0", "1")
    assert told["keyboard in the slot"]["device"] == "0"
    for other in ("keyboard beside it", "keyboard at the USB 3 half", "hub"):
        assert (told[other]["authorized"], told[other]["device"]) == ("1", "1"), other


def test_udev_complains_where_a_rule_is_wrong(tmp_path: Path) -> None:
    """The test above would see a fault."""
    told = _in_udev(tmp_path, 'SUBSYSTEM=="usb", NONSENSE="1"\n')
    assert [line for one in told.values() for line in one["complaints"] if "nvalid" in line]

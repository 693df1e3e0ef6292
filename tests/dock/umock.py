"""Devices that the real libusb, the real udev rules and our own reader see, without hardware or a guest.

Run as a program under ``LD_PRELOAD=libumockdev-preload.so.0`` with the name of what is wanted; prints JSON. The
preloaded library shows a made-up sysfs to this process and to those that it starts. By ctypes, for any Python.
"""

from __future__ import annotations

import ctypes
import json
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CONTROLLER = "/devices/pci0000:00/0000:00:14.0"
KEYBOARD, STORAGE, HUB = (3, 1, 1), (8, 6, 0x50), (9, 0, 0)
Kind = tuple[int, int, int]


def descriptors(vid: int, pid: int, *kinds: Kind) -> bytes:
    """Device and configuration descriptors (USB 2.0, 9.6) with one interface a kind, no endpoints."""
    interfaces = b"".join(
        struct.pack("<9B", 9, 4, number, 0, 0, *kind, 0) for number, kind in enumerate(kinds)
    )
    device = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, vid, pid, 0x100, 0, 0, 0, 1)
    whole = struct.pack("<BBHBBBBB", 9, 2, 9 + len(interfaces), len(kinds), 1, 0, 0x80, 50)
    return device + whole + interfaces


class Bed:
    """A testbed of libumockdev with one controller: USB 2 as bus 1, USB 3 as bus 2."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libumockdev.so.0")
        for name, result, kinds in (
            ("new", ctypes.c_void_p, ()),
            ("add_from_string", ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)),
            ("uevent", None, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)),
            ("remove_device", None, (ctypes.c_void_p, ctypes.c_char_p)),
        ):
            function = self._call(name)
            function.restype, function.argtypes = result, list(kinds)
        self._bed = self._call("new")()
        self.add(f"P: {CONTROLLER}\nE: SUBSYSTEM=pci\n")
        for bus, speed, version in ((1, 480, 2), (2, 5000, 3)):
            raw = descriptors(0x1D6B, version, HUB)
            self._device(f"{CONTROLLER}/usb{bus}", 1, raw, speed=speed, version=f" {version}.00")

    def _call(self, name: str) -> Any:
        return getattr(self._library, f"umockdev_testbed_{name}")

    def add(self, text: str) -> None:
        error = ctypes.c_void_p()
        assert self._call("add_from_string")(self._bed, text.encode(), ctypes.byref(error)), text

    def _device(
        self, path: str, number: int, raw: bytes, *, speed: int = 480, version: str = " 2.00"
    ) -> None:
        name = path.rpartition("/")[2]
        bus = int(name.removeprefix("usb").partition("-")[0])
        vid, pid = struct.unpack_from("<HH", raw, 8)
        facts = {
            "busnum": bus, "devnum": number, "devpath": name.rpartition("-")[2] if "-" in name else 0,
            "idVendor": f"{vid:04x}", "idProduct": f"{pid:04x}", "speed": speed, "version": version,
            "authorized": 1, "bConfigurationValue": "", "dev": f"189:{(bus - 1) * 128 + number - 1}",
        }  # fmt: skip
        self.add(
            f"P: {path}\nN: bus/usb/{bus:03}/{number:03}={raw.hex().upper()}\n"
            f"E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/{bus:03}/{number:03}\n"
            f"E: BUSNUM={bus:03}\nE: DEVNUM={number:03}\nE: PRODUCT={vid:x}/{pid:x}/100\n"
            + "".join(f"A: {key}={value}\\n\n" for key, value in facts.items())
            + f"H: descriptors={raw.hex().upper()}\n"
        )

    def plug(self, name: str, number: int, *kinds: Kind, vid: int = 0x1234, configured: bool = True) -> str:
        """A device at a kernel name; its path below ``/sys``."""
        bus, _, chain = name.partition("-")
        ports = chain.split(".")
        way = "/".join(f"{bus}-{'.'.join(ports[: at + 1])}" for at in range(len(ports)))
        path = f"{CONTROLLER}/usb{bus}/{way}"
        self._device(path, number, descriptors(vid, 1, *kinds))
        for at, (kind, sub, protocol) in enumerate(kinds if configured else ()):
            self.add(
                f"P: {path}/{name}:1.{at}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: authorized=1\\n\n"
                f"A: bInterfaceClass={kind:02x}\\n\nA: bInterfaceSubClass={sub:02x}\\n\n"
                f"A: bInterfaceProtocol={protocol:02x}\\n\n"
            )
        return path

    def disk(self, path: str, name: str, minor: int) -> str:
        """A disk of a plugged device; its path below ``/sys``."""
        interface = f"{path}/{path.rpartition('/')[2]}:1.0"
        below = f"{interface}/host0/target0:0:0/0:0:0:0/block/{name}"
        self.add(
            f"P: {below}\nN: {name}\nE: SUBSYSTEM=block\nE: DEVTYPE=disk\nE: DEVNAME=/dev/{name}\n"
            f"E: MAJOR=8\nE: MINOR={minor}\nA: dev=8:{minor}\\n\nA: size=2048\\n\nA: ro=0\\n\n"
        )
        return below

    def unplug(self, path: str) -> None:
        self._call("uevent")(self._bed, f"/sys{path}".encode(), b"remove")
        self._call("remove_device")(self._bed, f"/sys{path}".encode())


def discovery() -> dict[str, Any]:
    """What our reader, libusb and the kernel's event socket tell of the same devices."""
    from ingestd.device import usb
    from ingestd.dock import libusb, uevents

    bed = Bed()
    bed.plug("1-3", 4, HUB)
    bed.plug("1-3.2", 5, STORAGE)
    keyboard = bed.plug("1-5", 6, KEYBOARD, configured=False)
    begun = time.monotonic()
    bus, heard = libusb.opened(), uevents.opened()
    assert bus is not None
    assert heard is not None
    scanned = usb.scan()
    told = {
        "bare": {str(d.port): d.interfaces for d in scanned},
        "whole": {str(d.port): d.interfaces for d in libusb.completed(scanned, bus)},
        "addresses": sorted(bus.addresses()),
        "seconds": time.monotonic() - begun,
    }
    heard.drain()  # of plugging
    bed.unplug(keyboard)
    time.sleep(0.2)
    return told | {"heard": heard.drain(), "left": [str(d.port) for d in usb.scan()]}


def rules() -> dict[str, Any]:
    """What udev makes of devices in and beside a slot's socket (1-3.2), by the rules that are installed."""
    bed = Bed()
    bed.plug("1-3", 4, HUB)
    bed.plug("2-3", 4, HUB)
    slot = bed.plug("1-3.2", 5, STORAGE, (255, 1, 1), KEYBOARD)
    beside, other_half = bed.plug("1-3.4", 6, KEYBOARD), bed.plug("2-3.2", 7, KEYBOARD)
    inside, outside = bed.disk(slot, "sdb", 16), bed.disk(beside, "sdc", 32)
    told = {}
    for name, path in (
        ("disk in the slot", inside),
        ("disk beside it", outside),
        ("storage in the slot", f"{slot}/1-3.2:1.0"),
        ("vendor in the slot", f"{slot}/1-3.2:1.1"),
        ("keyboard in the slot", f"{slot}/1-3.2:1.2"),
        ("keyboard beside it", f"{beside}/1-3.4:1.0"),
        ("keyboard at the USB 3 half", f"{other_half}/2-3.2:1.0"),
        ("hub", f"{CONTROLLER}/usb1/1-3/1-3:1.0"),
    ):
        done = subprocess.run(
            ["udevadm", "test", "--action=add", f"/sys{path}"], capture_output=True, text=True, check=True
        )
        own, device = Path(f"/sys{path}/authorized"), Path(f"/sys{path}/../authorized")
        told[name] = {
            "properties": [line for line in done.stdout.splitlines() if "=" in line],
            "complaints": [line for line in done.stderr.splitlines() if "72-ingestd" in line],
            "authorized": own.read_text().strip() if own.exists() else None,
            "device": device.read_text().strip() if device.exists() else None,
        }
        if device.exists():
            device.write_text("1\n")
    return told


if __name__ == "__main__":
    print(json.dumps({"discovery": discovery, "rules": rules}[sys.argv[1]]()))

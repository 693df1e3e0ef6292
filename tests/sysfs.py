"""A made-up ``/sys`` in a folder, as Linux lays it out for USB: controllers, hubs, devices, disks.

Only what the kernel itself would show; names, numbers and recorders are invented.
"""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

STORAGE, KEYBOARD, MTP, HUB, VENDOR = (8, 6, 0x50), (3, 1, 1), (6, 1, 1), (9, 0, 0), (255, 255, 255)


@dataclass(frozen=True)
class Disk:
    """One logical unit: size in bytes, partitions as sizes (none: the bare disk)."""

    name: str
    size: int = 1 << 30
    partitions: tuple[int, ...] = ()
    vendor: str = "BodyCam"
    model: str = "Recorder DV16"
    rev: str = "1.00"
    read_only: bool = False


@dataclass
class Sysfs:
    """One machine. ``root`` is what `usb.scan` takes."""

    root: Path
    _numbers: dict[int, itertools.count[int]] = field(default_factory=dict)
    _media: itertools.count[int] = field(default_factory=lambda: itertools.count(10))
    _minors: itertools.count[int] = field(default_factory=lambda: itertools.count(16, 16))
    _hosts: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def links(self) -> Path:
        return self.root / "bus" / "usb" / "devices"

    @property
    def _blocks(self) -> Path:
        return self.root / "class" / "block"

    def controller(self, name: str, *buses: tuple[int, int], peers: bool = True) -> Sysfs:
        """A controller with root hubs: (bus number, speed); ports 1 to 8, with peers between two buses."""
        self._blocks.mkdir(parents=True, exist_ok=True)
        where = f"devices/pci0000:00/{name}" if ":" in name else f"devices/platform/soc/{name}"
        for bus, speed in buses:
            hub = self.root / where / f"usb{bus}"
            self._folder(hub, busnum=bus, devnum=1, devpath=0, speed=speed, idVendor="1d6b", idProduct="0002")
            (hub / "version").write_text(" 3.10\n" if speed >= 5000 else " 2.00\n")
            self._numbers[bus] = itertools.count(2)
            self._link(f"usb{bus}", hub)
            self._ports(hub / f"{bus}-0:1.0", f"usb{bus}", 8)
            self._link(f"{bus}-0:1.0", hub / f"{bus}-0:1.0")
        if peers and len(buses) == 2:
            (two, _), (three, _) = buses
            for port in range(1, 9):
                self.peer(f"usb{two}-port{port}", f"usb{three}-port{port}")
        return self

    def peer(self, one: str, other: str) -> None:
        """Link two ports as one socket, both ways."""
        first, second = self._port(one), self._port(other)
        for here, there in ((first, second), (second, first)):
            link = here / "peer"
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(there, here))

    def plug(
        self,
        name: str,
        *disks: Disk,
        vid: int = 0x1234,
        pid: int = 0x0001,
        serial: str | None = "BWC-000001",
        product: str | None = "Body Camera",
        manufacturer: str | None = "Invented",
        interfaces: tuple[tuple[int, int, int], ...] = (STORAGE,),
        speed: str = "480",
        authorized: bool = True,
    ) -> Path:
        """Put a device at a kernel name such as ``1-3.2``; its folder."""
        bus, _, chain = name.partition("-")
        above, _, port = chain.rpartition(".")
        parent = f"{bus}-{above}" if above else f"usb{bus}"
        folder = (self.links / parent).resolve() / name
        texts = {"serial": serial, "product": product, "manufacturer": manufacturer}
        self._folder(
            folder,
            busnum=bus,
            devnum=next(self._numbers[int(bus)]),
            devpath=chain,
            idVendor=f"{vid:04x}",
            idProduct=f"{pid:04x}",
            speed=speed,
            authorized=int(authorized),
            **{key: text for key, text in texts.items() if text is not None},
        )
        (folder / "port").symlink_to(os.path.relpath(self._port(f"{parent}-port{port}"), folder))
        for number, (kind, sub, protocol) in enumerate(interfaces):
            one = folder / f"{name}:1.{number}"
            self._folder(
                one,
                bInterfaceClass=f"{kind:02x}",
                bInterfaceSubClass=f"{sub:02x}",
                bInterfaceProtocol=f"{protocol:02x}",
            )
            self._link(one.name, one)
            if kind == 9:
                self._ports(one, name, 4)
        self._link(name, folder)
        if disks:
            self.disks(name, *disks)
        return folder

    def hub(self, name: str, speed: str = "480") -> Path:
        return self.plug(name, interfaces=(HUB,), serial=None, product="USB Hub", vid=0x05E3, speed=speed)

    def disks(self, name: str, *disks: Disk) -> None:
        """The kernel found the disks of a plugged device."""
        host = next(self._hosts)
        for lun, disk in enumerate(disks):
            unit = (self.links / f"{name}:1.0").resolve() / f"host{host}/target{host}:0:0/{host}:0:0:{lun}"
            self._folder(unit, vendor=f"{disk.vendor:8}", model=f"{disk.model:16}", rev=f"{disk.rev:4}")
            minor = next(self._minors)
            facts = {"ro": int(disk.read_only), "diskseq": next(self._media), "removable": 1}
            block = unit / "block" / disk.name
            self._folder(block, dev=f"8:{minor}", size=disk.size // 512, **facts)
            self._class(block)
            for number, size in enumerate(disk.partitions, 1):
                part = {"dev": f"8:{minor + number}", "partition": number, "size": size // 512}
                self._folder(block / f"{disk.name}{number}", **part)
                self._class(block / f"{disk.name}{number}")

    def unplug(self, name: str) -> None:
        """Take a device, and all behind it, away."""
        folder = (self.links / name).resolve()
        for link in [*self.links.iterdir(), *self._blocks.iterdir()]:
            if link.resolve().is_relative_to(folder):
                link.unlink()
        shutil.rmtree(folder)

    def set(self, name: str, attribute: str, value: object) -> None:
        """Another value of one attribute of a device, or of a disk."""
        folder = self._blocks if (self._blocks / name).exists() else self.links
        (folder / name / attribute).write_text(f"{value}\n")

    def _port(self, name: str) -> Path:
        hub, _, _ = name.rpartition("-port")
        interface = f"{hub[3:]}-0:1.0" if hub.startswith("usb") else f"{hub}:1.0"
        return (self.links / interface).resolve() / name

    def _ports(self, interface: Path, prefix: str, count: int) -> None:
        for number in range(1, count + 1):
            self._folder(interface / f"{prefix}-port{number}", connect_type="hotplug")

    def _class(self, block: Path) -> None:
        (self._blocks / block.name).symlink_to(os.path.relpath(block, self._blocks))

    def _link(self, name: str, folder: Path) -> None:
        self.links.mkdir(parents=True, exist_ok=True)
        (self.links / name).symlink_to(os.path.relpath(folder, self.links))

    @staticmethod
    def _folder(folder: Path, **attributes: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in attributes.items():
            (folder / name).write_text(f"{value}\n", "utf-8")


def machine(root: Path) -> Sysfs:
    """One xHCI controller with a USB 2 bus (1) and a USB 3 bus (2), as most machines have."""
    return Sysfs(root).controller("0000:00:14.0", (1, 480), (2, 10000))

"""What is on the USB now, as the kernel's sysfs tells it: frozen values, nothing is opened.

A recorder has no place but the socket that it is plugged into, so devices are told by `PortPath`: controller
and chain of hub ports. It stays when the recorder leaves and comes back, while bus address and ``/dev/sdX``
change. A socket with USB 3 is two ports to the kernel, one on each bus of the controller, which it links as
`peer`: both are one `PortPath` here, named by the USB 2 chain. Everything read from a device (numbers,
serial, names, INQUIRY) is a claim, never an authentication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from ingestd.portpath import PortPath

SYSFS = Path("/sys")
SUPERSPEED_MBPS = 5000
"""A root hub of this speed or more is the USB 3 half of its controller (USB 3.2, 10.3.1)."""
SECTOR_BYTES = 512
"""The unit of ``size`` in sysfs, whatever the medium's own sector is (Linux, block/genhd.c)."""
TEXT_CHARS = 126
"""The longest string a device can give (USB 2.0, 9.6.7: 254 bytes of UTF-16)."""
HUB_CLASS, STORAGE_CLASS = 0x09, 0x08

_DEVICE = re.compile(r"([0-9]+)-([0-9]+(?:\.[0-9]+)*)")
_ROOT_HUB = re.compile(r"usb([0-9]+)")
_PORT = re.compile(r"(?:usb([0-9]+)|([0-9]+)-([0-9.]+))-port([0-9]+)")

Interface = tuple[int, int, int]
"""Class, subclass, protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What can be mounted: a partition, or a whole disk without a partition table."""

    name: str
    """sdb1, or sdb."""
    device: str
    """major:minor."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One disk that a device shows (a logical unit); size 0 where no medium is in it."""

    name: str
    size: int
    """Bytes."""
    read_only: bool
    sequence: int | None
    """The kernel's number of this medium (``diskseq``): another one is another medium. None before 5.15."""
    vendor: str
    model: str
    rev: str
    """Vendor, model and revision of the SCSI INQUIRY."""
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """One device, hubs too (root hubs not): what is at a port now."""

    port: PortPath
    address: tuple[int, int]
    """Bus and device number: new at every plugging."""
    vid: int
    pid: int
    serial: str
    """Empty where it gives none; so are the next two."""
    manufacturer: str
    product: str
    interfaces: tuple[Interface, ...]
    """Of the configuration in use; empty while it has none (not configured, refused by udev rules)."""
    speed: float
    """Mb/s as negotiated."""
    authorized: bool
    """False where the system was told to leave it alone (`ingestd udev-rules`)."""
    blocks: tuple[Block, ...]

    @property
    def is_hub(self) -> bool:
        """Whether more ports are behind it."""
        return any(kind == HUB_CLASS for kind, _, _ in self.interfaces)

    @property
    def is_storage(self) -> bool:
        """Whether one of its interfaces is mass storage."""
        return any(kind == STORAGE_CLASS for kind, _, _ in self.interfaces)

    @property
    def usb_id(self) -> str:
        """``vid:pid`` in hex, as lsusb writes it."""
        return f"{self.vid:04x}:{self.pid:04x}"

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything mountable, in the order of disks and partitions."""
        return tuple(part for block in self.blocks for part in block.parts)


def token(device: UsbDevice) -> str | None:
    """A text that stays while the same device with the same media stays; None while nothing can be mounted.

    The device number tells a replugged device, the medium's number a changed card. Not in it: what changes
    by our own hand (read-only).
    """
    media = [f"{b.name}.{b.sequence}.{','.join(p.device for p in b.parts)}" for b in device.blocks if b.parts]
    if not media:
        return None
    sizes = ",".join(str(part.size) for part in device.parts)
    bus, number = device.address
    return f"{bus}-{number} {device.usb_id} {device.serial} {' '.join(media)} {sizes}"


Strings = dict[tuple[str, int, int], tuple[str, str, str]]
"""Serial, manufacturer and product by kernel name, node and device number: they never change while it is there."""


def scan(sysfs: Path = SYSFS, known: Strings | None = None) -> tuple[UsbDevice, ...]:
    """Every device at a port, in the order of ports. What leaves while it is read is left out.

    ``known`` keeps strings from one scan to the next: the kernel makes who asks for them wait while it resets
    the device (usb_string_attr takes the device's lock), and one that hangs must not blind us to the others.
    """
    strings: Strings = {}
    tree = _Tree(sysfs / "bus" / "usb" / "devices", known or {}, strings)
    found = tuple(sorted(tree.devices(), key=lambda device: (device.port, device.address)))
    if known is not None:
        known.clear()
        known.update(strings)
    return found


def at_port(port: PortPath, sysfs: Path = SYSFS) -> UsbDevice | None:
    """What is plugged into this socket, None where nothing is; of the two halves of a USB 3 hub one.

    Much cheaper than a whole scan: only the device at this port is read.
    """
    tree = _Tree(sysfs / "bus" / "usb" / "devices")
    return next(tree.devices(port), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPort:
    """One port of a hub as the kernel counts it: one half of a socket."""

    controller: str
    chain: tuple[int, ...]
    superspeed: bool
    socket: PortPath


def ports(sysfs: Path = SYSFS) -> tuple[HubPort, ...]:
    """Every port of every hub that is there, used or not."""
    return tuple(_Tree(sysfs / "bus" / "usb" / "devices").ports())


class _Tree:
    """One look at ``/sys/bus/usb/devices``: device folders by name, buses by number."""

    def __init__(self, root: Path, known: Strings | None = None, read: Strings | None = None) -> None:
        """``known``: strings that need not be read again; ``read`` gets those of devices that are there."""
        self._root = root
        self._known = known or {}
        self._read = {} if read is None else read
        self._names = _entries(root)
        self._controllers: dict[int, str] = {}
        self._superspeed: set[int] = set()
        for name in self._names:
            if found := _ROOT_HUB.fullmatch(name):
                self._bus(int(found[1]), root / name)

    def _bus(self, number: int, folder: Path) -> None:
        """A bus hangs below its controller's folder, whose name is the PCI address or the platform's name."""
        self._controllers[number] = folder.resolve().parent.name
        if _number(_text(folder, "speed")) >= SUPERSPEED_MBPS:
            self._superspeed.add(number)

    def devices(self, only: PortPath | None = None) -> Iterator[UsbDevice]:
        for name in self._names:
            found = _DEVICE.fullmatch(name)
            if found is None or int(found[1]) not in self._controllers:
                continue
            bus = int(found[1])
            port = self._port(bus, _chain(found[2]))
            if only in (None, port):
                try:
                    yield self._device(name, bus, port)
                except (OSError, ValueError):  # it left while it was read
                    continue

    def _device(self, name: str, bus: int, port: PortPath) -> UsbDevice:
        folder = self._root / name
        interfaces = [n for n in self._names if n.startswith(f"{name}:")]
        kinds = tuple(_interface(self._root / one) for one in interfaces)
        blocks = [
            block
            for one, kind in zip(interfaces, kinds, strict=True)
            if kind[0] == STORAGE_CLASS
            for block in _blocks(self._root / one)
        ]
        number = int(_need(folder, "devnum"))
        serial, manufacturer, product = self._strings(name, folder, number)
        return UsbDevice(
            port=port,
            address=(bus, number),
            vid=int(_need(folder, "idVendor"), 16),
            pid=int(_need(folder, "idProduct"), 16),
            serial=serial,
            manufacturer=manufacturer,
            product=product,
            interfaces=kinds,
            speed=_number(_text(folder, "speed")),
            authorized=_text(folder, "authorized") != "0",
            blocks=tuple(blocks),
        )

    def _strings(self, name: str, folder: Path, number: int) -> tuple[str, str, str]:
        key = (name, folder.stat().st_ino, number)
        if key not in self._known:
            serial, maker, product = (_text(folder, one) for one in ("serial", "manufacturer", "product"))
            self._read[key] = serial, maker, product
        else:
            self._read[key] = self._known[key]
        return self._read[key]

    def _port(self, bus: int, chain: tuple[int, ...]) -> PortPath:
        """The socket of a port: its USB 2 twin where the kernel links one, or a hub above it has one."""
        here = PortPath(controller=self._controllers[bus], chain=chain)
        if bus not in self._superspeed:
            return here
        twin = self._twin(bus, chain)
        if twin is not None:
            return twin
        if len(chain) == 1:
            return replace(here, superspeed_only=True)
        hub = self._port(bus, chain[:-1])
        return replace(hub, chain=(*hub.chain, chain[-1]))

    def ports(self) -> Iterator[HubPort]:
        """Ports lie in the interface folders of hubs: ``1-0:1.0/usb1-port3``, ``1-3:1.0/1-3-port2``."""
        for interface in self._names:
            for name in _entries(self._root / interface, "*-port*") if ":" in interface else ():
                bus, chain = _place(name) or (0, ())
                if bus in self._controllers:
                    yield HubPort(
                        controller=self._controllers[bus],
                        chain=chain,
                        superspeed=bus in self._superspeed,
                        socket=self._port(bus, chain),
                    )

    def _twin(self, bus: int, chain: tuple[int, ...]) -> PortPath | None:
        hub = f"{bus}-{'.'.join(map(str, chain[:-1]))}" if chain[1:] else f"usb{bus}"
        interface = f"{hub}:1.0" if chain[1:] else f"{bus}-0:1.0"
        try:
            link = (self._root / interface / f"{hub}-port{chain[-1]}" / "peer").readlink()
        except OSError:
            return None
        place = _place(link.name)
        if place is None or place[0] not in self._controllers or place[0] in self._superspeed:
            return None
        return PortPath(controller=self._controllers[place[0]], chain=place[1])


def _place(port: str) -> tuple[int, tuple[int, ...]] | None:
    """Bus and chain of a port's own folder: ``usb1-port3``, ``1-3-port2``."""
    found = _PORT.fullmatch(port)
    if found is None:
        return None
    above = _chain(found[3]) if found[3] else ()
    return int(found[1] or found[2]), (*above, int(found[4]))


def _chain(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _need(folder: Path, name: str) -> str:
    """A value that every device has. Raises OSError where it left."""
    return (folder / name).read_bytes().decode("ascii", "replace").strip()


def _text(folder: Path, name: str) -> str:
    """A text of the device, as one printable line; empty where it gives none."""
    try:
        raw = (folder / name).read_bytes()
    except OSError:
        return ""
    text = raw.decode("utf-8", "replace")[:TEXT_CHARS]
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _interface(folder: Path) -> Interface:
    kind, sub, protocol = (
        int(_text(folder, name) or "0", 16)
        for name in ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    )
    return kind, sub, protocol


def _entries(folder: Path, pattern: str = "*") -> list[str]:
    """Names in a folder by length, then letters (sdb before sdaa); none where there is no such folder."""
    try:
        names = [entry.name for entry in folder.iterdir() if fnmatchcase(entry.name, pattern)]
    except OSError:
        return []
    return sorted(names, key=lambda name: (len(name), name))


def _blocks(interface: Path) -> Iterator[Block]:
    """Disks below a storage interface: ``host6/target6:0:0/6:0:0:0/block/sdb``."""
    for host in _entries(interface, "host*"):
        for target in _entries(interface / host, "target*"):
            for unit in _entries(interface / host / target, "*:*:*:*"):
                folder = interface / host / target / unit
                for name in _entries(folder / "block"):
                    yield _block(folder, name)


def _block(unit: Path, name: str) -> Block:
    folder = unit / "block" / name
    sequence = _text(folder, "diskseq")
    whole = _part(folder, name)
    table = [one for one in _entries(folder, f"{name}*") if (folder / one / "partition").exists()]
    parts = [_part(folder / one, one) for one in table] or [whole]
    return Block(
        name=name,
        size=whole.size,
        read_only=_text(folder, "ro") == "1",
        sequence=int(sequence) if sequence.isdecimal() else None,
        vendor=_text(unit, "vendor"),
        model=_text(unit, "model"),
        rev=_text(unit, "rev"),
        parts=tuple(part for part in parts if part.size),
    )


def _part(folder: Path, name: str) -> Part:
    return Part(name=name, device=_need(folder, "dev"), size=int(_need(folder, "size")) * SECTOR_BYTES)

"""udev rules for the dock's sockets and no other port. PURE.

They keep desktops and systemd from mounting a recorder (a mount alone writes to a FAT card), and take what is no
storage from the kernel's drivers. Both are a second line: ingestd opens nothing but storage, and mounts it
read-only itself. Disks belong to root alone, for the mount unit is root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingestd.device.gate import NEVER_BESIDE_STORAGE
from ingestd.device.usb import HUB_CLASS, STORAGE_CLASS, HubPort
from ingestd.model import SlotName
from ingestd.portpath import PortPath

NAME = "72-ingestd-dock.rules"
"""After 70-uaccess (which gives devices to who is logged in) and before 73-seat-late (which hands them out)."""
_HEAD = """\
# The dock's USB ports, by `ingestd udev-rules`: made anew after each change of slots, never edited.
# For /etc/udev/rules.d/{name}; then: udevadm control --reload
ACTION=="remove", GOTO="ingestd_end"
SUBSYSTEM!="usb|block|scsi|scsi_generic|bsg", GOTO="ingestd_end"
"""
_TAIL = """
GOTO="ingestd_end"

LABEL="ingestd_dock"
# No desktop, no service, no person that is logged in: the mount unit (root) alone.
TAG-="uaccess", TAG-="seat", ENV{{UDISKS_IGNORE}}="1", ENV{{UDISKS_AUTO}}="0", ENV{{MTP_NO_PROBE}}="1"
ENV{{ID_MTP_DEVICE}}="", ENV{{ID_GPHOTO2}}="", ENV{{ID_MEDIA_PLAYER}}="", ENV{{ID_MM_DEVICE_IGNORE}}="1"
SUBSYSTEM=="block", ENV{{SYSTEMD_READY}}="0", ENV{{SYSTEMD_WANTS}}="", OWNER="root", GROUP="root", MODE="0600"
SUBSYSTEM=="scsi_generic|bsg", OWNER="root", GROUP="root", MODE="0600"
# What types, prints or speaks to a network takes the whole device with it; other kinds go alone.
SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_interface", ATTR{{bInterfaceClass}}=="{never}", ATTR{{../authorized}}="0"
SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_interface", ATTR{{bInterfaceClass}}!="{taken}", ATTR{{authorized}}="0"

LABEL="ingestd_end"
"""


def render(slots: Mapping[PortPath, SlotName], ports: Iterable[HubPort]) -> str:
    """The rules for these slots; ``ports`` (of this machine) tell the USB 3 half of each socket."""
    there = tuple(ports)
    parts = [_HEAD.format(name=NAME)]
    for socket, name in slots.items():
        parts.append(f"\n# {name}: {socket}\n")
        parts += [_match(chain, socket, superspeed=fast) for chain, fast in _halves(socket, there)]
    classes = "|".join(f"{kind:02x}" for kind in sorted(NEVER_BESIDE_STORAGE))
    taken = f"{STORAGE_CLASS:02x}|{HUB_CLASS:02x}"
    return "".join([*parts, _TAIL.format(never=classes, taken=taken)])


def _halves(socket: PortPath, ports: Iterable[HubPort]) -> list[tuple[tuple[int, ...], bool]]:
    """Chains of a socket on the USB 2 bus and on the USB 3 bus; the first is known without looking."""
    own = (socket.chain, socket.superspeed_only)
    found = [(port.chain, port.superspeed) for port in ports if port.socket == socket]
    return list(dict.fromkeys([own, *sorted(found, key=lambda half: half[1])]))


def _match(chain: tuple[int, ...], socket: PortPath, *, superspeed: bool) -> str:
    """Everything at and behind one port: the way to it as folders of sysfs, on a bus of the right kind."""
    steps = ("[0-9]*-" + ".".join(map(str, chain[: at + 1])) for at in range(len(chain)))
    way = "/".join(("*", socket.controller, "usb[0-9]*", *steps))
    version = " 3.*" if superspeed else " [12].*"
    return (
        f'DEVPATH=="{way}|{way}/*", ATTRS{{devpath}}=="0", ATTRS{{version}}=="{version}", '
        'GOTO="ingestd_dock"\n'
    )

"""What is at each socket, and since when it has been so: from looks at the bus to what a slot acts on. PURE.

A device comes in pieces: first itself, then its interfaces, a second later its disk, then the partitions.
Nothing is believed before it has stood still: a disk briefly, for every second counts to whoever stands at the
dock; a refusal for longer, for it is logged and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ingestd.device import gate, usb
from ingestd.device.gate import Gate, Verdict
from ingestd.device.usb import UsbDevice
from ingestd.portpath import PortPath

DISK_SETTLES_S = 0.3
"""Partitions and further disks of one recorder appear within some 10 ms of each other."""
REFUSAL_SETTLES_S = 2.0
"""A card reader may say 'no medium' for its first second."""
NO_DISK_S = 20.0
"""The kernel waits 1 s and then for the device's answers; cards with damage take longer."""
PRESENT = Verdict(gate=Gate.WAIT, text=gate.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is at one socket. Equal sights need no act."""

    device: UsbDevice | None = None
    verdict: Verdict | None = None
    """None where nothing is there."""
    token: str | None = None
    """Given while there is something to be read (`usb.token`)."""


NOTHING = Sight()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One device as it was last seen, and how long it has been so (monotonic seconds)."""

    device: UsbDevice
    since: float
    """Plugged."""
    unchanged_since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that one look comes to."""

    sights: Mapping[PortPath, Sight]
    standing: Mapping[tuple[int, int], Standing]
    look_again_at: float | None
    """When time alone will change something (monotonic seconds)."""


EMPTY = View(sights={}, standing={}, look_again_at=None)


def see(devices: Iterable[UsbDevice], before: View, now: float) -> View:
    """One more look after an earlier one."""
    standing: dict[tuple[int, int], Standing] = {}
    sights: dict[PortPath, Sight] = {}
    again: list[float] = []
    for device in devices:
        one = _stands(device, before.standing.get(device.address), now)
        standing[device.address] = one
        sight, at = _sight(one, now)
        if at is not None:
            again.append(at)
        other = sights.get(device.port, NOTHING).device
        if other is None or other.is_hub:  # both halves of a USB 3 hub are at one port, a recorder is alone
            sights[device.port] = sight
    return View(sights=sights, standing=standing, look_again_at=min(again, default=None))


def told(port: PortPath, sight: Sight) -> dict[str, str | None]:
    """A socket and what is there, for screens and JSON; texts of the device are its claims."""
    device, verdict = sight.device, sight.verdict
    return {
        "location": str(port),
        "gate": None if verdict is None else verdict.gate.value,
        "zh": None if verdict is None else verdict.text.zh,
        "en": None if verdict is None else verdict.text.en,
        "usb_id": None if device is None else device.usb_id,
        "serial": None if device is None else device.serial,
        "product": None if device is None else f"{device.manufacturer} {device.product}".strip(),
        "disks": None if device is None else " ".join(block.name for block in device.blocks),
    }


def _stands(device: UsbDevice, known: Standing | None, now: float) -> Standing:
    # read-only is what the mount unit sets: no change of the device
    plain = replace(device, blocks=tuple(replace(block, read_only=False) for block in device.blocks))
    if known is None:
        return Standing(device=plain, since=now, unchanged_since=now)
    if known.device == plain:
        return known
    return Standing(device=plain, since=known.since, unchanged_since=now)


def _sight(one: Standing, now: float) -> tuple[Sight, float | None]:
    """The sight of a device, and when to look again where it has not settled."""
    device = one.device
    verdict = gate.judge(device, waited=now >= one.since + NO_DISK_S)
    settled_at = one.unchanged_since + (
        DISK_SETTLES_S if verdict.gate in (Gate.STORAGE, Gate.HUB) else REFUSAL_SETTLES_S
    )
    if verdict.gate is Gate.WAIT:
        return Sight(device=device, verdict=verdict), one.since + NO_DISK_S
    if now < settled_at:
        return Sight(device=device, verdict=PRESENT), settled_at
    token = usb.token(device) if verdict.gate is Gate.STORAGE else None
    return Sight(device=device, verdict=verdict, token=token), None

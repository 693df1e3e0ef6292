"""Which socket is which: one recorder is plugged into each in turn, and each becomes a slot. PURE.

Any device that could be a recorder will do, in whatever mode it is: only its place counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingestd.device.gate import Gate
from ingestd.device.usb import UsbDevice
from ingestd.dock.sights import Sight
from ingestd.model import SlotName
from ingestd.portpath import PortPath
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device that was plugged while learning."""

    port: PortPath
    device: UsbDevice
    slot: SlotName | None
    """The slot of this socket; None where the device is no recorder."""
    is_new: bool
    """Learnt by this plugging."""
    why: Text
    """What the gate says of it."""


class Learning:
    """Slots so far, in the order of plugging."""

    def __init__(self, known: Mapping[PortPath, SlotName], taken: frozenset[SlotName]) -> None:
        """``known``: USB slots that are configured; ``taken``: names of all slots."""
        self._known = dict(known)
        self._told: set[tuple[int, int]] = set()
        numbers = (SlotName(str(number)) for number in itertools.count(1))
        self._names = (name for name in numbers if name not in taken)
        self.learnt: dict[PortPath, SlotName] = {}

    def see(self, sights: Mapping[PortPath, Sight]) -> Iterator[Found]:
        """What is new since the last look; each plugging is told once."""
        for port, sight in sorted(sights.items()):
            device, verdict = sight.device, sight.verdict
            if device is None or verdict is None or device.address in self._told:
                continue
            if verdict.gate is Gate.HUB or (verdict.gate is Gate.WAIT and not device.is_storage):
                continue
            self._told.add(device.address)
            slot, is_new = self._known.get(port), False
            if slot is None and verdict.gate is not Gate.REFUSED:
                slot, is_new = next(self._names), True
                self._known[port] = self.learnt[port] = slot
            yield Found(port=port, device=device, slot=slot, is_new=is_new, why=verdict.text)

    def ignore(self, sights: Mapping[PortPath, Sight]) -> None:
        """What is plugged already teaches nothing: it may be anything."""
        self._told |= {sight.device.address for sight in sights.values() if sight.device is not None}

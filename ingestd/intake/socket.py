"""A USB slot between dockings: when there is something to be read, and what is said of what is not.

The dock tells what is at the socket; here it becomes the slot's live state, events and findings. A refused
device is said once for each plugging, and its finding ends when it leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ingestd.device import gate
from ingestd.device.gate import Gate
from ingestd.device.usb import UsbDevice
from ingestd.dock.sights import Sight
from ingestd.dock.watcher import Dock
from ingestd.events import ClaimRecord, DeviceRefused
from ingestd.intake import findings
from ingestd.intake.ports import Books, Live
from ingestd.model import SlotName
from ingestd.portpath import PortPath
from ingestd.words import Text

UNSEEN = ""
"""Stands for the token of a slot that was not looked at yet: nothing has it."""
ENUMERATED_S = 20.0
"""After a start of the machine the kernel may take so long to find what is plugged in."""


class Socket:
    """The socket of one slot. One thread asks it."""

    def __init__(self, dock: Dock, port: PortPath, *, slot: SlotName, books: Books, live: Live) -> None:
        self._dock = dock
        self._port = port
        self._slot = slot
        self._books = books
        self._live = live
        self._told: tuple[int, int] | None = None
        """Address of the device whose refusal was said and stands."""
        self._is_unsure = True
        """Whether a refusal of an earlier run may still stand."""
        self._enumerated_at = time.monotonic() + ENUMERATED_S

    def wait(self, token: str | None, is_over: Callable[[], bool]) -> str | None:
        """Until the token of what can be read there is another one than this, or it is over; that token.

        At first (`UNSEEN`) what was there before may still be on its way: nothing is told as gone too early.
        """
        while not is_over():
            self._live.beat()
            sight = self._dock.sight(self._port)
            if not token:
                self._show(sight, is_first=token == UNSEEN)
            within_s = None
            if token == UNSEEN and (sight.verdict is None or sight.verdict.gate is Gate.WAIT):
                within_s = self._enumerated_at - time.monotonic()
            if sight.token != token and (within_s is None or within_s <= 0):
                return sight.token
            with self._live.resting():
                self._dock.wait(self._port, sight, is_over, within_s=within_s)
        return token

    def wake(self) -> None:
        """Let `wait` see whether it is over."""
        self._dock.wake()

    def _is_over(self, sight: Sight, *, is_first: bool) -> bool:
        """Whether a refusal that was said stands no longer; what has not settled ends none."""
        word = None if sight.verdict is None else sight.verdict.gate
        if self._told is None:  # what passed the gate may be what an earlier run refused by its files
            return self._is_unsure and not is_first and word in (None, Gate.NO_MEDIUM, Gate.HUB)
        if sight.device is None or sight.device.address != self._told:
            return True
        return word is not None and word is not Gate.WAIT and not word.is_refusal

    def _show(self, sight: Sight, *, is_first: bool) -> None:
        verdict, device = sight.verdict, sight.device
        if self._is_over(sight, is_first=is_first):
            self._books.append([findings.closed("device-refused", f"slot:{self._slot}", "the device left")])
            self._told, self._is_unsure = None, False
        if verdict is None or device is None:
            self._live.reset()
        elif verdict.gate in (Gate.WAIT, Gate.STORAGE):
            self._live.set(phase="looking", problem=None)
        elif verdict.gate is Gate.NO_MEDIUM:
            self._live.set(phase="empty", problem=verdict.text.both())
        else:
            self._live.set(phase="problem", problem=verdict.text.both())
            if verdict.gate.is_refusal and self._told != device.address:
                self._refuse(device, verdict.gate, verdict.text)

    def _refuse(self, device: UsbDevice, word: Gate, why: Text) -> None:
        about = f"slot:{self._slot}"
        refused = DeviceRefused(
            slot=self._slot,
            location=str(device.port),
            gate=word.value,
            interfaces=tuple("/".join(f"{n:02x}" for n in one) for one in device.interfaces),
            claims=tuple(
                ClaimRecord(what=c.what, text=c.value, value=None, source=c.source)
                for c in gate.claims(device)
            ),
            why=why.en,
        )
        opened = findings.opened("device-refused", about, ("why", word.value), ("usb_id", device.usb_id))
        self._books.append([refused, opened])
        self._told, self._is_unsure = device.address, False

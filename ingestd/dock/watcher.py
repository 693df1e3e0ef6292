"""One thread that looks at the USB for all slots: every two seconds, and at once when the kernel says so.

A look costs some file reads while nothing changed; only a change is read in full. Slots wait here and not in
their workers: twenty idle slots cost what one does. sysfs is the truth; libusb's list (pyusb) is compared
with it, and tells the interfaces of a device that has no configuration in use.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from ingestd.device import usb
from ingestd.device.usb import SYSFS
from ingestd.dock import libusb, sights, uevents
from ingestd.dock.libusb import Address, Libusb
from ingestd.dock.sights import NOTHING, Sight
from ingestd.portpath import PortPath
from ingestd.pulse import Pulse

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
AFTER_TROUBLE_S = 5.0
TOGETHER_S = 0.02
"""One plugging is a burst of messages: one look for all of them."""
STALE_LOOKS = 3
"""libusb hears of a change a moment after sysfs shows it: only what stays different is worth a word."""


class Dock:
    """What is at every socket. `start` it, ask it from any thread, `close` it."""

    def __init__(self, sysfs: Path = SYSFS, *, bus: Libusb | None = None) -> None:
        """``bus``: the second witness, where there is one."""
        self.pulse = Pulse(time.monotonic)
        self._sysfs = sysfs
        self._bus = bus
        self._changed = threading.Condition()
        self._view = sights.EMPTY
        self._mark: object = None
        self._strings: usb.Strings = {}
        self._stale = 0
        self._ended = False
        self._woken, self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name="dock", daemon=True)

    def start(self) -> None:
        """Look once, so that whoever asks next is answered, and go on looking. Again: nothing."""
        if self._thread.ident is None:
            self.look(time.monotonic())
            self._thread.start()

    @property
    def is_watching(self) -> bool:
        """Whether it looks."""
        return self._thread.is_alive()

    @property
    def is_dead(self) -> bool:
        """Whether it should look and does not any more."""
        return self._thread.ident is not None and not self._ended and not self._thread.is_alive()

    def sight(self, port: PortPath) -> Sight:
        """What is at a socket now."""
        with self._changed:
            return self._view.sights.get(port, NOTHING)

    def seen(self) -> Mapping[PortPath, Sight]:
        """What is at every socket that holds something."""
        with self._changed:
            return self._view.sights

    def wait(
        self, port: PortPath, known: Sight, is_over: Callable[[], bool], *, within_s: float | None = None
    ) -> None:
        """Until something else is at the socket, it is over (`wake`), or so many seconds have passed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended or is_over() or self._view.sights.get(port, NOTHING) != known, within_s
            )

    def wake(self) -> None:
        """Let everybody who waits ask again whether it is over."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End the looking; whoever waits is let go. Again: nothing."""
        if self._ended:
            return
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        os.write(self._wake, b"\0")
        if self.is_watching:
            self._thread.join()
        os.close(self._wake)
        os.close(self._woken)

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        heard = uevents.opened()
        if heard is None:
            log.info("the kernel's device events are not to be had here; looking every %s s", LOOK_EVERY_S)
        try:
            wait_s = 0.0
            while not self._ended:
                with self.pulse.resting():
                    self._pause(heard, wait_s)
                try:
                    wait_s = self.look(time.monotonic())
                except Exception:
                    log.exception("looking at the USB failed and is tried again")
                    wait_s = AFTER_TROUBLE_S
        finally:
            if heard is not None:
                heard.close()

    def _pause(self, heard: uevents.Uevents | None, seconds: float) -> None:
        """Until the time is over, the kernel tells something of ours, or `close`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            listening = [self._woken] if heard is None else [self._woken, heard.fileno()]
            ready, _, _ = select.select(listening, [], [], left)
            if self._woken in ready:
                return
            if heard is not None and ready and heard.drain():
                time.sleep(TOGETHER_S)
                return

    def look(self, now: float) -> float:
        """One look; the seconds until the next is due. Raises OSError."""
        mark = self._marked()
        again = self._view.look_again_at
        if mark != self._mark or (again is not None and now >= again):
            found = libusb.completed(usb.scan(self._sysfs, self._strings), self._bus)
            view = sights.see(found, self._view, now)
            with self._changed:
                is_news = view.sights != self._view.sights
                self._view, self._mark = view, mark
                if is_news:
                    self._changed.notify_all()
        again = self._view.look_again_at
        return LOOK_EVERY_S if again is None else min(LOOK_EVERY_S, max(0.02, again - now))

    def _marked(self) -> object:
        """What changes whenever a device, disk, partition or medium comes or goes; cheap to read."""
        devices, classes = self._sysfs / "bus" / "usb" / "devices", self._sysfs / "class" / "block"
        names = _names(devices)
        numbers = [
            (_read(devices / n / "busnum"), _read(devices / n / "devnum")) for n, _ in names if ":" not in n
        ]
        disks = {block.name for one in self._view.standing.values() for block in one.device.blocks}
        media = [(_read(classes / n / "size"), _read(classes / n / "diskseq")) for n in sorted(disks)]
        witness = None if self._bus is None else self._bus.addresses()
        if witness is not None:
            self._compare({(int(b), int(d)) for b, d in numbers if b and d}, witness)
        return names, numbers, _names(classes), media, witness

    def _compare(self, ours: set[Address], witness: frozenset[Address]) -> None:
        """Two witnesses that go on telling different things: said once, sysfs counts."""
        self._stale = 0 if ours == witness else self._stale + 1
        if self._stale == STALE_LOOKS:
            log.warning("libusb lists %d devices, sysfs %d; sysfs counts", len(witness), len(ours))


def _names(folder: Path) -> list[tuple[str, int]]:
    """Names with the numbers of their nodes: the kernel gives a new node another number."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        return sorted((entry.name, entry.inode()) for entry in entries)
    return []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

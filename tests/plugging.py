"""Recorders in USB sockets without USB: a made-up sysfs, and a driver that finds their files in folders.

The driver is installed as any other package would install one: an entry point in a folder of the path. The
daemon, its dock, slots, workers and sessions are the real ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingestd.clock import StationClock
from ingestd.daemon import Daemon
from ingestd.testing.recorder import CardBuilder
from tests.rig import STARTED, Rig, noise, wait_for
from tests.sysfs import Disk, Sysfs

CONTROLLER = "0000:00:14.0"
DRIVER = "usb-folder"
_CODE = '''
from dataclasses import replace
from pathlib import Path
from ingestd.device import gate, usb
from ingestd.portpath import PortPath
from ingestd_drivers.folder import Folder
from ingestd_drivers.volume import TreeVolume
SYSFS, PLACES = Path({sysfs!r}), {places!r}
class UsbVolume(TreeVolume):
    device = None
    def identity(self):
        identity = super().identity()
        return replace(identity, claims=(*identity.claims, *gate.claims(self.device)))
class UsbFolder(Folder):
    """What is in a socket, as a folder beside it."""
    name = "usb-folder"
    def present(self, location): return super().present(PLACES + location.rpartition("/")[2])
    def score(self, location): return super().score(PLACES + location.rpartition("/")[2])
    def connect(self, location, *, writable=False):
        volume = UsbVolume(PLACES + location.rpartition("/")[2], writable=writable)
        volume.device = usb.at_port(PortPath.parse(location), SYSFS)
        return volume
'''


def install(folder: Path, places: Path, sysfs: Path, patch: pytest.MonkeyPatch) -> None:
    """Make the driver's package and put it on the path."""
    info = folder / "usb_folder-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: usb-folder\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[ingestd.drivers]\nusb-folder = usb_folder_driver:UsbFolder\n")
    (folder / "usb_folder_driver.py").write_text(_CODE.format(places=f"{places}/", sysfs=str(sysfs)))
    patch.syspath_prepend(str(folder))


@dataclass
class Desk:
    """A station with a dock of sockets: plug recorders, pull them, see what the daemon makes of it."""

    rig: Rig
    sysfs: Sysfs
    places: Path

    def slot(self, name: str, chain: str) -> None:
        self.rig.slot(name, DRIVER, f"usb:{CONTROLLER}/{chain}")

    def card(
        self, chain: str, serial: str = "KD00001", clips: int = 1, family: str = "e12-new"
    ) -> CardBuilder:
        """The files of the recorder that is going to be plugged there."""
        card = CardBuilder(self.places / chain, family, serial=serial, officer="104233").identity()
        for number in range(1, clips + 1):
            data = noise(10_000, hash((serial, number)) & 0xFFFF)
            card.clip(data, started=STARTED + number * 60_000, sequence=number)
        return card

    def plug(self, chain: str, disk: str = "sdb", **about: Any) -> None:
        self.sysfs.plug(f"1-{chain}", Disk(disk, partitions=(1 << 20,)), **about)

    def pull(self, chain: str) -> None:
        self.sysfs.unplug(f"1-{chain}")

    @contextmanager
    def daemon(self) -> Iterator[Running]:
        daemon = Daemon(self.rig.root, StationClock(), sysfs=self.sysfs.root)
        try:
            yield Running(daemon)
        finally:
            daemon.close("test")


@dataclass
class Running:
    """The daemon of a desk, in this process."""

    daemon: Daemon

    def live(self, slot: str) -> Any:
        return next(one for one in self.daemon.lives() if one.slot == slot)

    def until(self, slot: str, *phases: str, seconds: float = 40) -> Any:
        wait_for(lambda: self.live(slot).phase in phases, seconds, lambda: self.live(slot))
        return self.live(slot)

    def facts(self) -> Any:
        """What the socket's verb `live` answers, through JSON."""
        return json.loads(json.dumps(self.daemon._live(None, {}, lambda _: None)))

"""The promises of every driver, kept by mass storage on a real volume that a real mount unit mounts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.device.api import Volume
from ingestd.testing.driver_suite import DriverSuite, Place
from ingestd_drivers.storage import MassStorage, Station
from tests.mounts import bench as benches
from tests.mounts.bench import PORT, Bench
from tests.sysfs import Disk


class Hand:
    """Puts files on the card while no driver has it: the volume is mounted at a folder of the suite's."""

    def __init__(self, bench: Bench) -> None:
        self.card = bench.folder / "hand"
        self.card.mkdir()
        self._loop = bench.loop

    def take(self) -> None:
        subprocess.run(["mount", "-o", "rw,noatime", self._loop, self.card], check=True)

    def give(self) -> None:
        if self.card.is_mount():
            subprocess.run(["umount", self.card], check=True)


class InHand(MassStorage):
    """The driver; while it has a volume the suite's hand is off the card."""

    hand: Hand

    def connect(self, location: str, *, writable: bool = False) -> Volume:
        self.hand.give()
        try:
            volume = super().connect(location, writable=writable)
        except BaseException:
            self.hand.take()
            raise
        close = volume.close

        def closed() -> None:
            close()
            if not self.hand.card.is_mount():
                self.hand.take()

        volume.close = closed  # type: ignore[method-assign]  # this one volume's
        return volume


class TestMassStorage(DriverSuite):
    """On ext4, which takes every name that the suite has."""

    @pytest.fixture
    def at(self, tmp_path: Path) -> Iterator[Place]:
        with benches.at(tmp_path, is_empty=True) as bench:
            subprocess.run(["blockdev", "--setrw", bench.loop], check=True)
            hand = Hand(bench)
            hand.take()
            (hand.card / "lost+found").rmdir()
            station = Station(sysfs=tmp_path / "sys", socket=str(tmp_path / "s"))
            type(self).driver = type("OnBench", (InHand,), {"station": station, "hand": hand})()
            self._bench = bench
            yield Place(location=PORT, card=hand.card, nowhere=PORT.replace("/1", "/7"))
            hand.give()

    def place(self, folder: Path) -> Place:
        raise NotImplementedError

    def change_card(self, place: Place) -> None:
        """The recorder is pulled and another one plugged: its own disk, at its own address."""
        self._bench.bus.unplug("1-1")
        self._bench.bus.plug("1-1", Disk(Path(self._bench.loop).name, size=16 << 20))
        self._bench.number()

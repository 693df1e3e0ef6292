"""The power is cut while a recorder is read, and while it is freed: nothing is lost, and the next start goes on.

The machine is killed; what its disk had not flushed is thrown away. Then the disk is looked at as it was between
flushes long before, too: at every such moment the power might have gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import cards, logwrites
from tests.e2e.cards import MIB
from tests.e2e.conftest import HANG_S
from tests.e2e.kernel import NoGuest, run
from tests.e2e.machine import Machine
from tests.e2e.station import Station, disk, taken_out
from tests.outsiders import checker, tlog_reader

pytestmark = pytest.mark.e2e

POINTS = 12
"""So many moments between flushes are looked at after each cut."""


class Cutting:
    """A disk and a card, over several lives of their machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.image = disk(folder, ("1", "2", "3"), hang_s=HANG_S)
        self.source = cards.folder(folder / "card", "POWER01", 5 * MIB, *[2000] * 12)
        self.card = cards.fat(folder / "card.img", self.source)
        self.seen = checker.look(self.source)
        self._lives = 0

    def live(self) -> tuple[Machine, Path, Path]:
        """The machine is switched on: with the log of its disk's writes, and the disk as it is now."""
        self._lives += 1
        before, log = self.folder / f"before{self._lives}.img", self.folder / f"log{self._lives}"
        run("cp", "--sparse=auto", self.image, before)
        try:
            return Machine(disk=logwrites.logged(self.image, log)), before, log
        except NoGuest as error:
            pytest.skip(str(error))

    def cut(self, machine: Machine, before: Path, log: Path) -> int:
        """The power goes. The disk is what it had flushed; every earlier state stands up to the checker."""
        machine.kill()
        left = self.folder / "left"
        shutil.copytree(self.source, left)
        names = cards.files_on(self.card)
        for path in [p for p in left.rglob("*.mp4") if str(p.relative_to(left)) not in names]:
            path.unlink()
        count = logwrites.flushes(log)
        points = sorted({count * point // POINTS or 1 for point in range(1, POINTS + 1)})
        for point in points:
            self._look(before, log, point, left)
        run("cp", "--sparse=auto", before, self.image)
        logwrites.replay(self.image, log, until=count)
        shutil.rmtree(left)
        return len(points)

    def _look(self, before: Path, log: Path, point: int, left: Path) -> None:
        """The home as a flush left it. Where the intent to release stands the card may be as it was at the end."""
        copy = self.folder / "point.img"
        run("cp", "--sparse=auto", before, copy)
        logwrites.replay(copy, log, until=point)
        home = taken_out(copy, self.folder)
        is_freeing = any(e["type"] == "release.started" for e in tlog_reader.read(home).entries)
        lay = left if is_freeing else self.source
        seen = {checker.Seen(str(lay), one.path, one.sha256, one.size) for one in self.seen}
        faults = checker.check(home, seen, [lay])
        assert not faults, f"flush {point}: " + "\n".join(faults)


@pytest.fixture
def cutting(tmp_path: Path) -> Iterator[Cutting]:
    made = Cutting(tmp_path)
    yield made
    for path in tmp_path.glob("*.img"):
        path.unlink()


def test_cut_while_reading_then_while_freeing(cutting: Cutting) -> None:
    """Twice the power goes; the third life of the station frees the recorder, and everything is held once."""
    machine, *disks = cutting.live()
    with machine:
        station = Station(machine, cutting.image)
        station.daemon()
        machine.plug("card", "1", cutting.card, "POWER01")
        machine.throttle("card", MIB)
        station.until("1", "receiving", besides=f"live['bytes_done'] > {2 * MIB}")
        looked = cutting.cut(machine, *disks)
    machine, *disks = cutting.live()
    with machine:
        station = Station(machine, cutting.image)
        station.daemon()
        machine.plug("card", "2", cutting.card, "POWER01")
        station.until("2", "releasing")
        cards.until_fewer(cutting.card, len(cutting.seen))
        looked += cutting.cut(machine, *disks)
    print(
        f"2 cuts, {looked} states between flushes looked at; on the card: {len(cards.files_on(cutting.card))}"
    )
    machine, *_ = cutting.live()
    with machine:
        station = Station(machine, cutting.image)
        station.hold(cutting.source, cutting.card)
        station.daemon()
        machine.plug("card", "3", cutting.card, "POWER01")
        station.clear("3")
        machine.pull("card")
        station.until("3", "empty")
        station.stop()
        station.check(cutting.folder, settled=True)
    assert cards.files_on(cutting.card) == set()

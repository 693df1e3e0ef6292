"""Mass storage through a real mount unit: who it is, what it reads, what it frees, and when it is gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.device.api import EntryType
from ingestd.errors import DeviceError, DeviceGone
from ingestd.model import CardPath
from ingestd_drivers.storage import MassStorage, Station
from tests.mounts import bench as benches
from tests.mounts.bench import PORT, Bench
from tests.sysfs import Disk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with benches.at(tmp_path) as made:
        yield made


@pytest.fixture
def driver(bench: Bench) -> MassStorage:
    """The driver over the bench's bus and unit."""

    class OnBench(MassStorage):
        station = Station(sysfs=bench.folder / "sys", socket=str(bench.folder / "s"))

    return OnBench()


def test_who_it_is(driver: MassStorage) -> None:
    """Claims of the bus and the label beside those of the card, and the file system among the evidence."""
    assert driver.score(PORT).value > 0
    volume = driver.connect(PORT)
    identity = volume.identity()
    told = {(claim.what, claim.source) for claim in identity.claims}
    assert {("usb_id", "usb"), ("usb_serial", "usb"), ("model", "inquiry"), ("label", "label")} <= told
    assert "ext4" in identity.evidence
    assert volume.file_times == "utc"
    volume.close()


def test_read_and_freed(driver: MassStorage) -> None:
    """Files of another user are listed, read and deleted; links are named and left; read-only nothing goes."""
    volume = driver.connect(PORT)
    types = {item.path: item.type for item in volume.items()}
    assert types == {b"DCIM/a.mp4": EntryType.FILE, b"DCIM/link.mp4": EntryType.LINK}
    buffer = bytearray(10)
    source = volume.open(CardPath(b"DCIM/a.mp4"))
    assert buffer[: source.read_into(0, memoryview(buffer))] == b"clip"
    source.close()
    with pytest.raises(OSError, match="read-only"):
        volume.delete(CardPath(b"DCIM/a.mp4"))
    volume.close()
    volume = driver.connect(PORT, writable=True)
    volume.delete(CardPath(b"DCIM/a.mp4"))
    volume.flush()
    volume.close()
    volume = driver.connect(PORT)
    assert [item.path for item in volume.items()] == [b"DCIM/link.mp4"]
    volume.close()


def test_gone(driver: MassStorage, bench: Bench) -> None:
    """Pulled: the mount still answers, and the volume says all the same that the recorder is gone."""
    before = driver.present(PORT)
    volume = driver.connect(PORT)
    volume.alive()
    bench.bus.unplug("1-1")
    assert os.listdir(bench.mounted()[0].split()[1])
    with pytest.raises(DeviceGone):
        volume.alive()
    assert driver.present(PORT) is None
    with pytest.raises(DeviceGone):
        driver.connect(PORT)
    volume.close()
    bench.bus.plug("1-1", Disk(Path(bench.loop).name, size=16 << 20))
    assert driver.present(PORT) not in (None, before)


def test_no_unit(driver: MassStorage, bench: Bench) -> None:
    """Without the mount unit there is no reading, and the words say what to look at."""
    bench.end()
    with pytest.raises(DeviceError, match="ingestd-mount"):
        driver.connect(PORT)


def test_a_second_disk_that_cannot_be_read(driver: MassStorage, bench: Bench) -> None:
    """A recorder of two disks is read as far as it can be, and says what it could not."""
    bench.bus.unplug("1-1")
    bench.bus.plug("1-1", Disk(Path(bench.loop).name, size=16 << 20), Disk("sdzz"))
    bench.number()
    volume = driver.connect(PORT)
    types = {item.path: item.type for item in volume.items()}
    assert types[CardPath(b"1/DCIM/a.mp4")] is EntryType.FILE
    assert types[CardPath(b"2")] is EntryType.UNLISTABLE
    assert any(line.startswith("2: there is no card in sdzz") for line in volume.identity().evidence)
    volume.close()

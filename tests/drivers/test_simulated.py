"""The simulated recorder: the suite, and each fault that it can show."""

from __future__ import annotations

import errno
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ingestd.errors import DeviceGone
from ingestd.model import Claim
from ingestd.testing.driver_suite import DriverSuite, Place
from ingestd.testing.recorder import SimulatedRecorder
from ingestd_drivers.simulated import Simulated, read_control

NOW = 1_763_712_000_500


class FixedClock:
    """A station clock that stands."""

    def now(self):
        return NOW

    def monotonic(self):
        return 0.0

    def state(self):
        raise NotImplementedError


class TestSimulated(DriverSuite):
    """Every promise of the contract."""

    driver = Simulated()

    def place(self, folder: Path) -> Place:
        recorder = SimulatedRecorder(folder / "recorder").describe(serial="SIM0001")
        return Place(location=recorder.location, card=recorder.card_root)

    def change_card(self, place: Place) -> None:
        place.card.rename(place.card.with_name("old"))
        place.card.mkdir()


@pytest.fixture
def recorder(tmp_path):
    """A docked recorder with one clip of 8 KiB, each sector filled with its number."""
    recorder = SimulatedRecorder(tmp_path / "r").describe(serial="SIM0001").dock()
    recorder.card("dcim").file("DCIM/a.mp4", b"".join(bytes([n]) * 512 for n in range(16)))
    return recorder


def _read(volume, offset=0, size=8192, path=b"DCIM/a.mp4"):
    source = volume.open(path)
    buffer = bytearray(size)
    try:
        return bytes(buffer[: source.read_into(offset, memoryview(buffer))])
    finally:
        source.close()


def test_bad_sectors_fail_exactly(recorder):
    """Only the sectors that the range touches give EIO; a read up to them is short, what follows is good."""
    recorder.describe(bad=[{"path": "DCIM/a.mp4", "start": 1000, "end": 1030}])
    volume = Simulated().connect(recorder.location)
    assert len(_read(volume)) == 512
    for offset in (512, 1000, 1535):
        with pytest.raises(OSError, match="bad sector") as told:
            _read(volume, offset)
        assert told.value.errno == errno.EIO
    assert _read(volume, 1536) == b"".join(bytes([n]) * 512 for n in range(3, 16))
    volume.close()


def test_pulled_by_hand(recorder):
    """After the pull-out: absent, no pulse, EIO on every call, and a listing that just ends."""
    driver = Simulated()
    volume = driver.connect(recorder.location, writable=True)
    source = volume.open(b"DCIM/a.mp4")
    listing = volume.items()
    recorder.pull()
    assert driver.present(recorder.location) is None
    with pytest.raises(DeviceGone):
        volume.alive()
    assert list(listing) == []
    assert list(volume.items()) == []
    calls = (
        lambda: source.read_into(0, memoryview(bytearray(4))),
        source.stat,
        volume.identity,
        volume.battery,
        volume.clock,
        volume.flush,
        lambda: volume.open(b"DCIM/a.mp4"),
        lambda: volume.delete(b"DCIM/a.mp4"),
        lambda: volume.set_clock(0),
    )
    for call in calls:
        with pytest.raises(OSError, match="pulled") as told:
            call()
        assert told.value.errno == errno.EIO
    with pytest.raises(DeviceGone):
        driver.connect(recorder.location)
    source.close()
    volume.close()


def test_pulled_after_so_many_bytes(recorder):
    """The cable gives exactly the planned bytes, then nothing; docked again, it gives all."""
    driver = Simulated()
    before = driver.present(recorder.location)
    recorder.describe(pull_after_bytes=1300)
    volume = driver.connect(recorder.location)
    assert len(_read(volume)) == 1300
    with pytest.raises(OSError, match="pulled"):
        _read(volume, 1300)
    assert driver.present(recorder.location) is None
    volume.close()
    recorder.dock()
    assert driver.present(recorder.location) not in (None, before)
    volume = driver.connect(recorder.location)
    assert len(_read(volume)) == 8192
    volume.close()


def test_docked_anew_under_an_open_volume(recorder):
    """A volume of an earlier docking stays gone, however quickly the recorder was put back."""
    volume = Simulated().connect(recorder.location)
    recorder.pull().dock()
    with pytest.raises(DeviceGone):
        volume.alive()
    volume.close()


def test_write_protected(recorder):
    """A write-protected card refuses deletion with EROFS and keeps the file."""
    recorder.describe(write_protected=True)
    volume = Simulated().connect(recorder.location, writable=True)
    with pytest.raises(OSError, match="read-only") as told:
        volume.delete(b"DCIM/a.mp4")
    assert told.value.errno == errno.EROFS
    assert len(_read(volume)) == 8192
    volume.close()


def test_throttled(recorder):
    """A cable of 40 kB/s takes its time, within a fifth."""
    recorder.describe(bytes_per_second=40_000)
    volume = Simulated().connect(recorder.location)
    started = time.monotonic()
    for offset in range(0, 8192, 512):
        _read(volume, offset, 512)
        _read(volume, offset, 512)
    assert 0.8 <= (time.monotonic() - started) / (16_384 / 40_000) <= 1.4
    volume.close()


def test_a_hung_read_hangs_until_pulled(recorder):
    """A hung device does not answer; bytes before the place are given."""
    recorder.describe(hang_path="DCIM/a.mp4", hang_at=4096)
    volume = Simulated().connect(recorder.location)
    assert len(_read(volume, 0, 4096)) == 4096
    ended = []

    def reader():
        try:
            _read(volume, 4096)
        except OSError as error:
            ended.append(error.errno)

    thread = threading.Thread(target=reader)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    recorder.pull()
    thread.join(5)
    assert ended == [errno.EIO]
    volume.close()


def test_clock_battery_and_claims(recorder):
    """What the control file says is told: wall time in the recorder's zone, charge, claims with source."""
    recorder.describe(officer="110423", battery=63, clock={"offset_ms": -540_000, "zone_minutes": 480})
    volume = Simulated(FixedClock).connect(recorder.location)
    reading = volume.clock()
    assert (reading.wall, reading.zone) == (1_763_712_000_000 - 540_000 + 28_800_000, "local")
    assert volume.battery() == 63
    assert volume.identity().claims[:2] == (
        Claim(what="serial", value="SIM0001", source="simulated"),
        Claim(what="officer", value="110423", source="simulated"),
    )
    assert volume.set_clock(NOW + 28_800_000)
    assert volume.clock().wall == 1_763_712_000_000 + 28_800_000
    assert sorted(p.name for p in recorder.card_root.iterdir()) == ["DCIM"]
    volume.close()


@pytest.mark.parametrize("clock", [None, {"frozen_at": 5_000}, {"settable": False}])
def test_clocks_that_cannot_be_set(recorder, clock):
    """No clock, a frozen one, one without the command: False, and the reading stays."""
    recorder.describe(clock=clock)
    volume = Simulated(FixedClock).connect(recorder.location)
    before = volume.clock()
    assert volume.set_clock(0) is False
    assert volume.clock() == before
    volume.close()


def test_a_control_file_that_makes_no_sense(recorder):
    """A mistyped key is told as such, not ignored."""
    recorder.describe(batery=5)
    with pytest.raises(OSError, match="batery"):
        Simulated().connect(recorder.location)


def test_no_recorder_at_all(tmp_path):
    """A plain folder is no simulated recorder."""
    assert Simulated().score(str(tmp_path)).value == 0
    assert Simulated().present(str(tmp_path)) is None


def test_a_recorder_is_taken_up_where_it_was_left(recorder):
    """Another process that opens the same folder changes what it asks for and nothing else."""
    recorder.describe(bad=[{"path": "x", "start": 0, "end": 1}], clock={"offset_ms": 5})
    before = read_control(recorder.folder / "recorder.toml")
    SimulatedRecorder(recorder.folder).describe(battery=9)
    assert read_control(recorder.folder / "recorder.toml") == replace(before, battery=9)

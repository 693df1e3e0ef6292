"""A directory that behaves like a recorder: for the demonstration, for tests, for training.

The location holds ``card/`` (the card's files) and ``recorder.toml`` (how it behaves); nothing of the
simulation lies on the card. What happens while it runs are marker files beside them: ``pulled`` (it was
taken away) and ``clock-set`` (milliseconds by which its clock was corrected). `ingestd.testing.recorder`
writes all of this; `drivers/README.md` lists the keys.
"""

from __future__ import annotations

import errno
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from ingestd.clock import Clock, StationClock
from ingestd.device.api import ClockReading, FileTimes, Identity, Item, Score, Source, Stat, Zone
from ingestd.model import CardPath, Claim, Millis
from ingestd_drivers.volume import TreeVolume, gone, token

CONTROL, CARD, PULLED, CLOCK_SET = "recorder.toml", "card", "pulled", "clock-set"
SECTOR_BYTES = 512
_SLICE_SECONDS = 0.02
"""A throttled or hanging read looks so often whether the recorder was pulled."""
_AHEAD_SECONDS = 0.05
"""So much of a throttled cable's time may pass unused and still be made up, as read-ahead does."""
_CERTAIN = 100
_RESOLUTION_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BadSectors:
    """Sectors of one file that cannot be read: those that the byte range touches."""

    path: CardPath
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedClock:
    """The recorder's own clock against the station's."""

    offset_ms: int = 0
    zone_minutes: int = 480
    zone: Zone = "local"
    frozen_at: Millis | None = None
    """Wall milliseconds at which it stands still."""
    settable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What ``recorder.toml`` says."""

    serial: str | None = None
    officer: str | None = None
    model: str | None = None
    docking: int = 0
    """Counts dockings: another number is another presence."""
    battery: int | None = None
    bytes_per_second: int | None = None
    pull_after_bytes: int | None = None
    write_protected: bool = False
    hang_path: CardPath | None = None
    hang_at: int = 0
    clock: SimulatedClock | None = None
    bad: tuple[BadSectors, ...] = field(default=())


def read_control(file: Path) -> Behaviour:
    """The behaviour that a control file asks for. Raises OSError, also (EINVAL) where it makes no sense."""
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        return _behaviour(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, KeyError) as error:
        raise OSError(errno.EINVAL, f"not a recorder's control file: {error}", str(file)) from error


def _behaviour(data: dict[str, Any]) -> Behaviour:
    clock = data.pop("clock", None)
    bad = tuple(
        BadSectors(path=CardPath(b["path"].encode()), start=b["start"], end=b["end"])
        for b in data.pop("bad", ())
    )
    hang = data.pop("hang_path", None)
    return Behaviour(
        **data,
        clock=SimulatedClock(**clock) if clock is not None else None,
        bad=bad,
        hang_path=CardPath(hang.encode()) if hang is not None else None,
    )


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


class _State:
    """What all open files of one connected recorder share: its pulse, its cable, its byte count."""

    def __init__(self, location: Path, behaviour: Behaviour) -> None:
        self.location, self.behaviour = location, behaviour
        self._read = 0
        self._free_at = time.monotonic()
        self._control_mark = _mark(location / CONTROL)

    def is_pulled(self) -> bool:
        """Whether this docking is over: pulled, or docked anew since."""
        if (self.location / PULLED).exists():
            return True
        mark = _mark(self.location / CONTROL)
        if mark == self._control_mark:
            return False
        if mark is None or read_control(self.location / CONTROL).docking != self.behaviour.docking:
            return True
        self._control_mark = mark
        return False

    def require(self) -> None:
        """Raises EIO where the recorder was pulled."""
        if self.is_pulled():
            raise OSError(errno.EIO, "the recorder was pulled", str(self.location))

    def hang(self) -> None:
        """Answers never, as a hung device does; being pulled ends it."""
        while not self.is_pulled():
            time.sleep(_SLICE_SECONDS)
        self.require()

    def admit(self, wanted: int) -> int:
        """How many bytes of a read come before the recorder is pulled; 0 at that moment (then EIO)."""
        limit = self.behaviour.pull_after_bytes
        if limit is None:
            return wanted
        return max(0, min(wanted, limit - self._read))

    def passed(self, count: int) -> None:
        """Bytes crossed the cable: takes the time that the throttle asks for."""
        self._read += count
        if self.behaviour.pull_after_bytes is not None and self._read >= self.behaviour.pull_after_bytes:
            (self.location / PULLED).touch()
        rate = self.behaviour.bytes_per_second
        if rate is None:
            return
        self._free_at = max(self._free_at, time.monotonic() - _AHEAD_SECONDS) + count / rate
        while (rest := self._free_at - time.monotonic()) > 0:
            time.sleep(min(rest, _SLICE_SECONDS))


class SimulatedSource:
    """One open file of a simulated recorder."""

    def __init__(self, source: Source, path: CardPath, state: _State) -> None:
        self._source, self._path, self._state = source, path, state
        self._bad = [
            (b.start // SECTOR_BYTES * SECTOR_BYTES, -(-b.end // SECTOR_BYTES) * SECTOR_BYTES)
            for b in state.behaviour.bad
            if b.path == path
        ]

    def read_into(self, offset: int, buffer: memoryview) -> int:
        self._state.require()
        self._hang(offset + len(buffer))
        length = self._state.admit(min(len(buffer), self._good(offset, len(buffer))))
        if length == 0 and len(buffer):
            (self._state.location / PULLED).touch()
            self._state.require()
        count = self._source.read_into(offset, buffer[:length])
        self._state.passed(count)
        return count

    def _good(self, offset: int, length: int) -> int:
        """Bytes before the next bad sector. Raises EIO where the offset lies in one."""
        for start, end in self._bad:
            if start <= offset < end and offset < self._source.stat().size:
                raise OSError(errno.EIO, "bad sector", self._path)
            if offset < start:
                length = min(length, start - offset)
        return length

    def _hang(self, end: int) -> None:
        if self._path == self._state.behaviour.hang_path and end > self._state.behaviour.hang_at:
            self._state.hang()

    def stat(self) -> Stat:
        self._state.require()
        return self._source.stat()

    def close(self) -> None:
        self._source.close()


class SimulatedVolume:
    """A connected simulated recorder: its card's folder, seen through its faults."""

    def __init__(self, location: Path, *, writable: bool, clock: Clock) -> None:
        control = location / CONTROL
        if not control.exists() or (location / PULLED).exists():
            raise gone("it is not docked")
        self._state = _State(location, read_control(control))
        self._behaviour = self._state.behaviour
        self._clock = clock
        self._tree = TreeVolume(
            str(location / CARD), writable=writable and not self._behaviour.write_protected
        )

    @property
    def file_times(self) -> FileTimes:
        return self._tree.file_times

    def alive(self) -> None:
        if self._state.is_pulled():
            raise gone("it was pulled")
        self._tree.alive()

    def identity(self) -> Identity:
        self._state.require()
        claims = tuple(
            Claim(what=what, value=value, source=Simulated.name)
            for what in ("serial", "officer", "model")
            if (value := getattr(self._behaviour, what)) is not None
        )
        seen = self._tree.identity()
        return replace(seen, claims=(*claims, *seen.claims))

    def clock(self) -> ClockReading | None:
        self._state.require()
        clock = self._behaviour.clock
        if clock is None:
            return None
        wall = clock.frozen_at
        if wall is None:
            wall = Millis(self._own_time(clock) + self._correction())
        wall = Millis(wall // _RESOLUTION_MS * _RESOLUTION_MS)
        return ClockReading(wall=wall, zone=clock.zone, resolution_ms=_RESOLUTION_MS)

    def _own_time(self, clock: SimulatedClock) -> int:
        zone_ms = clock.zone_minutes * 60_000 if clock.zone == "local" else 0
        return self._clock.now() + clock.offset_ms + zone_ms

    def _correction(self) -> int:
        file = self._state.location / CLOCK_SET
        return int(file.read_text("ascii")) if file.exists() else 0

    def battery(self) -> int | None:
        self._state.require()
        return self._behaviour.battery if self._behaviour.battery is not None else self._tree.battery()

    def items(self) -> Iterator[Item]:
        """Every entry; after a pull-out the listing just ends, as that of a stale mount does."""
        if self._state.is_pulled():
            return
        for item in self._tree.items():
            if self._state.is_pulled():
                return
            yield item

    def open(self, path: CardPath) -> Source:
        self._state.require()
        return SimulatedSource(self._tree.open(path), path, self._state)

    def delete(self, path: CardPath) -> None:
        self._state.require()
        self._tree.delete(path)

    def flush(self) -> None:
        self._state.require()
        self._tree.flush()

    def set_clock(self, wall: Millis) -> bool:
        self._state.require()
        clock = self._behaviour.clock
        if clock is None or not clock.settable or clock.frozen_at is not None:
            return False
        correction = wall - self._own_time(clock)
        (self._state.location / CLOCK_SET).write_text(str(correction), "ascii")
        return True

    def close(self) -> None:
        self._tree.close()


class Simulated:
    """A recorder made of a folder."""

    name: ClassVar[str] = "simulated"

    def __init__(self, clock: Callable[[], Clock] = StationClock) -> None:
        self._clock = clock
        self._told: tuple[object, int] = (None, 0)
        """Place and mark of the control file that was read last, and its docking: asked for once a second."""

    def present(self, location: str) -> str | None:
        place = Path(location)
        mark = _mark(place / CONTROL)
        if mark is None or (place / PULLED).exists():
            return None
        if self._told[0] != (location, mark):
            self._told = ((location, mark), read_control(place / CONTROL).docking)
        card = token(str(place / CARD))
        return card and f"{self._told[1]}-{card}"

    def score(self, location: str) -> Score:
        if (Path(location) / CONTROL).is_file() and (Path(location) / CARD).is_dir():
            return Score(value=_CERTAIN, reasons=(f"{CONTROL} beside {CARD}/",))
        return Score(value=0, reasons=(f"no {CONTROL} beside {CARD}/",))

    def connect(self, location: str, *, writable: bool = False) -> SimulatedVolume:
        return SimulatedVolume(Path(location), writable=writable, clock=self._clock())

    def wait(self, location: str, seconds: float) -> None:
        from ingestd import watching  # noqa: PLC0415 - as in Folder.wait: workers never load it

        watching.wait(location, seconds)

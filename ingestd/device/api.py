"""What a driver author imports. A driver declares and translates; it decides nothing, retries nothing.

A `Driver` knows a kind of connection (a folder, a simulated recorder, mass storage). `Driver.connect`
gives a `Volume`: the files of one volume of one recorder, opened read-only unless asked otherwise. All of
it runs in the slot's worker, a child process: it may block or die without harm to others. Errors: OSError
for what the device does, DeviceGone where there is no sign of life; nothing else leaves a driver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from ingestd.model import CardPath, Claim, Kind, Millis

Zone = Literal["utc", "local", "unknown"]
CounterPer = Literal["card", "folder", "day"]
FileTimes = Literal["fat-local", "utc", "unknown"]
"""FAT: local time taken for UTC, in steps of 2 s; UTC; not known."""


class EntryType(StrEnum):
    """What a directory entry is. Only files are ever opened."""

    FILE = "file"
    LINK = "link"
    FIFO = "fifo"
    SOCKET = "socket"
    DEVICE_NODE = "device-node"
    UNLISTABLE = "unlistable-folder"
    """A folder that the device could not list (its path); what lies below is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTime:
    """A wall time that a file's name states, as milliseconds as if it were UTC, with the family's zone."""

    wall: Millis
    zone: Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a card: what the device tells of it, and how its family reads the name."""

    path: CardPath
    type: EntryType
    size: int
    """Bytes, as told."""
    mtime_us: int | None
    """Microseconds since the epoch as the mount tells (FAT: local time taken for UTC), None where untold."""
    kind: Kind = Kind.OTHER
    stays: str | None = None
    """Why this file is copied when changed but never deleted (identity, configuration, firmware)."""
    litter: str | None = None
    """Why this is a system's own litter: listed in the log and left, never acquired."""
    named: NamedTime | None = None
    sequence: int | None = None
    marked: bool = False
    """The officer's key-file mark (IMP)."""
    claims: tuple[Claim, ...] = ()
    """Whose and which recorder's, as this file's name or folder says."""
    sidecar_of: CardPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Can this driver speak to what is there? 0 no, 100 certainly; reasons are for the log."""

    value: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a recorder says it is: every claim with its source, weighed by nobody yet."""

    family: str | None
    """Key of the card family (E12-new, novatek ...), None where no family is known."""
    evidence: tuple[str, ...]
    """Why this family, in words."""
    claims: tuple[Claim, ...]
    counter_runs_on: bool = False
    """The family's sequence numbers do not start anew by day, folder or after a reset."""
    counter_per: CounterPer | None = None
    """Where they start anew: nowhere on the card, in each folder, on each day; None where the family does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """The recorder's clock as read: wall milliseconds as if UTC, its zone, how coarse it is."""

    wall: Millis
    zone: Zone
    resolution_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """Size and time of an open file, to tell whether it changed under the reader."""

    size: int
    mtime_us: int | None


class Source(Protocol):
    """One open file on a recorder, read-only."""

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset (bytes); the count read, 0 at the end. Raises OSError."""

    def stat(self) -> Stat:
        """Size and time now. Raises OSError."""

    def close(self) -> None:
        """Let go of the file."""


class Volume(Protocol):
    """The files of one volume of a connected recorder."""

    @property
    def file_times(self) -> FileTimes:
        """How the mount tells file times."""

    def alive(self) -> None:
        """Raises DeviceGone where the recorder is no longer there (an empty listing proves nothing)."""

    def identity(self) -> Identity:
        """Family and claims. Raises OSError."""

    def clock(self) -> ClockReading | None:
        """The recorder's clock, None where it cannot be asked."""

    def battery(self) -> int | None:
        """Percent, None where it cannot be asked."""

    def items(self) -> Iterator[Item]:
        """Every entry but folders, in the device's order; unlistable folders as such. Raises OSError."""

    def open(self, path: CardPath) -> Source:
        """Open a file for reading; never follows a link. Raises OSError."""

    def delete(self, path: CardPath) -> None:
        """Delete one file (volume connected writable), durable with `flush`. Raises OSError."""

    def flush(self) -> None:
        """Make deletions durable on the card. Raises OSError."""

    def set_clock(self, wall: Millis) -> bool:
        """Set the recorder's clock (milliseconds as if UTC, in its own zone); False where it cannot."""

    def close(self) -> None:
        """Let go of the volume."""


class Driver(Protocol):
    """A kind of connection. Stateless; made once in each worker."""

    name: ClassVar[str]
    """As in the entry point and in every manifest."""

    def present(self, location: str) -> str | None:
        """A token while something is there (another one when another thing is there), else None.

        Cheap, called about once a second. Raises OSError where it cannot tell.
        """

    def score(self, location: str) -> Score:
        """Can this driver speak to what is at the location? Read-only."""

    def connect(self, location: str, *, writable: bool = False) -> Volume:
        """Open the volume at a location. Raises OSError, DeviceGone."""

    def wait(self, location: str, seconds: float) -> None:
        """Sleep until something may have changed at the location, at most `seconds`: a hint only."""

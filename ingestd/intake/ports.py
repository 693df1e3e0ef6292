"""What intake needs of later stages, as small protocols: log and index (`Books`), and live state (`Live`)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ingestd.device.api import CounterPer
from ingestd.events import Event
from ingestd.intake.custody import Custody
from ingestd.intake.holding import Statement
from ingestd.intake.numbering import Numbered
from ingestd.intake.plan import Held
from ingestd.model import (
    AcquisitionId,
    BadRange,
    CardPath,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)
from ingestd.pulse import Pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecorder:
    """What the index knows of a recorder when it docks or leaves."""

    custody: Custody
    since_at: Millis
    """Since when it is in its state."""
    last_docked_at: Millis | None
    """When it last docked with its card listed in full: what the card did not show then came later."""
    said: tuple[Statement, ...]
    """Of its assignment, in the order of the log."""
    unsecured: int
    """Files that its last listing named and that are not secured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urged:
    """What of a recorder people want before all others."""

    everything: bool
    paths: frozenset[CardPath]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHole:
    """A hole in a recorder's numbering that stands."""

    about: str
    series: str
    first: int
    last: int
    counted_per: CounterPer
    facts: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRead:
    """How good an earlier, quarantined read of a file was."""

    sha256: Sha256
    size: int
    bad_ranges: tuple[BadRange, ...]
    partial: bool
    fault: str | None
    manifest: str
    flags: tuple[str, ...]


class Books(Protocol):
    """Log and index as intake sees them. Every call is safe from any thread."""

    def append(self, events: Sequence[Event]) -> tuple[int, ...]:
        """Commit events in one transaction; their positions in the log. Raises NoSpaceError, LogError.

        Findings that are open already are not opened again, those that are not open are not closed.
        """

    def ensure_published(self, seq: int) -> None:
        """Return once a signed checkpoint on disk covers this position. Raises NoSpaceError, LogError."""

    def is_recorded(self, acquisition: AcquisitionId) -> bool:
        """Whether `clip.secured` or `clip.quarantined` of this acquisition stands in the log."""

    def stored_by(self, digests: Sequence[Sha256]) -> Mapping[Sha256, AcquisitionId]:
        """Of these digests those whose bytes are held, each with the first acquisition that brought them."""

    def is_damaged(self, sha256: Sha256) -> bool:
        """Whether the stored bytes of this digest were found damaged or gone, and not repaired since."""

    def quarantined(self, acquisition: AcquisitionId) -> QuarantinedRead | None:
        """An acquisition that is quarantined and not superseded; None for any other."""

    def held_files(self, recorder: RecorderId) -> Sequence[Held]:
        """Files acquired from this recorder and not seen gone since."""

    def seen_before(self, recorder: RecorderId) -> frozenset[tuple[CardPath, int, int | None]]:
        """Path, size and time of files that an earlier listing named and that are not acquired yet."""

    def recorder(self, recorder: RecorderId) -> KnownRecorder | None:
        """What is known of the recorder, None where it never docked and was never enrolled."""

    def recorder_in(self, slot: SlotName) -> RecorderId | None:
        """The recorder that stands in a slot as far as the log knows."""

    def urged(self, recorder: RecorderId) -> Urged:
        """What of a recorder is wanted first, and not secured yet."""

    def numbers(self, recorder: RecorderId, since: Millis) -> Sequence[Numbered]:
        """Recordings with a number that came from a recorder, or name it, since a moment; and those seen on it."""

    def open_holes(self, recorder: RecorderId) -> Sequence[OpenHole]:
        """Holes in its numbering that stand."""

    def docked_with(self, usb_id: str, usb_serial: str) -> Sequence[RecorderId]:
        """Recorders whose last docking claimed this USB id and serial."""

    def open_sessions(self) -> Sequence[tuple[SessionId, RecorderId | None]]:
        """Sessions without a `session.closed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """A snapshot of one slot for boards: live, and no evidence."""

    slot: SlotName
    phase: str = "empty"
    """empty, looking, receiving, checking, releasing, clear, kept, problem, waiting."""
    session: str | None = None
    recorder: str | None = None
    officer: str | None = None
    family: str | None = None
    files_done: int = 0
    files_total: int = 0
    clips_done: int = 0
    clips_total: int = 0
    """Of the files those that are film, photo or sound: what a person counts."""
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_per_s: int = 0
    battery: int | None = None
    problem: str | None = None
    since: Millis | None = None

    @property
    def seconds_left(self) -> int | None:
        """By the present speed; None where nothing moves."""
        if self.phase != "receiving" or self.bytes_per_s <= 0:
            return None
        return max(0, self.bytes_total - self.bytes_done) // self.bytes_per_s


@dataclass(slots=True)
class Live:
    """The changing `LiveState` of one slot; one session writes, anybody reads. A change is a sign of life."""

    state: LiveState
    pulse: Pulse | None = None
    """Of the slot's thread; None where nobody watches over it (one docking by command)."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _marks: list[tuple[float, int]] = field(default_factory=list)

    def beat(self, allow_s: float = 0.0) -> None:
        """The slot's thread goes on; its next step may take so many seconds more than any."""
        if self.pulse is not None:
            self.pulse.beat(allow_s)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The slot's thread waits for others who are watched themselves."""
        if self.pulse is None:
            yield
            return
        with self.pulse.resting():
            yield

    def set(self, **changes: Any) -> None:
        """Change some fields."""
        self.beat()
        with self._lock:
            self.state = replace(self.state, **changes)

    def finished(self, kind: Kind) -> None:
        """One more file is done."""
        done = self.state
        self.set(files_done=done.files_done + 1, clips_done=done.clips_done + kind.is_recording)

    def reset(self) -> None:
        """The slot is empty."""
        with self._lock:
            self._marks = []
            self.state = LiveState(slot=self.state.slot)

    def moved(self, count: int, at: float) -> None:
        """So many more bytes came in; the speed is that of the last ten seconds."""
        with self._lock:
            done = self.state.bytes_done + count
            self._marks = [(t, b) for t, b in self._marks if at - t < SPEED_WINDOW_S] + [(at, done)]
            first = self._marks[0]
            speed = round((done - first[1]) / (at - first[0])) if at > first[0] else 0
            self.state = replace(self.state, bytes_done=done, bytes_per_s=speed)


SPEED_WINDOW_S = 10.0
WORKING = frozenset({"looking", "receiving", "checking", "releasing"})
"""Phases in which a recorder is read or written."""

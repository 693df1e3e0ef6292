"""Values that cross stages. Frozen, parsed once at the edge; no behaviour beyond their own meaning. PURE.

Times are integer milliseconds since 1970-01-01T00:00:00Z (`Millis`); paths on a card are the raw bytes
that the card's file system gave, relative to the volume's root, parts joined by ``/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Millis = NewType("Millis", int)
AcquisitionId = NewType("AcquisitionId", str)
"""UUIDv7 text: one file of one recorder at one docking."""
SessionId = NewType("SessionId", str)
RecorderId = NewType("RecorderId", str)
SlotName = NewType("SlotName", str)
Sha256 = NewType("Sha256", str)
"""64 lower-case hex digits."""
CardPath = NewType("CardPath", bytes)

UNIDENTIFIED = RecorderId("unidentified")
"""A card that names no recorder: acquired, flagged, released only on request."""

CHUNK_BYTES = 1 << 20
"""Size of a chunk (design 6): BLAKE3-256 of each 1 MiB, the last may be shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A moment known between two bounds, with the word that says on what the knowledge rests.

    None is unknown: ``Interval(None, None, "none")`` knows nothing. Both bounds inclusive.
    """

    earliest: Millis | None
    latest: Millis | None
    basis: str


def length_between(started: Interval, ended: Interval) -> int | None:
    """Milliseconds from begin to end: both lie on one clock, so like bounds are so far apart. None: not known."""
    for begin, end in ((started.latest, ended.latest), (started.earliest, ended.earliest)):
        if begin is not None and end is not None and end > begin:
            return end - begin
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a clip in which a detector saw no usable picture or heard nothing."""

    kind: str
    """black, frozen, silent."""
    begin: int
    end: int
    """Milliseconds from the begin of the clip."""


class Kind(StrEnum):
    """What a file on a card is, by its name and place: never by its content."""

    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"
    LOG = "log"
    TRACK = "track"
    SIDECAR = "sidecar"
    CONFIG = "config"
    OTHER = "other"

    @property
    def is_recording(self) -> bool:
        """Film, photo or sound: what REC-1's clock runs for."""
        return self in (Kind.VIDEO, Kind.AUDIO, Kind.PHOTO)


class Fault(StrEnum):
    """What can be wrong with the reading of one file. Each has its word, its event and its test."""

    READ_ERROR = "read-error"
    """The device said it cannot read a part: zero-filled, listed in bad ranges, quarantined."""
    VANISHED = "vanished"
    """Listed, and gone when it was to be read."""
    CHANGED = "changed"
    """Size or time changed between listing and the end of copying."""
    GROWING = "still-written"
    """Written to within the last seconds: left for the next look."""
    PULLED = "pulled"
    """The recorder went away while this file was read."""
    NOT_A_FILE = "not-a-file"
    """A link, FIFO, socket or device node on a card: named in the log, never opened."""
    READ_BACK = "read-back"
    """What the disk gave back is not what was read from the recorder: copied anew."""


class Flag(StrEnum):
    """What is remarkable in a clip that was acquired as it is: flagged, not judged."""

    EMPTY = "empty"
    UNREADABLE_MEDIA = "unreadable-media"
    """No demultiplexer can make sense of it (unfinalised, damaged, or no media at all)."""
    UNKNOWN_KIND = "unknown-kind"
    CLOCK_RESET = "clock-reset"
    CLOCK_DOUBTFUL = "clock-doubtful"
    CLAIMS_DISAGREE = "claims-disagree"
    HOLDER_UNCLEAR = "holder-unclear"
    """It names no officer, and by assignment more than one may have had the recorder: none was chosen."""
    NAME_NOT_TEXT = "name-not-text"
    BACKLOG = "backlog"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a recorder says of itself and anyone can change: never an authentication."""

    what: str
    """serial, officer, officer_name, unit, unit_name, model, maker, usb_id, usb_serial, label."""
    value: str
    source: str
    """Where it says so: PARAM.INI, Info.dat, name, folder, label, usb, inquiry, simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRange:
    """Bytes of a file that could not be read; zero-filled in the stored copy."""

    offset: int
    length: int

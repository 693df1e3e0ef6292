"""Events of a docking: what lay on the card, how it ended, how the recorder was freed. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event, ListedFile
from ingestd.model import AcquisitionId, RecorderId, SessionId, SlotName


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionEvent(Event):
    session: SessionId

    @property
    def subject(self) -> str:
        return f"session:{self.session}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(_SessionEvent):
    """Something appeared in a slot and is being looked at."""

    type = "session.opened"
    slot: SlotName
    driver: str
    location: str
    location_b64: str | None = None
    """The exact bytes of a path that is not UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardListed(_SessionEvent):
    """What lay on the card, file by file, and what is to be done with each."""

    type = "card.listed"
    recorder: RecorderId
    files: tuple[ListedFile, ...]
    complete: bool
    """False where a folder could not be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed(_SessionEvent):
    """The docking is over."""

    type = "session.closed"
    recorder: RecorderId | None
    outcome: str
    """clear, kept, problem, pulled, interrupted, refused, nothing."""
    secured: int
    quarantined: int
    released: int
    left: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStarted(_SessionEvent):
    """Intent: these secured acquisitions are to be deleted from the recorder."""

    type = "release.started"
    recorder: RecorderId
    acquisitions: tuple[AcquisitionId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFailed(_SessionEvent):
    """A due release was not done, or not for these; nothing that is not secured was touched."""

    type = "release.failed"
    recorder: RecorderId
    acquisitions: tuple[AcquisitionId, ...]
    why: str
    detail: str

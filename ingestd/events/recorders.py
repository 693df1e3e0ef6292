"""Events of the custody of recorders, and of devices that are none. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import ClaimRecord, Event
from ingestd.model import Millis, RecorderId, SessionId, SlotName


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecorderEvent(Event):
    recorder: RecorderId

    @property
    def subject(self) -> str:
        return f"recorder:{self.recorder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderEnrolled(_RecorderEvent):
    """A recorder is known from now on: by its first docking, or by a person."""

    type = "recorder.enrolled"
    family: str | None
    driver: str | None
    claims: tuple[ClaimRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderAssigned(_RecorderEvent):
    """Whose recorder this is (officer null: nobody's), from now on or for the time that is told."""

    type = "recorder.assigned"
    officer: str | None
    mode: str
    """permanent, shift, ad-hoc."""
    since_at: Millis | None = None
    """From when; None: from the moment of the event."""
    until_at: Millis | None = None
    """Up to before when; None: until something else is said (ad-hoc: until the recorder is back)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderDocked(_RecorderEvent):
    """A recorder was put into a slot and identified."""

    type = "recorder.docked"
    session: SessionId
    slot: SlotName
    driver: str
    family: str | None
    evidence: tuple[str, ...]
    claims: tuple[ClaimRecord, ...]
    battery: int | None
    clock_wall: Millis | None
    """The recorder's clock as read before anything else, milliseconds as if UTC."""
    clock_zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderClear(_RecorderEvent):
    """Everything is secured and gone from the recorder: it may be taken."""

    type = "recorder.clear"
    session: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderProblem(_RecorderEvent):
    """The recorder is not clear and a person must look."""

    type = "recorder.problem"
    session: SessionId
    problem: str
    """device-hung, quarantined, release-failed, read-only, unlistable, device-error, no-space,
    intake-failed, same-serial-twice."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderPulledEarly(_RecorderEvent):
    """The recorder was taken before it was clear."""

    type = "recorder.pulled-early"
    session: SessionId
    unsecured: int
    """Files listed and not secured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderHandedOut(_RecorderEvent):
    """Two people ended the block on a recorder that still holds a quarantined clip."""

    type = "recorder.handed-out"
    reason_value: str
    proposed_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTo:
    """In whose hands a recorder left, by the assignment in force at that moment."""

    officer: str | None
    """None: assigned to nobody, or it cannot be told (`is_clear` false)."""
    mode: str | None
    """permanent, shift, ad-hoc; None without an officer."""
    is_clear: bool
    """False: assignments contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderUndocked(_RecorderEvent):
    """A recorder that may be taken was taken from its slot."""

    type = "recorder.undocked"
    slot: SlotName
    issued_to: IssuedTo | None = None
    """None: it was not told (entries of before)."""
    not_before_at: Millis | None = None
    """Where nobody watched: it left between this moment and that of the event. None: at the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderLost(_RecorderEvent):
    """A person reports it lost; its next docking finds it again."""

    type = "recorder.lost"
    reason_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderUrged(_RecorderEvent):
    """A person wants this recorder, or one file on it, before all others, until that is secured."""

    type = "recorder.urged"
    path: str | None
    """The file on the card; None: everything on the recorder."""
    path_b64: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRefused(Event):
    """What was put into a slot is no recorder that can be read: by its interfaces, or by what lies on it."""

    type = "device.refused"
    slot: SlotName
    location: str
    gate: str
    """refused, vendor-mode, mtp, no-disk: by its interfaces, not opened; driver: by what lies on it."""
    interfaces: tuple[str, ...]
    """Class, subclass and protocol in hex: ``03/01/01``."""
    claims: tuple[ClaimRecord, ...]
    why: str
    location_b64: str | None = None
    """The exact bytes of a path that is not UTF-8."""

    @property
    def subject(self) -> str:
        return f"slot:{self.slot}"

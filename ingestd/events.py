"""Every custody event, one frozen dataclass each. PURE.

An event's ``type`` is ``subject.verb``; its fields become ``data`` of the log entry as canonical JSON.
Personal text is never here: a field named ``*_value`` carries the digest of a value file (design 5).
Retired types stay listed: old logs must replay for ever. The table in docs/events.md is tested against this.
A type may grow by a field whose default is None: None is not written, so that entries of before stay as they
were, byte for byte, and read as what they meant.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, ClassVar

from ingestd.model import (
    AcquisitionId,
    BadRange,
    Interval,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """A claim as the log keeps it: names of people as the digest of a value, numbers as they are."""

    what: str
    text: str | None
    value: str | None
    """Digest of the value file where the claim is personal text (officer_name, unit_name)."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One entry of a card's listing."""

    path: str
    path_b64: str | None
    size: int
    mtime_us: int | None
    kind: Kind
    sequence: int | None
    plan: str
    """acquire, held, prove, left."""
    why: str | None
    """The reason where it is left; the held acquisition's id where it is held or to be proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRecord:
    """A driver in use, so that it can be told later which code spoke to a recorder."""

    name: str
    version: str
    sha256: Sha256
    """Of the driver's module file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Root of all events."""

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """What the event is about: ``clip:<id>``, ``recorder:<id>``, ``session:<id>``, ``station``, ..."""
        return "station"


# --- the log and the daemon ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCreated(Event):
    """The first entry of every log."""

    type = "log.created"
    agency: str
    station: str
    policy: str
    verifier_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecovered(Event):
    """A start found more than the checkpoint covers, or a database that had to be replayed."""

    type = "log.recovered"
    what: str
    """published, moved-aside, replayed, rebuilt, rebuilt-without-table."""
    size: int
    """Tree size from which the log goes on."""
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonStarted(Event):
    """The writer is up."""

    type = "daemon.started"
    version: str
    configuration_sha256: Sha256
    drivers: tuple[DriverRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonStopped(Event):
    """The writer ended in order."""

    type = "daemon.stopped"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChanged(Event):
    """The configuration was read again and differs."""

    type = "configuration.changed"
    configuration_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Event):
    """The station's wall clock jumped (negative: backwards)."""

    type = "clock.stepped"
    by_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskLow(Event):
    """Room is running out, by trend."""

    type = "disk.low"
    free_bytes: int
    days_left: int | None
    threshold_days: int
    """30, 7, 2; 0 = full."""


# --- recorders ----------------------------------------------------------------------------------


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
    same-serial-twice."""
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

    @property
    def subject(self) -> str:
        return f"slot:{self.slot}"


# --- sessions -----------------------------------------------------------------------------------


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


# --- clips --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClipEvent(Event):
    acquisition: AcquisitionId

    @property
    def subject(self) -> str:
        return f"clip:{self.acquisition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClipStored(_ClipEvent):
    """What `clip.secured` and `clip.quarantined` share: enough to project a clip without its manifest."""

    session: SessionId
    recorder: RecorderId
    slot: SlotName
    manifest: str
    """Path of the manifest below ``vault/manifests``, without ``.json``."""
    manifest_sha256: Sha256
    sha256: Sha256
    size: int
    path: str
    path_b64: str | None
    mtime_us: int | None
    """File time as told by the card (with size and path: how a held file is known again)."""
    kind: Kind
    marked: bool
    sequence: int | None
    officer: str | None
    started: Interval
    ended: Interval
    stored_at: Millis
    duplicate_of: AcquisitionId | None
    """An earlier acquisition that holds the same bytes."""
    supersedes: tuple[AcquisitionId, ...]
    """Quarantined acquisitions of the same file, of which this is a better read."""
    flags: tuple[str, ...]
    claimed_recorder: RecorderId | None = None
    """The recorder that the file itself names, where that is another than the one it came by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSecured(_ClipStored):
    """The clip is stored, read back, signed."""

    type = "clip.secured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuarantined(_ClipStored):
    """What could be read is stored, read back and signed; the rest is listed as bad."""

    type = "clip.quarantined"
    fault: str
    bad_ranges: tuple[BadRange, ...]
    partial: bool
    """True: only the beginning was read before the recorder went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFailed(_ClipEvent):
    """A file was listed and could not be acquired in this session (word in `model.Fault`)."""

    type = "clip.failed"
    session: SessionId
    recorder: RecorderId
    path: str
    path_b64: str | None
    fault: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReleased(_ClipEvent):
    """The clip is gone from the recorder."""

    type = "clip.released"
    session: SessionId
    observed: bool
    """True: found gone at a later docking after a release that was interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMissing(_ClipEvent):
    """A secured clip is gone from the recorder without a release: removed elsewhere."""

    type = "clip.missing"
    session: SessionId
    recorder: RecorderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDamaged(Event):
    """Stored bytes do not match their digest any more."""

    type = "clip.damaged"
    sha256: Sha256
    found_by: str
    """duplicate, verification, release, person."""
    detail: str

    @property
    def subject(self) -> str:
        return f"bytes:{self.sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRepaired(Event):
    """Damaged bytes were replaced by a new good copy; the damaged ones are kept in vault/damaged."""

    type = "clip.repaired"
    sha256: Sha256
    acquisition: AcquisitionId

    @property
    def subject(self) -> str:
        return f"bytes:{self.sha256}"


# --- release ------------------------------------------------------------------------------------


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


# --- findings, actions, looking after what is stored ----------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOpened(Event):
    """Something that a person must answer. The same finding on the same subject is opened once."""

    type = "finding.opened"
    finding: str
    """Id: a digest of kind and subject."""
    kind: str
    about: str
    """Subject: ``clip:<id>``, ``recorder:<id>``, ``slot:<name>``, ``station``."""
    rule: str | None
    layer: str | None
    facts: tuple[tuple[str, str | int | None], ...]

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosed(Event):
    """Facts ended the finding."""

    type = "finding.closed"
    finding: str
    about: str
    why: str

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionProposed(Event):
    """The first person of a two-person action."""

    type = "action.proposed"
    action: str
    """Id that `confirm` takes."""
    verb: str
    about: str
    reason_value: str | None

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRefused(Event):
    """A person asked for what they may not do."""

    type = "action.refused"
    verb: str
    about: str
    why: str
    count: int
    """How often within the minute (repeated refusals are counted, not listed)."""

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultVerified(Event):
    """A stretch of the vault was read again in full and compared."""

    type = "vault.verified"
    clips: int
    bytes: int
    faults: int
    cursor: str
    """Last digest of the stretch: where the next one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMade(_ClipEvent):
    """A preview of a clip exists below derived/ (another file, never the evidence)."""

    type = "preview.made"
    sha256: Sha256
    """Of the clip."""
    preview: str
    preview_sha256: Sha256
    tool: str
    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFailed(_ClipEvent):
    """No preview can be made of these bytes; said once, not tried again."""

    type = "preview.failed"
    sha256: Sha256
    why: str


def _leaves(cls: type[Event]) -> list[type[Event]]:
    found = [] if "type" not in cls.__dict__ else [cls]
    for below in cls.__subclasses__():
        found += _leaves(below)
    return found


EVENTS: dict[str, type[Event]] = {cls.type: cls for cls in _leaves(Event) if hasattr(cls, "type")}
"""All events by their type."""


_SCALARS = frozenset((str, int, bool, types.NoneType))


def data_of(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values (``data`` of its entry); what a type grew by only where it is told."""
    cls = type(event)
    told = {name: _plain(getattr(event, name)) for name in _names(cls)}
    for name in _grown(cls):
        if told[name] is None:
            del told[name]
    return told


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(cls: type[Any]) -> tuple[str, ...]:
    if cls not in _NAMES:
        _NAMES[cls] = tuple(field.name for field in fields(cls))
    return _NAMES[cls]


_GROWN: dict[type, frozenset[str]] = {}


def _grown(cls: type[Any]) -> frozenset[str]:
    """Fields that entries of before do not have."""
    if cls not in _GROWN:
        _GROWN[cls] = frozenset(field.name for field in fields(cls) if field.default is not MISSING)
    return _GROWN[cls]


def values_of(event: Event) -> tuple[str, ...]:
    """Digests of the personal values that an event refers to."""
    own = [getattr(event, name) for name in _names(type(event)) if name.endswith("_value")]
    claims: tuple[ClaimRecord, ...] = getattr(event, "claims", ())
    return tuple(digest for digest in (*own, *(claim.value for claim in claims)) if digest)


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if isinstance(value, tuple):
        return [_plain(element) for element in value]
    if isinstance(value, StrEnum):
        return value.value
    return {name: _plain(getattr(value, name)) for name in _names(kind)}


class EventError(ValueError):
    """Data that is no event of its type."""


def event_of(type_name: str, data: dict[str, Any]) -> Event:
    """The inverse of `data_of`; raises EventError for an unknown type or data that does not fit."""
    cls = EVENTS.get(type_name)
    if cls is None:
        raise EventError(f"no event type {type_name!r}")
    event: Event = _built(cls, data, type_name)
    return event


_HINTS: dict[type, dict[str, Any]] = {}


def _built(wanted: Any, value: Any, where: str) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a kind of type
    if is_dataclass(wanted) and isinstance(wanted, type):
        if not isinstance(value, dict):
            raise EventError(f"{where}: an object was expected")
        if wanted not in _HINTS:
            _HINTS[wanted] = typing.get_type_hints(wanted)
        names = frozenset(_names(wanted))
        if not names - _grown(wanted) <= set(value) <= names:
            raise EventError(f"{where}: fields {sorted(value)} where {sorted(names)} were expected")
        if any(value[name] is None for name in _grown(wanted) & set(value)):
            raise EventError(f"{where}: a field that is not told is absent, never null")
        hints = _HINTS[wanted]
        return wanted(**{n: _built(hints[n], value[n], f"{where}.{n}") for n in value})
    while isinstance(wanted, typing.NewType):
        wanted = wanted.__supertype__
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _one_of([a for a in arguments if a is not type(None)], value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise EventError(f"{where}: a list was expected")
        if arguments[-1:] == (Ellipsis,):
            return tuple(_built(arguments[0], v, where) for v in value)
        if len(value) != len(arguments):
            raise EventError(f"{where}: {len(arguments)} elements were expected")
        return tuple(_built(a, v, where) for a, v in zip(arguments, value, strict=True))
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        try:
            return wanted(value)
        except ValueError as error:
            raise EventError(f"{where}: {error}") from error
    if type(value) is not wanted:
        raise EventError(f"{where}: {wanted.__name__} was expected, not {value!r:.80}")
    return value


def _one_of(candidates: list[Any], value: Any, where: str) -> Any:
    error: EventError | None = None
    for candidate in candidates:
        try:
            return _built(candidate, value, where)
        except EventError as failed:
            error = failed
    assert error is not None
    raise error

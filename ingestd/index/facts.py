"""What the queries answer: values as they were projected, parsed once. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.model import (
    AcquisitionId,
    BadRange,
    CardPath,
    Flag,
    Interval,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A file of a recorder that the vault holds and the recorder may still have: what a plan compares."""

    acquisition: AcquisitionId
    path: CardPath
    size: int
    mtime_us: int | None
    sha256: Sha256
    state: str
    """secured, quarantined."""
    release_pending: bool
    """A release was started for it, and neither done nor called off."""
    quarantined: bool
    partial: bool
    """Only the beginning is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A file that a listing named and that is not secured."""

    recorder: RecorderId
    session: SessionId
    path: str
    path_b64: str | None
    size: int
    mtime_us: int | None
    kind: Kind
    first_seen_at: Millis
    fault: str | None
    """Why it could not be acquired (`model.Fault`)."""
    gone_at: Millis | None
    """When a later listing did not name it any more."""

    @property
    def ended(self) -> Interval:
        """When it ended, before anything is known of the recorder's clock.

        It ended before it was first seen; the file's own time is taken as the earliest, which is a claim.
        """
        told = None if self.mtime_us is None else Millis(min(self.mtime_us // 1000, self.first_seen_at))
        return Interval(earliest=told, latest=self.first_seen_at, basis="file-time+listing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One acquisition, all that its event said and what has become of it."""

    seq: int
    acquisition: AcquisitionId
    state: str
    """secured, quarantined, released, missing, superseded."""
    damaged: bool
    """The stored bytes do not match their digest, and no good copy has replaced them yet."""
    secured_at: Millis
    stored_at: Millis
    session: SessionId
    recorder: RecorderId
    slot: SlotName
    officer: str | None
    manifest: str
    manifest_sha256: Sha256
    sha256: Sha256
    size: int
    path: str
    path_b64: str | None
    mtime_us: int | None
    kind: Kind
    marked: bool
    sequence: int | None
    started: Interval
    ended: Interval
    flags: tuple[str, ...]
    duplicate_of: AcquisitionId | None
    supersedes: tuple[AcquisitionId, ...]
    superseded_by: AcquisitionId | None
    fault: str | None
    bad_ranges: tuple[BadRange, ...]
    partial: bool
    released_at: Millis | None
    claimed_recorder: RecorderId | None
    """The recorder that the file itself names, where that is another than the one it came by."""
    preview: str | None
    """Path of its preview below ``derived/``."""

    @property
    def subject(self) -> str:
        """As the log names it."""
        return f"clip:{self.acquisition}"

    @property
    def shown_state(self) -> str:
        """The one word for people: damage before custody, backlog beside it only while nothing else is."""
        if self.damaged:
            return "damaged"
        return "backlog" if self.state == "secured" and Flag.BACKLOG in self.flags else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """A recorder as the log knows it."""

    recorder: RecorderId
    state: str
    since_at: Millis
    family: str | None
    driver: str | None
    enrolled_at: Millis | None
    slot: SlotName | None
    """Where it stands; None: it is out."""
    session: SessionId | None
    outcome: str | None
    """How its newest docking ended; None while it goes on."""
    docked_at: Millis | None
    battery: int | None
    problem: str | None
    detail: str | None
    unsecured: int | None
    """Files that were on it when it was pulled early."""
    out_since_at: Millis | None
    """Since when it is in somebody's hands; None: in a slot, taken back, or never given out."""
    issued_at: Millis | None
    issued_to: str | None
    """To whom it was assigned when it last left a slot."""
    officer: str | None = None
    """Who has it at the moment that was asked for; None: nobody, or it cannot be told."""
    mode: str | None = None
    """permanent, shift, ad-hoc."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Docking:
    """One session in which the recorder was identified."""

    session: SessionId
    slot: SlotName
    docked_at: Millis
    clock_wall: Millis | None
    clock_zone: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that the log did not close yet."""

    session: SessionId
    slot: SlotName
    driver: str
    location: str
    opened_at: Millis
    recorder: RecorderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot's last known state, without what only the live daemon knows."""

    slot: SlotName
    state: str
    """receiving, may-be-taken, do-not-take, problem, empty."""
    since_at: Millis
    session: SessionId
    driver: str
    recorder: RecorderId | None
    officer: str | None = None
    """Who has the recorder at the moment that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge:
    """What a person wants before all others: a recorder, or one file on it."""

    recorder: RecorderId
    path: str | None
    """None: everything on the recorder."""
    urged_by: str
    urged_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person must answer."""

    finding: str
    kind: str
    about: str
    rule: str | None
    layer: str | None
    policy_sha256: Sha256 | None
    """Digest of the policy that spoke; None where no rule did, or the entry is of before."""
    facts: tuple[tuple[str, str | int | None], ...]
    opened_at: Millis
    opened_seq: int
    level: str | None = None
    """violation, unclear, proposal, notice; None: of the dock, by no rule."""
    section: str | None = None
    due_at: Millis | None = None
    state: str = "open"
    """open, acknowledged, explained, waived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAction:
    """A two-person action that waits for its second person."""

    action: str
    verb: str
    about: str
    reason_value: str | None
    proposed_by: str
    proposed_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many clips, and how many bytes they have (bytes shared by several count for each)."""

    clips: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the station holds and what is open."""

    clips: tuple[tuple[str, Tally], ...]
    """By custody state, in the alphabet's order."""
    damaged: int
    """Stored contents that are rotten now."""
    unanalysed: int
    """Recordings whose picture and sound wait to be analysed."""
    waiting: int
    """Files seen on a card and not secured."""
    gone: int
    """Files that left a card without being secured."""
    releases: int
    findings: int
    actions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBytes:
    """One content of the vault."""

    sha256: Sha256
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Whose log this is, and the newest facts of the station itself."""

    agency: str
    station: str
    policy: str
    """Key of the policy in force."""
    policy_sha256: Sha256 | None
    """Its digest; None in a log of before, until the next start."""
    agency_sha256: Sha256 | None
    """Digest of the agency's own file; None without one."""
    verifier_key: str
    started_at: Millis | None
    stopped_at: Millis | None
    """None while the writer runs, or after it died."""
    verified_at: Millis | None
    verify_cursor: str | None
    value_cursor: str | None
    """Where re-verification goes on among clips and documents, and among personal values."""
    disk_days_left: int | None

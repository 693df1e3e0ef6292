"""What linking is told of clips, acts and people's decisions, and what it proposes. PURE.

Times are milliseconds UTC, distances metres, places WGS 84 degrees. Nothing here is believed: each fact says
on what it rests, and `ingestd.linking.weights` says how far that is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingestd.model import AcquisitionId, Interval, Millis, RecorderId, SessionId
from ingestd.words import Text

Basis = Literal["card", "file-name", "assignment"]
"""Who names the officer: the recorder's own setting, the clip's name, the station's assignment."""
TimedBy = Literal["satellite", "recorder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerClaim:
    """That somebody had the recorder, as somebody says."""

    officer: str
    basis: Basis
    since: Millis | None = None
    """From when an assignment holds; None: from ever. Card and name hold for the clip."""
    until: Millis | None = None
    """Up to before; None: open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPoint:
    """One place that a recorder says it was at."""

    at: Millis | None
    lat: float
    lon: float
    accuracy_m: float
    """Standard deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a clip was recorded; its times are the satellites' (true), or the recorder's clock again."""

    points: tuple[TrackPoint, ...]
    timed_by: TimedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFact:
    """One clip, as the station knows it."""

    acquisition: AcquisitionId
    recorder: RecorderId
    session: SessionId
    """The docking that brought it: its clips share one clock, unless `clock_doubtful`."""
    started: Interval
    ended: Interval
    claimed: Millis | None
    """Start by the recorder's own clock, taken as local time of the station, uncorrected."""
    clock_doubtful: bool = False
    """Reset, or contradicted by the dockings: the claim says nothing, only the intervals count."""
    unit: str | None = None
    """The unit that the recorder belongs to."""
    sequence: int | None = None
    previous: AcquisitionId | None = None
    """The segment before it in one recording."""
    following: AcquisitionId | None = None
    officers: tuple[OfficerClaim, ...] = ()
    track: Track | None = None
    codes: tuple[str, ...] = ()
    """Case numbers read from QR codes shown to the camera."""
    note: str | None = None
    """The case number that the officer's note gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFact:
    """One act, as the case platform or a person tells it."""

    act: str
    case: str
    kind: str
    started: Interval
    ended: Interval
    """How exact they are is the teller's: to the minute, or as the form was filled in later."""
    officers: tuple[str, ...]
    units: tuple[str, ...] = ()
    """Units of its officers, by the register."""
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 100.0
    """How far around the place the act may extend."""
    premises: bool = False
    """At the agency's own enforcement premises, where many acts share one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided of a clip: a fact, never weighed."""

    acquisition: AcquisitionId
    act: str | None
    """None (with ``linked``): it belongs to no act."""
    linked: bool
    """False: it does not belong to this act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One term of a score."""

    what: str
    """prior, time, officer, unit, place, code, note, length, decision."""
    weight: float
    """Natural logarithm of how many times likelier the facts are if it is so."""
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One answer: an act, or None for no act at all. The score is the sum of its reasons' weights."""

    act: str | None
    case: str | None
    score: float
    is_possible: bool
    """The stated times, with the uncertainty stated, do not exclude it: else it is never linked unasked."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What linking makes of one clip."""

    acquisition: AcquisitionId
    recording: tuple[AcquisitionId, ...]
    """All segments of its recording: they get one answer, unless people decided otherwise."""
    winner: str | None
    """The act that clearly wins, or that a person decided; None: queued, or decided to be of no act."""
    decided: bool
    candidates: tuple[Candidate, ...]
    """Acts, best first."""
    none: Candidate
    """What speaks for no act."""
    why: Text
    """Why it is linked, or why it is not."""

"""What the engine judges beside the registers' rows (`ingestd.facts`): clips, recorders, determinations. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.model import Interval, Kind, Millis, Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """To which act or case a clip belongs."""

    act: str | None
    case: str | None
    by_person: bool
    """True: a person said so; with neither act nor case, that it belongs to none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What was found in picture and sound."""

    stretches: tuple[Stretch, ...] = ()
    speech_from_ms: int | None = None
    """When speech is first heard, from the clip's begin; None: never."""
    lead_ms: int = 0
    """What the recorder kept from before it was started (pre-recording)."""
    is_heard: bool = True
    """False: there is a sound of which nothing can be decoded; nobody knows what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One recording that is stored: film, photo or sound."""

    acquisition: str
    kind: Kind
    recorder: str
    session: str
    """The docking that brought it. Recorder and docking have one clock: its clips lie to each other for sure."""
    officer: str | None
    path: str
    sequence: int | None
    started: Interval
    ended: Interval
    stored_at: Millis
    is_backlog: bool = False
    link: Link | None = None
    analysis: Analysis | None = None
    """None: nobody has looked yet."""
    note_at: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A recording that was seen on a recorder and is not stored."""

    path: str
    ended: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """A recorder as its custody stands."""

    recorder: str
    officer: str | None = None
    """Who has it, or had it when it last left."""
    out_since: Millis | None = None
    """Since when it is out; None: in a slot, taken back, lost, or never given out."""
    is_lost: bool = False
    waiting: tuple[WaitingFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    """That a person determined whether an act has to be filmed whole (when_necessary)."""

    act: str
    needed: bool
    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """That a case's file was formed (REC-11)."""

    case: str
    formed_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """That figures of a period were given out (DIS-4, DIS-6)."""

    sheet: str
    """A word of `SHEETS`."""
    period: str
    """``2026`` or ``2026-03``."""
    given_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A random playback audit as far as it is (OWN-7)."""

    audit: str
    since_at: Millis
    until_at: Millis
    unit: str | None
    auditor: str | None
    committed_at: Millis
    reveal_by_at: Millis
    voided_at: Millis | None = None
    drawn_at: Millis | None = None
    drawn: int = 0
    judged: int = 0

    def covers(self, since_at: Millis, until_at: Millis, unit: str | None) -> bool:
        """Whether it draws from all recordings of a period and a unit (None: of the station)."""
        is_wide = self.unit is None or self.unit == unit
        return is_wide and self.since_at <= since_at and until_at <= self.until_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMonth:
    """That recordings came in within a month."""

    month: str
    """``2026-03``, at the agency's place."""


YEAR_REPORTED = "year-reported"
YEAR_PUBLIC = "year-public"
INSPECTIONS_PUBLIC = "inspections-public"
SHEETS = (YEAR_REPORTED, YEAR_PUBLIC, INSPECTIONS_PUBLIC)

Fact = (
    Clip
    | Recorder
    | Officer
    | Unit
    | Case
    | Act
    | TextRecord
    | Decision
    | Review
    | Determination
    | CaseFile
    | Sheet
    | Audit
    | RecordedMonth
)

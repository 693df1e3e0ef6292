"""Events of the law running: links, analyses, notes, determinations, what people do about findings. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import AcquisitionId, Interval, Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchRecord:
    """A part of a clip in which there is no usable picture, or nothing is heard."""

    kind: str
    """black, frozen, silent."""
    begin: int
    end: int
    """Milliseconds from the clip's begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfClip(Event):
    acquisition: AcquisitionId

    @property
    def subject(self) -> str:
        return f"clip:{self.acquisition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReason:
    """One term of a score, in words with the facts that it rests on; never personal text."""

    what: str
    """prior, time, officer, unit, place, code, note, length (`linking.facts.Reason`)."""
    weight: int
    """Thousandths of the natural logarithm of how many times likelier the facts are if it is so."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCandidate:
    """An act that a clip may be of; its score is the sum of its reasons."""

    act: str
    case: str | None
    score: int
    reasons: tuple[LinkReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLinked(_OfClip):
    """To which act and case a clip belongs from now on."""

    type = "clip.linked"
    act: str | None
    case: str | None
    by: str
    """machine, person. What a person says no machine changes."""
    score: int | None
    """Of the machine: thousandths of its measure; None by a person."""
    reasons: tuple[LinkReason, ...]
    """Of the machine."""
    margin: int | None = None
    """Of the machine: by how much the score exceeds the next best, another act or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQueued(_OfClip):
    """No act clearly wins: a person chooses among these, the likeliest first. None left: nothing to choose."""

    type = "clip.queued"
    zh: str
    """Why it is not linked, for people."""
    en: str
    candidates: tuple[LinkCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipUnlinked(_OfClip):
    """A clip belongs to the act or case no more; by a person: to none at all, until a person says otherwise."""

    type = "clip.unlinked"
    act: str | None
    case: str | None
    by: str
    reason_value: str | None
    """A person's reason; None by the machine, whose candidates changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAnalysed(_OfClip):
    """What picture and sound of these bytes have in them; said once for each content."""

    type = "media.analysed"
    sha256: Sha256
    tool: str
    version: str
    settings: str
    stretches: tuple[StretchRecord, ...]
    speech_from_ms: int | None
    """When speech is first heard, from the clip's begin; None: never."""
    lead_ms: int
    """What the recorder kept from before it was started."""
    codes: tuple[str, ...]
    """Case numbers read from codes that were shown to the camera."""
    failure: str | None
    """Why nothing can be said, a word of `ingestd.media.probe.ProbeFailure`; then there is nothing else."""
    duration_ms: int | None = None
    """To where there was picture or sound."""
    picture: str | None = None
    """there, absent, unreadable."""
    sound: str | None = None
    track_value: str | None = None
    """Where it was recorded (places are personal): by whose clock, and points of time, place, accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipNoted(_OfClip):
    """The short text note of a clip (REC-8)."""

    type = "clip.noted"
    note_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLabelled(_OfClip):
    """All classification labels that a clip has from now on (REC-17); none: it has none any more."""

    type = "clip.labelled"
    labels: tuple[str, ...]
    """Keys of `registers.words.LABELS`, in their order."""
    reason_value: str | None
    """Why, where a label was taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmingDetermined(Event):
    """A person determined whether an act has to be filmed whole (when_necessary)."""

    type = "filming.determined"
    act: str
    needed: bool
    reason_value: str

    @property
    def subject(self) -> str:
        return f"act:{self.act}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(Event):
    """A person states when a case's file was formed (REC-11)."""

    type = "case.filed"
    case: str
    formed_at: Millis

    @property
    def subject(self) -> str:
        return f"case:{self.case}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetGiven(Event):
    """A person states when figures of a period were given out (DIS-4, DIS-6)."""

    type = "sheet.given"
    sheet: str
    """A word of `law.facts.SHEETS`."""
    period: str
    """``2026`` or ``2026-03``."""
    given_at: Millis

    @property
    def subject(self) -> str:
        return f"sheet:{self.sheet}/{self.period}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LawSettled(Event):
    """All entries before a size of the log are linked and judged: a later start goes on from there.

    With another program, policy or configuration it judges everything anew.
    """

    type = "law.settled"
    size: int
    version: str
    """Of the program."""
    policy_sha256: Sha256
    configuration_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfFinding(Event):
    finding: str
    about: str

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChanged(_OfFinding):
    """An open finding rests on other facts, another rule or another deadline than was told before."""

    type = "finding.changed"
    rule: str | None
    layer: str | None
    section: str | None
    policy_sha256: Sha256 | None
    level: str
    facts: tuple[tuple[str, str | int | None], ...]
    since: Interval
    due_at: Millis | None
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAcknowledged(_OfFinding):
    """Somebody has seen it and looks into it."""

    type = "finding.acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingExplained(_OfFinding):
    """Its unit says how it came about."""

    type = "finding.explained"
    reason_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWaived(_OfFinding):
    """A supervisor lets it be, and says why; facts may still end it."""

    type = "finding.waived"
    reason_value: str

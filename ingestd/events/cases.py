"""Events of cases: the case, its acts, text records, decisions, rounds of review. PURE.

As those of the registers: each states a whole row as it is known after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.facts import Act, Case, Decision, FileRow, Review, TextRecord
from ingestd.model import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStated(Case, Event):
    """What is known of a case from now on."""

    type = "case.stated"
    source: FileRow | None = None
    """None: the entry's actor said it."""

    @property
    def subject(self) -> str:
        return f"case:{self.case}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActStated(Act, Event):
    """What is known of an act from now on."""

    type = "act.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"act:{self.act}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecordStated(TextRecord, Event):
    """What is known of a text record from now on."""

    type = "text-record.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"text-record:{self.record}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStated(Decision, Event):
    """What is known of a decision from now on."""

    type = "decision.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"decision:{self.decision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStated(Review, Event):
    """What is known of a round of review from now on."""

    type = "review.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"review:{self.review}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecordLabelled(Event):
    """All classification labels that a text record has from now on (REC-17); none: it has none any more."""

    type = "text-record.labelled"
    record: str
    labels: tuple[str, ...]
    """Keys of `registers.words.LABELS`, in their order."""
    reason_value: str | None
    """Why, where a label was taken away."""

    @property
    def subject(self) -> str:
        return f"text-record:{self.record}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStored(Event):
    """The file of a text record is stored, read back, signed: evidence like a clip.

    Bytes, manifest and signature are blobs by their digests. Nobody shows the file as anything but a file.
    """

    type = "document.stored"
    document: str
    record: str
    case: str | None
    sha256: Sha256
    size: int
    media: str
    """What the bytes are, a word of `vault.document_types.TYPES`; never what the name says."""
    name_value: str
    """The file's name, as personal text."""
    manifest_sha256: Sha256
    signature_sha256: Sha256

    @property
    def subject(self) -> str:
        return f"text-record:{self.record}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDamaged(Event):
    """Stored bytes, manifest or signature of a document are not what was signed and logged any more."""

    type = "document.damaged"
    document: str
    record: str
    found_by: str
    """A word of `ClipDamaged.found_by`."""
    detail: str

    @property
    def subject(self) -> str:
        return f"text-record:{self.record}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRepaired(Event):
    """A document that was damaged was read again and is what was signed and logged."""

    type = "document.repaired"
    document: str
    record: str

    @property
    def subject(self) -> str:
        return f"text-record:{self.record}"

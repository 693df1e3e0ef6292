"""What the registers say: units, officers, subjects, cases, acts, text records, decisions, reviews. PURE.

One frozen value each; linking, policy and pages work on these, events state them, tables hold them, all under
the same field names. Ids come from the agency's platform as they are. Names, addresses, free text never stand
here: a field ``*_value`` is the digest of a value file (design 5). Moments are milliseconds UTC; None: not
known, or not yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestd.model import Millis, Sha256

ID_CHARS = 64
_ID = re.compile(r"[0-9A-Za-z\u3400-\u4dbf\u4e00-\u9fff()（）〔〕\[\]_./-]{1,64}")
E6 = 1_000_000
"""Coordinates stand in millionths of a degree (0.1 m): canonical JSON has no room for rounding."""


def is_id(text: str) -> bool:
    """Whether this can be the id of a unit, officer, case, act...: letters, digits, 汉字, ``-_./()（）〔〕[]``."""
    return _ID.fullmatch(text) is not None and text not in (".", "..")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """Where in a file something was said."""

    sha256: Sha256
    """Of the whole file."""
    row: int
    """Its line (CSV) or its number in the list (JSON), from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the agency; units are a tree."""

    unit: str
    parent: str | None = None
    name: str | None = None
    key_unit: bool = False
    """REC-19, REV-6: a key unit (重点执法单位)."""
    persons: int | None = None
    """Officers and auxiliaries (REC-19), where the agency states the figure."""
    recorders: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A person of a unit: DIS-5's fields, the certificate's validity (REV-7), reviewers (REV-6, 11)."""

    officer: str
    unit: str | None = None
    name_value: str | None = None
    certificate: str | None = None
    """证件编号."""
    category: str | None = None
    """执法类别."""
    area: str | None = None
    """执法区域."""
    title: str | None = None
    """职务."""
    valid_from: Millis | None = None
    valid_until: Millis | None = None
    """Up to before: the end of the certificate's last day."""
    role: str = "officer"
    """officer, auxiliary."""
    reviewer: bool = False
    """Does legal review."""
    qualified: bool = False
    """Has the legal profession's qualification (法律职业资格)."""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A subject of enforcement (执法对象、当事人), by a random id; who it is stands in the value."""

    party: str
    kind: str | None = None
    """person, organisation; None: not told."""
    party_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case, from its opening to its conclusion."""

    case: str
    unit: str | None = None
    kind: str | None = None
    """permit, penalty, coercion, inspection, levy, requisition, ...: `registers.words.CASE_KINDS`."""
    title_value: str | None = None
    opened_at: Millis | None = None
    concluded_at: Millis | None = None
    """When the enforcement procedure ended: REC-11 counts from there."""
    decided_at: Millis | None = None
    decision: str | None = None
    """The kind of decision in one word of the platform's."""
    major: bool | None = None
    """Whether its decision is a major one (REV-2); None: not determined."""
    random_inspection: bool = False
    """DIS-6."""
    subjects: tuple[str, ...] = ()
    """Ids of the parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of enforcement (执法行为)."""

    act: str
    case: str | None = None
    kind: str | None = None
    """A key of the act catalogue."""
    stage: str | None = None
    place_value: str | None = None
    lat_e6: int | None = None
    lon_e6: int | None = None
    started_at: Millis | None = None
    ended_at: Millis | None = None
    officers: tuple[str, ...] = ()
    result: str | None = None
    """`registers.words.RESULTS`; what the platform says beyond these words is in ``note_value``."""
    note_value: str | None = None
    premises: bool = False
    """In the agency's enforcement premises (执法办案场所)."""

    @property
    def lat(self) -> float | None:
        """Latitude in degrees (WGS 84)."""
        return None if self.lat_e6 is None else self.lat_e6 / E6

    @property
    def lon(self) -> float | None:
        """Longitude in degrees (WGS 84)."""
        return None if self.lon_e6 is None else self.lon_e6 / E6


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecord:
    """A written record (文字记录): REC-10 asks for its signature, or the reason of refusal."""

    record: str
    case: str | None = None
    act: str | None = None
    kind: str | None = None
    made_at: Millis | None = None
    signed: str | None = None
    """yes, refused, no; None: not told."""
    refusal_value: str | None = None
    sha256: Sha256 | None = None
    """Of the document as a file, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision and its publication (DIS-1, DIS-2)."""

    decision: str
    case: str | None = None
    at: Millis | None = None
    kind: str | None = None
    public_at: Millis | None = None
    revoked_at: Millis | None = None
    """When it was known that it is revoked, unlawful or to be redone: DIS-2 counts from there."""
    withdrawn_at: Millis | None = None
    """When it was withdrawn from publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One round of the legal review of a major decision (REV-4, 5, 8, 9, 10)."""

    review: str
    case: str | None = None
    round: int = 1
    self_checked_at: Millis | None = None
    """The unit's own check of lawfulness, before it submitted."""
    submitted_at: Millis | None = None
    due_at: Millis | None = None
    """The limit that the agency set."""
    reviewer: str | None = None
    """Number of the person who answers for the opinion."""
    opinion: str | None = None
    """agree, correct, transfer; None: none yet."""
    opinion_at: Millis | None = None
    reason_value: str | None = None
    escalated_at: Millis | None = None
    """When the undertaking unit disagreed and it was taken further."""

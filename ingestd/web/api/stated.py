"""Rows of the registers in answers: each as it was stated last, under the names of its value (`ingestd.facts`).

A field ``..._value`` is the SHA-256 of a personal text, which does not stand here itself (design 5). Null: not known,
or not yet.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from ingestd.web.api.moments import Moment

Digest = Annotated[
    str,
    Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        description="SHA-256, hex",
    ),
]
CaseNumber = Annotated[str, Field(examples=["铜郊罚〔2026〕37号"])]
ActId = Annotated[str, Field(examples=["XW-3701"])]


class StatedCase(BaseModel):
    """A case, from its opening to its conclusion."""

    case: CaseNumber
    unit: str | None = Field(examples=["34079903"])
    kind: str | None = Field(examples=["penalty"], description="permit, penalty, coercion, inspection, ...")
    title_value: Digest | None
    opened_at: Moment | None
    concluded_at: Moment | None = Field(description="when the procedure ended: REC-11 counts from there")
    decided_at: Moment | None
    decision: str | None = Field(examples=["罚款"], description="its kind, as the platform says it")
    major: bool | None = Field(
        description="whether the decision is a major one (REV-2); null: not determined"
    )
    random_inspection: bool = Field(description="DIS-6")
    subjects: list[str] = Field(examples=[["DSR-3701"]], description="ids of the parties")


class StatedAct(BaseModel):
    """An act of enforcement."""

    act: ActId
    case: CaseNumber | None
    kind: str | None = Field(examples=["现场检查"], description="of the act catalogue")
    stage: str | None = Field(
        examples=["investigation"],
        description="opening, investigation, decision, service-and-execution, archiving",
    )
    place_value: Digest | None
    lat_e6: int | None = Field(examples=[30945000], description="latitude, millionths of a degree (WGS 84)")
    lon_e6: int | None = Field(examples=[117812000], description="longitude, millionths of a degree (WGS 84)")
    started_at: Moment | None
    ended_at: Moment | None
    officers: list[str] = Field(examples=[["104233", "104198"]], description="numbers of those who took part")
    result: str | None = Field(
        examples=["done"],
        description="done, served, left, notice, mailed, refused, absent, interrupted, other",
    )
    note_value: Digest | None
    premises: bool = Field(description="in the agency's enforcement premises")


class StatedRecord(BaseModel):
    """A text record (REC-10)."""

    record: str = Field(examples=["JL-3701-1"])
    case: CaseNumber | None
    act: ActId | None
    kind: str | None = Field(examples=["现场检查笔录"])
    made_at: Moment | None
    signed: str | None = Field(examples=["yes"], description="yes, refused, no; null: not told")
    refusal_value: Digest | None
    sha256: Digest | None = Field(description="of the document as a file, where there is one")


class StatedReview(BaseModel):
    """One round of the legal review of a major decision."""

    review: str = Field(examples=["SH-3301"])
    case: CaseNumber | None
    round: int = Field(examples=[1], description="from 1")
    self_checked_at: Moment | None = Field(description="the unit's own check (REV-5)")
    submitted_at: Moment | None
    due_at: Moment | None = Field(description="the limit that the agency set")
    reviewer: str | None = Field(examples=["104333"])
    opinion: str | None = Field(examples=["agree"], description="agree, correct, transfer; null: none yet")
    opinion_at: Moment | None
    reason_value: Digest | None
    escalated_at: Moment | None = Field(description="when the unit disagreed and took it further (REV-9)")


class StatedDecision(BaseModel):
    """A decision and its publication (DIS-1, DIS-2)."""

    decision: str = Field(examples=["铜郊罚决〔2026〕37号"])
    case: CaseNumber | None
    at: Moment | None
    kind: str | None = Field(examples=["罚款"])
    public_at: Moment | None
    revoked_at: Moment | None = Field(
        description="when it was known to be revoked, unlawful or to be redone: DIS-2 counts from there"
    )
    withdrawn_at: Moment | None = Field(description="when it was withdrawn from publication")

"""A case in an answer: its row with acts, footage, text records, reviews, decisions and clocks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import BaseModel, Field

from ingestd.index.papers import Document
from ingestd.law import spans
from ingestd.law.coverage import Coverage as Covered
from ingestd.telling import case_footage
from ingestd.telling.as_json import to_json
from ingestd.telling.case_story import Story
from ingestd.web.api.moments import Moment
from ingestd.web.api.stated import (
    ActId,
    CaseNumber,
    Digest,
    StatedAct,
    StatedCase,
    StatedDecision,
    StatedRecord,
    StatedReview,
)
from ingestd.web.clocks import Dial
from ingestd.words import Text


class Coverage(BaseModel):
    """How much of an act is on film (REC-4, REC-5)."""

    verdict: str = Field(examples=["gaps"], description="whole, gaps, cannot tell, not yet, none")
    length_ms: int = Field(examples=[600000], description="of the act")
    covered_ms: int = Field(examples=[325345], description="on film for sure")
    doubtful_ms: int = Field(examples=[69310], description="on film or not, by what is known of the clocks")
    missing_ms_at_least: int = Field(examples=[205345])


class Footage(BaseModel):
    """What was recorded of one act, or of the case alone."""

    act: ActId | None = Field(description="null: linked to the case, to none of its acts")
    clips: list[str] = Field(
        examples=[["01a20054-d46e-7884-9545-d67d57d0c7c8"]], description="those that the person may see"
    )
    coverage: Coverage | None = Field(description="null: nobody told when the act began and ended")


class StoredDocument(BaseModel):
    """A file of a text record, as its entry stored it."""

    document: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    seq: int = Field(examples=[18422], description="of its entry in the log")
    record: str = Field(examples=["JL-3701-1"], description="its text record")
    case: CaseNumber | None
    sha256: Digest
    size: int = Field(examples=[482113], description="bytes")
    media: str = Field(examples=["application/pdf"], description="media type, by its content")
    name_value: Digest = Field(description="SHA-256 of its name")
    manifest_sha256: Digest
    signature_sha256: Digest
    said_by: str = Field(examples=["person:204102"])
    at: Moment


class Clock(BaseModel):
    """What a rule counts of the case, and how that stands."""

    name: Text
    rule: str = Field(examples=["REC-11"])
    source: Text = Field(description="document and section of the rule")
    length: Text
    told: Text = Field(description="from when to when")
    is_provisional: bool = Field(description="days off are not published yet: it may move")
    state: Text


class OneCase(StatedCase):
    """A case with what belongs to it."""

    title: str | None = Field(examples=["强制拆除违法建设"])
    acts: list[StatedAct]
    footage: list[Footage]
    records: list[StatedRecord]
    documents: list[StoredDocument]
    reviews: list[StatedReview]
    decisions: list[StatedDecision]
    clocks: list[Clock]
    findings: list[str] = Field(examples=[["81d435b929d6f890"]], description="ids of those that stand")


def case_of(
    story: Story,
    *,
    title: str | None,
    visible: Collection[str],
    documents: Sequence[Document],
    clocks: Sequence[Dial],
) -> OneCase:
    """The case of a story; of its clips those that are ``visible`` to the person."""
    same = ("acts", "records", "reviews", "decisions")
    told = {
        **to_json(story.case),
        **{name: to_json(getattr(story, name)) for name in same},
        "title": title,
        "subjects": [one.party for one in story.parties],
        "footage": [_footage(one, visible) for one in story.footage],
        "documents": to_json(tuple(documents)),
        "clocks": [_clock(one) for one in clocks],
        "findings": [one.finding for one in story.findings],
    }
    return OneCase.model_validate(told)


def _clock(one: Dial) -> Clock:
    same = ("name", "rule", "source", "length", "told", "is_provisional")
    return Clock(**{name: getattr(one, name) for name in same}, state=one.sign.word)


def _footage(one: case_footage.Footage, visible: Collection[str]) -> Footage:
    clips = [str(shot.clip.acquisition) for shot in one.shots if shot.clip.acquisition in visible]
    return Footage(
        act=one.act, clips=clips, coverage=None if one.coverage is None else _coverage(one.coverage)
    )


def _coverage(told: Covered) -> Coverage:
    return Coverage(
        verdict=told.verdict.value,
        length_ms=told.length,
        covered_ms=spans.length(told.covered),
        doubtful_ms=spans.length(told.doubtful),
        missing_ms_at_least=told.missing_at_least,
    )

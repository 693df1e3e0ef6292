"""Legal review for programs: which cases wait, what one rests on, whether it may be decided."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ingestd.people.separation import READERS
from ingestd.web import reviews
from ingestd.web.api.asking import Reader
from ingestd.web.checklist import Check as Row
from ingestd.words import Text

router = APIRouter(tags=["reviews"])


class Waiting(BaseModel):
    """A case that waits for a review, or had one."""

    case: str = Field(examples=["铜郊罚〔2026〕38号"])
    round: int | None = Field(examples=[1])
    submitted_at: int | None = Field(examples=[1795300000000])
    due_at: int | None = Field(examples=[1795800000000], description="the first moment that is too late")
    state: str = Field(examples=["waits for its opinion"])


class Lists(BaseModel):
    """What waits and what was given."""

    in_review: list[Waiting]
    to_submit: list[Waiting]
    given: list[Waiting]


class Check(BaseModel):
    """One row of the sufficiency table (REV-3)."""

    asked: str
    rule: str | None = Field(examples=["REC-4"])
    there: list[str]
    verdict: str = Field(examples=["met"])
    proofs: list[str] = Field(examples=[["/custody/clip:01a1fd3f-7fd2-7101-8e1f-2338ec2d6785"]])


class Part(BaseModel):
    """What is asked of one act, or of the case itself."""

    title: str
    href: str = Field(examples=["/acts/XW-3801"])
    checks: list[Check]


class One(BaseModel):
    """The review of one case."""

    case: str = Field(examples=["铜郊罚〔2026〕38号"])
    gate: str = Field(description="whether it may be decided")
    is_barred: bool
    parts: list[Part]


@router.get("/reviews")
def listed(desk: Reader) -> Lists:
    """Cases that wait for a review or had one, of the units that the person sees."""
    desk.require(*READERS)
    with desk.reading() as connection:
        found = reviews.lists(desk, connection)
    some = {name: [_waiting(row) for row in getattr(found, name)] for name in Lists.model_fields}
    return Lists(**some)


@router.get("/reviews/{case:path}")
def one(desk: Reader, case: str) -> One:
    """What a case rests on, in the language of the request (cookie ``lang``)."""
    with desk.reading() as connection:
        found = reviews.one(desk, connection, case)

    def say(text: Text) -> str:
        return text.say(desk.lang)

    def check(row: Row) -> Check:
        return Check(
            asked=say(row.asked),
            rule=row.rule,
            there=[say(text) for text in row.there],
            verdict=row.sign.word.en,
            proofs=[proof.href for proof in row.proofs],
        )

    parts = [
        Part(title=say(part.title), href=part.href, checks=[check(row) for row in part.checks])
        for part in found.table.parts
    ]
    return One(case=case, gate=say(found.gate), is_barred=found.is_barred, parts=parts)


def _waiting(row: reviews.Row) -> Waiting:
    return Waiting(
        case=row.case,
        round=row.round,
        submitted_at=row.submitted_at,
        due_at=None if row.due is None else row.due.at,
        state=row.sign.word.en,
    )

"""Legal review for programs: which cases wait, what one rests on, its rounds, the opinion, the gate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.actions.findings import REASON_LIMIT
from ingestd.facts import ID_CHARS
from ingestd.people.separation import READERS
from ingestd.web import reviews
from ingestd.web.api.asking import Caseworker, Done, Once, Reader, do
from ingestd.web.checklist import Check as Row
from ingestd.words import Text

router = APIRouter(tags=["reviews"])

_Case = Annotated[str, InPath(max_length=ID_CHARS)]


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


class Round(BaseModel):
    """One round, as its page shows it."""

    review: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    round: int | None = Field(examples=[1])
    submitted_at: int | None = Field(examples=[1795300000000])
    due_at: int | None = Field(examples=[1795800000000], description="the first moment that is too late")
    state: str = Field(examples=["agree"])
    opinion: str | None = Field(examples=["agree"])
    opinion_at: int | None = Field(examples=[1795400000000])
    reviewer: str | None = Field(examples=["104333"])
    reason: str | None = Field(examples=["事实清楚，证据充分"])
    escalated_at: int | None = Field(examples=[None])


class One(BaseModel):
    """The review of one case."""

    case: str = Field(examples=["铜郊罚〔2026〕38号"])
    gate: str = Field(description="whether it may be decided")
    is_barred: bool
    parts: list[Part]
    rounds: list[Round]
    opinions: list[str] = Field(
        examples=[["agree", "correct"]], description="those that may be given (REV-4)"
    )
    barred: str | None = Field(
        examples=["SEP-4"], description="the rule that keeps the person of this request from an opinion"
    )


class Submission(BaseModel):
    """What is told of a round that is submitted."""

    self_checked_at: str | None = Field(
        None, examples=["2026-11-20 10:30"], max_length=40, description="the unit's own check (REV-5)"
    )
    due_at: str | None = Field(
        None, examples=["2026-11-27"], max_length=40, description="null: the limit of the rules"
    )


class Opinion(BaseModel):
    """The reviewer's word."""

    opinion: str = Field(examples=["agree"], min_length=1, max_length=40)
    reason: str = Field(examples=["事实清楚，证据充分"], min_length=1, max_length=REASON_LIMIT)


class Rounded(Done):
    """What became of a step on a round."""

    round: int = Field(examples=[1])


@router.get("/reviews")
def listed(desk: Reader) -> Lists:
    """Cases that wait for a review or had one, of the units that the person sees."""
    desk.require(*READERS)
    with desk.reading() as connection:
        found = reviews.lists(desk, connection)
    some = {name: [_waiting(row) for row in getattr(found, name)] for name in Lists.model_fields}
    return Lists(**some)


@router.post("/reviews/{case:path}/open")
def submit(desk: Caseworker, case: _Case, told: Submission, once: Once = None) -> Rounded:
    """Submit another round, or correct the one that is open."""
    return Rounded(**do(desk, "review.open", once, case=case, **told.model_dump(exclude_none=True)))


@router.post("/reviews/{case:path}/opinion")
def opinion(desk: Reader, case: _Case, said: Opinion, once: Once = None) -> Rounded:
    """The reviewer's word on the open round; takes a second factor shown within five minutes: a person's."""
    return Rounded(**do(desk, "review.opinion", once, case=case, **said.model_dump()))


@router.post("/reviews/{case:path}/escalate")
def escalate(desk: Caseworker, case: _Case, once: Once = None) -> Rounded:
    """The unit disagrees with the newest opinion: it is taken further (REV-9)."""
    return Rounded(**do(desk, "review.escalate", once, case=case))


@router.get("/reviews/{case:path}")
def one(desk: Reader, case: _Case) -> One:
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
    return One(
        case=case,
        gate=say(found.gate),
        is_barred=found.is_barred,
        parts=parts,
        rounds=[_round(one) for one in found.rounds],
        opinions=[key for key, _ in found.opinions],
        barred=None if found.bar is None else found.bar[0],
    )


def _round(one: reviews.Round) -> Round:
    names = ("review", "round", "submitted_at", "opinion", "opinion_at", "reviewer", "escalated_at")
    return Round(
        **{name: getattr(one.review, name) for name in names},
        due_at=None if one.due is None else one.due.at,
        state=one.sign.word.en,
        reason=one.reason,
    )


def _waiting(row: reviews.Row) -> Waiting:
    return Waiting(
        case=row.case,
        round=row.round,
        submitted_at=row.submitted_at,
        due_at=None if row.due is None else row.due.at,
        state=row.sign.word.en,
    )

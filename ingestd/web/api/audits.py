"""Random playback audits for programs (OWN-7, REC-15): draw, reveal, judge; what was drawn and said, what waits.

Whoever draws makes the nonce, keeps it, and sends its SHA-256 first (docs/audits.md).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.actions.findings import REASON_LIMIT
from ingestd.index import audits as reads
from ingestd.index.authority import Bar
from ingestd.web import audits
from ingestd.web.api.asking import Done, Drawer, Once, Reader, do
from ingestd.web.audits import AUDITORS, ON_A_PAGE, Judged, Row

router = APIRouter(tags=["audits"])

_DIGITS = r"^[0-9a-f]{64}$"
_CLIP = "01a1fd3f-7fd2-7101-8e1f-2338ec2d6785"
_Id = Annotated[str, InPath(max_length=64)]
_From = Annotated[
    int, Query(alias="from", ge=0, lt=1_000_000_000, description="place of the first clip", examples=[0])
]
_Answer = Literal["yes", "no", "none"]


class Draw(BaseModel):
    """One draw."""

    audit: str = Field(examples=["c6ceb5e436224025"])
    state: str = Field(examples=["drawn"], description="committed, seeded, drawn, judged, voided, expired")
    since_at: int = Field(examples=[1793462400000])
    until_at: int = Field(examples=[1796054400000])
    unit: str | None = Field(examples=[None])
    commitment: str = Field(description="SHA-256 of the nonce")
    nonce: str | None = Field(description="once it is revealed")
    size: int | None = Field(examples=[216], description="of the checkpoint that is the seed's other half")
    population: int | None = Field(examples=[10])
    drawn: int | None = Field(examples=[6])
    judged: int = Field(examples=[2])
    committed_by: str = Field(examples=["person:104288"])
    committed_seq: int = Field(examples=[215])
    due_at: int | None = Field(examples=[1797073791000], description="by when its next step has to be done")
    is_late: bool = False


class Judgement(BaseModel):
    """The last word on a clip that was drawn."""

    verdict: str = Field(examples=["good"])
    note: str | None = Field(examples=[None])
    answers: dict[str, str] = Field(examples=[{"narrated": "yes", "whole": "no"}])
    judged_by: str = Field(examples=["person:104288"])
    at: int = Field(examples=[1795300000000])
    seq: int = Field(examples=[230])


class Clip(BaseModel):
    """A clip that was drawn."""

    acquisition: str = Field(examples=[_CLIP])
    judgement: Judgement | None = Field(description="null: it waits")
    barred: str | None = Field(
        examples=["SEP-2"], description="the rule that keeps the person of this request from judging it"
    )
    played_percent: int | None = Field(
        examples=[100], description="how much of it this person has played (OWN-23); null: not known or asked"
    )


class One(BaseModel):
    """A draw with a page of its clips, in the order of the lots."""

    draw: Draw
    clips: list[Clip]
    next: int | None = Field(examples=[30], description="where the next page begins; null: this is the last")


class Waiting(BaseModel):
    """A clip that waits for a judgement."""

    audit: str = Field(examples=["c6ceb5e436224025"])
    acquisition: str = Field(examples=[_CLIP])
    due_at: int | None = Field(examples=[1797073791000])
    barred: str | None = Field(examples=["SEP-2"], description="the rule that keeps this person from it")


class Missing(BaseModel):
    """A month in which recordings came in and that nobody drew from yet."""

    month: str = Field(examples=["2026-10"])
    due_at: int = Field(examples=[1794400000000])
    is_late: bool


class Auditor(BaseModel):
    """What a person judged within a year."""

    person: str = Field(examples=["person:104288"])
    clips: int = Field(examples=[6])
    good: int = Field(examples=[4])
    flawed: int = Field(examples=[1])
    failed: int = Field(examples=[1])
    last_at: int = Field(examples=[1795300000000])


class Work(BaseModel):
    """What is to be done, and who did how much."""

    to_reveal: str | None = Field(examples=[None], description="the draw that waits for its nonce")
    clips: list[Waiting] = Field(description="the oldest draw first, 30 at most")
    missing: Missing | None
    findings: list[str] = Field(examples=[["7f463e84bc8c7fa9"]], description="of audits, those that stand")
    auditors: list[Auditor]


class Begin(BaseModel):
    """Which recordings: of a month, or from one day up to before another; of the whole station, or of a unit."""

    commitment: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        pattern=_DIGITS,
        description="SHA-256 of the nonce's 32 bytes",
    )
    month: str | None = Field(None, examples=["2026-10"], pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    since: date | None = Field(
        None, examples=["2026-10-01"], description="a day of the agency's place, where no month is told"
    )
    until: date | None = Field(None, examples=["2026-11-01"], description="the day after the last")
    unit: str | None = Field(None, examples=["34079903"], max_length=64)


class Nonce(BaseModel):
    """The auditor's half of the seed."""

    nonce: str = Field(examples=["00" * 32], pattern=_DIGITS, description="32 bytes")


class Reason(BaseModel):
    """Why a draw is given up."""

    reason: str = Field(examples=["随机数遗失"], min_length=1, max_length=REASON_LIMIT)


class Verdict(BaseModel):
    """What was seen and heard in a clip. ``none``: it does not apply."""

    clip: str = Field(examples=[_CLIP], max_length=64)
    verdict: Literal["good", "flawed", "failed"] = Field(examples=["flawed"])
    narrated: _Answer = Field(examples=["yes"])
    whole: _Answer = Field(examples=["no"])
    certificate: _Answer = Field(examples=["none"])
    informed: _Answer = Field(examples=["none"])
    proper: _Answer = Field(examples=["yes"])
    note: str | None = Field(
        None,
        examples=["开头缺约 30 秒"],
        max_length=REASON_LIMIT,
        description="what is wrong, unless it is good",
    )


class Drawn(Done):
    """How a draw stands after a step."""

    audit: str = Field(examples=["c6ceb5e436224025"])
    state: str = Field(examples=["drawn"])
    size: int | None = Field(examples=[216])
    reveal_by_at: int = Field(examples=[1795386400000])
    population: int | None = Field(examples=[10])
    drawn: list[str] = Field(examples=[[_CLIP]], description="clips, in the order of the lots")


@router.get("/audits")
def listed(desk: Reader) -> list[Draw]:
    """All draws, the newest first."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = reads.draws(connection)
    return [_draw(audits.row(desk, one)) for one in reversed(found[-audits.SHOWN :])]


@router.get("/audits/work")
def work(desk: Reader) -> Work:
    """What waits: a nonce, clips to be judged, a month to be drawn from; who judged how much within a year."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = audits.overview(desk, connection)
    missing = found.missing
    return Work(
        to_reveal=None if found.waiting is None else found.waiting.draw.audit,
        clips=[
            Waiting(audit=one.audit, acquisition=one.acquisition, due_at=one.due_at, barred=_rule(one.barred))
            for one in found.work
        ],
        missing=None
        if missing is None
        else Missing(month=missing.month, due_at=missing.due_at, is_late=missing.is_late),
        findings=[one.finding for one in found.late],
        auditors=[Auditor(**asdict(one)) for one in found.auditors],
    )


@router.get("/audits/{audit}")
def one(desk: Reader, audit: _Id, begin: _From = 0) -> One:
    """One draw with what was said of its clips, 30 at a time."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        row = audits.one(desk, connection, audit)
        drawn = audits.clips(desk, connection, audit, begin)
    after = begin + ON_A_PAGE
    return One(
        draw=_draw(row),
        clips=[_clip(one) for one in drawn],
        next=after if after < (row.draw.drawn or 0) else None,
    )


@router.post("/audits")
def begin(desk: Drawer, asked: Begin, once: Once = None) -> Drawn:
    """Bind oneself to a nonce; answers once the station's half of the seed is signed. Reveal the nonce then."""
    told = (
        asked.month or "",
        *("" if day is None else day.isoformat() for day in (asked.since, asked.until)),
    )
    since, until = audits.span(desk, *told)
    arguments = {"commitment": asked.commitment, "since": since, "until": until, "unit": asked.unit}
    return Drawn(**do(desk, "audit.commit", once, **arguments))


@router.post("/audits/{audit}/reveal")
def reveal(desk: Drawer, audit: _Id, asked: Nonce, once: Once = None) -> Drawn:
    """Reveal the nonce: what it draws is in the published log when this answers."""
    return Drawn(**do(desk, "audit.reveal", once, audit=audit, nonce=asked.nonce))


@router.post("/audits/{audit}/void")
def void(desk: Drawer, audit: _Id, asked: Reason, once: Once = None) -> Drawn:
    """Give up a draw whose nonce is lost; it stays a finding."""
    return Drawn(**do(desk, "audit.void", once, audit=audit, reason=asked.reason))


@router.post("/audits/{audit}/judge")
def judge(desk: Reader, audit: _Id, said: Verdict, once: Once = None) -> Done:
    """What a person saw and heard in a clip that was drawn, who has played it (OWN-23): no token does that."""
    return Done(**do(desk, "audit.judge", once, audit=audit, **said.model_dump()))


def _draw(row: Row) -> Draw:
    draw = row.draw
    same = {
        name: getattr(draw, name) for name in Draw.model_fields if hasattr(draw, name) and name != "state"
    }
    return Draw(**same, state=row.state, due_at=row.due_at, is_late=row.is_late)


def _clip(one: Judged) -> Clip:
    return Clip(
        acquisition=one.drawn.acquisition,
        judgement=_judgement(one),
        barred=_rule(one.barred),
        played_percent=None if one.played is None else one.played.percent,
    )


def _judgement(one: Judged) -> Judgement | None:
    said = one.drawn.judgement
    if said is None:
        return None
    same = {name: getattr(said, name) for name in ("verdict", "judged_by", "at", "seq")}
    answers = {item: str(getattr(said, item)) for item in reads.ITEMS}
    return Judgement(**same, answers=answers, note=one.note)


def _rule(barred: Bar | None) -> str | None:
    return None if barred is None else barred.rule

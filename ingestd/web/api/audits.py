"""Random playback audits for programs: draws, what was drawn, what was said of it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ingestd.index import audits as reads
from ingestd.web import audits
from ingestd.web.api.asking import Reader
from ingestd.web.audits import AUDITORS, Row

router = APIRouter(tags=["audits"])


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
    answers: dict[str, str] = Field(examples=[{"narrated": "yes", "whole": "no"}])
    judged_by: str = Field(examples=["person:104288"])
    at: int = Field(examples=[1795300000000])
    seq: int = Field(examples=[230])


class Clip(BaseModel):
    """A clip that was drawn; null: it waits."""

    acquisition: str
    judgement: Judgement | None


class One(BaseModel):
    """A draw with its clips, in the order of the lots."""

    draw: Draw
    clips: list[Clip]


@router.get("/audits")
def listed(desk: Reader) -> list[Draw]:
    """All draws, the newest first."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = reads.draws(connection)
    return [_draw(audits.row(desk, one)) for one in reversed(found[-audits.SHOWN :])]


@router.get("/audits/{audit}")
def one(desk: Reader, audit: str) -> One:
    """One draw with what was said of its clips."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        row = audits.one(desk, connection, audit)
        drawn = reads.drawn_clips(connection, audit)
    return One(draw=_draw(row), clips=[_clip(one) for one in drawn])


def _draw(row: Row) -> Draw:
    draw = row.draw
    same = {
        name: getattr(draw, name) for name in Draw.model_fields if hasattr(draw, name) and name != "state"
    }
    return Draw(**same, state=row.state, due_at=row.due_at, is_late=row.is_late)


def _clip(drawn: reads.DrawnClip) -> Clip:
    said = drawn.judgement
    if said is None:
        return Clip(acquisition=drawn.acquisition, judgement=None)
    answers = {item: str(getattr(said, item)) for item in reads.ITEMS}
    judgement = Judgement(
        verdict=said.verdict, answers=answers, judged_by=said.judged_by, at=said.at, seq=said.seq
    )
    return Clip(acquisition=drawn.acquisition, judgement=judgement)

"""Findings and the wall of what has come in, for programs: what the pages show, and the steps on findings."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.actions.finding_rights import Step
from ingestd.actions.findings import REASON_LIMIT
from ingestd.canon import timestamp
from ingestd.index.finding_queries import Wanted
from ingestd.model import Millis
from ingestd.people.separation import READERS
from ingestd.web import findings, wall
from ingestd.web.api.asking import Answerer, Done, Reader, do
from ingestd.web.api.tiles import Clip, clip_of
from ingestd.web.cards import Card
from ingestd.web.findings import ROLES, asked_of
from ingestd.web.sight import Sight
from ingestd.web.tiles import tiles_of
from ingestd.words import Text

router = APIRouter(tags=["findings"])

_Id = Annotated[str, InPath(pattern="^[0-9a-f]{16}$", examples=["7f463e84bc8c7fa9"])]
_Short = Annotated[str | None, Query(max_length=64)]
State = Literal["standing", "open", "acknowledged", "explained", "waived", "ended"]
Level = Literal["violation", "unclear", "proposal", "notice", "dock"]


class Move(BaseModel):
    """A step that is open on a finding."""

    step: Step
    word: Text
    who: Text = Field(description="roles that may take it")
    may: bool = Field(description="whether the person of this request may")
    why_not: Text | None
    rule: str | None = Field(examples=["OWN-15"], description="the rule that keeps this person from it")


class Taken(BaseModel):
    """What somebody did about a finding."""

    seq: int = Field(examples=[1842], description="position in the log")
    at: str = Field(examples=["2026-11-21T08:36:01.241Z"])
    step: str = Field(examples=["explained"])
    by: str = Field(examples=["104288"])
    reason: str | None = Field(examples=["记录仪没电，当晚未能接入"])


class Fact(BaseModel):
    """One fact that a finding rests on, in words."""

    name: Text
    value: Text


class Shared(BaseModel):
    """A clip of the bytes that a finding is about."""

    acquisition: str = Field(examples=["0197a0b2-0003-7000-8000-0123456789ab"])
    path: str = Field(examples=["DCIM/100MEDIA/IMG_0001.MP4"])
    officer: str | None = Field(examples=["104233"])
    case: str | None = Field(examples=["铜郊罚〔2026〕36号"])


class Found(BaseModel):
    """A finding."""

    finding: str = Field(examples=["7f463e84bc8c7fa9"])
    kind: str = Field(examples=["clip-late"])
    what: Text
    to_do: Text | None
    level: str | None = Field(examples=["violation"], description="null: of the dock, by no rule")
    rule: str | None = Field(examples=["REC-1"])
    source: Text | None = Field(description="document and section of the rule")
    strength: Text | None = Field(description="how binding the rule is in the words of its text")
    about: str = Field(examples=["clip:0197a0b2-0003-7000-8000-0123456789ab"])
    case: str | None = Field(examples=["铜郊罚〔2026〕36号"])
    clips: list[Shared] = Field(description="of a finding about bytes: the clips that have them")
    concerns: list[str] = Field(examples=[["104198"]], description="officers whom it judges")
    facts: list[Fact]
    since: Text
    due_at: str | None = Field(examples=["2026-11-22T08:36:01.241Z"])
    state: Text | None = Field(description="what was done; null: nothing yet")
    ended: Text | None
    taken: list[Taken]
    moves: list[Move]


class Findings(BaseModel):
    """A page of findings, the most urgent first."""

    findings: list[Found]
    next: str | None = Field(examples=["0.1795241660863.55"], description="`after` of the next page")


class Line(BaseModel):
    """One entry of a finding's history."""

    seq: int | None = Field(examples=[55])
    at: str | None = Field(examples=["2026-11-21T08:36:01.241Z"])
    text: Text


class Detail(BaseModel):
    """A finding with its history."""

    finding: Found
    history: list[Line]


class Asked(BaseModel):
    """What a step is asked with."""

    reason: str = Field("", max_length=REASON_LIMIT, examples=["记录仪没电，当晚未能接入"])
    needed: bool | None = Field(None, description="of `determine`: whether the act is to be filmed whole")
    key: str | None = Field(
        None, max_length=64, examples=["2026-11-22-1"], description="repeated, it does nothing twice"
    )


class Newest(BaseModel):
    """The newest clips."""

    clips: list[Clip]


@router.get("/findings")
def listed(
    desk: Reader,
    *,
    state: State = "standing",
    level: Level | None = None,
    rule: _Short = None,
    unit: _Short = None,
    officer: _Short = None,
    after: Annotated[
        str | None, Query(pattern=r"^-?\d{1,18}\.-?\d{1,18}\.\d{1,18}$", examples=["0.1795241660863.55"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = findings.ON_A_PAGE,
) -> Findings:
    """Findings that the person may see, the most urgent first; `after` goes on where a page ended."""
    desk.require(*ROLES)
    wanted = Wanted(state=state, level=level, rule=rule, officer=officer)
    with desk.reading() as connection:
        page = findings.listed(desk, connection, wanted, unit=unit, after=after, limit=limit)
    return Findings(findings=[_found(card) for card in page.cards], next=page.next)


@router.get("/findings/{finding}")
def one(desk: Reader, finding: _Id) -> Detail:
    """A finding with everything that was said and done about it."""
    desk.require(*ROLES)
    with desk.reading() as connection:
        found = findings.detail(desk, connection, finding)
    lines = [
        Line(seq=line.seq, at=None if line.at is None else timestamp(line.at), text=line.text)
        for line in found.history
    ]
    return Detail(finding=_found(found.card), history=lines)


@router.post("/findings/{finding}/{step}")
def take(desk: Answerer, finding: _Id, step: Step, asked: Asked) -> Done:
    """A step on a finding; `waive` takes a second factor shown within five minutes, so it is a person's."""
    needed = "" if asked.needed is None else ("yes" if asked.needed else "no")
    verb, arguments = asked_of(desk, finding, step, {"reason": asked.reason, "needed": needed})
    return Done(**do(desk, verb, asked.key, **arguments))


@router.get("/wall")
def newest(
    desk: Reader,
    before: Annotated[
        int | None, Query(ge=0, le=2**53, description="of a position in the log", examples=[1844])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = wall.ON_THE_WALL,
) -> Newest:
    """The newest recordings that the person may see; `before` pages back by `seq`."""
    desk.require(*READERS)
    with desk.reading() as connection:
        found = wall.newest(Sight(desk, connection), connection, limit=limit, before=before)
        tiles = tiles_of(desk, connection, found)
    return Newest(clips=[clip_of(tile) for tile in tiles])


def _at(at: Millis | None) -> str | None:
    return None if at is None else timestamp(at)


def _found(card: Card) -> Found:
    return Found(
        finding=card.finding,
        kind=card.kind,
        what=card.what,
        to_do=card.to_do,
        level=card.level,
        rule=None if card.cited is None else card.cited.rule,
        source=None if card.cited is None else card.cited.source,
        strength=None if card.cited is None else card.cited.strength,
        about=card.about,
        case=card.case,
        clips=[
            Shared(acquisition=one.acquisition, path=one.path, officer=one.officer, case=one.case)
            for one in card.clips
        ],
        concerns=[number for number, _ in card.concerns],
        facts=[Fact(name=name, value=value) for name, value in card.facts],
        since=card.since,
        due_at=None if card.clock is None else _at(card.clock.due_at),
        state=card.state,
        ended=card.ended,
        taken=[
            Taken(seq=one.seq, at=timestamp(one.at), step=one.step, by=one.by, reason=one.reason)
            for one in card.taken
        ],
        moves=[
            Move(
                step=move.step,
                word=move.word,
                who=move.who,
                may=move.bar is None,
                why_not=None if move.bar is None else move.bar.text,
                rule=None if move.bar is None else move.bar.rule,
            )
            for move in card.moves
        ],
    )

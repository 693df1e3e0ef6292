"""Cases with their acts and documents, those of a subject: the same facts as the pages show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from ingestd import canon
from ingestd.errors import NotFoundError
from ingestd.facts import is_id
from ingestd.index import case_lists, papers, registers
from ingestd.index.case_lists import STATES, Place, Wanted
from ingestd.model import Millis
from ingestd.people.separation import READERS
from ingestd.telling import case_story
from ingestd.telling.as_json import to_json
from ingestd.telling.register_views import Reader as Values
from ingestd.web import case_page, cases
from ingestd.web.api.asking import Caseworker, Done, Once, Reader, do
from ingestd.web.api.stated import StatedAct
from ingestd.web.api.whole_case import OneCase, case_of
from ingestd.web.sight import Sight
from ingestd.words import Text

router = APIRouter(tags=["cases"])

_NO_CASE = Text("没有案件 {c}。", "there is no case {c}.")
_NO_ACT = Text("没有执法行为 {a}。", "there is no act {a}.")
_LONGEST = 1 << 53
"""Integers of canonical JSON."""
CaseId = Annotated[str, Path(examples=["铜郊罚〔2026〕37号"], description="id of the case", max_length=64)]
Name = Annotated[str | None, Query(max_length=64)]


class CaseLine(BaseModel):
    """A case as lists have it."""

    case: str = Field(examples=["铜郊罚〔2026〕37号"])
    title: str = Field(examples=["违规设置户外广告（虚构）"])
    kind: str | None = Field(examples=["行政处罚"], description="in Chinese")
    unit: str | None = Field(examples=["34079903"])
    opened_at: str | None = Field(examples=["2026-11-12T08:35:41.000Z"])
    state: str = Field(examples=["concluded"], description="open, decided, concluded")
    major: bool
    acts: int
    clips: int
    violations: int = Field(description="open findings that are violations, or the dock's own")
    others: int = Field(description="other open findings")
    due_at: str | None = Field(description="the first deadline among them")


class CasePageOut(BaseModel):
    """A page of the list."""

    cases: list[CaseLine]
    after: str | None = Field(
        description="query string of the next page", examples=["after=x&opened=1795269941000"]
    )


class Filed(BaseModel):
    """When a case's file was formed."""

    at: int | None = Field(
        None, examples=[1795300000000], ge=0, lt=_LONGEST, description="milliseconds UTC; null: now"
    )


def _stamp(at: int | None) -> str | None:
    return None if at is None else canon.timestamp(Millis(at))


def line_of(one: cases.Line) -> CaseLine:
    """A case of the pages' lists."""
    state = next(key for key, sign in cases.PROGRESS.items() if sign is one.progress)
    return CaseLine(
        case=one.case,
        title=one.title,
        kind=one.kind.zh,
        unit=one.unit,
        opened_at=_stamp(one.opened_at),
        state=state,
        major=one.is_major,
        acts=one.counted.acts,
        clips=one.counted.clips,
        violations=one.counted.violations,
        others=one.counted.others,
        due_at=_stamp(one.counted.due_at),
    )


@router.get("/cases")
def listed(  # noqa: PLR0917 - one a query parameter
    desk: Reader,
    unit: Name = None,
    officer: Name = None,
    state: Annotated[
        str | None, Query(description=", ".join(STATES), max_length=20, examples=["open"])
    ] = None,
    kind: Annotated[str | None, Query(max_length=64, examples=["penalty"])] = None,
    after: Annotated[
        str | None, Query(max_length=64, description="of the page before", examples=["铜郊罚〔2026〕38号"])
    ] = None,
    opened: Annotated[
        int | None,
        Query(ge=0, lt=_LONGEST, description="of the page before", examples=[1795269941000]),
    ] = None,
) -> CasePageOut:
    """The cases that the person may see, newest first, 25 a page."""
    desk.require(*READERS, "officer")
    choice = cases.Choice(
        unit=unit if unit and is_id(unit) else "",
        officer=officer if officer and is_id(officer) else "",
        state=state or "",
        kind=kind or "",
    )
    place = None if after is None else Place(opened_at=None if opened is None else Millis(opened), case=after)
    with desk.reading() as connection:
        found = cases.listing(desk, connection, choice, place)
    return CasePageOut(cases=[line_of(one) for one in found.lines], after=found.older)


@router.post("/cases/{case:path}/filed")
def filed(desk: Caseworker, case: CaseId, said: Filed, once: Once = None) -> Done:
    """The case's file was formed (REC-11)."""
    return Done(**do(desk, "case.filed", once, case=case, at=said.at))


@router.get("/cases/{case:path}")
def one_case(desk: Reader, case: CaseId) -> OneCase:
    """A case: its row, acts with their clips and how much these cover, text records with documents, clocks, findings.

    ``findings`` are ids of those that stand; what happened, and when, is at ``/custody/case:<case>``.
    """
    with desk.reading() as connection:
        desk.require_sight(connection, f"case:{case}")
        story = case_story.read(connection, desk.watch.home, case, desk.watch.book, desk.now)
        if story is None:
            raise NotFoundError(_NO_CASE.format(c=case[:80]))
        seen = Sight(desk, connection).clips([shot.clip for one in story.footage for shot in one.shots])
        documents = papers.documents_of(connection, case, [one.record for one in story.records])
        clocks = case_page.clocks(desk, connection, story)
    title = (
        Values(desk.watch.values, zone=desk.zone, lang=desk.lang).parts(story.case.title_value).get("title")
    )
    visible = {clip.acquisition for clip in seen}
    return case_of(story, title=title, visible=visible, documents=documents, clocks=clocks)


@router.get("/acts/{act:path}")
def one_act(desk: Reader, act: Annotated[str, Path(examples=["XW-3701"], max_length=64)]) -> StatedAct:
    """An act of enforcement, as it was stated last."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"act:{act}")
        found = registers.one(connection, "act", act)
    if found is None:
        raise NotFoundError(_NO_ACT.format(a=act[:80]))
    return StatedAct.model_validate(to_json(found.row))


@router.get("/subjects/{party}/cases")
def of_subject(desk: Reader, party: Annotated[str, Path(max_length=64)]) -> list[CaseLine]:
    """The cases of a subject (REC-12) that the person may see, newest first."""
    with desk.reading() as connection:
        found = case_lists.page(connection, Wanted(party=party), None, cases.PAGE)
        seen = [one for one in found if Sight(desk, connection).item(f"case:{one.case}")]
        if found and not seen:
            desk.require_sight(connection, f"case:{found[0].case}")
        return [line_of(one) for one in cases.lines(desk, connection, seen)]

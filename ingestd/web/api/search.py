"""The search, for programs: what the search page finds, by the same words."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ingestd.people.separation import READERS
from ingestd.web import search
from ingestd.web.api.asking import Reader
from ingestd.web.api.tiles import Clip, clip_of
from ingestd.web.query import QUERY_CHARS
from ingestd.web.search import Question, Results

router = APIRouter(tags=["search"])

MOST = 200
"""Clips in one answer."""


class Understood(BaseModel):
    """A piece of the query."""

    what: str = Field(examples=["officer"])
    says: str = Field(
        examples=["张建国 104233"], description="what it was taken for, in the language asked for"
    )
    used: bool = Field(examples=[True])


class Named(BaseModel):
    """Something that words of the query name."""

    group: str = Field(examples=["cases"])
    title: str = Field(examples=["铜郊罚〔2026〕32号"])
    page: str = Field(examples=["/cases/%E9%93%9C%E9%83%8A%E7%BD%9A%E3%80%942026%E3%80%9532%E5%8F%B7"])


class Answer(BaseModel):
    """A page of what was found."""

    understood: list[Understood]
    named: list[Named]
    clips: list[Clip]
    next: str | None = Field(
        examples=["1795155140863.120"],
        description="``before`` of the page that goes on; null: nothing is older",
    )
    looked_to: int | None = Field(
        examples=[None],
        description="milliseconds UTC: how far back was looked, where the page is not full and older ones may exist",
    )
    partial: bool = Field(
        examples=[False], description="words are about more acts or cases than were looked at: add something"
    )


@router.get("/search")
def find(
    desk: Reader,
    *,
    q: Annotated[str, Query(max_length=QUERY_CHARS, examples=["张建国 昨天"])] = "",
    unit: Annotated[str | None, Query(max_length=64, examples=["34079903"])] = None,
    kind: Literal["video", "audio", "photo"] | None = None,
    trouble: Literal["any", "late", "quarantined", "damaged"] | None = None,
    link: Literal["linked", "unlinked", "queued"] | None = None,
    before: Annotated[
        str | None, Query(pattern=r"^\d{1,15}\.\d{1,15}$", examples=["1795155140863.120"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = search.A_PAGE,
) -> Answer:
    """Clips newest first, and what the words name, as far as the person may see it; the query as people type it."""
    desk.require(*READERS)
    at = None if before is None else search.place_of(before)
    question = Question(text=q.strip(), unit=unit, kind=kind, trouble=trouble, link=link, before=at)
    with desk.reading() as connection:
        return _answer(desk, search.results(desk, connection, question, limit=limit))


def _answer(desk: Reader, found: Results) -> Answer:
    return Answer(
        understood=[
            Understood(what=chip.what.en, says=chip.says.say(desk.lang), used=chip.is_used)
            for chip in found.chips
        ],
        named=[
            Named(group=group.word.en, title=one.title, page=one.href)
            for group in found.groups
            for one in group.matches
        ],
        clips=[clip_of(tile) for tile in found.tiles],
        next=search.place_text(found.at),
        looked_to=found.looked_to,
        partial=found.is_partial,
    )

"""One's own recordings for programs, and what each still lacks of its officer (REC-8)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ingestd.web.api.asking import Reader
from ingestd.web.api.tiles import Clip, clip_of
from ingestd.web.mine import mine, place_of
from ingestd.words import Text

router = APIRouter(tags=["clips"])


class Own(BaseModel):
    """A recording of one's own."""

    clip: Clip
    state: Text = Field(description="whether its note is written, to be written, overdue")
    is_lacking: bool = Field(description="whether its officer may want to write a note")
    due: Text | None = Field(description="until when; null: it is written, or none is asked for")
    note: str | None = Field(examples=["现场检查某餐馆后厨（虚构）"])


class Mine(BaseModel):
    """A page of them, newest first."""

    recordings: list[Own]
    lacking: int = Field(examples=[2], description="how many lack a note, on this page or not")
    older: str | None = Field(examples=["1795155140863-120"], description="`before` of the next page")


@router.get("/mine")
def listed(
    desk: Reader,
    *,
    before: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,15}$", examples=["1795155140863-120"])
    ] = None,
    lacking: Annotated[bool, Query(description="those alone that want a note")] = False,
) -> Mine:
    """The recordings of the officer who asks; a note is written at `/clips/<acquisition>/note`."""
    desk.require("officer")
    with desk.reading() as connection:
        found = mine(desk, connection, only_lacking=lacking, before=place_of(before))
    return Mine(
        recordings=[
            Own(
                clip=clip_of(one.tile),
                state=one.sign.word,
                is_lacking=one.is_lacking,
                due=one.due,
                note=one.note,
            )
            for one in found.own
        ],
        lacking=found.lacking,
        older=found.older,
    )

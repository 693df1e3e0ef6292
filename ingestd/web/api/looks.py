"""Looks for programs: who looked at what, and opening and closing one's own."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ingestd.web import look_list
from ingestd.web.api.asking import Reader
from ingestd.web.look_list import Line, Wanted

router = APIRouter(tags=["looks"])


class Opening(BaseModel):
    """What one wants to look at."""

    about: str = Field(examples=["clip:01a1fd53-912d-73f5-bf83-94ced1f99e18"], max_length=200)
    what: Literal["player", "preview", "document", "original"] = Field(examples=["original"])
    purpose: str = Field("", examples=["核对现场检查笔录"], max_length=2000)


class Opened(BaseModel):
    """A look that goes on: its id stands in the address of the bytes (``/media/clip/<acquisition>?look=<id>``)."""

    look: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    seq: int = Field(examples=[18422], description="its entry in the log, published")


class Closing(BaseModel):
    """What was played of it, as a player knows it."""

    ranges: list[tuple[int, int]] = Field([], examples=[[[0, 61000]]], max_length=1000)
    watched_ms: int | None = Field(None, examples=[61000], ge=0, lt=1 << 53)


class Closed(BaseModel):
    """A look that is over."""

    look: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    seq: int = Field(examples=[18423], description="of the log's entry that closes it")


class Seen(BaseModel):
    """One look."""

    seq: int = Field(examples=[18422])
    person: str = Field(examples=["104288"])
    about: str = Field(examples=["clip:01a1fd53-912d-73f5-bf83-94ced1f99e18"])
    what: str = Field(examples=["player"])
    opened_at: int = Field(examples=[1795300000000], description="milliseconds UTC")
    closed_at: int | None = Field(examples=[1795300060000])
    case: str | None = Field(examples=["案〔2026〕1"])
    purpose: str | None = Field(examples=["核对现场检查笔录"])
    watched_ms: int | None = Field(examples=[61000])
    seen: list[tuple[int, int]] = Field(examples=[[[0, 61000]]], description="milliseconds of the film")
    served_bytes: int = Field(examples=[1048576])
    strips: int = Field(examples=[0], description="clips whose strips were shown in lists")


class Page(BaseModel):
    """Looks, newest first."""

    looks: list[Seen]
    older: int | None = Field(examples=[18400], description="``before`` of the next page")


@router.get("/looks")
def listed(
    desk: Reader,
    person: Annotated[str, Query(max_length=100)] = "",
    item: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=0, lt=1 << 53, examples=[18400])] = None,
) -> Page:
    """Who looked at what, as far as the person may see it; one's own for those who oversee nobody."""
    look_list.may_list(desk)
    with desk.reading() as connection:
        found = look_list.read(desk, connection, Wanted(person=person, item=item, before=before))
    return Page(looks=[_seen(one) for one in found.lines], older=found.older)


@router.post("/looks")
def open_(desk: Reader, asked: Opening) -> Opened:
    """Open a look: logged and published before this answers. Error ``purpose-due``: say what it is for."""
    told = desk.ask("look.open", about=asked.about, what=asked.what, purpose=asked.purpose)
    return Opened(look=told["look"], seq=told["seq"])


@router.post("/looks/{look}/seen", status_code=204)
def seen(desk: Reader, look: str, told: Closing) -> None:
    """What a player has played so far; the look goes on."""
    desk.ask("look.see", look=look, **told.model_dump(mode="json", exclude_none=True))


@router.post("/looks/{look}/close")
def close(desk: Reader, look: str, told: Closing) -> Closed:
    """Close a look of one's own."""
    seen = {} if told.watched_ms is None and not told.ranges else told.model_dump(mode="json")
    return Closed(**desk.ask("look.close", look=look, **seen, **desk.watch.looks.taken(look)))


def _seen(one: Line) -> Seen:
    return Seen(
        seq=one.seq,
        person=one.person,
        about=one.about,
        what=one.kind,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        case=one.case,
        purpose=None if one.purpose is None else one.purpose.zh,
        watched_ms=one.watched_ms,
        seen=list(one.seen),
        served_bytes=one.served_bytes,
        strips=one.strips,
    )

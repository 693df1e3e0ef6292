"""`/mine`: an officer's own recordings, and their notes."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.web.asking import AtDesk, Fields
from ingestd.web.mine import mine, place_of

router = APIRouter(prefix="/mine")


@router.get("")
def show(desk: AtDesk, before: str | None = None, *, lacking: bool = False) -> Response:
    """Newest first; with ``lacking`` those alone that want a note."""
    desk.require("officer")
    with desk.reading() as connection:
        found = mine(desk, connection, only_lacking=lacking, before=place_of(before))
    return desk.draw("mine.html", mine=found)


@router.post("/note")
def note(desk: AtDesk, fields: Fields) -> Response:
    """The short text note of one of them (REC-8)."""
    back = "/mine?lacking=true" if fields.get("lacking") else "/mine"
    return desk.do(fields, "clip.note", back, clip=fields.get("clip", ""), text=fields.get("text", ""))

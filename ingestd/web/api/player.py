"""Clips for programs and for the player's script: the time line of a clip's case, one's own recordings, snapshots."""

from __future__ import annotations

import hashlib
import struct
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from ingestd.errors import UsageError
from ingestd.index.items import the_clip
from ingestd.telling.as_json import to_json
from ingestd.web import case_line, guard
from ingestd.web.api.asking import Reader
from ingestd.web.api.lines import ClipLine
from ingestd.words import Text

router = APIRouter(tags=["player"])

PICTURE_BYTES = 48 << 20
"""A picture of 4K without any compression, and room."""
guard.LARGE["/api/v1/snapshots/"] = PICTURE_BYTES
_PNG = b"\x89PNG\r\n\x1a\n"
_IHDR_AT, _IHDR_END = 16, 24
_NOT_A_PICTURE = Text("传送的不是 PNG 图片。", "what was sent is no PNG picture.")


class Snapshot(BaseModel):
    """A picture taken from a clip, as it was logged."""

    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    seq: int = Field(examples=[18422], description="its entry in the log")
    width: int = Field(examples=[1920])
    height: int = Field(examples=[1080])


async def _picture(request: Request) -> bytes:
    """The body of a request. Raises UsageError."""
    data = await request.body()
    if not data.startswith(_PNG) or len(data) < _IHDR_END:
        raise UsageError(_NOT_A_PICTURE)
    return data


@router.post("/snapshots/{acquisition}")
def snapshot(
    desk: Reader,
    acquisition: str,
    picture: Annotated[bytes, Depends(_picture)],
    at_ms: int = 0,
    of: Annotated[
        Literal["original", "preview"] | None,
        Query(description="what was on the screen", examples=["original"]),
    ] = None,
) -> Snapshot:
    """Logs that a picture (PNG, the body) was taken from a clip; its digest is computed here, it is not kept.

    ``of`` says whether the original was on the screen or its preview. Who recorded the
    clip may take none away (REC-3).
    """
    sha256, about = hashlib.sha256(picture).hexdigest(), f"clip:{acquisition}"
    told = desk.ask("look.open", about=about, what="snapshot", sha256=sha256, at_ms=at_ms, of=of)
    width, height = struct.unpack(">II", picture[_IHDR_AT:_IHDR_END])
    return Snapshot(sha256=sha256, seq=told["seq"], width=width, height=height)


@router.get("/clips/{acquisition}/line")
def line(desk: Reader, acquisition: str) -> ClipLine:
    """The time line of a clip's case: every recorder's clips on corrected time with their doubt, acts, coverage."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}")
        told = case_line.read(desk, connection, the_clip(connection, acquisition), [acquisition])
    return ClipLine.model_validate(to_json(told))

"""The log as it lies on disk (C2SP tlog-tiles): any client of that format can mirror and check it from here.

Its base address is ``/api/v1/log``. Whoever follows by ``/events`` needs none of this but the consistency proof.
"""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.errors import NotFoundError, UsageError
from ingestd.ledger import tiles
from ingestd.ledger.faults import translated
from ingestd.ledger.proof import Tree
from ingestd.ledger.tiles import ENTRIES, Tile, TileError
from ingestd.web.api.asking import Follower, require_whole
from ingestd.web.api.events import Signed, newest, signed
from ingestd.web.copy import log_files
from ingestd.words import Text

router = APIRouter(prefix="/log", tags=["log"])

_LARGEST = (1 << 53) - 1
_BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_NOTE = {"content": {"text/plain": {"schema": {"type": "string"}}}}


class Continued(BaseModel):
    """That one tree is the beginning of another (RFC 6962, consistency)."""

    older: int = Field(examples=[100])
    newer: Signed
    proof: list[str] = Field(
        examples=[["qz0wIbL9kYB1bTOYJOpDMg3cC6MTyPlxgXwzA6xkUYk="]], description="hashes, base64"
    )


@router.get("/checkpoint", response_class=Response, responses={200: _NOTE})
def checkpoint(desk: Follower) -> Response:
    """The newest checkpoint that was followed, as signed."""
    require_whole(desk)
    return Response(newest(desk).text, media_type="text/plain; charset=utf-8")


@router.get("/consistency")
def consistency(
    desk: Follower,
    older: Annotated[
        int, Query(alias="from", ge=1, le=_LARGEST, description="size of the tree that one has", examples=[1])
    ],
) -> Continued:
    """The proof that a tree that one followed is the beginning of the newest one."""
    require_whole(desk)
    seen = newest(desk)
    if older > seen.size:
        raise UsageError(
            Text("日志只有 {n} 条。", "the log has {n} entries; a longer one was cut back.").format(
                n=seen.size
            )
        )
    with translated():
        path = Tree(seen.size, log_files(desk.watch.home).tile).consistency(older)
    return Continued(older=older, newer=signed(seen), proof=[base64.b64encode(one).decode() for one in path])


@router.get("/tile/{path:path}", response_class=Response, responses={200: _BYTES})
def tile(
    desk: Follower,
    path: Annotated[
        str,
        InPath(
            description="level and index, `entries/000` for a bundle of entries", examples=["entries/000"]
        ),
    ],
) -> Response:
    """A tile of hashes, or a bundle of entries; partial ones at the newest size."""
    require_whole(desk)
    try:
        wanted = tiles.parse_path(f"tile/{path}")
    except TileError as error:
        raise _missing() from error
    if not tiles.covers(newest(desk).size, wanted):
        raise _missing()
    with translated():
        return Response(_bytes(desk, wanted), media_type="application/octet-stream")


def _bytes(desk: Follower, wanted: Tile) -> bytes:
    """Exactly so wide, though a wider one may lie there by now."""
    files = log_files(desk.watch.home)
    if wanted.level == ENTRIES:
        return tiles.bundle(files.bundle(wanted.index, wanted.width))
    return b"".join(files.hashes(wanted.level, wanted.index, wanted.width))


def _missing() -> NotFoundError:
    return NotFoundError(Text("没有这个文件。", "the log has no such tile."))

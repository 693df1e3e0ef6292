"""Bytes of clips, previews, strips and documents, for whoever opened a look at them (``?look=``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, Response

from ingestd.index.items import the_clip
from ingestd.people.separation import Deed
from ingestd.web import media, record_files
from ingestd.web.api.asking import Reader
from ingestd.web.desk import Desk

router = APIRouter(prefix="/media")

_GET = ["GET", "HEAD"]
_NO_STRIP = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 144">'
    b'<rect width="720" height="144" fill="#e9edf1"/>'
    b'<path d="M144 0v144M288 0v144M432 0v144M576 0v144" stroke="#fff" stroke-width="2"/>'
    b'<circle cx="360" cy="72" r="4" fill="#8a94a0"/><circle cx="345" cy="72" r="4" fill="#8a94a0"/>'
    b'<circle cx="375" cy="72" r="4" fill="#8a94a0"/></svg>'
)
"""What stands for frames that are not there: a list keeps its shape."""


@router.api_route("/clip/{acquisition}", methods=_GET)
def clip(desk: Reader, acquisition: str, look: str = "") -> Response:
    """The original, by ranges."""
    with desk.reading() as connection:
        found = media.shown(desk, connection, acquisition)
    return media.original(desk, found, look)


@router.api_route("/preview/{acquisition}", methods=_GET)
def preview(desk: Reader, acquisition: str, look: str = "") -> Response:
    """The H.264 preview; while it is made, as far as it has come."""
    with desk.reading() as connection:
        return media.preview(desk, connection, the_clip(connection, acquisition), look)


@router.api_route("/strip/{acquisition}", methods=_GET)
def strip(desk: Reader, acquisition: str) -> Response:
    """Five frames in one picture; a plain one where there are none (yet). Not where a label keeps them (OWN-24)."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}", Deed.PICTURE)
        path = media.strip(desk, the_clip(connection, acquisition))
    if path is None:
        return Response(_NO_STRIP, media_type="image/svg+xml")
    return FileResponse(path, media_type="image/jpeg")


@router.get("/about/{acquisition}")
def about(desk: Reader, acquisition: str) -> JSONResponse:
    """What can be shown of a clip just now: for a player that waits for a preview, or whose film broke off.

    Whoever asks waits: a preview that is not there is made before all others.
    """
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}", Deed.OPEN)
        found = media.shown(desk, connection, acquisition)
        may_take = desk.against(connection, Deed.EXTRACT, f"clip:{acquisition}") is None
    told: dict[str, Any] = {
        "way": found.showing.way,
        "content_type": found.showing.content_type,
        "damaged": found.clip.damaged,
        "may_take": may_take,
        "preview": {"state": "made"} if found.has_preview else _wanted(desk, acquisition),
    }
    return JSONResponse(told)


def _wanted(desk: Desk, acquisition: str) -> Mapping[str, Any]:
    """How a preview stands that is not in the copy; made a moment ago, it cannot be served before it is there."""
    told = desk.ask("preview.want", clip=acquisition)
    return {"state": "waiting"} if told["state"] == "made" else told


@router.api_route("/document/{sha256}", methods=_GET)
def document(desk: Reader, sha256: str, look: str = "") -> Response:
    """The file of a text record: PDF and pictures to be seen, anything else to be taken away."""
    return record_files.document(desk, sha256, look)

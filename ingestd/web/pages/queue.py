"""The queue of links: a clip at a time, its candidates, a person's decision."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.actions.links import LINKS
from ingestd.index.items import the_clip
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.queue import KEYS, decided, queue_page

router = APIRouter()


@router.api_route("/queue", methods=["GET", "HEAD"])
def show(desk: AtDesk, clip: str | None = None, done: str | None = None) -> Response:
    """The clip whose turn it is; ``done``: the one that was decided last, which can be taken back."""
    desk.require(*LINKS)
    with desk.reading() as connection:
        if clip:
            desk.require_sight(connection, f"clip:{clip}")
            the_clip(connection, clip)
        page = queue_page(desk, connection, clip or None)
        told = decided(desk, connection, done)
    return desk.draw("queue.html", page=page, done=None if told is None else done, decided=told, keys=KEYS)


@router.post("/queue/link")
def link(desk: AtDesk, fields: Fields) -> Response:
    """It belongs to this act, or to this case alone."""
    told = {name: fields.get(name) or None for name in ("act", "case", "reason")}
    return desk.do(fields, "link.set", _on(fields), clip=fields.get("clip", ""), **told)


@router.post("/queue/remove")
def remove(desk: AtDesk, fields: Fields) -> Response:
    """It belongs to none of them; leads back to the case where it was taken from one."""
    case = fields.get("case")
    back = f"/cases/{case}" if case else _on(fields)
    return desk.do(fields, "link.remove", back, clip=fields.get("clip", ""), reason=fields.get("reason", ""))


def _on(fields: Fields) -> str:
    """On to the next clip, with the way to take this decision back."""
    told = {"clip": fields.get("next", ""), "done": fields.get("clip", "")}
    return f"/queue?{urlencode({name: value for name, value in told.items() if value})}"

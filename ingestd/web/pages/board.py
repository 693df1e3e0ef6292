"""The dock board: no log-in, no evidence, nothing to click; looking at it leaves nothing in the log.

`/board` is the page; `/board/stream` tells every part of it that changed (server-sent events), the time each
second. Without scripts the page loads itself anew every five seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, StreamingResponse
from markupsafe import Markup

from ingestd.web import drawing
from ingestd.web.asking import Language, Station
from ingestd.web.board import Board, board
from ingestd.web.watch import Watch
from ingestd.words import Lang

router = APIRouter()

STREAMS = 100
"""Boards at once; an office has one or two."""
_EVERY_S = 0.2
"""How often a stream looks whether a part changed."""
_open: set[object] = set()
"""A token of each stream; only the event loop's thread has to do with it."""


def _now(watch: Watch) -> Board:
    return board(watch.config, watch.known, watch.heard, watch.clock.now())


@router.api_route("/board", methods=["GET", "HEAD"])
def show(watch: Station, lang: Language) -> HTMLResponse:
    """The whole page, as of now."""
    seen = _now(watch)
    return HTMLResponse(drawing.page("board.html", lang, title=seen.name, parts=drawing.parts(seen, lang)))


@router.get("/board/stream")
async def stream(watch: Station, lang: Language) -> StreamingResponse:
    """What changes, as long as somebody listens."""
    if len(_open) >= STREAMS:
        raise HTTPException(503)
    # A proxy that kept parts back would make a live board an old one.
    return StreamingResponse(
        _told(watch, lang), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _told(watch: Watch, lang: Lang) -> AsyncIterator[str]:
    token = object()
    _open.add(token)
    try:
        yield f"retry: 1000\nevent: build\ndata: {drawing.BUILD}\n\n"
        last, shown = None, dict[str, Markup]()
        while not watch.is_ending:
            seen = _now(watch)
            if seen != last:
                parts, frame = drawing.parts(seen, lang), drawing.frame(seen)
                whole = last is None or frame != drawing.frame(last)
                new = {"board": parts["board"]} if whole else _changed(parts, shown)
                if new:
                    yield f"event: parts\ndata: {json.dumps(new, ensure_ascii=False)}\n\n"
                last, shown = seen, parts
            await asyncio.sleep(_EVERY_S)
    finally:
        _open.discard(token)


def _changed(parts: dict[str, Markup], shown: dict[str, Markup]) -> dict[str, Markup]:
    return {name: html for name, html in parts.items() if name != "board" and shown.get(name) != html}

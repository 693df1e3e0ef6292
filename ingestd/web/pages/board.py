"""The dock board: no log-in, no evidence, nothing to click; looking at it leaves nothing in the log.

`/board` is the page; `/board/stream` tells every part of it that changed (server-sent events), the time each
second. Without scripts the page loads itself anew every five seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

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


def now(watch: Watch) -> Board:
    """The board of this moment; where the log is still being read, it says so."""
    known, behind = watch.known, watch.behind
    if behind is not None:
        known = replace(known, fault=behind.text)
    return board(watch.config, known, watch.heard, watch.clock.now())


@router.api_route("/board", methods=["GET", "HEAD"])
def show(watch: Station, lang: Language) -> HTMLResponse:
    """The whole page, as of now."""
    seen = now(watch)
    return HTMLResponse(drawing.page("board.html", lang, title=seen.name, board=drawing.whole(seen, lang)))


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
        last: Board | None = None
        while not watch.is_ending:
            seen = now(watch)
            if seen != last:
                new = _changed(seen, last, lang)
                yield f"event: parts\ndata: {json.dumps(new, ensure_ascii=False)}\n\n"
                last = seen
            await asyncio.sleep(_EVERY_S)
    finally:
        _open.discard(token)


def _changed(seen: Board, last: Board | None, lang: Lang) -> Mapping[str, Markup]:
    """The parts that differ; all of the board where its frame does."""
    if last is None or drawing.frame(seen) != drawing.frame(last):
        return {"board": drawing.whole(seen, lang)}
    before = drawing.parts(last, lang)
    return {name: html for name, html in drawing.parts(seen, lang).items() if html != before[name]}

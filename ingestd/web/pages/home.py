"""The watch: what is wrong and what has come in, live. `/home` is the page, `/wall/stream` what changes on it.

The stream sends parts as the server draws them (server-sent events). It ends with the login, and does not keep
it alive; so many at once, and so many a person.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response, StreamingResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from ingestd.people.separation import READERS
from ingestd.web import board, drawing, wall
from ingestd.web.asking import AtDesk
from ingestd.web.desk import Desk
from ingestd.web.wall import Wall
from ingestd.words import Text

router = APIRouter()

STREAMS, A_PERSON = 60, 6
"""Open walls at once, and of one person (tabs)."""
EVERY_S = 0.1
"""How often a stream looks whether the log went on; a look without news costs nothing."""
ANEW_S = 20.0
"""How often what is wrong is drawn anew though nothing happened: its clocks run."""
BREATH_S = 1.0
"""A sign of life, so that a page knows that it is live; it says whether the daemon is heard (`board.silence`)."""
_open: Counter[str] = Counter()
"""Streams by person; only the event loop's thread has to do with it."""


@router.api_route("/home", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """The whole page, as of now."""
    desk.require(*READERS)
    with desk.reading() as connection:
        tiles, wrong = Wall(desk).look(connection), wall.wrong(desk, connection)
    return desk.draw("home.html", tiles=tiles, wrong=wrong, silence=_silence(desk))


def _silence(desk: Desk) -> Text | None:
    watch = desk.watch
    return board.silence(watch.known, watch.heard, watch.clock.now(), desk.zone)


@router.get("/wall/stream")
async def stream(desk: AtDesk) -> StreamingResponse:
    """What changes, as long as somebody listens and is logged in."""
    await run_in_threadpool(desk.require, *READERS)
    if _open.total() >= STREAMS or _open[desk.visitor.person] >= A_PERSON:
        raise HTTPException(503)
    return StreamingResponse(_told(desk), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@dataclass(slots=True, kw_only=True)
class _Screen:
    """What one open page shows; only its stream has to do with it."""

    desk: Desk
    wall: Wall
    entries: int = -1
    mark: object = None
    drawn_at: float = -ANEW_S
    sent: dict[str, Markup] = field(default_factory=dict)

    def news(self) -> Mapping[str, object] | None:
        """The parts that changed, by what they are; None where the login is over."""
        self.entries = self.desk.watch.entries
        with self.desk.reading() as connection:
            if not wall.is_still(self.desk, connection):
                return None
            told: dict[str, object] = {}
            tiles = self.wall.look(connection)
            now = {one.acquisition: drawing.part("tiles.html", "tile", one, self.desk.lang) for one in tiles}
            if now != self.sent:
                told["order"] = [*now]
                told["tiles"] = {key: html for key, html in now.items() if self.sent.get(key) != html}
                self.sent = now
            mark = wall.mark(connection)
            if mark != self.mark or time.monotonic() - self.drawn_at > ANEW_S:
                self.mark, self.drawn_at = mark, time.monotonic()
                found, key = wall.wrong(self.desk, connection), secrets.token_hex(8)
                told["wrong"] = drawing.part("wall.html", "all_wrong", found, self.desk.lang, key)
            return told

    @property
    def is_due(self) -> bool:
        """Whether there may be news."""
        return self.desk.watch.entries != self.entries or time.monotonic() - self.drawn_at > ANEW_S


async def _told(desk: Desk) -> AsyncIterator[str]:
    person, screen = desk.visitor.person, _Screen(desk=desk, wall=Wall(desk))
    _open[person] += 1
    try:
        yield f"retry: 1000\nevent: build\ndata: {drawing.BUILD}\n\n"
        breath, said = 0.0, None
        while not desk.watch.is_ending:
            if screen.is_due:
                news = await run_in_threadpool(screen.news)
                if news is None:
                    yield "event: over\ndata:\n\n"
                    return
                if news:
                    yield f"event: parts\ndata: {json.dumps(news, ensure_ascii=False)}\n\n"
                    breath = time.monotonic()
            silence = _silence(desk)
            if silence != said or time.monotonic() - breath > BREATH_S:
                yield f"event: alive\ndata: {'' if silence is None else silence.say(desk.lang)}\n\n"
                breath, said = time.monotonic(), silence
            await asyncio.sleep(EVERY_S)
    finally:
        _open[person] -= 1
        if not _open[person]:
            del _open[person]

"""The custody of an item: its chain, its way as a drawing, a check of its bytes now, who could have touched it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from ingestd.actions import client
from ingestd.errors import DaemonGoneError, IngestdError
from ingestd.index.reach import reach
from ingestd.people.separation import READERS
from ingestd.telling import outsider
from ingestd.telling.authority_words import DEEDS, TIES
from ingestd.web import custody, custody_drawing, drawing
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.custody import Item
from ingestd.web.desk import Desk

router = APIRouter()

STREAM = "application/x-ndjson"
_SILENT_S = 60.0
"""A check that says nothing for so long is given up by the page; the daemon goes on by itself."""
Told = dict[str, Any]


@router.post("/custody/{about}/check")
def check(desk: AtDesk, about: str, fields: Fields) -> Response:
    """Reads the bytes now: a stream of lines for the page's script, else the page with the result."""
    del fields
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
    arguments = {"clip": of.id, "whole": True}
    if STREAM in desk.request.headers.get("accept", ""):
        return StreamingResponse(
            _stream(desk, arguments), media_type=STREAM, headers={"X-Accel-Buffering": "no"}
        )
    return _page(desk, about, checked=_asked(desk, arguments))


@router.api_route("/custody/{about:path}", methods=["GET", "HEAD"])
def show(desk: AtDesk, about: str, entry: int | None = None, before: int | None = None) -> Response:
    """The chain of an item; ``entry``: with this one opened; ``before``: what is older."""
    return _page(desk, about, entry=entry, before=before)


def _page(
    desk: Desk,
    about: str,
    *,
    entry: int | None = None,
    before: int | None = None,
    checked: Told | None = None,
) -> Response:
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
        is_clip = of.clip is not None
        facts: dict[str, Any] = {
            "of": of,
            "chain": custody.read(desk, connection, of, before),
            "opened": None if entry is None else custody.entry(desk, connection, of, entry),
            "stops": custody_drawing.stops(desk, connection, of.clip) if of.clip is not None else (),
            "size": (custody_drawing.WIDTH, custody_drawing.HEIGHT),
            "reach": _reach(desk, connection, of),
        }
    seal = checked if checked is not None or not is_clip else _seal(desk, of)
    commands = () if of.clip is None else _commands(desk, of)
    return desk.draw(
        "custody.html",
        **facts,
        seal=seal,
        checked=checked,
        commands=commands,
        may_check=is_clip and bool(desk.visitor.roles & set(READERS)),
        ties=TIES,
        deeds=DEEDS,
        before=before,
    )


def _reach(desk: Desk, connection: Connection, of: Item) -> object:
    """Who could have touched it, for those who look after evidence."""
    if not custody.is_evidence(of) or not desk.visitor.roles & set(READERS):
        return None
    return reach(connection, of.about, desk.watch.policy)


def _commands(desk: Desk, of: Item) -> tuple[str, ...]:
    assert of.clip is not None
    return outsider.commands(desk.watch.home.root, of.clip, program="ingestd", lang=desk.lang)


def _seal(desk: Desk, of: Item) -> Told | None:
    """Manifest, signature and inclusion, looked at now; None where the daemon does not answer."""
    try:
        return desk.ask("clip.check", clip=of.id)
    except DaemonGoneError:
        return None


def _asked(desk: Desk, arguments: Told, heard: Callable[[Mapping[str, Any]], None] | None = None) -> Told:
    socket = desk.watch.home.socket
    return client.ask(socket, "clip.check", heard, _SILENT_S, **arguments, **desk.visitor.shown)


def _stream(desk: Desk, arguments: Told) -> Iterator[str]:
    """Progress as it comes, then the result as the page draws it."""
    lines: SimpleQueue[Told | None] = SimpleQueue()

    def ask() -> None:
        try:
            told = _asked(desk, arguments, lambda facts: lines.put(dict(facts)))
            html = drawing.page(
                "custody_check.html", desk.lang, seal=told, checked=told, now=desk.now, zone=desk.zone
            )
            lines.put({"html": html, "ok": told["ok"]})
        except IngestdError as error:
            lines.put({"error": error.text.say(desk.lang)})
        finally:
            lines.put(None)

    threading.Thread(target=ask, name="check", daemon=True).start()
    while (line := lines.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"

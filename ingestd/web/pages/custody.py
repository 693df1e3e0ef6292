"""The custody of an item: its chain, its way as a drawing, a check of its bytes now, who could have touched it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from ingestd.actions import client
from ingestd.errors import DaemonGoneError, IngestdError
from ingestd.index.reach import reach
from ingestd.people.separation import READERS
from ingestd.telling.authority_words import DEEDS, TIES
from ingestd.web import custody, custody_drawing, drawing
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.custody import Content, Item
from ingestd.web.desk import Desk

router = APIRouter()

STREAM = "application/x-ndjson"
_SILENT_S = 60.0
"""A check that says nothing for so long is given up by the page; the daemon goes on by itself."""
SEALED = 12
"""Files of one text record whose manifests are looked at as the page is drawn; the rest, when somebody asks."""
Told = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Bytes that can be checked, and what is known of them as the page is drawn."""

    content: Content
    seal: Told | None
    """Manifest, signature and log, looked at now; None: the daemon does not answer, or they are too many."""
    is_checked: bool
    """Whether the bytes were read too."""


@router.post("/custody/{about:path}/check")
def check(desk: AtDesk, about: str, fields: Fields) -> Response:
    """Reads the bytes now: a stream of lines for the page's script, else the page with the result.

    ``document``: which file of a text record.
    """
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
        content = custody.content(desk, connection, of, fields.get("document", of.id))
    if STREAM in desk.request.headers.get("accept", ""):
        return StreamingResponse(
            _stream(desk, content), media_type=STREAM, headers={"X-Accel-Buffering": "no"}
        )
    return _page(desk, about, checked={content.id: _read(desk, content)})


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
    checked: Mapping[str, Told] = MappingProxyType({}),
) -> Response:
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
        contents = custody.contents(desk, connection, of)
        facts: dict[str, Any] = {
            "of": of,
            "chain": custody.read(desk, connection, of, before),
            "opened": None if entry is None else custody.entry(desk, connection, of, entry),
            "stops": custody_drawing.stops(desk, connection, of.clip) if of.clip is not None else (),
            "size": (custody_drawing.WIDTH, custody_drawing.HEIGHT),
            "reach": _reach(desk, connection, of),
        }
    return desk.draw(
        "custody.html",
        **facts,
        sealed=[_sealed(desk, one, checked, looks=at < SEALED) for at, one in enumerate(contents)],
        at_once=SEALED,
        may_check=bool(desk.visitor.roles & set(READERS)),
        ties=TIES,
        deeds=DEEDS,
        before=before,
    )


def _reach(desk: Desk, connection: Connection, of: Item) -> object:
    """Who could have touched it, for those who look after evidence."""
    if not custody.is_evidence(of) or not desk.visitor.roles & set(READERS):
        return None
    return reach(connection, of.about, desk.watch.policy)


def _sealed(desk: Desk, content: Content, checked: Mapping[str, Told], *, looks: bool) -> Sealed:
    seal = checked.get(content.id)
    if seal is None and looks:
        with suppress(DaemonGoneError):
            seal = desk.ask(content.verb, **content.which)
    return Sealed(content=content, seal=seal, is_checked=content.id in checked)


def _read(desk: Desk, content: Content, heard: Callable[[Mapping[str, Any]], None] | None = None) -> Told:
    """What a check finds that reads the bytes."""
    socket, who = desk.watch.home.socket, desk.visitor.shown
    return client.ask(socket, content.verb, heard, _SILENT_S, **content.which, whole=True, **who)


def _stream(desk: Desk, content: Content) -> Iterator[str]:
    """Progress as it comes, then the result as the page draws it."""
    lines: SimpleQueue[Told | None] = SimpleQueue()

    def ask() -> None:
        try:
            told = _read(desk, content, lambda facts: lines.put(dict(facts)))
            html = drawing.page(
                "custody_check.html", desk.lang, seal=told, is_checked=True, now=desk.now, zone=desk.zone
            )
            lines.put({"html": html, "ok": told["ok"]})
        except IngestdError as error:
            lines.put({"error": error.text.say(desk.lang)})
        finally:
            lines.put(None)

    threading.Thread(target=ask, name="check", daemon=True).start()
    while (line := lines.get()) is not None:
        yield json.dumps(line, ensure_ascii=False) + "\n"

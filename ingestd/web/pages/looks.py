"""Looks: the list of who looked at what, and what a player tells of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ingestd.errors import UsageError
from ingestd.web import look_list
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.look_list import Wanted
from ingestd.words import Text

router = APIRouter(prefix="/looks")

_NO_CONTENT = 204
Before = Annotated[int | None, Query(ge=0, lt=1 << 53)]


@router.api_route("", methods=["GET", "HEAD"])
def show(desk: AtDesk, person: str = "", item: str = "", before: Before = None) -> Response:
    """Who looked at what, newest first."""
    look_list.may_list(desk)
    wanted = Wanted(person=person.strip(), item=item.strip(), before=before)
    with desk.reading() as connection:
        found = look_list.read(desk, connection, wanted)
    return desk.draw("looks.html", found=found, wanted=wanted)


@router.post("/{look}/seen")
def seen(desk: AtDesk, look: str, fields: Fields) -> Response:
    """What a player has played so far (``ranges`` JSON [[from, to]...] in ms, ``watched_ms``); the look goes on."""
    desk.ask("look.see", look=look, **_told(fields))
    return Response(status_code=_NO_CONTENT)


@router.post("/{look}/close")
def close(desk: AtDesk, look: str, fields: Fields) -> Response:
    """The person looks no more: the player's last word, and what was sent."""
    told = _told(fields) if "ranges" in fields else {}
    desk.ask("look.close", look=look, **told, **desk.watch.looks.taken(look))
    return Response(status_code=_NO_CONTENT)


def _told(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a script says of its player. Raises UsageError."""
    try:
        told: dict[str, Any] = {"ranges": json.loads(fields.get("ranges") or "[]")}
        if fields.get("watched_ms"):
            told["watched_ms"] = int(fields["watched_ms"])
    except ValueError as error:
        raise UsageError(Text("播放区间不合规。", "these are no stretches of a film.")) from error
    return told

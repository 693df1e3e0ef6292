"""What was refused or failed, as a page: within the person's frame, with the way back, and with what they had typed.

What is typed into a form must not be gone because somebody may not, a field was left out or the daemon is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ingestd.actions.logins import KIOSK_IDLE_MS
from ingestd.errors import IngestdError
from ingestd.web import drawing
from ingestd.web.asking import KEPT, language, read_fields, session_name
from ingestd.web.back import STOOD, own, stood_on
from ingestd.web.desk import Desk
from ingestd.web.visitors import FULL, Visitor
from ingestd.words import Text

TYPED: Mapping[str, Text] = {
    "text": Text("文字说明", "note"),
    "note": Text("说明", "what is wrong"),
    "reason": Text("理由", "the reason"),
    "purpose": Text("用途", "what for"),
}
"""Fields of forms that people write sentences into; the rest is sent again as it was."""
_ONCE = ("key", "code", STOOD)
_SECRET = frozenset({"password", "old", "new", "again", "pin"})
_FORM = "application/x-www-form-urlencoded"
_READ_S = 2.0
_KIOSK = "/kiosk"


async def typed(request: Request) -> dict[str, str]:
    """The fields of the form that a request brought; nothing where it brought none, or one with a secret in it."""
    found: dict[str, str] | None = getattr(request.state, KEPT, None)
    if found is None and request.method == "POST" and _is_form(request):
        try:  # refused before its form was read
            found = await asyncio.wait_for(read_fields(request), _READ_S)
        except (
            TimeoutError,
            IngestdError,
            HTTPException,
            ClientDisconnect,
        ):  # what can't be read is not shown
            found = None
    return {} if found is None or _SECRET & found.keys() else found


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0] == _FORM


def page(
    request: Request, status: int, told: Text, *, need: object, fields: Mapping[str, str]
) -> HTMLResponse:
    """The page in the language of whoever asked."""
    is_kiosk = request.url.path.startswith(_KIOSK)
    texts = {name: fields[name] for name in TYPED if name in fields}
    facts = {
        "status": status,
        "fault": told,
        "need": need,
        "action": request.url.path,
        "texts": texts,
        "rest": {name: value for name, value in fields.items() if name not in (*texts, *_ONCE)},
        "labels": TYPED,
        "back": _KIOSK if is_kiosk else stood_on(request, fields) or own(fields.get("back", "")),
        "idle_s": KIOSK_IDLE_MS // 1000 if is_kiosk else None,
    }
    who = None if is_kiosk else _somebody(request)
    if who is None:
        return HTMLResponse(drawing.page("error.html", language(request), **facts), status)
    desk = Desk(request=request, watch=request.app.state.watch, visitor=who, lang=language(request))
    return desk.draw("refused.html", status, **facts)


def _somebody(request: Request) -> Visitor | None:
    """Whoever is logged in, as they were last known: for the frame alone, also while no daemon answers."""
    token = request.cookies.get(session_name(request))
    who = None if token is None else request.app.state.watch.visitors.last("session", token)
    return who if who is not None and who.stage == FULL else None

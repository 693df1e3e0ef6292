"""`/kiosk`: beside the dock an officer writes the notes that recordings lack, by number and PIN (REC-8, REC-24).

Its session opens notes and nothing else, has a cookie of its own, and ends by itself after two minutes without use.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ingestd.actions import client
from ingestd.actions.client import RemoteError
from ingestd.actions.logins import KIOSK, KIOSK_IDLE_MS
from ingestd.errors import LoginError
from ingestd.telling.phrases import SPOKEN
from ingestd.web import drawing
from ingestd.web.asking import Fields, Language, Station, cookie_name
from ingestd.web.desk import Desk
from ingestd.web.kiosk import DAYS, Notes, Recording, notes
from ingestd.web.pages.login import came_from
from ingestd.words import Text

router = APIRouter(prefix="/kiosk")

COOKIE = "kiosk"
IDLE_S = KIOSK_IDLE_MS // 1000
_SEE_OTHER, _UNAUTHORIZED, _FORBIDDEN, _NO_CONTENT = 303, 401, 403, 204
_ANSWER_S = 30.0
_WRONG = ("credentials", "wait", "usage", "refused")
_OVER = Text("已自动退出，请重新输入。", "you were logged out; begin again.")
_BYE = Text("已退出。", "you are logged out.")


def _desk(request: Request, watch: Station, lang: Language) -> Desk | None:
    """The officer who is here; None where nobody is, or the time is over."""
    token = request.cookies.get(cookie_name(request, COOKIE))
    if token is None:
        return None
    try:
        visitor = watch.visitors.find("session", token)
    except RemoteError as error:
        if error.remote_code != LoginError.code:
            raise
        return None
    if visitor.stage != KIOSK:
        return None
    return Desk(request=request, watch=watch, visitor=visitor, lang=lang)


Officer = Annotated[Desk | None, Depends(_desk)]


@router.api_route("", methods=["GET", "HEAD"])
def show(request: Request, desk: Officer, lang: Language, clip: str = "") -> Response:
    """The officer's recordings that lack a note; the door where nobody is here."""
    if desk is not None:
        return _page(desk, clip)
    was_here = cookie_name(request, COOKIE) in request.cookies
    return _door(request, lang, told=_OVER if was_here else None)


@router.post("/open")
def enter(request: Request, watch: Station, lang: Language, fields: Fields) -> Response:
    """By number and PIN."""
    user, pin = fields.get("user", ""), fields.get("pin", "")
    try:
        told = client.ask(
            watch.home.socket, "kiosk.open", None, _ANSWER_S, user=user, pin=pin, client=came_from(request)
        )
    except RemoteError as error:
        if error.remote_code not in _WRONG:
            raise
        return _door(request, lang, fault=error.text, user=user)
    answer = RedirectResponse("/kiosk", _SEE_OTHER)
    answer.set_cookie(
        cookie_name(request, COOKIE),
        told["session"],
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
        path="/",
    )
    return answer


@router.post("/note")
def note(request: Request, desk: Officer, lang: Language, fields: Fields) -> Response:
    """Saves a note at once; or, without scripts, puts a phrase into it first."""
    if desk is None:
        return _door(request, lang, told=_OVER)
    clip, text = fields.get("clip", ""), fields.get("text", "")
    if "phrase" in fields:
        return _page(desk, clip, text=text + fields["phrase"])
    try:
        return desk.do(
            fields, "clip.note", f"/kiosk?clip={_plain(fields.get('next', ''))}", clip=clip, text=text
        )
    except RemoteError as error:
        if error.remote_code not in _WRONG:
            raise
        return _page(desk, clip, text=text, fault=error.text)


@router.get("/here")
def stay(desk: Officer) -> Response:
    """Somebody is typing: the session goes on."""
    return Response(status_code=_UNAUTHORIZED if desk is None else _NO_CONTENT)


@router.get("/over")
def idle(request: Request) -> Response:
    """Where scripts do not run, a page that was left alone leads here; the daemon ends the session by itself."""
    return _left(request, RedirectResponse("/kiosk", _SEE_OTHER))


@router.post("/end")
def leave(request: Request, desk: Officer, lang: Language) -> Response:
    """Done."""
    if desk is not None:
        desk.ask("session.end")
        desk.watch.visitors.forget(desk.visitor)
    return _left(request, _door(request, lang, told=_BYE))


def _left(request: Request, answer: Response) -> Response:
    is_secure = request.url.scheme == "https"
    answer.delete_cookie(cookie_name(request, COOKIE), secure=is_secure, httponly=True, samesite="strict")
    return answer


def _plain(clip: str) -> str:
    """An acquisition's id, or nothing."""
    return clip if clip.replace("-", "").isalnum() and clip.isascii() else ""


def _page(desk: Desk, clip: str, *, text: str = "", fault: Text | None = None) -> HTMLResponse:
    with desk.reading() as connection:
        found: Notes = notes(connection, desk.visitor.person, desk.watch.policy, now=desk.now, zone=desk.zone)
    first: Recording | None = next(iter(found.recordings), None)
    chosen = next((one for one in found.recordings if one.acquisition == clip), first)
    return desk.draw(
        "kiosk.html",
        200 if fault is None else _FORBIDDEN,
        notes=found,
        chosen=chosen,
        typed=text,
        fault=fault,
        days=DAYS,
        idle_s=IDLE_S,
        spoken=SPOKEN,
    )


def _door(
    request: Request, lang: Language, *, told: Text | None = None, fault: Text | None = None, user: str = ""
) -> HTMLResponse:
    watch = request.app.state.watch
    html = drawing.page(
        "kiosk_door.html",
        lang,
        station=f"{watch.config.agency}/{watch.config.station}",
        told=told,
        fault=fault,
        user=user,
    )
    return HTMLResponse(html, 200 if fault is None else _UNAUTHORIZED)

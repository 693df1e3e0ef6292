"""Logging in and out: account and password, then the second factor, then a password of one's own where it is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ingestd.actions import client
from ingestd.actions.client import RemoteError
from ingestd.web import drawing
from ingestd.web.asking import Fields, Language, Somebody, Station, session_name
from ingestd.web.back import own
from ingestd.web.visitors import FULL, HALF, PASSWORD, Visitor
from ingestd.web.watch import Watch
from ingestd.words import Lang, Text

router = APIRouter()

_SEE_OTHER, _UNAUTHORIZED = 303, 401
_ANSWER_S = 30.0
_WRONG = ("credentials", "wait", "usage", "refused")
_LOST = Text(
    "登录已结束，刚才提交的内容没有记录；登录后请重新填写。",
    "the log-in was over: nothing of what you sent was recorded. Log in and enter it again.",
)
_DIFFER = Text("两次输入的新密码不同。", "the two new passwords differ.")


@router.api_route("/login", methods=["GET", "HEAD"])
def ask(
    request: Request, who: Somebody, lang: Language, back: str = "/", lost: Literal["", "1"] = ""
) -> Response:
    """Asks for what is missing: name and password, a code, a new password; nothing where nothing is.

    ``lost``: what a form brought was not recorded, because nobody was logged in any more.
    """
    if who is not None and who.stage == FULL:
        return RedirectResponse(own(back), _SEE_OTHER)
    fault = _LOST if lost else None
    return _form(request, lang, None if who is None else who.stage, back=own(back), fault=fault, status=200)


@router.post("/login")
def take(request: Request, watch: Station, who: Somebody, lang: Language, fields: Fields) -> Response:
    """One step of it; the session's cookie changes with every step."""
    back, stage = own(fields.get("back", "/")), None if who is None else who.stage
    try:
        told = _step(request, watch, who, fields)
    except RemoteError as error:
        if error.remote_code not in _WRONG:
            raise
        return _form(request, lang, stage, back=back, fault=error.text, user=fields.get("user", ""))
    if told is None:
        return _form(request, lang, stage, back=back, fault=_DIFFER)
    if who is not None:
        watch.visitors.forget(who)
    answer = RedirectResponse(back if told["stage"] == FULL else f"/login?back={quote(back)}", _SEE_OTHER)
    keep(request, answer, told["session"])
    return answer


@router.post("/logout")
def leave(request: Request, watch: Station, who: Somebody) -> RedirectResponse:
    """Ends the session, here and with the daemon."""
    if who is not None:
        client.ask(watch.home.socket, "session.end", None, _ANSWER_S, **who.shown)
        watch.visitors.forget(who)
    answer = RedirectResponse("/login", _SEE_OTHER)
    answer.delete_cookie(session_name(request), secure=request.url.scheme == "https", httponly=True)
    return answer


def keep(request: Request, answer: Response, session: str) -> None:
    """Gives the browser the session's token, until it is closed."""
    answer.set_cookie(
        session_name(request),
        session,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
        path="/",
    )


def _step(
    request: Request, watch: Watch, who: Visitor | None, fields: Mapping[str, str]
) -> dict[str, Any] | None:
    """What the daemon answered to the step that is due; None where two new passwords differ."""

    def asked(verb: str, **arguments: str) -> dict[str, Any]:
        return client.ask(watch.home.socket, verb, None, _ANSWER_S, **arguments)

    if who is not None and who.stage == HALF:
        return asked("session.second", code=fields.get("code", ""), **who.shown)
    if who is not None and who.stage == PASSWORD:
        new = fields.get("new", "")
        if new != fields.get("again", ""):
            return None
        return asked("password.change", old=fields.get("old", ""), new=new, **who.shown) | {"stage": FULL}
    return asked(
        "session.open",
        user=fields.get("user", ""),
        password=fields.get("password", ""),
        client=came_from(request),
    )


def came_from(request: Request) -> str:
    """Where a log-in comes from, for the person's own list of them."""
    address = request.client.host if request.client else "?"
    return f"{address} {request.headers.get('user-agent', '')}"


def _form(
    request: Request,
    lang: Lang,
    stage: str | None,
    *,
    back: str,
    fault: Text | None = None,
    user: str = "",
    status: int = _UNAUTHORIZED,
) -> HTMLResponse:
    watch: Watch = request.app.state.watch
    html = drawing.page(
        "login.html",
        lang,
        stage=stage,
        back=back,
        fault=fault,
        behind=watch.behind,
        user=user,
        station=f"{watch.config.agency}/{watch.config.station}",
    )
    return HTMLResponse(html, 200 if fault is None else status)

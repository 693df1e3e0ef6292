"""What is one's own: log-ins, second factor, PIN, password, API tokens."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from ingestd.actions.client import RemoteError
from ingestd.actions.tokens import SCOPES
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.desk import Desk
from ingestd.web.pages.login import keep
from ingestd.words import Text

router = APIRouter(prefix="/me")

_SEE_OTHER, _FORBIDDEN = 303, 403
_DIFFER = Text("两次输入的不同。", "the two do not agree.")
_WRONG = ("credentials", "wait", "usage", "refused")
_DAYS = 90


@router.api_route("", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """Everything of one's own."""
    return _page(desk)


@router.post("/end")
def end(desk: AtDesk, fields: Fields) -> Response:
    """Ends one of one's log-ins."""
    return desk.do(fields, "session.end", "/me", login=fields.get("login", ""))


@router.post("/password")
def password(desk: AtDesk, fields: Fields) -> Response:
    """Changes it; all other log-ins end."""
    new = fields.get("new", "")
    if new != fields.get("again", ""):
        return _page(desk, fault=_DIFFER)
    try:
        told = desk.ask("password.change", old=fields.get("old", ""), new=new)
    except RemoteError as error:
        return _again(desk, error)
    desk.watch.visitors.forget(desk.visitor)
    answer = RedirectResponse("/me?told=done", _SEE_OTHER)
    keep(desk.request, answer, told["session"])
    return answer


@router.post("/pin")
def pin(desk: AtDesk, fields: Fields) -> Response:
    """Sets the PIN of the kiosk."""
    if fields.get("pin", "") != fields.get("pin2", ""):
        return _page(desk, fault=_DIFFER)
    try:
        return desk.do(fields, "pin.set", "/me", pin=fields.get("pin", ""))
    except RemoteError as error:
        return _again(desk, error)


@router.post("/factor")
def factor(desk: AtDesk, fields: Fields) -> Response:
    """Begins to set up the second factor: shows its QR code."""
    try:
        told = desk.ask("totp.begin", password=fields.get("password", ""))
    except RemoteError as error:
        return _again(desk, error)
    return desk.draw("factor.html", secret=told["secret"], uri=told["uri"], fault=None)


@router.post("/factor/confirm")
def confirm(desk: AtDesk, fields: Fields) -> Response:
    """The first code proves that it works; then the recovery codes, this once."""
    try:
        told = desk.ask("totp.confirm", code=fields.get("code", ""))
    except RemoteError as error:
        if error.remote_code not in _WRONG:
            raise
        uri, secret = fields.get("uri", ""), fields.get("secret", "")
        return desk.draw("factor.html", _FORBIDDEN, secret=secret, uri=uri, fault=error.text)
    desk.watch.visitors.forget(desk.visitor)
    return desk.draw("recovery.html", codes=told["recovery"])


@router.post("/factor/end")
def end_factor(desk: AtDesk, fields: Fields) -> Response:
    """Ends it; takes a fresh code."""
    return desk.do(fields, "totp.end", "/me")


@router.post("/token")
def token(desk: AtDesk, fields: Fields) -> Response:
    """Makes an API token and shows it, this once; takes a fresh code."""
    scopes = [scope for scope in SCOPES if fields.get(f"scope-{scope}")]
    try:
        days = int(fields.get("days", ""))
    except ValueError:
        days = 0
    try:
        return desk.tell(
            fields,
            "token.add",
            lambda told: _page(desk, made=told["token"]),
            scopes=scopes,
            days=days,
            label=fields.get("label", ""),
        )
    except RemoteError as error:
        return _again(desk, error)


@router.post("/token/end")
def end_token(desk: AtDesk, fields: Fields) -> Response:
    """Ends a token at once."""
    return desk.do(fields, "token.end", "/me", id=fields.get("id", ""))


def _again(desk: Desk, error: RemoteError) -> Response:
    if error.remote_code not in _WRONG:
        raise error
    return _page(desk, fault=error.text)


def _page(desk: Desk, *, fault: Text | None = None, made: str | None = None) -> Response:
    return desk.draw(
        "me.html",
        200 if fault is None else _FORBIDDEN,
        logins=desk.ask("session.list")["logins"],
        tokens=desk.ask("token.list", account=desk.visitor.person)["tokens"],
        scopes=SCOPES,
        days=_DAYS,
        fault=fault,
        made=made,
    )

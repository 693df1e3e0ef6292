"""`/people`: the administrator's page of accounts; it shows no evidence, and nobody else has it.

An account's id may hold any letter that ids may, a slash among them: addresses of its deeds begin with ``~``,
which no id holds, and name the account in the form.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.actions.client import RemoteError
from ingestd.actions.tokens import SCOPES
from ingestd.config import ROLES
from ingestd.people.separation import ADMINISTRATOR
from ingestd.telling import terms
from ingestd.web import people
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.desk import Desk
from ingestd.words import Text

router = APIRouter(prefix="/people")

_FORBIDDEN = 403
_WRONG = ("credentials", "wait", "usage", "refused")
_DAYS = 90
_PASSWORD_BYTES = 10
"""80 bits: sixteen letters that people can read out."""
_NO_ROLE = Text("请至少选择一个角色。", "choose a role at least.")


@router.api_route("", methods=["GET", "HEAD"])
def show(desk: AtDesk, q: str = "", role: str = "") -> Response:
    """All accounts, by unit; fewer by words or a role."""
    desk.require(ADMINISTRATOR)
    told = desk.ask("account.list")["accounts"]
    with desk.reading() as connection:
        names = people.unit_names(connection)
    return desk.draw(
        "people.html",
        units=people.by_unit(told, names, words=q, role=role),
        count=len(told),
        tones=people.TONES,
        roles=[(one, terms.word(terms.ROLES, one)) for one in ROLES],
        q=q,
        role=role,
    )


@router.get("/~new")
def new(desk: AtDesk) -> Response:
    """A form for one more."""
    desk.require(ADMINISTRATOR)
    return _form(desk, {})


@router.post("/~new")
def add(desk: AtDesk, fields: Fields) -> Response:
    """Makes it, and gives its first password, which is shown this once."""
    desk.require(ADMINISTRATOR)
    roles, account = _roles(fields), fields.get("account", "")
    fault = people.conflict(roles) or (None if roles else _NO_ROLE)
    if fault is not None:
        return _form(desk, fields, fault)
    stated = {"name": fields.get("name") or None, "roles": roles, "unit": fields.get("unit") or None}
    try:
        return desk.tell(
            fields,
            "account.state",
            lambda _: _given(desk, fields, account),
            account=account,
            new=True,
            **stated,
        )
    except RemoteError as error:
        if error.remote_code not in _WRONG:
            raise
        return _form(desk, fields, error.text)


@router.post("/~roles")
def state(desk: AtDesk, fields: Fields) -> Response:
    """Another name, other roles, another unit."""
    desk.require(ADMINISTRATOR)
    account, roles = fields.get("account", ""), _roles(fields)
    fault = people.conflict(roles)
    if fault is not None:
        return _page(desk, account, fault=fault, roles=roles)
    stated = {"name": fields.get("name") or None, "roles": roles, "unit": fields.get("unit") or None}
    return _done(desk, fields, "account.state", roles=roles, stated=stated)


@router.post("/~password")
def password(desk: AtDesk, fields: Fields) -> Response:
    """Gives a new one, good for one log-in, shown this once."""
    desk.require(ADMINISTRATOR)
    return _given(desk, fields, fields.get("account", ""))


@router.post("/~pin")
def pin(desk: AtDesk, fields: Fields) -> Response:
    """Gives an officer a PIN for the kiosk."""
    return _done(desk, fields, "account.pin", stated={"pin": fields.get("pin", "")})


@router.post("/~token")
def token(desk: AtDesk, fields: Fields) -> Response:
    """Makes an API token of the account, shown this once."""
    desk.require(ADMINISTRATOR)
    account, days = fields.get("account", ""), fields.get("days", "")
    scopes = [scope for scope in SCOPES if fields.get(f"scope-{scope}")]
    try:
        return desk.tell(
            fields,
            "token.add",
            lambda told: _page(desk, account, secret=_TOKEN, made=told["token"]),
            account=account,
            scopes=scopes,
            days=int(days) if days.isdecimal() else 0,
            label=fields.get("label", ""),
        )
    except RemoteError as error:
        return _again(desk, account, error)


@router.post("/~end-token")
def end_token(desk: AtDesk, fields: Fields) -> Response:
    """Ends a token at once."""
    desk.require(ADMINISTRATOR)
    back = f"/people/{quote(fields.get('account', ''))}"
    return desk.do(fields, "token.end", back, id=fields.get("id", ""))


@router.post("/~end-login")
def end_login(desk: AtDesk, fields: Fields) -> Response:
    """Ends one log-in."""
    return _done(desk, fields, "account.end-logins", stated={"login": fields.get("login", "")})


@router.post("/~do/{deed}")
def do(desk: AtDesk, deed: str, fields: Fields) -> Response:
    """Lock, unlock, close, open, end a factor or all log-ins."""
    verb, arguments = people.pressed(deed)
    return _done(desk, fields, verb, stated=arguments)


@router.api_route("/{account:path}", methods=["GET", "HEAD"])
def one(desk: AtDesk, account: str) -> Response:
    """One account, whole."""
    desk.require(ADMINISTRATOR)
    return _page(desk, account)


# --- parts --------------------------------------------------------------------------------------

_PASSWORD = Text(
    "首次密码，只显示这一次；登录后须更改",
    "the first password, shown this once; to be changed after logging in",
)
_TOKEN = Text("新令牌，只显示这一次", "the new token, shown this once")


def _roles(fields: Mapping[str, str]) -> list[str]:
    return [role for role in ROLES if fields.get(f"role-{role}")]


def _done(
    desk: Desk,
    fields: Mapping[str, str],
    verb: str,
    *,
    stated: Mapping[str, Any],
    roles: list[str] | None = None,
) -> Response:
    """A deed on the account that the form names; what is wrong with it stands above the same page."""
    desk.require(ADMINISTRATOR)
    account = fields.get("account", "")
    try:
        return desk.do(fields, verb, f"/people/{quote(account)}", account=account, **stated)
    except RemoteError as error:
        return _again(desk, account, error, roles)


def _again(desk: Desk, account: str, error: RemoteError, roles: list[str] | None = None) -> Response:
    if error.remote_code not in _WRONG:
        raise error
    return _page(desk, account, fault=error.text, roles=roles)


def _given(desk: Desk, fields: Mapping[str, str], account: str) -> Response:
    """Gives a password that is made here and shown once."""
    letters = base64.b32encode(os.urandom(_PASSWORD_BYTES)).decode().lower()
    secret = "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
    once = {name: value for name, value in fields.items() if name not in ("key", "code")}
    try:
        return desk.tell(
            once,
            "account.password",
            lambda _: _page(desk, account, secret=_PASSWORD, made=secret),
            account=account,
            password=secret,
        )
    except RemoteError as error:
        return _again(desk, account, error)


def _form(desk: Desk, fields: Mapping[str, str], fault: Text | None = None) -> Response:
    with desk.reading() as connection:
        names = people.unit_names(connection)
    return desk.draw(
        "person_new.html",
        200 if fault is None else _FORBIDDEN,
        choices=people.choices(_roles(fields), is_own=False),
        names=names,
        unit=fields.get("unit", ""),
        fields=fields,
        fault=fault,
    )


def _page(
    desk: Desk,
    account: str,
    *,
    fault: Text | None = None,
    roles: list[str] | None = None,
    secret: Text | None = None,
    made: str | None = None,
) -> Response:
    told = desk.ask("account.show", account=account)
    with desk.reading() as connection:
        names = people.unit_names(connection)
        story, entries = people.history(desk, connection, account)
    return desk.draw(
        "person.html",
        200 if fault is None else _FORBIDDEN,
        one=told,
        state=people.state_of(told),
        sign=people.sign_of(told),
        tone=people.TONES[people.state_of(told)],
        until=people.lock_end(told),
        choices=people.choices(
            told["roles"] if roles is None else roles, is_own=account == desk.visitor.person
        ),
        is_own=account == desk.visitor.person,
        names=names,
        unit=told["unit"] or "",
        tokens=[one for one in desk.ask("token.list", account=account)["tokens"] if one["ended_at"] is None],
        scopes=SCOPES,
        days=_DAYS,
        story=story,
        entries_in_all=entries,
        fault=fault,
        secret=secret,
        made=made,
    )

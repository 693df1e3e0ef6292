"""What an operation of the API is asked with: the program's or the page's person, and the scope that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field

from ingestd.errors import LoginError, RefusedError
from ingestd.index.items import the_clip
from ingestd.people.separation import READERS, RULES, SCOPE_RULE
from ingestd.web.asking import SESSION, Language, Station, session_name
from ingestd.web.desk import Desk
from ingestd.web.visitors import FULL, TOKEN
from ingestd.words import Text

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="an API token (`ingestd token add`)")
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
_cookie = APIKeyCookie(
    name=SESSION,
    auto_error=False,
    scheme_name="session",
    description="of a person who is logged in; over TLS it is named `__Host-session`",
)


def _desk(scope: str) -> Callable[..., Desk]:
    def desk(
        request: Request,
        watch: Station,
        lang: Language,
        shown: _Bearer,
        _: Annotated[str | None, Depends(_cookie)],
    ) -> Desk:
        """Raises LoginError, RefusedError, RemoteError, DaemonGoneError."""
        session = request.cookies.get(session_name(request))
        if shown is not None:
            visitor = watch.visitors.find("token", shown.credentials)
        elif session is not None:
            visitor = watch.visitors.find("session", session)
        else:
            raise LoginError(Text("请出示令牌或先登录。", "show a token, or log in first."))
        if visitor.stage not in (FULL, TOKEN):
            raise LoginError(Text("登录尚未完成。", "this log-in is not complete."))
        if visitor.stage == TOKEN and scope not in visitor.scopes:
            raise RefusedError(Text(f"令牌的范围不含 {scope}。", f"the token's scopes do not hold {scope}."))
        request.app.state.pace.take(visitor.login)
        return Desk(request=request, watch=watch, visitor=visitor, lang=lang)

    return desk


Reader = Annotated[Desk, Depends(_desk("read"))]
"""Whoever reads: a person, or a program with the scope ``read``."""
Follower = Annotated[Desk, Depends(_desk("events"))]
Noter = Annotated[Desk, Depends(_desk("notes"))]
Registrar = Annotated[Desk, Depends(_desk("registers"))]
Answerer = Annotated[Desk, Depends(_desk("findings"))]
Caseworker = Annotated[Desk, Depends(_desk("cases"))]
Drawer = Annotated[Desk, Depends(_desk("audits"))]
Keeper = Annotated[Desk, Depends(_desk("accounts"))]

KEY_CHARS = 64
Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_CHARS,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="the same key gives the same answer and does nothing twice",
        examples=["2026-11-22-0001"],
    ),
]
Acquisition = Annotated[str, Path(examples=["0193a5b2-7c1e-7abc-8def-0123456789ab"], max_length=64)]


class Done(BaseModel):
    """What became of a deed."""

    seq: int | None = Field(examples=[1843], description="of the log's entry; null: nothing was new")
    changed: bool = Field(examples=[True])


def do(desk: Desk, verb: str, once: str | None = None, /, **arguments: Any) -> dict[str, Any]:
    """A deed, answered once what it did can be read here. Raises RemoteError, DaemonGoneError."""
    told = desk.ask(verb, **arguments, **({} if once is None else {"key": once}))
    desk.shows(told.get("seq"))
    return told


def require_clip(desk: Desk, acquisition: str) -> None:
    """There is such a clip, and the person may see it. Raises NotFoundError, RemoteError."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}")
        the_clip(connection, acquisition)


def require_whole(desk: Desk) -> None:
    """What tells of all units is for those who see the evidence of all. Raises RefusedError, RemoteError."""
    desk.require(*READERS)
    if desk.visitor.unit is not None:
        rule = RULES[SCOPE_RULE]
        raise RefusedError(
            Text(f"{rule.zh}（{SCOPE_RULE}）。", f"{rule.en} ({SCOPE_RULE})."), rule=SCOPE_RULE
        )

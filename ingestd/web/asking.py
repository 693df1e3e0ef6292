"""What a page is asked with: the station as it is known, the language, the person, and what a form holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from ingestd.actions.client import RemoteError
from ingestd.errors import LoginError, UsageError
from ingestd.web.desk import Desk
from ingestd.web.visitors import FULL, Visitor
from ingestd.web.watch import Watch
from ingestd.words import Lang, Text

LANGUAGE = "lang"
SESSION = "session"
KEPT = "fields"
"""Where a request keeps what its form held."""
_FIELDS = 200
_AS_TYPED = ("password", "old", "new", "again")


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


def language(request: Request) -> Lang:
    """Chinese unless this person chose English."""
    return "en" if request.cookies.get(LANGUAGE) == "en" else "zh"


def session_name(request: Request) -> str:
    """Of the session's cookie."""
    return cookie_name(request, SESSION)


def cookie_name(request: Request, name: str) -> str:
    """Of a cookie; over TLS the browser itself keeps other hosts and plain HTTP from setting it."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _visitor(request: Request, watch: Station) -> Visitor | None:
    """Whoever is logged in, at whatever stage. Raises RemoteError, DaemonGoneError."""
    token = request.cookies.get(session_name(request))
    try:
        return None if token is None else watch.visitors.find("session", token)
    except RemoteError as error:
        if error.remote_code != LoginError.code:
            raise
        return None  # it is over


def _desk(request: Request, watch: Station, visitor: Somebody, lang: Language) -> Desk:
    """Raises LoginError unless somebody is logged in wholly."""
    if visitor is None or visitor.stage != FULL:
        raise LoginError(Text("请先登录。", "log in first."))
    return Desk(request=request, watch=watch, visitor=visitor, lang=lang)


async def read_fields(request: Request) -> dict[str, str]:
    """The plain fields of a form, trimmed but for passwords; kept with the request. Raises UsageError."""
    keep(request, {})
    async with request.form(max_files=0, max_fields=_FIELDS) as form:
        if any(isinstance(value, UploadFile) for value in form.values()):
            raise UsageError(Text("此处不接收文件。", "no files are taken here."))
        found = {
            name: str(value) if name in _AS_TYPED else str(value).strip() for name, value in form.items()
        }
    return keep(request, found)


def keep(request: Request, fields: dict[str, str]) -> dict[str, str]:
    """Leaves a form's fields with the request, for the page that may say that it was refused."""
    setattr(request.state, KEPT, fields)
    return fields


Station = Annotated[Watch, Depends(_watch)]
Language = Annotated[Lang, Depends(language)]
Somebody = Annotated[Visitor | None, Depends(_visitor)]
"""Whoever asks, if anybody is logged in; pages of log-in and of the way out use it."""
AtDesk = Annotated[Desk, Depends(_desk)]
"""A person who is logged in, with everything a page needs."""
Fields = Annotated[dict[str, str], Depends(read_fields)]

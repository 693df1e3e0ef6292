"""The first page, the choice of language, and the files that pages load: for anybody, logged nowhere."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from ingestd.web import drawing
from ingestd.web.asking import LANGUAGE, Somebody
from ingestd.web.back import own
from ingestd.web.navigation import entries
from ingestd.web.visitors import FULL

router = APIRouter()

_YEAR_S = 365 * 86_400
_SEE_OTHER = 303


@router.api_route("/", methods=["GET", "HEAD"])
def first(who: Somebody) -> RedirectResponse:
    """Leads to the first page of whoever is logged in, everybody else to the log-in."""
    if who is None or who.stage != FULL:
        return RedirectResponse("/login", _SEE_OTHER)
    own = entries(who.roles)
    return RedirectResponse(own[0].path if own else "/me", _SEE_OTHER)


@router.post("/language/{lang}")
def choose(request: Request, lang: Literal["zh", "en"], back: str = "/") -> RedirectResponse:
    """Keeps this person's language in a cookie, and leads back."""
    answer = RedirectResponse(own(back), _SEE_OTHER)
    answer.set_cookie(
        LANGUAGE, lang, max_age=_YEAR_S, secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return answer


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
def asset(name: str, request: Request) -> Response:
    """A file by its name; asked for with this version's mark it never changes."""
    found = drawing.ASSETS.get(name)
    if found is None:
        raise HTTPException(404)
    is_marked = request.url.query == drawing.BUILD
    kept = f"public, max-age={_YEAR_S}, immutable" if is_marked else "no-cache"
    return Response(found.content, media_type=found.content_type, headers={"Cache-Control": kept})

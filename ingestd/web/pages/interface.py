"""The API's description for people who write programs."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.actions.tokens import SCOPES
from ingestd.web import interface
from ingestd.web.asking import AtDesk

router = APIRouter()


@router.api_route("/api", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """Every operation, with an example that runs."""
    document = desk.request.app.state.api.openapi()
    return desk.draw(
        "interface.html",
        subjects=interface.subjects(document),
        errors=interface.errors(document),
        about=document["info"]["description"],
        base=interface.BASE,
        origin=f"{desk.request.url.scheme}://{desk.request.url.netloc}",
        scopes=SCOPES,
    )

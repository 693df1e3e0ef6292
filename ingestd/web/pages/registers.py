"""Pages of the registers: subjects (REC-12), units, officers, recorders."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.web import registers
from ingestd.web.asking import AtDesk

router = APIRouter()


@router.api_route("/subjects/{party:path}", methods=["GET", "HEAD"])
def subject(desk: AtDesk, party: str) -> Response:
    """Everything about a subject, across the cases that the person may see."""
    with desk.reading() as connection:
        page = registers.subject_page(desk, connection, party)
    return desk.draw("register.html", page=page)


@router.api_route("/units/{unit:path}", methods=["GET", "HEAD"])
def unit(desk: AtDesk, unit: str) -> Response:
    """A unit."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"unit:{unit}")
        page = registers.unit_page(desk, connection, unit)
    return desk.draw("register.html", page=page)


@router.api_route("/officers/{officer:path}", methods=["GET", "HEAD"])
def officer(desk: AtDesk, officer: str) -> Response:
    """An officer."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"officer:{officer}")
        page = registers.officer_page(desk, connection, officer)
    return desk.draw("register.html", page=page)


@router.api_route("/recorders/{recorder:path}", methods=["GET", "HEAD"])
def recorder(desk: AtDesk, recorder: str) -> Response:
    """A recorder."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"recorder:{recorder}")
        page = registers.recorder_page(desk, connection, recorder)
    return desk.draw("register.html", page=page)

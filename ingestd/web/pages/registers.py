"""Pages of the registers: subjects (REC-12), units, officers, recorders."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from ingestd.web import registers
from ingestd.web.asking import AtDesk
from ingestd.web.desk import Desk
from ingestd.web.registers import RegisterPage

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
    return _seen(desk, f"unit:{unit}", registers.unit_page)


@router.api_route("/officers/{officer:path}", methods=["GET", "HEAD"])
def officer(desk: AtDesk, officer: str) -> Response:
    """An officer."""
    return _seen(desk, f"officer:{officer}", registers.officer_page)


@router.api_route("/recorders/{recorder:path}", methods=["GET", "HEAD"])
def recorder(desk: AtDesk, recorder: str) -> Response:
    """A recorder."""
    return _seen(desk, f"recorder:{recorder}", registers.recorder_page)


def _seen(desk: Desk, about: str, made: Callable[[Desk, Connection, str], RegisterPage]) -> Response:
    with desk.reading() as connection:
        page = registers.seen(desk, connection, about, made)
    return desk.draw("register.html", page=page)

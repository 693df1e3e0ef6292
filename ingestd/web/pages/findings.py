"""Findings: what is wrong, by urgency, and what people do about it. The daemon decides every step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from ingestd.actions.finding_rights import Step
from ingestd.index.finding_queries import STANDING, Wanted
from ingestd.web import findings
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.back import own

router = APIRouter(prefix="/findings")

_Told = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the address of a list says; what means nothing narrows nothing."""

    state: _Told = STANDING
    level: _Told = ""
    rule: _Told = ""
    unit: _Told = ""
    officer: _Told = ""
    after: _Told = ""

    @property
    def wanted(self) -> Wanted:
        """The same as a query."""
        return Wanted(
            state=self.state if self.state in findings.STATE_WORDS else STANDING,
            level=self.level if self.level in findings.LEVEL_SIGNS else None,
            rule=self.rule or None,
            officer=self.officer.strip() or None,
        )

    @property
    def told(self) -> dict[str, str]:
        """What an address repeats, without the place where the list goes on."""
        return {name: value for name, value in asdict(self).items() if value and name != "after"}


@router.api_route("", methods=["GET", "HEAD"])
def show(desk: AtDesk, narrowing: Annotated[Narrowing, Depends()]) -> Response:
    """The list, narrowed as the address says."""
    desk.require(*findings.ROLES)
    unit, after = narrowing.unit or None, narrowing.after or None
    with desk.reading() as connection:
        listed = findings.listed(desk, connection, narrowing.wanted, unit=unit, after=after)
    return desk.draw(
        "findings.html",
        listed=listed,
        narrowed=narrowing.told,
        states=findings.STATE_WORDS,
        levels=findings.LEVEL_SIGNS,
        is_later=after is not None,
    )


@router.api_route("/{id_}", methods=["GET", "HEAD"])
def one(desk: AtDesk, id_: str) -> Response:
    """One of them, with everything known of it."""
    desk.require(*findings.ROLES)
    with desk.reading() as connection:
        found = findings.detail(desk, connection, id_)
    return desk.draw("finding.html", one=found.card, history=found.history)


@router.post("/{id_}/{step}")
def take(desk: AtDesk, id_: str, step: Step, fields: Fields) -> Response:
    """A step on it; leads back to where it was taken."""
    desk.require(*findings.ROLES)
    verb, asked = findings.asked_of(desk, id_, step, fields)
    back = own(fields.get("back", ""))
    return desk.do(fields, verb, back if back != "/" else f"/findings/{id_}", **asked)

"""The station and its log, for programs: who one is, what is live, the newest checkpoint."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ingestd.web.api.asking import Reader
from ingestd.web.asking import Station
from ingestd.web.board import board

router = APIRouter(tags=["station"])


class Who(BaseModel):
    """A person, as the daemon knows them."""

    person: str = Field(examples=["104301"])
    roles: list[str] = Field(examples=[["supervisor"]])
    unit: str | None = Field(examples=["340711-03"], description="top of their units; null: the agency")
    scopes: list[str] = Field(examples=[["read"]], description="of an API token")


@router.get("/whoami")
def whoami(desk: Reader) -> Who:
    """The person of this request."""
    who = desk.visitor
    return Who(person=who.person, roles=sorted(who.roles), unit=who.unit, scopes=list(who.scopes))


@router.get("/checkpoint")
def checkpoint(watch: Station, _: Reader) -> dict[str, Any]:
    """The newest checkpoint that was followed: size of the log, root (base64), the signed note."""
    seen = board(watch.config, watch.known, watch.heard, watch.clock.now()).checkpoint
    return {} if seen is None else {"size": seen.size, "root": seen.root, "note": seen.note}

"""The station and its log, for programs: who one is, the dock board, the newest checkpoint."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ingestd.web.api.asking import Reader
from ingestd.web.api.events import Signed
from ingestd.web.asking import Station
from ingestd.web.pages import board
from ingestd.words import Text

router = APIRouter(tags=["station"])


class Who(BaseModel):
    """A person, as the daemon knows them."""

    person: str = Field(examples=["104301"])
    roles: list[str] = Field(examples=[["supervisor"]])
    unit: str | None = Field(examples=["340711-03"], description="top of their units; null: the agency")
    scopes: list[str] = Field(examples=[["read"]], description="of an API token")


class Slot(BaseModel):
    """One slot of the dock."""

    slot: str = Field(examples=["A1"])
    state: str = Field(
        examples=["receiving"], description="receiving, may-be-taken, do-not-take, problem, empty"
    )
    problem: Text | None
    advice: Text | None = Field(description="what to do about it")
    officer: str | None = Field(examples=["104233"])
    recorder: str | None = Field(examples=["KD01377"])
    files_done: int = Field(examples=[3])
    files_total: int = Field(examples=[9])
    bytes_done: int = Field(examples=[1048576])
    bytes_total: int = Field(examples=[4600371])
    bytes_per_s: int = Field(examples=[52428800])
    ms_left: int | None = Field(examples=[30000])
    battery: int | None = Field(examples=[80], description="percent")


class Due(BaseModel):
    """The recording that is due next."""

    recorder: str = Field(examples=["KD01377"])
    when: Text


class Lacking(BaseModel):
    """An officer with recordings that lack a note."""

    officer: str = Field(examples=["104233"])
    count: int = Field(examples=[2])


class Board(BaseModel):
    """The dock board of this moment."""

    name: str = Field(examples=["gz-cg/tianhe-01"])
    slots: list[Slot]
    problems: list[Text] = Field(description="of the station itself")
    is_synchronised: bool = Field(description="the station's clock")
    due: Due | None
    lacking: list[Lacking]
    others: int = Field(examples=[0], description="officers beyond those whom `lacking` names")
    gone: Text | None = Field(description="why the slots are old; null: they are live")


class Nothing(BaseModel):
    """No checkpoint was followed yet: an object without members."""

    model_config = ConfigDict(extra="forbid")


@router.get("/board")
def dock(watch: Station, _: Reader) -> Board:
    """What the screen beside the dock shows: slots, the station's problems, what is due, whose notes are missing."""
    seen = board.now(watch)
    due = seen.due
    return Board(
        name=seen.name,
        slots=[
            Slot(**{name: getattr(tile.facts, name) for name in Slot.model_fields}) for tile in seen.tiles
        ],
        problems=list(seen.problems),
        is_synchronised=seen.is_synchronised,
        due=None if due is None else Due(recorder=due.recorder, when=due.when),
        lacking=[Lacking(officer=one.officer, count=one.count) for one in seen.lacking],
        others=seen.others,
        gone=seen.gone,
    )


@router.get("/whoami")
def whoami(desk: Reader) -> Who:
    """The person of this request."""
    who = desk.visitor
    return Who(person=who.person, roles=sorted(who.roles), unit=who.unit, scopes=list(who.scopes))


@router.get("/checkpoint")
def checkpoint(watch: Station, _: Reader) -> Signed | Nothing:
    """The newest checkpoint that was followed: size of the log, root (base64), the signed note."""
    seen = board.now(watch).checkpoint
    return Nothing() if seen is None else Signed(size=seen.size, root=seen.root, note=seen.note)

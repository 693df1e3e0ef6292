"""Rows of the registers for programs: a subject (REC-12), a unit, an officer, a recorder, with what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from ingestd.facts import ID_CHARS
from ingestd.web import registers
from ingestd.web.api.asking import Reader
from ingestd.web.api.cases import CaseLine, line_of
from ingestd.web.api.tiles import Clip, clip_of
from ingestd.web.desk import Desk
from ingestd.web.registers import RegisterPage
from ingestd.words import Text

router = APIRouter(tags=["registers"])

_Id = Annotated[str, InPath(max_length=ID_CHARS)]


class Named(BaseModel):
    """Another row that belongs here."""

    page: str = Field(examples=["/officers/104233"], description="its page; the same below `/api/v1`")
    name: str = Field(examples=["张建国"])
    note: str = Field(examples=["104233"])


class Linked(BaseModel):
    """Rows that belong here in one way."""

    how: Text
    rows: list[Named]


class Statement(BaseModel):
    """Who said what of the row, and when."""

    seq: int = Field(examples=[18])
    at: int = Field(examples=[1795300000000], description="milliseconds UTC")
    by: str = Field(examples=["person:204001"])
    what: str = Field(examples=["首次登记"], description="in the language of the request (cookie `lang`)")


class Found(BaseModel):
    """A row with what belongs to it, as far as the person may see it; the newest of each first."""

    kind: Text
    id: str = Field(examples=["34079903"])
    title: str = Field(examples=["三中队（虚构）"])
    state: Text | None = Field(description="of a recorder")
    facts: dict[str, str] = Field(
        examples=[{"单位名称": "三中队（虚构）"}], description="as its page has them"
    )
    linked: list[Linked]
    cases: list[CaseLine] = Field(description="50 at most")
    clips: list[Clip] = Field(description="24 at most")
    findings: list[str] = Field(examples=[["7f463e84bc8c7fa9"]], description="that stand")
    statements: list[Statement]


@router.get("/subjects/{party:path}")
def subject(desk: Reader, party: _Id) -> Found:
    """Everything about a subject, across the cases that the person may see (REC-12)."""
    with desk.reading() as connection:
        return _told(registers.subject_page(desk, connection, party))


@router.get("/units/{unit:path}")
def unit(desk: Reader, unit: _Id) -> Found:
    """A unit: its place in the tree, people, cases, clips."""
    return _seen(desk, f"unit:{unit}", registers.unit_page)


@router.get("/officers/{officer:path}")
def officer(desk: Reader, officer: _Id) -> Found:
    """An officer: facts, recorders, cases, clips."""
    return _seen(desk, f"officer:{officer}", registers.officer_page)


@router.get("/recorders/{recorder:path}")
def recorder(desk: Reader, recorder: _Id) -> Found:
    """A recorder: where it is, who has it, clips, findings."""
    return _seen(desk, f"recorder:{recorder}", registers.recorder_page)


def _seen(desk: Desk, about: str, made: Callable[[Desk, Connection, str], RegisterPage]) -> Found:
    with desk.reading() as connection:
        return _told(registers.seen(desk, connection, about, made))


def _told(page: RegisterPage) -> Found:
    return Found(
        kind=page.kind,
        id=page.id,
        title=page.title,
        state=None if page.sign is None else page.sign.word,
        facts=dict(page.facts),
        linked=[
            Linked(how=how, rows=[Named(page=one.href, name=one.name, note=one.note) for one in rows])
            for how, rows in page.linked
        ],
        cases=[line_of(one) for one in page.cases],
        clips=[clip_of(one) for one in page.tiles],
        findings=[one.finding for one in page.findings],
        statements=[Statement(seq=one.seq, at=one.at, by=one.by, what=one.what) for one in page.statements],
    )

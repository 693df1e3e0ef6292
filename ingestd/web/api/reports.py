"""Figures of a period for programs (INF-3): the same tables as on the page and in the files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from ingestd.people.separation import READERS
from ingestd.reports.document import Document, only, to_json
from ingestd.web import figures
from ingestd.web.api.answers import Words
from ingestd.web.api.asking import Reader
from ingestd.web.desk import Desk
from ingestd.web.pages.figures import LABEL_CHARS, TYPES, Form, written
from ingestd.web.reporting import Progress

router = APIRouter(prefix="/reports", tags=["figures"])

_ACCEPTED = 202
PeriodLabel = Annotated[
    str,
    InPath(max_length=LABEL_CHARS, description="a year, `2026`, or a month, `2026-11`", examples=["2026"]),
]
UnitId = Annotated[
    str | None,
    Query(max_length=LABEL_CHARS, description="a unit with those below it; by itself all that one sees"),
]
SheetKey = Annotated[
    str | None,
    Query(max_length=LABEL_CHARS, description="one table only: `units`, `outliers`, ...", examples=["units"]),
]


class Portion(BaseModel):
    """A share, by the numbers behind it."""

    part: int = Field(examples=[1])
    whole: int = Field(examples=[6], description="0: nothing can be said")


class Lasting(BaseModel):
    """A length of time."""

    ms: int = Field(examples=[1622000])


Cell = str | int | Words | Portion | Lasting | None
"""What stands in a table: an id or a month, a number, words, a share, a length of time, nothing."""


class Report(BaseModel):
    """All tables, each row by the keys of its columns; which columns there are is said by the rules in force."""

    title: Words
    station: str = Field(examples=["gz-cg/tianhe-01"], description="whose log it is")
    period: str = Field(examples=["2026"])
    state: Words = Field(description="whether the period is over")
    log_size: int = Field(examples=[181], description="the figures are those of so many entries of the log")
    log_root: str | Words = Field(
        examples=["2fad06ffd6d0b28cc8eb006f405a50398f64585b43f667b1eca5b4c9cc949d5f"], description="hex"
    )
    as_of: str = Field(examples=["2026-11-22 06:58:18 UTC+8"], description="on the station's clock")
    policy: Words = Field(description="title of the rules in force")
    policy_sha256: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        description="their digest",
    )
    sheets: dict[str, list[dict[str, Cell]]] = Field(
        examples=[{"units": [{"unit": "34079903", "clips": 6, "late_share": {"part": 1, "whole": 6}}]}]
    )
    notes: list[Words] = Field(description="how the figures are to be read")


class Counting(BaseModel):
    """The figures of a large log are being counted: ask again."""

    done: int = Field(examples=[250_000], description="recordings counted so far")
    of: int = Field(examples=[1_000_000])


_RESPONSES: dict[int | str, dict[str, Any]] = {
    _ACCEPTED: {"model": Counting, "description": "Still being counted: ask again in a few seconds."}
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Report,
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "string"}}
            for form, kind in TYPES.items()
            if form != "json"
        },
    }
}


@router.get("/{period}", response_model=Report, responses=_RESPONSES)
def report(desk: Reader, period: PeriodLabel, unit: UnitId = None, sheet: SheetKey = None) -> Any:
    """The figures of a year or a month."""
    found = _found(desk, period, unit, sheet)
    return _counting(found) if isinstance(found, Progress) else to_json(found)


@router.get("/{period}/{form}", response_class=Response, responses={**_RESPONSES, **_FILES})
def file(
    desk: Reader,
    period: PeriodLabel,
    form: Annotated[Form, InPath(description="of the file", examples=["csv"])],
    unit: UnitId = None,
    sheet: SheetKey = None,
) -> Response:
    """The same as a file."""
    found = _found(desk, period, unit, sheet)
    if isinstance(found, Progress):
        return _counting(found)
    return written(found, form, desk.lang, "-".join(filter(None, ("ingestd", period, unit, sheet))))


def _found(desk: Desk, period: str, unit: str | None, sheet: str | None) -> Document | Progress:
    desk.require(*READERS)
    with desk.reading() as connection:
        chosen = figures.scope(desk, connection, period, unit or None)
        found = figures.report(desk, connection, (chosen.label, chosen.unit))
    if isinstance(found, Progress):
        return found
    return only(found.document, sheet) if sheet else found.document


def _counting(progress: Progress) -> JSONResponse:
    return JSONResponse(Counting(done=progress.done, of=progress.of).model_dump(), _ACCEPTED)

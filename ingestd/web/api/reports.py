"""Figures of a period for programs (INF-3): the same tables as on the page and in the files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

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


class Report(BaseModel):
    """All tables, each row by the keys of its columns; a share has the numbers behind it."""

    model_config = ConfigDict(extra="allow")

    title: Words
    period: str = Field(examples=["2026"])
    state: Words
    log_size: int = Field(examples=[181], description="the figures are those of so many entries of the log")
    log_root: str | Words = Field(
        examples=["2fad06ffd6d0b28cc8eb006f405a50398f64585b43f667b1eca5b4c9cc949d5f"], description="hex"
    )
    sheets: dict[str, list[dict[str, Any]]] = Field(
        examples=[{"units": [{"unit": "34079903", "clips": 6, "late_share": {"part": 1, "whole": 6}}]}]
    )
    notes: list[Words]


class Counting(BaseModel):
    """The figures of a large log are being counted: ask again."""

    done: int = Field(examples=[250_000], description="recordings counted so far")
    of: int = Field(examples=[1_000_000])


_RESPONSES: dict[int | str, dict[str, Any]] = {
    _ACCEPTED: {"model": Counting, "description": "Still being counted: ask again in a few seconds."}
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "object" if form == "json" else "string"}}
            for form, kind in TYPES.items()
        }
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

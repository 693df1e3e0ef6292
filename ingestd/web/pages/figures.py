"""The figures: charts and tables of a period, each to print and as a file (REC-16, DIS-4, DIS-6, INF-3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ingestd.people.separation import READERS
from ingestd.reports.document import Document, only
from ingestd.reports.printing import as_html
from ingestd.reports.writing import as_csv, as_json, as_xlsx
from ingestd.web import figures
from ingestd.web.asking import AtDesk
from ingestd.web.desk import Desk
from ingestd.web.reporting import Found, Progress
from ingestd.words import Lang

router = APIRouter(prefix="/statistics")

LABEL_CHARS = 64
REFRESH_S = 2
"""A page that shows how far the counting is asks again so often, without scripts."""
_ACCEPTED = 202
Label = Annotated[str | None, Query(max_length=LABEL_CHARS)]
Form = Literal["csv", "xlsx", "json", "html"]
TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
WRITTEN: dict[Form, Callable[[Document, Lang], bytes]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "json": lambda document, _: as_json(document),
    "html": lambda document, _: as_html(document),
}


@router.api_route("", methods=["GET", "HEAD"])
def show(desk: AtDesk, period: Label = None, unit: Label = None, tables: bool = False) -> Response:
    """Everything of a period; ``tables``: with every table open, to print."""
    chosen, found = _counted(desk, period, unit)
    if isinstance(found, Progress):
        return _counting(desk, chosen, found)
    return desk.draw(
        "figures.html", chosen=chosen, seen=figures.figures(found, is_whole=tables), is_open=tables
    )


@router.api_route("/sheets/{sheet}", methods=["GET", "HEAD"])
def sheet(desk: AtDesk, sheet: str, period: Label = None, unit: Label = None) -> Response:
    """One table alone, such as the sheet of random inspections (DIS-6) or of playback audits (REC-15)."""
    chosen, found = _counted(desk, period, unit)
    if isinstance(found, Progress):
        return _counting(desk, chosen, found)
    told = only(found.document, sheet)
    return desk.draw(
        "figures_sheet.html",
        chosen=chosen,
        facts=told.facts,
        one=figures.shelf(told.sheets[0]),
    )


@router.api_route("/files/{form}", methods=["GET", "HEAD"])
def file(desk: AtDesk, form: Form, period: Label = None, unit: Label = None, sheet: Label = None) -> Response:
    """The same as a file: all tables, or one."""
    chosen, found = _counted(desk, period, unit)
    if isinstance(found, Progress):
        return _counting(desk, chosen, found)
    document = found.document if not sheet else only(found.document, sheet)
    name = "-".join(one for one in ("ingestd", chosen.label, chosen.unit, sheet) if one)
    return written(document, form, desk.lang, name)


def written(document: Document, form: Form, lang: Lang, name: str) -> Response:
    """A report as a file that the browser keeps."""
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-.") else "_" for char in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}.{form}"'}
    return Response(WRITTEN[form](document, lang), media_type=TYPES[form], headers=headers)


def _counted(desk: Desk, period: str | None, unit: str | None) -> tuple[figures.Scope, Found | Progress]:
    """What was asked for, and its report. Raises RemoteError, NotFoundError, LogError."""
    desk.require(*READERS)
    with desk.reading() as connection:
        chosen = figures.scope(desk, connection, period or None, unit or None)
        return chosen, figures.report(desk, connection, (chosen.label, chosen.unit))


def _counting(desk: Desk, chosen: figures.Scope, progress: Progress) -> Response:
    answer = desk.draw("figures_counting.html", _ACCEPTED, chosen=chosen, progress=progress)
    answer.headers["Refresh"] = str(REFRESH_S)
    return answer

"""The figures of a period as a page shows them: what stands out, charts, and every table with its links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.index import registers
from ingestd.index.authority import within
from ingestd.ledger import table as entries
from ingestd.people.separation import READERS
from ingestd.reports import pictures
from ingestd.reports.charts import Chart
from ingestd.reports.document import Cell, Column, Document, Fact, Hours, Share, Sheet, plain
from ingestd.reports.period import period
from ingestd.reports.sheets import ANSWERED, COVERED, IN_TIME, LEVELS, ON_FILM, PARTS
from ingestd.reports.tally import in_tree_order
from ingestd.telling import reporting
from ingestd.telling.plain import shown
from ingestd.web.desk import Desk
from ingestd.web.reporting import Found, Progress, Wanted
from ingestd.words import Text

_LINKS = {
    "unit": "/units/",
    "officer": "/officers/",
    "recorder": "/recorders/",
    "case": "/cases/",
    "audit": "/audits/",
    "auditor": "/officers/",
}
"""Columns whose cells have a page of their own."""
_MAIN = (
    (PARTS[0][0], IN_TIME[4]),
    (PARTS[1][0], ON_FILM[8]),
    (PARTS[1][0], COVERED[2]),
    (PARTS[2][0], ANSWERED[0]),
    (PARTS[2][0], ANSWERED[2]),
    (PARTS[2][0], LEVELS[0]),
)
"""Figures that a page begins with: shares of what is late, filmed whole, covered; findings."""
_MONTHS = 12
FIRST_ROWS = 20
"""Of each table among the others; the whole is on a page of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cell."""

    text: str = ""
    said: Text | None = None
    """In both languages, where it is no plain text."""
    behind: str = ""
    """The numbers that a share comes from."""
    href: str | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A sheet with its charts."""

    key: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Shown, ...], ...]
    count: int
    """Rows that the sheet has, shown or not."""
    notes: tuple[Text, ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a person chose to look at, and may choose."""

    label: str
    unit: str | None
    periods: tuple[str, ...]
    units: tuple[tuple[int, str, str], ...]
    """Depth, id, name of those that they may see."""
    is_all: bool
    """Whether they may look at the whole agency."""

    def query(self, **more: str) -> str:
        """As an address has it."""
        told = {"period": self.label, **({} if self.unit is None else {"unit": self.unit}), **more}
        return urlencode(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A page of figures."""

    title: Text
    facts: tuple[Fact, ...]
    main: tuple[tuple[Text, Shown], ...]
    outliers: Shelf
    shelves: tuple[Shelf, ...]
    notes: tuple[Text, ...]
    size: int
    renewing: Progress | None


def scope(desk: Desk, connection: Connection, label: str | None, unit: str | None) -> Scope:
    """What is asked for; by itself the newest entry's year of all that the person sees.

    Raises NotFoundError for what is no period, RemoteError for a unit that is not theirs.
    """
    offset, top = desk.watch.config.utc_offset_minutes, desk.visitor.unit
    begun, now = reporting.oldest_at(connection), reporting.newest_at(connection)
    periods = _periods(_month(desk, begun), _month(desk, now))
    label = label or _month(desk, now)[:4]
    if period(label, offset) is None:
        raise NotFoundError(
            Text("期间写成 2026（年）或 2026-10（月）。", "a period is 2026 (year) or 2026-10 (month).")
        )
    unit = unit or top
    if unit is not None and not within(connection, frozenset((unit,)), top, or_unknown=False):
        desk.require_sight(connection, f"unit:{unit}")
    return Scope(
        label=label,
        unit=unit,
        periods=periods,
        units=_units(connection, top),
        is_all=top is None,
    )


def _month(desk: Desk, at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC).astimezone(desk.zone):%Y-%m}"


def _periods(first: str, last: str) -> tuple[str, ...]:
    """Years, newest first, each before its months."""
    found = []
    for year in range(int(last[:4]), int(first[:4]) - 1, -1):
        months = [f"{year}-{month:02}" for month in range(_MONTHS, 0, -1)]
        found += [str(year), *(month for month in months if first <= month <= last)]
    return tuple(found)


def _units(connection: Connection, top: str | None) -> tuple[tuple[int, str, str], ...]:
    every = {one.unit: one for one in registers.units(connection).values()}
    seen = None if top is None else registers.below(every, top)
    kept = {key: one for key, one in every.items() if seen is None or key in seen}
    return tuple((depth, one.unit, one.name or one.unit) for depth, one in in_tree_order(kept))


def report(desk: Desk, connection: Connection, wanted: Wanted) -> Found | Progress:
    """The report, or how far its counting is. Raises NotFoundError, LogError."""
    watch = desk.watch
    policy = watch.policy
    return watch.reports.get(connection, watch.config, policy, wanted, entries.size(connection))


def figures(found: Found, *, is_whole: bool) -> Figures:
    """All of a report; ``is_whole``: with every row of every table, else with `FIRST_ROWS`."""
    document = found.document
    charts = pictures.charts(document)
    outliers, *sheets = sorted(document.sheets, key=lambda sheet: sheet.key != "outliers")
    rows = None if is_whole else FIRST_ROWS
    shelves = [shelf(sheet, charts.get(sheet.key, ()), rows) for sheet in sheets]
    return Figures(
        title=document.title,
        facts=document.facts,
        main=_main(document),
        outliers=shelf(outliers, charts.get(outliers.key, ())),
        shelves=tuple(shelves),
        notes=document.notes,
        size=found.size,
        renewing=found.renewing,
    )


def _main(document: Document) -> tuple[tuple[Text, Shown], ...]:
    summary = next(sheet for sheet in document.sheets if sheet.key == "summary")
    values = {(row[0], row[1]): row[2] for row in summary.rows}
    return tuple((one.column.title, _shown(values[part, one.column.title])) for part, one in _MAIN)


def shelf(sheet: Sheet, charts: tuple[Chart, ...] = (), rows: int | None = None) -> Shelf:
    """A sheet for people: without figures that no row has, with links; its first rows, or all."""
    told = sheet.told()
    return Shelf(
        key=told.key,
        title=told.title,
        columns=told.columns,
        rows=tuple(
            tuple(_shown(cell, column.key) for cell, column in zip(row, told.columns, strict=True))
            for row in told.rows[:rows]
        ),
        count=len(told.rows),
        notes=told.notes,
        charts=charts,
    )


def _shown(cell: Cell, key: str = "") -> Shown:
    text = "" if isinstance(cell, Text) else shown(plain(cell, "zh"))
    behind = f"{cell.part}/{cell.whole}" if isinstance(cell, Share) and cell.whole else ""
    href = (
        f"{_LINKS[key]}{quote(text, safe='')}" if key in _LINKS and isinstance(cell, str) and text else None
    )
    return Shown(
        text=text,
        said=cell if isinstance(cell, Text) else None,
        behind=behind,
        href=href,
        is_number=isinstance(cell, int | Share | Hours),
    )


# --- one among its peers -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The figures of one unit, officer or recorder this year."""

    year: str
    facts: tuple[tuple[Text, Shown], ...]
    """Those that say anything."""
    chart: Chart | None
    """How often its recordings were late, beside its peers'."""
    href: str
    """All figures of the year."""


def own(desk: Desk, connection: Connection, dimension: str, key: str) -> Own | Progress | None:
    """One among its peers, or how far the counting is; ``dimension``: unit, officer, recorder.

    None: nothing can be said, or the person may see no figures. Raises LogError.
    """
    if not desk.visitor.roles & set(READERS):
        return None
    year = _month(desk, reporting.newest_at(connection))[:4]
    found = report(desk, connection, (year, desk.visitor.unit))
    if isinstance(found, Progress):
        return found
    sheet = next(one for one in found.document.sheets if one.key == f"{dimension}s")
    at = [column.key for column in sheet.columns].index(dimension)
    told = replace(sheet, rows=tuple(row for row in sheet.rows if row[at] == key)).told()
    if not told.rows:
        return None
    rows = [row for row in pictures.rows_of(sheet) if isinstance(row[dimension], str)]
    return Own(
        year=year,
        facts=tuple(
            (column.title, _shown(cell))
            for column, cell in zip(told.columns, told.rows[0], strict=True)
            if column.is_figure
        ),
        chart=pictures.peers(rows, dimension, key, year),
        href=f"/statistics?{urlencode({'period': year, **({'unit': key} if dimension == 'unit' else {})})}",
    )

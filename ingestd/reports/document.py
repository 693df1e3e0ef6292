"""What a report is before it is written: tables of plain cells, and the facts that hold for all of them. PURE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ingestd.errors import UsageError
from ingestd.words import Lang, Text

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: nothing can be said where the whole is nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """As a fraction."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Hours:
    """A length of time, told in hours."""

    ms: int

    @property
    def value(self) -> float:
        """In hours, to the second decimal."""
        return round(self.ms / HOUR_MS, 2)


Cell = str | int | Text | Share | Hours | None
_NOTHING: tuple[Cell, ...] = (None, 0, Share(0, 0), Hours(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what scripts and what people call it."""

    key: str
    title: Text
    is_figure: bool = False
    """Left out where people read and no row has any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table."""

    key: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Text, ...] = ()
    """How its figures came about."""

    def told(self) -> Sheet:
        """The sheet for people: without figures that no row has."""
        kept = [
            place
            for place, column in enumerate(self.columns)
            if not column.is_figure or any(row[place] not in _NOTHING for row in self.rows)
        ]
        return replace(
            self,
            columns=tuple(self.columns[place] for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that holds for the whole document."""

    key: str
    title: Text
    value: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report."""

    title: Text
    facts: tuple[Fact, ...]
    sheets: tuple[Sheet, ...]
    notes: tuple[Text, ...]
    """How the figures are to be read."""


def only(document: Document, key: str) -> Document:
    """A report of one of its tables. Raises UsageError."""
    found = {sheet.key: sheet for sheet in document.sheets}
    if key not in found:
        raise UsageError(
            Text("没有表 {k}；有：{all}。", "there is no table {k}; there are {all}.").format(
                k=key[:40], all=", ".join(found)
            )
        )
    return replace(document, sheets=(found[key],))


def plain(cell: Cell, lang: Lang) -> str:
    """A cell as text."""
    match cell:
        case None:
            return ""
        case Text():
            return cell.say(lang)
        case Share():
            return "" if cell.value is None else f"{100 * cell.value:.1f}%"
        case Hours():
            return f"{cell.value:.2f}"
        case _:
            return str(cell)


def to_json(document: Document) -> dict[str, Any]:
    """The same for scripts: every cell by its column's key, a share with the numbers behind it."""
    return {
        "title": {"zh": document.title.zh, "en": document.title.en},
        **{fact.key: _json(fact.value) for fact in document.facts},
        "sheets": {
            sheet.key: [
                {column.key: _json(cell) for column, cell in zip(sheet.columns, row, strict=True)}
                for row in sheet.rows
            ]
            for sheet in document.sheets
        },
        "notes": [{"zh": note.zh, "en": note.en} for note in _notes(document)],
    }


def _notes(document: Document) -> Iterator[Text]:
    yield from document.notes
    for sheet in document.sheets:
        yield from sheet.notes


def _json(cell: Cell) -> Any:
    match cell:
        case Text():
            return {"zh": cell.zh, "en": cell.en}
        case Share():
            return {"part": cell.part, "whole": cell.whole}
        case Hours():
            return {"ms": cell.ms}
        case _:
            return cell

"""A report as CSV, XLSX and JSON: the same document, the same bytes.

A spreadsheet takes a cell for a formula by its first character. What comes from files and people must never run, so
in CSV such text gets an apostrophe before it, in XLSX its cell is of type text, whatever it begins with.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingestd.reports.document import Cell, Document, Hours, Share, Sheet, plain, to_json
from ingestd.words import Lang

BOM = "\ufeff"
"""Excel takes a CSV for UTF-8 by it."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NAME_CHARS = 31
"""Of a worksheet's name; these characters it may not have."""
_NOT_IN_NAMES = re.compile(r"[\\/*?:\[\]]")
_LONGEST_COLUMN = 60
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member of the archive: the same document gives the same bytes."""
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")


def as_json(document: Document) -> bytes:
    """For programs: a share has the numbers behind it."""
    return json.dumps(to_json(document), ensure_ascii=False, indent=2).encode() + b"\n"


def as_csv(document: Document, lang: Lang) -> bytes:
    """All sheets below each other; one alone is a plain table with its header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if len(document.sheets) > 1:
        writer.writerows(_csv_row(row, lang) for row in _head(document))
    for sheet in document.sheets:
        if len(document.sheets) > 1:
            writer.writerows(([], _csv_row((sheet.title,), lang)))
        writer.writerow(_csv_row(tuple(column.title for column in sheet.columns), lang))
        writer.writerows(_csv_row(row, lang) for row in sheet.rows)
    return (BOM + out.getvalue()).encode("utf-8")


def _head(document: Document) -> Iterator[tuple[Cell, ...]]:
    yield (document.title,)
    yield from ((fact.title, fact.value) for fact in document.facts)
    yield from ((note,) for note in document.notes)


def _csv_row(row: tuple[Cell, ...], lang: Lang) -> list[str]:
    return [_harmless(cell, lang) for cell in row]


def _harmless(cell: Cell, lang: Lang) -> str:
    text = plain(cell, lang)
    return f"'{text}" if text.startswith(FORMULA) else text


# --- XLSX --------------------------------------------------------------------------------------------


def as_xlsx(document: Document, lang: Lang) -> bytes:
    """A worksheet for what holds for all, and one a sheet."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _sheet_name(document.title.say(lang))
    for number, row in enumerate(_head(document), 1):
        _fill(first, number, row, lang, is_bold=number == 1)
    first.column_dimensions["A"].width = _LONGEST_COLUMN // 2
    for sheet in document.sheets:
        _worksheet(book, sheet, lang)
    made = datetime(*_EPOCH)  # noqa: DTZ001 - the format has no zone
    book.properties.created = made
    out = io.BytesIO()
    book.save(out)
    return _same_bytes(out.getvalue(), made)


def _worksheet(book: Workbook, sheet: Sheet, lang: Lang) -> None:
    made = book.create_sheet(_sheet_name(sheet.title.say(lang)))
    titles = tuple(column.title for column in sheet.columns)
    for number, row in enumerate((titles, *sheet.rows), 1):
        _fill(made, number, row, lang, is_bold=number == 1)
    for number, note in enumerate(sheet.notes, len(sheet.rows) + 3):
        _fill(made, number, (note,), lang, is_bold=False)
    made.freeze_panes = "B2"
    for place, title in enumerate(titles):
        texts = [plain(row[place], lang) for row in sheet.rows]
        width = max(map(_width, (title.say(lang), *texts)))
        made.column_dimensions[get_column_letter(place + 1)].width = min(width + 2, _LONGEST_COLUMN)


def _fill(made: Worksheet, number: int, row: tuple[Cell, ...], lang: Lang, *, is_bold: bool) -> None:
    for place, cell in enumerate(row, 1):
        at = made.cell(row=number, column=place)
        if isinstance(cell, int):
            at.value = cell
        elif isinstance(cell, Share | Hours) and cell.value is not None:
            at.value, at.number_format = cell.value, "0.0%" if isinstance(cell, Share) else "0.00"
        elif text := plain(cell, lang):
            at.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
            at.data_type = "s"  # never a formula, nor when somebody edits the cell
            at.quotePrefix = text.startswith(FORMULA)
        if is_bold:
            at.font = Font(bold=True)
            at.alignment = Alignment(vertical="top")


def _sheet_name(text: str) -> str:
    return _NOT_IN_NAMES.sub("_", text)[:_NAME_CHARS]


def _width(text: str) -> int:
    """In columns: a Chinese character takes two."""
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)  # noqa: PLR2004 - CJK begins there


def _same_bytes(data: bytes, made: datetime) -> bytes:
    """The archive without the moment of its making."""
    out = io.BytesIO()
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return out.getvalue()

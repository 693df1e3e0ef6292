"""Bytes of a file as rows of cells: CSV as spreadsheets write it, or JSON. PURE.

Encodings are tried strictly: UTF-8 (with or without mark), UTF-16 with its mark (a spreadsheet's "Unicode
text"), GB18030 (of which GBK is a part). What is no table of rows is refused as a whole, with the reason.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingestd.words import Text

FILE_BYTES = 64 << 20
ROWS = 200_000
COLUMNS = 400
CELL_CHARS = 20_000
_DELIMITERS = ",;\t|"
_HEAD_LINES = 20
"""A title, a date and a blank line may stand above the header."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class FileError(ValueError):
    """Nothing of a file can be taken: why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it stands and its cells."""

    number: int
    """Its first line in a CSV file, its number in a JSON list; from 1."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A row that is none, and why."""

    number: int
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file, or one list of a JSON file: every row as text, the header not yet found."""

    name: str | None
    """The key under which a JSON file has it."""
    lines: tuple[Line | Broken, ...]
    has_header: bool
    """The first line is the header (JSON); else it has to be looked for."""


def sheets(data: bytes) -> tuple[Sheet, ...]:
    """The tables of a file. Raises FileError."""
    if len(data) > FILE_BYTES:
        raise FileError(
            Text(
                f"文件超过 {FILE_BYTES >> 20} MiB；请分成几个文件。",
                f"the file is larger than {FILE_BYTES >> 20} MiB: split it.",
            )
        )
    text = decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return tuple(_json(text))
    return (Sheet(name=None, lines=tuple(_csv(text)), has_header=False),)


def decoded(data: bytes) -> str:
    """The text of a file. Raises FileError."""
    if data.startswith((_ZIP, _OLE)):
        raise FileError(
            Text(
                "这是 Excel 工作簿或压缩文件，不是文本；请另存为“CSV UTF-8”。",
                "this is a workbook or an archive, no text: save it as 'CSV UTF-8'.",
            )
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileError(
        Text(
            "文字编码无法识别（应为 UTF-8 或 GB18030/GBK），或不是文本文件。",
            "the encoding is none that is known (UTF-8 or GB18030/GBK), or it is no text file.",
        )
    )


# --- CSV ----------------------------------------------------------------------------------------


def _csv(text: str) -> Iterator[Line | Broken]:
    text, offset, delimiter = _without_hint(text)
    lines = _ended(text)
    for found in _parsed(lines, delimiter or _delimiter(lines), offset):
        if isinstance(found, Broken) or any(cell.strip() for cell in found.cells):
            yield found


def _without_hint(text: str) -> tuple[str, int, str | None]:
    """A spreadsheet's first line ``sep=;`` says the delimiter and is no row."""
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"')
    if hint[:4].lower() == "sep=" and len(hint) == len("sep=,"):
        return rest, 1, hint[4]
    if first.strip().lower() == "sep=":  # of a tab that was stripped
        return rest, 1, "\t"
    return text, 0, None


def _ended(text: str) -> list[str]:
    """Lines with their ends: only LF, CR LF and CR end one (not U+2028, not a form feed)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _delimiter(lines: Sequence[str]) -> str:
    """The one that gives the first lines the most cells."""

    def cells(delimiter: str) -> int:
        rows = (one.cells for one in _parsed(lines[:_HEAD_LINES], delimiter, 0) if isinstance(one, Line))
        return max((sum(bool(cell.strip()) for cell in row) for row in rows), default=0)

    return max(_DELIMITERS, key=cells)


def _parsed(lines: Sequence[str], delimiter: str, offset: int) -> Iterator[Line | Broken]:
    """Rows with the line on which each begins. A quote that never ends breaks all that follows it."""
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=False)
    begins, count = 1, 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Broken(number=begins + offset, why=_not_csv(str(error)))
            begins = reader.line_num + 1
            continue
        if row is None:
            return
        count += 1
        if count > ROWS:
            raise FileError(
                Text(f"超过 {ROWS} 行；请分成几个文件。", f"more than {ROWS} rows: split the file.")
            )
        yield _checked(begins + offset, row)
        begins = reader.line_num + 1


def _checked(number: int, row: Sequence[str]) -> Line | Broken:
    while row and not row[-1].strip():
        row = row[:-1]
    if len(row) > COLUMNS:
        return Broken(number=number, why=Text(f"超过 {COLUMNS} 列。", f"more than {COLUMNS} columns."))
    if any(len(cell) > CELL_CHARS for cell in row):
        return Broken(
            number=number,
            why=Text(
                f"有单元格超过 {CELL_CHARS} 个字（可能有引号没有配对）。",
                f"a cell is longer than {CELL_CHARS} characters (a quote may never end).",
            ),
        )
    return Line(number, tuple(row))


def _not_csv(why: str) -> Text:
    return Text(f"这一行不是 CSV（{why}）。", f"this row is no CSV: {why}.")


# --- JSON ---------------------------------------------------------------------------------------


def _json(text: str) -> Iterator[Sheet]:
    """A list of objects, or an object of such lists by register. Numbers stay as they are written."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        at = f"第 {error.lineno} 行第 {error.colno} 列有误（{error.msg}）"
        raise FileError(Text(f"不是 JSON：{at}。", f"this is no JSON: {error}.")) from error
    except RecursionError as error:
        raise FileError(Text(f"不是 JSON：嵌套过深（{error}）。", f"this is no JSON: {error}.")) from error
    lists = value if isinstance(value, dict) else {None: value}
    if not all(isinstance(rows, list) for rows in lists.values()):
        lists = {None: [value]}
    for name, rows in lists.items():
        if len(rows) > ROWS:
            raise FileError(
                Text(f"超过 {ROWS} 行；请分成几个文件。", f"more than {ROWS} rows: split the file.")
            )
        yield Sheet(name=name, lines=tuple(_objects(rows)), has_header=True)


ABSENT = "\x00"
"""Stands in a cell for a key that an object does not have: nothing is said of it (no file can hold it)."""


def _flat(row: Any) -> Any:
    """A list of subjects with their parts as one cell a part, as CSV files have it."""
    people = row.get("subjects") if isinstance(row, dict) else None
    if not (isinstance(people, list) and people and all(isinstance(one, dict) for one in people)):
        return row
    parts = dict.fromkeys(part for one in people for part in one)
    try:
        told = {f"subject_{part}": ";".join(_cell(one.get(part)) for one in people) for part in parts}
    except TypeError:
        return row  # said of the row itself
    return {key: value for key, value in row.items() if key != "subjects"} | told


def _objects(objects: Sequence[Any]) -> Iterator[Line | Broken]:
    rows = [_flat(row) for row in objects]
    names: dict[str, None] = {}
    for row in rows:
        if isinstance(row, dict):
            names.update(dict.fromkeys(row))
    if len(names) > COLUMNS:
        raise FileError(Text(f"超过 {COLUMNS} 个字段。", f"more than {COLUMNS} fields."))
    yield Line(0, tuple(names))
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            yield Broken(number=number, why=Text("不是对象（{…}）。", "it is no object ({…})."))
            continue
        try:
            cells = tuple(_cell(row[name]) if name in row else ABSENT for name in names)
        except TypeError:
            yield Broken(
                number=number,
                why=Text(
                    "字段的值不是文字、数、是否或其列表。",
                    "a field is neither text, number, yes/no nor a list of them.",
                ),
            )
            continue
        if any(len(cell) > CELL_CHARS for cell in cells):
            yield Broken(
                number=number,
                why=Text(
                    f"有字段超过 {CELL_CHARS} 个字。", f"a field is longer than {CELL_CHARS} characters."
                ),
            )
        else:
            yield Line(number, cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.replace(ABSENT, "\ufffd")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ";".join(value)
    raise TypeError

"""Rows of a register out of a file: what each says, and every fault with line, column and reason. PURE.

A column that a file does not have leaves what is known as it is; an empty cell says that nothing is known (any
more). A row with a fault is not taken, the others are; a file whose header names no register, lacks the id, or
says one thing in two columns is not taken at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingestd.registers.cells import CellError, Reading, narrow, plain
from ingestd.registers.columns import REGISTERS, SUBJECT, Column, Register, by_header, header_key
from ingestd.registers.table import ABSENT, Broken, FileError, Line, Sheet, sheets
from ingestd.words import Text

HEADER_AMONG = 10
"""The header is one of so many first rows."""
ENOUGH_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, or worth knowing of it."""

    line: int
    column: str | None
    """As the file's header calls it; None: the whole row."""
    why: Text


@dataclass(frozen=True, slots=True)
class Draft:
    """What one row says: by `Column.key`, as read; None where a cell is empty."""

    line: int
    said: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One table of a file."""

    register: Register
    drafts: tuple[Draft, ...]
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...]
    """Columns that no field has; they were not read."""
    headings: Mapping[str, str]
    """What the file calls each field, by `Column.key`."""

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.drafts) + len({fault.line for fault in self.faults})


def parse(
    data: bytes, reading: Reading, *, name: str = "", among: Sequence[str] = tuple(REGISTERS)
) -> tuple[Parsed, ...]:
    """Read a file. ``name`` and header tell which register it fills, one of ``among``. Raises FileError."""
    found = []
    for sheet in sheets(data):
        hint = sheet.name or name
        found.append(_table(sheet, _candidates(hint, among), reading))
    if not found:
        raise FileError(Text("文件里没有登记表。", "there is no register in the file."))
    order = list(REGISTERS)
    return tuple(sorted(found, key=lambda one: order.index(one.register.name)))


def _candidates(name: str, among: Sequence[str]) -> tuple[Register, ...]:
    """The registers that a file of this name may fill: the one it names, else all that are allowed."""
    folded = narrow(name).casefold()
    named = [
        (len(start), register)
        for register in REGISTERS.values()
        for start in register.file_names
        if folded.startswith(start) and register.name in among
    ]
    if named:
        return (max(named, key=lambda one: one[0])[1],)
    return tuple(REGISTERS[one] for one in among)


# --- the header ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    register: Register
    columns: tuple[Column | None, ...]
    names: tuple[str, ...]
    at: int
    needed: tuple[tuple[str, str | None], ...]
    """Keys of the fields that a row must have, with the file's name of each (None: it has none)."""


def _table(sheet: Sheet, candidates: Sequence[Register], reading: Reading) -> Parsed:
    header = _header(sheet, candidates)
    seen = [column for column in header.columns if column is not None]
    for column in seen:
        if seen.count(column) > 1:
            twice = [n for n, c in zip(header.names, header.columns, strict=True) if c is column]
            raise FileError(
                Text(
                    f"两列是同一内容：{'、'.join(twice)}；请只留一列。",
                    f"two columns say the same thing: {', '.join(twice)}; leave one of them.",
                )
            )
    drafts: list[Draft] = []
    faults: list[Fault] = []
    for line in sheet.lines[header.at + 1 :]:
        if isinstance(line, Broken):
            faults.append(Fault(line.number, None, line.why))
            continue
        made, wrong = _row(line, header, reading)
        if wrong:
            faults += wrong
        elif made is not None:
            drafts.append(made)
    drafts, contradictions = _once(drafts, header.register)
    return Parsed(
        register=header.register,
        drafts=tuple(drafts),
        faults=tuple(sorted((*faults, *contradictions), key=lambda fault: fault.line)),
        unknown=tuple(
            name for name, column in zip(header.names, header.columns, strict=True) if column is None and name
        ),
        headings={
            column.key: name
            for name, column in zip(header.names, header.columns, strict=True)
            if column is not None
        },
    )


def _header(sheet: Sheet, candidates: Sequence[Register]) -> _Header:
    """The row that names the most columns of one register, among the first ones. Raises FileError."""
    best: _Header | None = None
    is_doubtful = False
    for at, line in enumerate(sheet.lines[: 1 if sheet.has_header else HEADER_AMONG]):
        if isinstance(line, Broken):
            continue
        for register in candidates:
            found = _named(line, register, at)
            if found is None:
                continue
            more = 1 if best is None else _known(found) - _known(best)
            is_other = best is not None and best.register is not register
            is_doubtful = False if more > 0 else is_doubtful or (more == 0 and is_other)
            best = found if more > 0 else best
    if best is None:
        raise FileError(_no_header(candidates))
    if is_doubtful:
        raise FileError(
            Text(
                "从表头看不出这是哪一种登记表；请用 --register 指明，或以其名称作文件名的开头（如“案件…csv”）。",
                "the header fits more than one register: say which (--register), or begin the file's name with it "
                "(case....csv).",
            )
        )
    return best


def _known(header: _Header) -> int:
    return sum(column is not None for column in header.columns)


def _named(line: Line, register: Register, at: int) -> _Header | None:
    """The line as a header of a register; None where it lacks its id or names hardly anything."""
    known = by_header(register)
    names = tuple(plain(cell).replace("\n", " ") for cell in line.cells)
    columns = tuple(known.get(header_key(name)) for name in names)
    told = {column.field for column in columns if column is not None}
    is_subject = register is SUBJECT and "party_value" in told
    has_id = register.key_field in told or is_subject
    if not has_id or (len(told) < ENOUGH_COLUMNS and len([n for n in names if n]) > 1 and not is_subject):
        return None
    headings = {c.key: n for c, n in zip(columns, names, strict=True) if c is not None}
    needed = tuple((c.key, headings.get(c.key)) for c in register.columns if c.is_required)
    return _Header(register=register, columns=columns, names=names, at=at, needed=needed)


def _no_header(candidates: Sequence[Register]) -> Text:
    if len(candidates) == 1:
        (one,) = candidates
        return Text(
            f"前 {HEADER_AMONG} 行中没有“{one.words.zh}”的表头；至少需要“{one.key.names[0]}”一列。",
            f"none of the first {HEADER_AMONG} rows is a header of {one.words.en}: it needs at least the column "
            f"{one.key.key!r} ({one.key.names[0]}).",
        )
    return Text(
        f"前 {HEADER_AMONG} 行中没有可识别的表头；各登记表的列名见 docs/registers.md。",
        f"none of the first {HEADER_AMONG} rows is a header that is known; docs/registers.md has the columns.",
    )


# --- rows ---------------------------------------------------------------------------------------


def _row(line: Line, header: _Header, reading: Reading) -> tuple[Draft | None, list[Fault]]:
    """What a row says, or its faults; neither where it is empty."""
    extra = [cell for cell in line.cells[len(header.columns) :] if cell.strip()]
    faults = []
    if extra:
        why = Text(
            f"比表头多出 {len(extra)} 个有内容的单元格。",
            f"it has {len(extra)} filled cells more than the header.",
        )
        faults.append(Fault(line.number, None, why))
    said: dict[str, object] = {}
    padded = line.cells + ("",) * (len(header.columns) - len(line.cells))
    for column, name, cell in zip(header.columns, header.names, padded, strict=False):
        if column is None or cell == ABSENT:
            continue
        try:
            said[column.key] = read_cell(column, cell, reading)
        except CellError as error:
            faults.append(Fault(line.number, name, error.text))
    if not faults and all(value is None for value in said.values()):
        return None, []
    told = {fault.column for fault in faults}
    missing = (fault for fault in _missing(said, line.number, header) if fault.column not in told)
    return Draft(line.number, said), [*faults, *missing]


def read_cell(column: Column, cell: str, reading: Reading) -> object:
    """What a cell says; None where it is empty. Raises CellError."""
    text = plain(cell)
    if column.field == "subjects":  # several in one cell: parted where the row is known
        return text or None
    return column.parse(text, reading) if text else None


def _missing(said: Mapping[str, object], line: int, header: _Header) -> Iterable[Fault]:
    for key, name in header.needed:
        if said.get(key) is None:
            yield Fault(line, name or key, Text("不能为空。", "it must not be empty."))


def _once(drafts: Sequence[Draft], register: Register) -> tuple[list[Draft], list[Fault]]:
    """Each id once: what is said twice alike counts once, what differs is refused with both lines."""
    if register.row is None or register is SUBJECT:
        return list(drafts), []
    key, kept, faults = register.key.key, dict[object, Draft](), []
    for draft in drafts:
        first = kept.setdefault(draft.said[key], draft)
        if first is not draft and first.said != draft.said:
            why = Text(
                f"与第 {first.line} 行编号相同而内容不同，只取第 {first.line} 行。",
                f"it has the id of line {first.line} and says something else; line {first.line} was taken.",
            )
            faults.append(Fault(draft.line, None, why))
    return list(kept.values()), faults

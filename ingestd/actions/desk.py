"""What a row of a file, or a command, changes in the registers: from what is said to the events that state it.

One desk serves one import (or one command): it knows the rows that it has met, those that it stated itself
among them, and appends in batches. What is said already makes no event. It checks what only the registers can
tell: ids that lost their zeros, units that would stand below themselves, ids that no register has (a notice,
never a refusal: files come in any order).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import Any

from ingestd.actions.parties import Parties
from ingestd.actions.personal import Personal
from ingestd.events import Event
from ingestd.facts import Act, Case, Decision, FileRow, Unit
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.index.register_tables import KEPT
from ingestd.registers.cells import CellError
from ingestd.registers.checks import RowError, contradiction, is_circle, lost_zeros, parted
from ingestd.registers.columns import SUBJECT, Column, Register
from ingestd.registers.words import PARTY_KINDS, RESULTS, key_of
from ingestd.station import Station
from ingestd.words import Text

_DEFAULTS: dict[str, dict[str, Any]] = {
    name: {one.name: None if one.default is MISSING else one.default for one in fields(kept.row)}
    for name, kept in KEPT.items()
}
"""What stands in a field of which nothing is known."""


class Desk:
    """States rows; `settle` appends what was stated since the last time."""

    def __init__(self, station: Station, actor: str, personal: Personal) -> None:
        self.station = station
        self._actor = actor
        self._known: dict[tuple[str, str], Any] = {}
        self._ids: dict[str, set[str]] = {}
        self._zeros: dict[str, dict[str, str]] = {}
        self._tree: dict[str, Unit] | None = None
        self._events: list[Event] = []
        self.personal = personal
        self._parties = Parties(self)

    # --- what is known ------------------------------------------------------------------------

    def meet(self, register: str, keys: Sequence[str]) -> None:
        """Look up many rows at once, before they are stated one by one."""
        new = [key for key in keys if (register, key) not in self._known]
        with reading(self.station.engine) as connection:
            found = registers.stated(connection, register, new)
        self._known.update(((register, key), found[key].row if key in found else None) for key in new)

    def row(self, register: str, key: str) -> Any:
        """A row as it is known now; None where there is none."""
        if (register, key) not in self._known:
            self.meet(register, [key])
        return self._known[register, key]

    def rows(self, register: str) -> list[Any]:
        """Every row of a register as it is known now."""
        key = KEPT[register].key
        with reading(self.station.engine) as connection:
            for found in registers.listed(connection, register):
                self._known.setdefault((register, getattr(found.row, key)), found.row)
        return [row for (kind, _), row in self._known.items() if kind == register and row is not None]

    def ids(self, register: str) -> set[str]:
        """Every id of a register."""
        if register not in self._ids:
            with reading(self.station.engine) as connection:
                self._ids[register] = set(registers.ids(connection, register))
            self._zeros[register] = lost_zeros(self._ids[register])
        return self._ids[register]

    # --- stating ------------------------------------------------------------------------------

    def put(self, register: Register, said: Mapping[str, object], source: FileRow | None) -> tuple[str, bool]:
        """State one row; its id, and whether that changes anything. Raises RowError: then nothing is stated."""
        self.check_zeros(register, said)
        if register is SUBJECT:
            return self._parties.put(said, source)
        key = str(said[register.key.key])
        before = self.row(register.name, key)
        first = before if before is not None else KEPT[register.name].row(**{register.key_field: key})
        after = replace(first, **self._changes(register, first, said))
        if wrong := contradiction(after):
            raise RowError(*wrong)
        self._check_tree(after)
        mark = len(self._events)
        if isinstance(after, Case) and "subject_name" in said:
            after = replace(after, subjects=self._subjects(after, said, source))
        if before is None or after != before:
            self.state(register.name, after, source)
        if isinstance(after, Decision):
            self._decided(after, source)
        return key, len(self._events) > mark

    def state(self, register: str, row: Any, source: FileRow | None) -> None:
        """One more event, waiting for `settle`."""
        kept = KEPT[register]
        told = {field.name: getattr(row, field.name) for field in fields(row)}
        key = told[kept.key]
        made: type[Any] = kept.event
        self._events.append(made(**told, source=source))
        self._known[register, key] = row
        if register in self._ids:
            self._ids[register].add(key)
            self._zeros[register] |= lost_zeros([key])
        if isinstance(row, Unit) and self._tree is not None:
            self._tree[row.unit] = row

    def settle(self) -> int | None:
        """Append what was stated; the position of the last event. Raises any IngestdError: nothing is appended."""
        events, self._events = self._events, []
        self.personal.settle()
        return self.station.books.append(events, actor=self._actor)[-1] if events else None

    @property
    def waiting(self) -> int:
        """How many events wait for `settle`."""
        return len(self._events)

    def _changes(self, register: Register, before: Any, said: Mapping[str, object]) -> dict[str, Any]:
        """The fields of a row that are said, with personal parts behind their digests."""
        defaults = _DEFAULTS[register.name]
        found: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {}
        for column in register.columns:
            if column.key not in said or column.field in ("subjects", register.key_field):
                continue
            value = said[column.key]
            if column.part is not None:
                parts.setdefault(column.field, {})[column.part] = value
            else:
                found[column.field] = defaults[column.field] if value is None else value
        if isinstance(before, Act) and "result" in found:
            found["result"], unlisted = _result(found["result"])
            parts.setdefault("note_value", {})["result"] = unlisted
        for field, told in parts.items():
            found[field] = self.personal.said(getattr(before, field), told)
        return found

    # --- what only the registers can tell ------------------------------------------------------

    def check_zeros(self, register: Register, said: Mapping[str, object]) -> None:
        """Raises RowError for an id that is unknown, while the same with zeros before it is known."""
        for column in _referring(register, said):
            for one in _each(said[column.key]):
                known = self.ids(str(column.refers))
                full = self._zeros[str(column.refers)].get(one) if one not in known else None
                if full is not None:
                    raise RowError(
                        column.key,
                        Text(
                            f"没有编号 {one}，但有 {full}：前面的 0 被电子表格去掉了；请把该列设为文本后重新导出。",
                            f"there is no {one}, but {full} is known: a spreadsheet dropped the zeros; make the "
                            "column text and export again.",
                        ),
                    )

    def unknown(self, register: Register, said: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
        """Field, register and id of what a row refers to and no register has (yet)."""
        for column in _referring(register, said):
            if column.field != register.key_field:
                known = self.ids(str(column.refers))
                yield from (
                    (column.key, str(column.refers), o) for o in _each(said[column.key]) if o not in known
                )

    def _check_tree(self, row: Any) -> None:
        if not isinstance(row, Unit):
            return
        if self._tree is None:
            self._tree = {unit.unit: unit for unit in self.rows("unit")}
        if is_circle(self._tree, row):
            raise RowError("parent", Text("上级单位成了自己的下级。", "the unit would stand below itself."))

    # --- what one row says of another -----------------------------------------------------------

    def _decided(self, decision: Decision, source: FileRow | None) -> None:
        """A case is decided when its first decision is, where the case itself does not say."""
        case = None if decision.case is None else self.row("case", decision.case)
        if case is not None and case.decided_at is None and decision.at is not None:
            told = replace(case, decided_at=decision.at, decision=case.decision or decision.kind)
            self.state("case", told, source)

    def _subjects(self, case: Case, said: Mapping[str, object], source: FileRow | None) -> tuple[str, ...]:
        """Ids of the subjects that a case's row names; new ones are stated."""
        try:
            names = parted(said["subject_name"])
            numbers = parted(said.get("subject_id_number"), len(names))
            kinds = parted(said.get("subject_kind"), len(names))
        except CellError as error:
            raise RowError("subject_name", error.text) from error
        found = []
        for name, number, word in zip(names, numbers, kinds, strict=True):
            kind = None if word is None else key_of(PARTY_KINDS, word)
            if word is not None and kind is None:
                raise RowError("subject_kind", Text("不是自然人或单位。", "neither person nor organisation."))
            told = {"name": name, "id_number": number, "kind": kind}
            found.append({key: value for key, value in told.items() if value is not None})
        return tuple(dict.fromkeys(self._parties.of_case(one, case, source) for one in found))


def _result(text: str | None) -> tuple[str | None, str | None]:
    """The key of an act's result; what is none of the known words is kept as personal text."""
    if text is None:
        return None, None
    key = key_of(RESULTS, text)
    return ("other", text) if key is None else (key, None)


def _referring(register: Register, said: Mapping[str, object]) -> Iterable[Column]:
    return (c for c in register.columns if c.refers is not None and said.get(c.key) is not None)


def _each(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)

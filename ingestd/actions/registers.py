"""Registers and cases by people and files: who may, what a file says that is new, what was refused.

A file is taken row by row and never twice: its digest stands in the log with what came of it. Rows are
committed in batches, so that intake goes on beside an import; one that was interrupted is run again and finds
its rows known.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ingestd import canon
from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.desk import Desk
from ingestd.actions.gate import Gate
from ingestd.actions.imports import Import, Report, Taken
from ingestd.actions.personal import Personal
from ingestd.actions.refusals import Refusals
from ingestd.actions.remarks import ahead, unlisted
from ingestd.errors import UsageError
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.model import Sha256
from ingestd.registers.cells import CellError, Reading
from ingestd.registers.checks import RowError
from ingestd.registers.columns import REGISTERS, REVIEW, Register
from ingestd.registers.rows import Parsed, parse, read_cell
from ingestd.registers.table import FileError
from ingestd.station import Station
from ingestd.words import Text

MAY: Mapping[str, tuple[str, ...]] = {
    "unit": ("administrator",),
    "officer": ("administrator",),
    "subject": ("case-officer", "administrator"),
    "case": ("case-officer", "administrator"),
    "act": ("case-officer", "administrator"),
    "record": ("case-officer", "administrator"),
    "decision": ("case-officer", "administrator"),
    "review": ("case-officer", "legal-reviewer", "administrator"),
    "assignment": ("dock-keeper", "administrator"),
}
"""Who may state what; by hand a review goes its own way (`actions.reviews`)."""
_ITEMS = ("unit", "officer", "recorder", "case", "act", "record", "decision")
"""Cells that name an item whose units count."""
_SUBJECTS = {"record": "text-record"}


class RegisterActions:
    """What people and files may say of registers and cases."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)
        self._one_at_a_time = threading.Lock()
        self._personal = Personal(station.home)
        self._gate = Gate(station)

    # --- by hand ------------------------------------------------------------------------------

    def add(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """State one row: ``register`` and ``said``, cells as text by `Column.key`.

        Raises UsageError, RefusedError: by REV-1 too, which a file never meets (it tells what has happened).
        """
        register = _register(arguments["register"])
        cells: Mapping[str, Any] = arguments["said"]
        about = f"{register.name}:{str(cells.get(register.key.key, ''))[:64]}"
        with self._refusals.watch(who, f"{register.name}.add", about):
            who.require(*MAY[register.name])
        if register is REVIEW:
            raise UsageError(
                Text(
                    "法制审核在案件的审核页送审和出具意见（命令 review open、review opinion）。",
                    "reviews are submitted and given on the case's page (review open, review opinion).",
                )
            )
        said = self._completed(register, self.read(register, cells))
        with self._refusals.watch(who, f"{register.name}.add", about):
            self._check_items(who, said)
        if (case := said.get("case")) is not None:
            with self._refusals.watch(who, f"{register.name}.add", f"case:{case}"):
                self._gate.check(register, said, who)
        return self.state(register, said, who)

    def state(self, register: Register, said: Mapping[str, object], who: Caller) -> dict[str, Any]:
        """State one row that may be stated, as it was read. Raises UsageError."""
        with self._one_at_a_time:
            self._personal.forget()
            desk = Desk(self._station, who.actor, self._personal)
            try:
                key, is_new = desk.put(register, said, None)
            except RowError as error:
                raise _unusable(register, error.key, error.text) from error
            unknown = [f"{kind} {one}" for _, kind, one in desk.unknown(register, said)]
            seq = desk.settle() if is_new else None
        told = {"register": register.name, "key": key, "seq": seq, "changed": is_new, "unknown": unknown}
        return told | {"notices": self._notices(register, said)}

    def _notices(self, register: Register, said: Mapping[str, object]) -> list[dict[str, str]]:
        """What else is to be looked at, by column, in both languages."""
        found = (
            *unlisted(register, said, self._station.in_force.book()),
            *ahead(register, said, self._station.clock.now()),
        )
        return [{"column": key, "zh": why.zh, "en": why.en} for key, why in found]

    def _check_items(self, who: Caller, said: Mapping[str, object]) -> None:
        """What the row is about, by cells as they were read: typed with a space more it is no other item."""
        for key in _ITEMS:
            if said.get(key) is not None:
                self._authority.check_scope(who, f"{_SUBJECTS.get(key, key)}:{said[key]}")

    def read(self, register: Register, cells: Mapping[str, Any]) -> dict[str, object]:
        """What cells say, by `Column.key`. Raises UsageError."""
        known = {column.key: column for column in register.columns}
        said: dict[str, object] = {}
        for key, cell in cells.items():
            if key not in known or not isinstance(cell, str):
                raise UsageError(Text("没有字段“{k}”。", "there is no field {k!r}.").format(k=str(key)[:64]))
            try:
                said[key] = read_cell(known[key], cell, self._reading())
            except CellError as error:
                raise _unusable(register, key, error.text) from error
        return said

    def _completed(self, register: Register, said: dict[str, object]) -> dict[str, object]:
        """Ids that people need not make up: of a text record, a decision."""
        key = register.key
        if register.name in ("record", "decision") and said.get(key.key) is None:
            said[key.key] = canon.new_id(self._station.clock.now(), os.urandom(10))
        if key.is_required and said.get(key.key) is None:
            raise _unusable(register, key.key, Text("不能为空。", "it must not be empty."))
        return said

    def _reading(self) -> Reading:
        return Reading(utc_offset_minutes=self._station.config.utc_offset_minutes)

    # --- by file ------------------------------------------------------------------------------

    def take(self, who: Caller, arguments: Mapping[str, Any], data: bytes, report: Report) -> dict[str, Any]:
        """A file that a person gives: ``name``, and the registers that it may fill (``among``)."""
        among = tuple(_register(one).name for one in arguments["among"])
        name = str(arguments["name"])[:255]
        with self._refusals.watch(who, "register.import", "station"):
            self._authority.check_agency(who)
            allowed = tuple(one for one in among if who.roles & set(MAY[one]))
            if not allowed:
                who.require(*dict.fromkeys(role for one in among for role in MAY[one]))
        try:
            tables = parse(data, self._reading(), name=_hint(name, among), among=among)
        except FileError as error:
            raise UsageError(error.text) from error
        with self._refusals.watch(who, "register.import", "station"):
            for table in tables:
                who.require(*MAY[table.register.name])
        return self.take_tables(tables, data, name=name, actor=who.actor, report=report)

    def take_dropped(self, data: bytes, *, name: str, report: Report) -> dict[str, Any]:
        """A file of the drop folder: who may write there may state all that a platform knows.

        Raises FileError.
        """
        tables = parse(data, self._reading(), name=name)
        return self.take_tables(tables, data, name=name, actor="daemon", report=report)

    def take_tables(
        self, tables: Sequence[Parsed], data: bytes, *, name: str, actor: str, report: Report
    ) -> dict[str, Any]:
        """State what the rows of a file say that is new; each table once and for all."""
        file = Sha256(hashlib.sha256(data).hexdigest())
        with self._one_at_a_time:
            self._personal.forget()  # of an import that failed
            with reading(self._station.engine) as connection:
                known = {one.register: one.seq for one in registers.imported(connection, file)}
            taken = [
                Taken(register=table.register.name, rows=table.rows, known_since=known[table.register.name])
                if table.register.name in known
                else self._import(table, file, name, actor).run(report)
                for table in tables
            ]
        return {"file": file, "name": name, "tables": [one.to_json() for one in taken]}

    def _import(self, table: Parsed, file: Sha256, name: str, actor: str) -> Import:
        return Import(self._station, table, file=file, name=name, actor=actor, personal=self._personal)


def _hint(name: str, among: Sequence[str]) -> str:
    """A file's name tells its register only where there is a choice."""
    return name if len(among) > 1 else ""


def _register(name: Any) -> Register:
    found = REGISTERS.get(name) if isinstance(name, str) else None
    if found is None:
        raise UsageError(
            Text("没有登记表“{n}”；可用：{all}。", "there is no register {n!r}; there are: {all}.").format(
                n=str(name)[:40], all=", ".join(REGISTERS)
            )
        )
    return found


def _unusable(register: Register, key: str | None, why: Text) -> UsageError:
    column = next((one for one in register.columns if one.key == key), None)
    label = Text("该行", "the row") if column is None else Text(column.names[0], column.option)
    return UsageError(Text("{c}：{why}", "{c}: {why}").format(c=label, why=why))

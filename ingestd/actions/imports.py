"""One table of a file into its register: rows in batches, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestd.actions.assignments import Roster
from ingestd.actions.desk import Desk
from ingestd.actions.personal import Personal
from ingestd.actions.remarks import ahead, unlisted
from ingestd.events import Event, RegisterImported
from ingestd.facts import FileRow
from ingestd.intake.findings import closed, opened
from ingestd.model import Sha256
from ingestd.registers.checks import RowError
from ingestd.registers.columns import REGISTERS
from ingestd.registers.rows import Draft, Fault, Parsed
from ingestd.station import Station
from ingestd.words import Text

BATCH = 250
"""Rows in one transaction: a tenth of a second, for which intake waits at most."""
TOLD = 500
"""So many faults and notices of a table are answered; all are counted."""
Report = Callable[[Mapping[str, Any]], None]
_RECORDERS = Text("记录仪", "recorders")


@dataclass(slots=True, kw_only=True)
class Taken:
    """What came of one table of a file."""

    register: str
    rows: int
    changed: int = 0
    same: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    known_since: int | None = None
    """Position in the log at which this file was taken before; then nothing was done."""
    seq: int | None = None
    """Of the entry that says that it was taken."""

    def to_json(self) -> dict[str, Any]:
        """As an answer, in both languages."""
        return {
            "register": self.register,
            "rows": self.rows,
            "changed": self.changed,
            "same": self.same,
            "refused": self.refused,
            "faults": _told(self.faults),
            "notices": _told(self.notices),
            "unknown_columns": list(self.unknown_columns),
            "known_since": self.known_since,
            "seq": self.seq,
        }


def _told(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [
        {"line": one.line, "column": one.column, "zh": one.why.zh, "en": one.why.en}
        for one in list(faults)[:TOLD]
    ]


@dataclass(frozen=True, slots=True)
class _Met:
    """An id that a row names and no register has so far: a later row may bring it."""

    line: int
    column: str
    register: str
    key: str


class Import:
    """One table on its way."""

    def __init__(
        self, station: Station, table: Parsed, *, file: Sha256, name: str, actor: str, personal: Personal
    ) -> None:
        self._station = station
        self._table = table
        self._file = file
        self._name = name
        self._actor = actor
        self._desk = Desk(station, actor, personal)
        self._roster = Roster(station, self._desk, actor) if table.register.row is None else None
        self._met: list[_Met] = []
        self._unlisted: dict[Text, Fault] = {}
        self._ahead: list[Fault] = []
        self._book, self._now = station.in_force.book(), station.clock.now()
        self._taken = Taken(
            register=table.register.name,
            rows=table.rows,
            faults=list(table.faults),
            unknown_columns=table.unknown,
        )

    def run(self, report: Report) -> Taken:
        """Take all rows that can be taken. Raises any IngestdError: then run it again."""
        register, drafts, taken = self._table.register, self._table.drafts, self._taken
        for start in range(0, len(drafts), BATCH):
            batch = drafts[start : start + BATCH]
            if self._roster is None:
                keys = (one.said.get(register.key.key) for one in batch)
                self._desk.meet(register.name, [str(key) for key in keys if key is not None])
            for draft in batch:
                self._row(draft)
            self._desk.settle()
            report({"register": register.name, "rows": start + len(batch), "of": len(drafts)})
        taken.refused = len({fault.line for fault in taken.faults})
        taken.notices = self._notices()
        taken.faults.sort(key=lambda fault: fault.line)
        taken.seq = self._finish()
        return taken

    def _row(self, draft: Draft) -> None:
        register, headings = self._table.register, self._table.headings
        try:
            if self._roster is None:
                source = FileRow(sha256=self._file, row=draft.line)
                _, is_new = self._desk.put(register, draft.said, source)
            else:
                self._desk.check_zeros(register, draft.said)
                is_new = self._roster.put(draft.said)
        except RowError as error:
            heading = None if error.key is None else headings.get(error.key, error.key)
            self._taken.faults.append(Fault(draft.line, heading, error.text))
            return
        self._taken.changed += is_new
        self._taken.same += not is_new
        for key, kind, one in self._desk.unknown(register, draft.said):
            self._met.append(_Met(draft.line, headings.get(key, key), kind, one))
        for key, why in unlisted(register, draft.said, self._book):
            self._unlisted.setdefault(why, Fault(draft.line, headings.get(key, key), why))
        for key, why in ahead(register, draft.said, self._now):
            self._ahead.append(Fault(draft.line, headings.get(key, key), why))

    def _notices(self) -> list[Fault]:
        """What is still in no register after the whole table, and in no catalogue, each once; what lies ahead."""
        found: dict[tuple[str, str], Fault] = {}
        for one in self._met:
            if one.key not in self._desk.ids(one.register):
                words = REGISTERS[one.register].words if one.register in REGISTERS else _RECORDERS
                why = Text(
                    f"{words.zh}登记中（尚）没有 {one.key}。", f"{one.key} is not among the {words.en} (yet)."
                )
                found.setdefault((one.register, one.key), Fault(one.line, one.column, why))
        return sorted(
            (*found.values(), *self._unlisted.values(), *self._ahead), key=lambda notice: notice.line
        )

    def _finish(self) -> int:
        """The table is taken: say so, and whether rows were refused (or none, where an earlier file's were)."""
        taken, about = self._taken, f"register:{self._taken.register}"
        name_value = self._desk.personal.said(None, {"name": self._name})
        assert name_value is not None
        self._desk.personal.settle()
        done = RegisterImported(
            file=self._file,
            name_value=name_value,
            register=taken.register,
            rows=taken.rows,
            changed=taken.changed,
            same=taken.same,
            refused=taken.refused,
        )
        facts = (("file_sha256", self._file), ("rows", taken.rows), ("refused", taken.refused))
        finding: Event = (
            opened("import-refused", about, *facts)
            if taken.refused
            else closed("import-refused", about, "a later file was taken whole")
        )
        return self._station.books.append([done, finding], actor=self._actor)[0]

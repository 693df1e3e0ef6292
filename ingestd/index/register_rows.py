"""Registers and cases: each statement replaces its row; who is on an act, and whom a case concerns, beside it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, bindparam, delete, insert

from ingestd import canon
from ingestd.events import ActStated, CaseStated, Event, RegisterImported
from ingestd.index.position import Position
from ingestd.index.register_tables import KEPT, Kept, act_officers, case_parties, imports
from ingestd.index.writes import Writes

_BY_EVENT = {kept.event: kept for kept in KEPT.values()}
_NAMES = {kept.event: tuple(field.name for field in fields(kept.row)) for kept in KEPT.values()}
_FORGET = {
    kept.event: delete(kept.table).where(kept.table.c[kept.key] == bindparam("k")) for kept in KEPT.values()
}
_ADD = {kept.event: insert(kept.table) for kept in KEPT.values()}


def row_of(event: Event) -> dict[str, Any]:
    """The columns of a statement."""
    return {name: _plain(getattr(event, name)) for name in _NAMES[type(event)]}


def _plain(value: Any) -> Any:
    return canon.encode(list(value)).decode() if isinstance(value, tuple) else value


def stated(writes: Writes, entry: Position, event: Any) -> None:
    """What is known of a row from now on."""
    kept: Kept = _BY_EVENT[type(event)]
    source = event.source
    row = row_of(event) | {
        "stated_seq": entry.seq,
        "stated_at": entry.at,
        "stated_by": entry.actor,
        "file": None if source is None else source.sha256,
        "line": None if source is None else source.row,
    }
    writes.replace(_FORGET[type(event)], _ADD[type(event)], getattr(event, kept.key), row)
    match event:
        case ActStated():
            _listed(writes, _OF_ACTS, event.act, event.officers)
        case CaseStated():
            _listed(writes, _OF_CASES, event.case, event.subjects)
        case _:
            pass


def _replacing(table: Table, key: str, name: str) -> tuple[Delete, Insert]:
    row = table.c
    values: dict[str, Any] = {key: bindparam("k"), "place": bindparam("p"), name: bindparam("v")}
    return delete(table).where(row[key] == bindparam("k")), insert(table).values(values)


_OF_ACTS = _replacing(act_officers, "act", "officer")
_OF_CASES = _replacing(case_parties, "case", "party")


def _listed(writes: Writes, replacing: tuple[Delete, Insert], key: str, values: tuple[str, ...]) -> None:
    """Replace the list of a row, in its order."""
    writes.replace(
        *replacing, key, *({"k": key, "p": place, "v": value} for place, value in enumerate(values))
    )


def imported(connection: Connection, entry: Position, event: RegisterImported) -> None:
    """This file was taken."""
    this = (imports.c.file == event.file, imports.c.register == event.register)
    connection.execute(delete(imports).where(*this))
    row = {
        "file": event.file,
        "register": event.register,
        "seq": entry.seq,
        "at": entry.at,
        "by": entry.actor,
        "name_value": event.name_value,
        "rows": event.rows,
        "changed": event.changed,
        "same": event.same,
        "refused": event.refused,
    }
    connection.execute(insert(imports), row)

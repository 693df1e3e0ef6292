"""Reads of the registers: rows as values of `ingestd.facts`. None of them writes or asks the time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from ingestd.events import Event
from ingestd.facts import Act, Case, Decision, Officer, Party, Review, TextRecord, Unit
from ingestd.index.register_tables import (
    KEPT,
    Kept,
    acts,
    case_parties,
    decisions,
    imports,
    officers,
    reviews,
    text_records,
)
from ingestd.index.tables import recorders
from ingestd.model import Millis, Sha256

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A row with who said it last."""

    row: Any
    """A value of `ingestd.facts`."""
    seq: int
    at: Millis
    by: str
    file: Sha256 | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file that was taken."""

    file: Sha256
    register: str
    seq: int
    at: Millis
    by: str
    name_value: str
    rows: int
    changed: int
    same: int
    refused: int


# --- any register -------------------------------------------------------------------------------


def stated(connection: Connection, register: str, keys: Iterable[str]) -> dict[str, Stated]:
    """The rows of these ids, those that there are."""
    kept, wanted, found = KEPT[register], list(dict.fromkeys(keys)), dict[str, Stated]()
    for start in range(0, len(wanted), AT_ONCE):
        some = kept.table.c[kept.key].in_(wanted[start : start + AT_ONCE])
        found.update((getattr(one.row, kept.key), one) for one in _rows(connection, kept, some))
    return found


def one(connection: Connection, register: str, key: str) -> Stated | None:
    """The row of an id."""
    return stated(connection, register, [key]).get(key)


def subject_of(register: str, key: str) -> str:
    """The subject in whose chain the statements of a row stand."""
    kept = KEPT[register]
    event: Event = kept.event(**{kept.key: key})
    return event.subject


def listed(connection: Connection, register: str, *, unit: str | None = None) -> tuple[Stated, ...]:
    """All rows by their id; of one unit where a unit is named and the register has units."""
    kept = KEPT[register]
    columns = kept.table.c
    where = [columns.unit == unit] if unit is not None and "unit" in columns and kept.key != "unit" else []
    return tuple(_rows(connection, kept, *where))


def where(connection: Connection, register: str, *conditions: ColumnElement[bool]) -> Iterator[Stated]:
    """Rows of a register by conditions on its columns, by their id."""
    return _rows(connection, KEPT[register], *conditions)


def ids(connection: Connection, register: str) -> frozenset[str]:
    """Every id of a register (``recorder``: of the recorders that are known)."""
    column = recorders.c.recorder if register == "recorder" else KEPT[register].table.c[KEPT[register].key]
    return frozenset(connection.scalars(select(column)))


def imported(connection: Connection, file: Sha256) -> tuple[Import, ...]:
    """What was taken of a file, by register."""
    query = select(imports).where(imports.c.file == file).order_by(imports.c.seq)
    return tuple(Import(**row) for row in connection.execute(query).mappings())


def _rows(connection: Connection, kept: Kept, *where: ColumnElement[bool]) -> Iterator[Stated]:
    query = select(kept.table).where(*where).order_by(kept.table.c[kept.key])
    for row in connection.execute(query).mappings():
        yield Stated(
            row=_value(kept.row, row),
            seq=row["stated_seq"],
            at=row["stated_at"],
            by=row["stated_by"],
            file=row["file"],
            line=row["line"],
        )


_NAMES: dict[type, tuple[tuple[str, bool], ...]] = {
    kept.row: tuple((field.name, str(field.type).startswith("tuple")) for field in fields(kept.row))
    for kept in KEPT.values()
}


def _value(made: type[Any], row: RowMapping) -> Any:
    return made(
        **{name: tuple(json.loads(row[name])) if is_list else row[name] for name, is_list in _NAMES[made]}
    )


# --- what linking, policy and pages ask ----------------------------------------------------------


def units(connection: Connection) -> dict[str, Unit]:
    """All units by id."""
    return {found.row.unit: found.row for found in listed(connection, "unit")}


def below(tree: Mapping[str, Unit], top: str) -> frozenset[str]:
    """A unit and all units under it."""
    found, waiting = {top}, [top]
    while waiting:
        parent = waiting.pop()
        children = {unit.unit for unit in tree.values() if unit.parent == parent} - found
        found |= children
        waiting += children
    return frozenset(found)


def officers_of(connection: Connection, unit: str) -> tuple[Officer, ...]:
    """The officers of one unit, without those of units under it."""
    return tuple(found.row for found in _rows(connection, KEPT["officer"], officers.c.unit == unit))


def case(connection: Connection, case_id: str) -> Case | None:
    """A case by its id."""
    found = one(connection, "case", case_id)
    return None if found is None else found.row


def parties_of(connection: Connection, case_id: str) -> tuple[Party, ...]:
    """Whom a case concerns, in its order."""
    row = case_parties.c
    wanted = connection.scalars(select(row.party).where(row.case == case_id).order_by(row.place)).all()
    found = stated(connection, "subject", wanted)
    return tuple(found[party].row for party in wanted if party in found)


def cases_of_party(connection: Connection, party: str) -> tuple[str, ...]:
    """Ids of all cases that concern a subject (REC-12)."""
    row = case_parties.c
    return tuple(connection.scalars(select(row.case).where(row.party == party).order_by(row.case)))


def acts_of(connection: Connection, case_id: str) -> tuple[Act, ...]:
    """The acts of a case, in the order of time."""
    return tuple(sorted(_of_case(connection, "act", acts.c.case == case_id), key=_act_order))


def _act_order(act: Act) -> tuple[int, str]:
    return (act.started_at or 0, act.act)


def records_of(connection: Connection, case_id: str) -> tuple[TextRecord, ...]:
    """The text records of a case."""
    found = _of_case(connection, "record", text_records.c.case == case_id)
    return tuple(sorted(found, key=lambda one: (one.made_at or 0, one.record)))


def decisions_of(connection: Connection, case_id: str) -> tuple[Decision, ...]:
    """The decisions of a case."""
    found = _of_case(connection, "decision", decisions.c.case == case_id)
    return tuple(sorted(found, key=lambda one: (one.at or 0, one.decision)))


def reviews_of(connection: Connection, case_id: str) -> tuple[Review, ...]:
    """The rounds of review of a case, in their order."""
    found = _of_case(connection, "review", reviews.c.case == case_id)
    return tuple(sorted(found, key=lambda one: (one.round, one.review)))


def _of_case(connection: Connection, register: str, where: ColumnElement[bool]) -> Sequence[Any]:
    return [found.row for found in _rows(connection, KEPT[register], where)]

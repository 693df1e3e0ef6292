"""An invented agency: how many work there, whose a clip is, which act and case it belongs to; how rows are put in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Boolean, Integer, Table

from ingestd.model import Millis
from tests.bench.index import T0

UNITS, OFFICERS = 20, 400
SPACING_MS = 60_000
"""Between two clips of the agency: a million are almost two years."""
CLIPS_AN_ACT, ACTS_A_CASE = 10, 2
FIRST_SEQ = 1000
"""Position in the log of the first clip."""
_STEP = 7919


def acts_of(count: int) -> int:
    """How many acts there are among so many clips."""
    return max(ACTS_A_CASE, count // CLIPS_AN_ACT)


def cases_of(count: int) -> int:
    """How many cases there are among so many clips."""
    return max(1, acts_of(count) // ACTS_A_CASE)


def act_of(number: int, count: int) -> int:
    """The act that a clip was made at; 0 is the newest."""
    return (count - 1 - number) // CLIPS_AN_ACT


def clips_at(act: int, count: int) -> range:
    """The clips that were made at an act, whether they are linked or not."""
    newest = count - 1 - act * CLIPS_AN_ACT
    return range(max(0, newest - CLIPS_AN_ACT + 1), newest + 1)


def begun(act: int) -> int:
    """When an act began."""
    return T0 - (act + 1) * CLIPS_AN_ACT * SPACING_MS


def two_on(act: int) -> tuple[int, int]:
    """The two of one unit who were there: both acts of a case have the same."""
    first = act // ACTS_A_CASE * _STEP % OFFICERS
    return first, (first + UNITS) % OFFICERS


def unit_of(officer: int) -> str:
    """Where somebody works."""
    return f"u{officer % UNITS}"


def officer_of(number: int) -> str:
    """The number by which somebody is known."""
    return f"10{number:04}"


def recorder_of(number: int) -> str:
    """Somebody's recorder."""
    return f"7-{number:06}"


def case_of(number: int) -> str:
    """The number of a case."""
    return f"铜执罚〔2026〕{number:05}号"


def act_id(number: int) -> str:
    """The id of an act."""
    return f"XW-{number}"


def party_of(case: int) -> str:
    """Whom a case concerns: most have one, a shop in the first street has one of 500."""
    return "p7" if case % 500 == 7 else f"p{case}"


# --- rows -----------------------------------------------------------------------------------------------


class At:
    """Where an entry stands."""

    actor = "daemon"

    def __init__(self, seq: int, at: int) -> None:
        self.seq = seq
        self.at = Millis(at)


def add(raw: sqlite3.Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Put rows in as they are; one that is there already stays, what a row says nothing of is empty."""
    names = [column.name for column in table.columns]
    marks = ", ".join("?" * len(names))
    quoted = ", ".join(f'"{name}"' for name in names)
    filling = {column.name: _filling(column) for column in table.columns}
    raw.executemany(
        f'INSERT OR IGNORE INTO "{table.name}" ({quoted}) VALUES ({marks})',  # names of ours
        _tuples(rows, filling),
    )


def _tuples(rows: Iterable[dict[str, Any]], filling: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(row.get(name, empty) for name, empty in filling.items())


def _filling(column: Any) -> Any:
    """What stands in a column of which a row says nothing."""
    if column.nullable:
        return None
    return 0 if isinstance(column.type, Integer | Boolean) else "[]"

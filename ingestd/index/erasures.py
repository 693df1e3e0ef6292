"""Personal values by what the log says of them: which events refer to them, which were erased."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from ingestd.events import ValueErased
from ingestd.index.position import Position
from ingestd.index.tables import actions, erased, findings, subjects
from ingestd.model import Millis

ERASE = "value.erase"
"""The verb of the two-person action."""
MISSING = "value-missing"
"""The finding about a value that is not there, or not what the log names."""
_VALUE = "value:"
_AFTER_VALUES = "value;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """That a value was erased."""

    digest: str
    at: Millis
    seq: int


def value_erased(connection: Connection, entry: Position, event: ValueErased) -> None:
    """It is gone from here on; the proposal is done with."""
    connection.execute(delete(erased).where(erased.c.digest == event.digest))
    connection.execute(insert(erased), {"digest": event.digest, "at": entry.at, "seq": entry.seq})
    connection.execute(delete(actions).where(actions.c.verb == ERASE, actions.c.about == event.subject))


def erasure(connection: Connection, digest: str) -> Erasure | None:
    """When a value was erased; None where it was not."""
    row = connection.execute(select(erased).where(erased.c.digest == digest)).mappings().one_or_none()
    return None if row is None else Erasure(**row)


def all_erased(connection: Connection, after: int = -1) -> tuple[Erasure, ...]:
    """Every value that was erased, after a place in the log, in its order."""
    found = connection.execute(select(erased).where(erased.c.seq > after).order_by(erased.c.seq)).mappings()
    return tuple(Erasure(**row) for row in found)


def missed(connection: Connection) -> frozenset[str]:
    """Subjects of the values that are found missing."""
    row = findings.c
    query = select(row.about).where(row.about > _VALUE, row.about < _AFTER_VALUES)
    query = query.where(row.kind == MISSING, row.closed_at.is_(None))
    return frozenset(connection.scalars(query))


def next_values(connection: Connection, after: str, limit: int) -> tuple[str, ...]:
    """The next digests that events refer to, in their order; what was erased is not among them."""
    row = subjects.c
    query = select(row.subject).where(row.subject > _VALUE + after, row.subject < _AFTER_VALUES)
    found = connection.scalars(query.distinct().order_by(row.subject).limit(limit)).all()
    gone = set(connection.scalars(select(erased.c.digest)))
    return tuple(digest for one in found if (digest := one.removeprefix(_VALUE)) not in gone)

"""The table of committed entries. Its schema never changes: no migrations, a projection is rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
)

from ingestd.ledger.faults import contradiction
from ingestd.words import Text

METADATA: Final = MetaData()
ENTRIES: Final = Table(
    "entries",
    METADATA,
    # On SQLite an INTEGER key is the row's own number: no second index beside the rows.
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
)


def size(connection: Connection) -> int:
    """How many entries are committed: one more than the last ``seq``."""
    last = connection.execute(select(func.max(ENTRIES.c.seq))).scalar()
    return 0 if last is None else int(last) + 1


def add(connection: Connection, first: int, entries: Sequence[bytes]) -> None:
    """Append entries from ``seq`` ``first`` on, in the caller's transaction."""
    connection.execute(
        insert(ENTRIES), [{"seq": first + at, "entry": entry} for at, entry in enumerate(entries)]
    )


def rows(connection: Connection, start: int, end: int) -> list[bytes]:
    """The bytes of entries ``start`` to ``end``; LogError where one is missing."""
    query = (
        select(ENTRIES.c.seq, ENTRIES.c.entry)
        .where(ENTRIES.c.seq >= start, ENTRIES.c.seq < end)
        .order_by(ENTRIES.c.seq)
    )
    found = connection.execute(query).all()
    if len(found) != end - start:
        raise contradiction(
            Text(
                f"数据库在第 {start} 至 {end} 条之间缺少条目",
                f"the database lacks entries between {start} and {end}",
            )
        )
    return [bytes(entry) for _, entry in found]

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

from ingestd.errors import LogError
from ingestd.words import Text

METADATA: Final = MetaData()
AT_ONCE: Final = 400
"""Positions in one query: below what SQLite and PostgreSQL allow."""
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


def some(connection: Connection, positions: Sequence[int]) -> list[bytes]:
    """The bytes of the entries at these positions, in this order; LogError where one is missing."""
    found: dict[int, bytes] = {}
    for start in range(0, len(positions), AT_ONCE):
        query = select(ENTRIES.c.seq, ENTRIES.c.entry).where(
            ENTRIES.c.seq.in_(positions[start : start + AT_ONCE])
        )
        found.update((seq, bytes(entry)) for seq, entry in connection.execute(query))
    for seq in positions:
        if seq not in found:
            raise _lacks(seq, seq + 1)
    return [found[seq] for seq in positions]


def _lacks(start: int, end: int) -> LogError:
    return LogError(
        Text(
            f"数据库在第 {start} 至 {end} 条之间缺少条目。以日志为准，数据库只是其副本：请停止服务，"
            "运行 ingestd log check；日志完整时运行 ingestd rebuild 重建数据库，否则从备份恢复日志",
            f"the database lacks entries between {start} and {end}. The log is what counts, the database is its "
            "copy: stop the daemon and run 'ingestd log check'; where the log is whole, 'ingestd rebuild' makes the "
            "database again, else restore the log from a backup",
        )
    )


def held(connection: Connection, start: int, end: int) -> dict[int, bytes]:
    """Of the entries ``start`` to ``end`` those that are there, by their position."""
    query = select(ENTRIES.c.seq, ENTRIES.c.entry).where(ENTRIES.c.seq >= start, ENTRIES.c.seq < end)
    return {seq: bytes(entry) for seq, entry in connection.execute(query)}


def rows(connection: Connection, start: int, end: int) -> list[bytes]:
    """The bytes of entries ``start`` to ``end``; LogError where one is missing."""
    query = (
        select(ENTRIES.c.seq, ENTRIES.c.entry)
        .where(ENTRIES.c.seq >= start, ENTRIES.c.seq < end)
        .order_by(ENTRIES.c.seq)
    )
    found = connection.execute(query).all()
    if len(found) != end - start:
        raise _lacks(start, end)
    return [bytes(entry) for _, entry in found]

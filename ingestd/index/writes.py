"""What a transaction is about to write, put off so that equal statements run together.

Hundreds of clips come in one transaction, and a statement of its own for each row costs ten times what the row
does. Kept is the order within each table, which is all that rows can depend on: no statement here names two
tables, and there are neither foreign keys nor triggers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Update

Row = Mapping[str, Any]
Statement = Insert | Update | Delete


class Writes:
    """Statements that wait for the end of a transaction, or for whatever has to see their rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, list[tuple[Statement, list[Row]]]] = {}
        self._replaced: dict[tuple[Delete, Insert], dict[str, Sequence[Row]]] = {}

    def add(self, statement: Statement, *rows: Row) -> None:
        """Run this statement with these rows later; the same object again joins the one before it."""
        runs = self._waiting.setdefault(statement.entity_description["name"], [])
        if runs and runs[-1][0] is statement:
            runs[-1][1].extend(rows)
        elif rows:
            runs.append((statement, [*rows]))

    def replace(self, forget: Delete, add: Insert, key: str, *rows: Row) -> None:
        """Later these rows stand for a key (parameter ``k``), and no others: only the last word of a key counts.

        Nothing else may be written to that table.
        """
        kept = key.replace("\0", "\ufffd")  # as `tables.PlainText` writes it: two keys may be one there
        self._replaced.setdefault((forget, add), {})[kept] = rows

    def now(self) -> Connection:
        """Run all that waits, for what has to see its rows."""
        self.run()
        return self._connection

    def run(self) -> None:
        """Run all that waits."""
        for runs in self._waiting.values():
            for statement, rows in runs:
                self._connection.execute(statement, rows)
        self._waiting.clear()
        for (forget, add), found in self._replaced.items():
            self._connection.execute(forget, [{"k": key} for key in found])
            if rows := [row for of_key in found.values() for row in of_key]:
                self._connection.execute(add, rows)
        self._replaced.clear()

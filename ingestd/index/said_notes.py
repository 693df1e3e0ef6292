"""The short text notes of clips (REC-8): what the log refers to and who said it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingestd.index.law_tables import notes
from ingestd.model import Millis

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidNote:
    """The note that stands; a later one takes an earlier one's place."""

    acquisition: str
    note_value: str
    """Digest of its text."""
    said_by: str
    at: Millis


def said_notes(connection: Connection, acquisitions: Sequence[str]) -> dict[str, SaidNote]:
    """The notes of these clips, of those that have one."""
    row, found = notes.c, dict[str, SaidNote]()
    for start in range(0, len(acquisitions), AT_ONCE):
        query = select(row.acquisition, row.note_value, row.said_by, row.at)
        some = row.acquisition.in_(acquisitions[start : start + AT_ONCE])
        for one in connection.execute(query.where(some)).mappings():
            found[one["acquisition"]] = SaidNote(**one)
    return found

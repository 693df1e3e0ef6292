"""Reads of previews: what was made of which bytes. None of them writes or asks the time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingestd.index.tables import previews
from ingestd.model import Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview, or why there is none."""

    sha256: Sha256
    """Of the clip."""
    made_at: Millis
    preview: str | None
    """Path below ``derived/``; None: none can be made."""
    preview_sha256: Sha256 | None
    failure: str | None


def preview(connection: Connection, sha256: Sha256) -> Preview | None:
    """Of these bytes; None where nobody tried yet."""
    row = previews.c
    query = select(row.sha256, row.made_at, row.preview, row.preview_sha256, row.failure)
    found = connection.execute(query.where(row.sha256 == sha256)).mappings().first()
    return None if found is None else Preview(**found)

"""Items that a request names: found, or refused with words that say what to give instead."""

from __future__ import annotations

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.index import queries
from ingestd.index.facts import Clip
from ingestd.words import Text

_SHOWN = 80


def one_clip(connection: Connection, key: str) -> Clip:
    """The clip of an acquisition, or the only one of a digest. Raises NotFoundError."""
    found = queries.clip(connection, key)
    if len(found) != 1:
        raise NotFoundError(
            Text(
                "“{key}”对应 {n} 段录像；请给出采集编号。",
                "{key} names {n} clips; give the acquisition's id.",
            ).format(key=key[:_SHOWN], n=len(found))
        )
    return found[0]

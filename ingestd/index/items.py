"""The clip that a request names: found, or refused with words that say what to give instead."""

from __future__ import annotations

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.index import queries
from ingestd.index.facts import Clip
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips
from ingestd.words import Text

_SHOWN = 80
_NONE = Text("没有采集编号为 {key} 的记录。", "there is no clip of the acquisition {key}.")
_MANY = Text(
    "“{key}”对应 {n} 段录像；请给出采集编号。",
    "{key} names {n} clips; give the acquisition's id.",
)


def find_clip(connection: Connection, acquisition: str) -> Clip | None:
    """The clip of an acquisition."""
    row = connection.execute(CLIP.where(clips.c.acquisition == acquisition)).mappings().one_or_none()
    return None if row is None else clip_of(row)


def the_clip(connection: Connection, acquisition: str) -> Clip:
    """The clip of an acquisition. Raises NotFoundError."""
    found = find_clip(connection, acquisition)
    if found is None:
        raise not_found(acquisition)
    return found


def not_found(acquisition: str) -> NotFoundError:
    """That there is no such clip, or none to be seen."""
    return NotFoundError(_NONE.format(key=acquisition[:_SHOWN]))


def one_clip(connection: Connection, key: str) -> Clip:
    """The clip of an acquisition, or the only one that another key names. Raises NotFoundError."""
    found = queries.clip(connection, key)
    if len(found) != 1:
        raise NotFoundError(_MANY.format(key=key[:_SHOWN], n=len(found)))
    return found[0]

"""The newest clips of an officer, a recorder, some officers: a few rows each, by an index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, select

from ingestd.index.facts import Clip
from ingestd.index.law_facts import portions
from ingestd.index.law_tables import links
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips


def of_officer(connection: Connection, officer: str, limit: int) -> tuple[Clip, ...]:
    """What names an officer, recorded last in front."""
    return _newest(connection, clips.c.officer, officer, limit)


def of_recorder(connection: Connection, recorder: str, limit: int) -> tuple[Clip, ...]:
    """What came by a recorder, recorded last in front."""
    return _newest(connection, clips.c.recorder, recorder, limit)


def of_officers(connection: Connection, officers: Iterable[str], limit: int) -> tuple[Clip, ...]:
    """What names any of these officers (those of a unit), recorded last in front."""
    found = [clip for officer in officers for clip in of_officer(connection, officer, limit)]
    found.sort(key=lambda clip: (clip.started.earliest or clip.stored_at, clip.seq), reverse=True)
    return tuple(found[:limit])


def _newest(connection: Connection, column: Column[Any], value: str, limit: int) -> tuple[Clip, ...]:
    row = clips.c
    query = CLIP.where(column == value, row.state != "superseded")
    rows = connection.execute(query.order_by(row.start_key.desc(), row.seq.desc()).limit(limit)).mappings()
    return tuple(map(clip_of, rows))


def of_cases(connection: Connection, cases: Iterable[str], limit: int) -> list[str]:
    """The acquisitions that are linked to these cases, linked last in front."""
    row, found = links.c, list[tuple[int, str]]()
    for some in portions(cases):
        query = select(row.at, row.acquisition).where(row.case.in_(some)).order_by(row.at.desc()).limit(limit)
        found += [(at, acquisition) for at, acquisition in connection.execute(query)]
    return [acquisition for _, acquisition in sorted(found, reverse=True)[:limit]]

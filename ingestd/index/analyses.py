"""What was found in picture and sound, what still waits to be looked at, and what came beside a clip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, select

from ingestd.events import MediaAnalysed, StretchRecord
from ingestd.index.facts import Clip
from ingestd.index.law_tables import analyses
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips, path_digest
from ingestd.model import AcquisitionId, Kind, Sha256, length_between

AT_ONCE = 400
"""Digests in one question."""


def analysed(connection: Connection, sha256: Sha256) -> MediaAnalysed | None:
    """What was found in these bytes, as it was told; None while nobody has looked."""
    row = connection.execute(select(analyses).where(analyses.c.sha256 == sha256)).mappings().one_or_none()
    if row is None:
        return None
    plain = {field.name: row[field.name] for field in fields(MediaAnalysed)}
    plain["stretches"] = tuple(StretchRecord(**one) for one in json.loads(row["stretches"]))
    plain["codes"] = tuple(json.loads(row["codes"]))
    return MediaAnalysed(**plain)


def lengths(connection: Connection, seen: Sequence[Clip]) -> dict[AcquisitionId, int]:
    """How long recordings last, in milliseconds, by acquisition: as their containers count, else by their bounds.

    What does not last, or for nobody knows how long, has no length.
    """
    lasting = [clip for clip in seen if clip.kind.is_recording and clip.kind is not Kind.PHOTO]
    row, counted = analyses.c, dict[Sha256, int]()
    digests = [clip.sha256 for clip in lasting]
    for start in range(0, len(digests), AT_ONCE):
        query = select(row.sha256, row.duration_ms).where(row.sha256.in_(digests[start : start + AT_ONCE]))
        counted.update((sha256, length) for sha256, length in connection.execute(query) if length)
    known = {
        clip.acquisition: counted.get(clip.sha256) or length_between(clip.started, clip.ended)
        for clip in lasting
    }
    return {acquisition: length for acquisition, length in known.items() if length is not None}


def without_analysis(connection: Connection, limit: int) -> tuple[Clip, ...]:
    """Recordings whose picture and sound nobody has looked at, newest first."""
    row = clips.c
    query = CLIP.where(row.analysis_due.is_(True)).order_by(row.seq.desc()).limit(limit)
    return tuple(clip_of(found) for found in connection.execute(query).mappings())


def beside(connection: Connection, clip: Clip, suffixes: Sequence[str]) -> Sha256 | None:
    """The newest file that came of the same docking under a clip's name with another ending; its digest."""
    row, stem = clips.c, clip.path.rpartition(".")[0]
    names = [path_digest(f"{stem}{suffix}".encode()) for suffix in suffixes]
    query = select(row.sha256).where(row.path_digest.in_(names), row.session == clip.session)
    return connection.scalars(query.order_by(row.seq.desc()).limit(1)).first()

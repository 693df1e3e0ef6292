"""Rows of clips and card files as values."""

from __future__ import annotations

import json

from sqlalchemy import RowMapping, exists, select

from ingestd.index.facts import Clip, WaitingFile
from ingestd.index.tables import clips, damaged, previews
from ingestd.model import BadRange, Interval, Kind

_ROTTEN = exists().where(damaged.c.sha256 == clips.c.sha256, damaged.c.repaired_at.is_(None))

CLIP = select(clips, _ROTTEN.label("damaged"), previews.c.preview).join_from(
    clips, previews, previews.c.sha256 == clips.c.sha256, isouter=True
)
"""Everything that `clip_of` needs; narrow it with ``where``."""

_AS_IS = (
    "seq", "acquisition", "state", "damaged", "secured_at", "stored_at", "session", "recorder", "slot",
    "officer", "manifest", "manifest_sha256", "sha256", "size", "path", "path_b64", "mtime_us", "marked",
    "sequence", "duplicate_of", "superseded_by", "fault", "partial", "released_at", "preview",
    "claimed_recorder",
)  # fmt: skip


def clip_of(row: RowMapping) -> Clip:
    """The clip of a row of `CLIP`."""
    bad_ranges = [BadRange(offset=offset, length=length) for offset, length in json.loads(row["bad_ranges"])]
    return Clip(
        kind=Kind(row["kind"]),
        started=_interval(row, "started"),
        ended=_interval(row, "ended"),
        flags=tuple(json.loads(row["flags"])),
        supersedes=tuple(json.loads(row["supersedes"])),
        bad_ranges=tuple(bad_ranges),
        **{name: row[name] for name in _AS_IS},
    )


def _interval(row: RowMapping, name: str) -> Interval:
    return Interval(
        earliest=row[f"{name}_earliest"], latest=row[f"{name}_latest"], basis=row[f"{name}_basis"]
    )


def waiting_file_of(row: RowMapping) -> WaitingFile:
    """The file of a row of ``card_files``."""
    return WaitingFile(
        recorder=row["recorder"],
        session=row["session"],
        path=row["path"],
        path_b64=row["path_b64"],
        size=row["size"],
        mtime_us=row["mtime_us"],
        kind=Kind(row["kind"]),
        first_seen_at=row["first_seen_at"],
        fault=row["fault"],
        gone_at=row["gone_at"],
    )

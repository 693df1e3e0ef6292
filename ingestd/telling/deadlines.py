"""Recordings that are seen and not stored, with the moment at which they are due (REC-1). PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.index.facts import WaitingFile
from ingestd.law.deadlines import HOUR_MS, SOON_MS, Standing, standing
from ingestd.model import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A recording that is seen and not stored."""

    file: WaitingFile
    due_at: Millis
    """By the file's own time, which is the recorder's claim."""
    standing: Standing


def deadline(file: WaitingFile, at: Millis, hours: int, *, soon_ms: int = SOON_MS) -> Deadline:
    """When a recording is due, and how it stands at a moment."""
    end = file.first_seen_at if file.ended.earliest is None else file.ended.earliest
    return Deadline(
        file=file,
        due_at=Millis(end + hours * HOUR_MS),
        standing=standing(file.ended, at, hours, soon_ms=soon_ms),
    )

"""How much of a clip a person has played: asked before their judgement of it counts (OWN-23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.index import analyses, looks
from ingestd.index.facts import Clip
from ingestd.index.looks import Look, Ranges
from ingestd.law import spans
from ingestd.model import AcquisitionId

RULE = "OWN-23"
_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a person has seen of a clip."""

    times: int
    """Looks."""
    percent: int | None
    """Of its length, each stretch once; None: it has no length that is known."""

    def is_enough(self, percent: int) -> bool:
        """Whether so much of it was played; what has no length was opened."""
        return self.times > 0 if self.percent is None else self.percent >= percent


def played(connection: Connection, person: str, clip: Clip, more: Ranges = ()) -> Played:
    """By the log, and by ``more`` that the log does not have yet (milliseconds of the film)."""
    found = looks.played(connection, person, f"clip:{clip.acquisition}")
    return _played(found, analyses.lengths(connection, [clip]).get(clip.acquisition), more)


def played_of_each(connection: Connection, person: str, clips: Sequence[Clip]) -> dict[AcquisitionId, Played]:
    """The same of many, by the log alone."""
    lengths = analyses.lengths(connection, clips)
    found = looks.played_of_each(connection, person, [f"clip:{one.acquisition}" for one in clips])
    return {
        one.acquisition: _played(found.get(f"clip:{one.acquisition}", ()), lengths.get(one.acquisition))
        for one in clips
    }


def _played(found: Sequence[Look], length: int | None, more: Ranges = ()) -> Played:
    if length is None:
        return Played(times=len(found), percent=None)
    seen = spans.within(spans.union([span for one in found for span in one.seen] + list(more)), (0, length))
    return Played(times=len(found), percent=spans.length(seen) * _WHOLE // length)

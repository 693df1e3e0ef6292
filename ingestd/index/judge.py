"""REC-1 at the moment of storing: was this recording stored in time, too late, or can't that be told?

The event of the verdict is committed together with the clip, as the law desk would tell it a moment later: both
ask the same rule. What is not stored yet is the law desk's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestd.events import ClipQuarantined, ClipSecured, FindingOpened
from ingestd.law import told
from ingestd.law.facts import Clip
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import storing


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Opens the findings of REC-1 for clips as they are stored."""

    book: Callable[[], Rulebook]

    def __call__(self, event: ClipSecured | ClipQuarantined) -> list[FindingOpened]:
        """The finding that this clip needs, or none."""
        if not event.kind.is_recording:
            return []
        clip, book = clip_of(event), self.book()
        found = storing.late(clip, book) or storing.untold(clip, book)
        return [] if found is None else [told.opened(found)]


def clip_of(event: ClipSecured | ClipQuarantined) -> Clip:
    """A clip as its own event tells it."""
    return Clip(
        acquisition=event.acquisition,
        kind=event.kind,
        recorder=event.recorder,
        session=event.session,
        officer=event.officer,
        path=event.path,
        sequence=event.sequence,
        started=event.started,
        ended=event.ended,
        stored_at=event.stored_at,
    )

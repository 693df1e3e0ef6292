"""OWN-13 for clips: a recording that belongs to no act. PURE.

One finding a recording, at its first segment; a person who says that it belongs to none has answered it.
"""

from __future__ import annotations

from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Judgement, Level
from ingestd.law.rulebook import Rulebook
from ingestd.model import Millis


def judge(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """A clip that nothing links once acts of its day are known: REC-1's time after it was stored."""
    clip, rule = base.clips.get(subject.id), book.find("OWN-13")
    if clip is None or rule is None or clip.is_backlog or clip.link is not None:
        return NOTHING
    if base.previous(clip) is not None:
        return NOTHING
    due = Millis(clip.stored_at + (book.store_ms or 0) + 1)
    if now < due:
        return Judgement(until=due)
    found = book.finding(
        rule,
        "clip-unmatched",
        f"clip:{clip.acquisition}",
        ("path", clip.path),
        ("recorder", clip.recorder),
        ("officer", clip.officer),
        ("started", clip.started),
        ("ended", clip.ended),
        since=clip.stored_at,
        level=Level.NOTICE,
        concerns=(clip.officer,),
    )
    return Judgement(findings=(found,))

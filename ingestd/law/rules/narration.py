"""REC-8 with OWN-18: somebody speaks at each start of recording, and a short note follows. PURE.

Whether somebody speaks is heard, not what is said. Segments of one recording have one start and one note.
"""

from __future__ import annotations

from ingestd.law.base import Base, Subject
from ingestd.law.facts import Clip
from ingestd.law.finding import NOTHING, Judgement, joined
from ingestd.law.rulebook import HOUR_MS, SECOND_MS, Rulebook
from ingestd.model import Kind, Millis
from ingestd.policy.model import Rule


def judge(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """Speech and note of one recording, at its first segment."""
    clip, rule = base.clips.get(subject.id), book.find("REC-8")
    if clip is None or rule is None or clip.is_backlog or base.previous(clip) is not None:
        return NOTHING
    return joined([_spoken(clip, rule, book), _noted(base, clip, rule, book, now)])


def _spoken(clip: Clip, rule: Rule, book: Rulebook) -> Judgement:
    within = book.number("OWN-18", "speech_within_s")
    heard = clip.analysis
    if within is None or heard is None or not heard.is_heard or clip.kind not in (Kind.VIDEO, Kind.AUDIO):
        return NOTHING
    limit = within * SECOND_MS + heard.lead_ms
    if heard.speech_from_ms is not None and heard.speech_from_ms <= limit:
        return NOTHING
    found = book.finding(
        rule,
        "speech-missing",
        f"clip:{clip.acquisition}",
        ("path", clip.path),
        ("officer", clip.officer),
        ("speech_from_ms", heard.speech_from_ms),
        ("lead_ms", heard.lead_ms),
        ("within_s", within),
        since=clip.started,
        concerns=(clip.officer,),
    )
    return Judgement(findings=(found,))


def _noted(base: Base, clip: Clip, rule: Rule, book: Rulebook, now: Millis) -> Judgement:
    hours = book.number("OWN-18", "note_hours")
    if hours is None or any(one.note_at is not None for one in base.segments(clip)):
        return NOTHING
    due = Millis(clip.stored_at + hours * HOUR_MS)
    if now <= due:
        return Judgement(until=Millis(due + 1))
    found = book.finding(
        rule,
        "note-missing",
        f"clip:{clip.acquisition}",
        ("path", clip.path),
        ("officer", clip.officer),
        ("stored_at", clip.stored_at),
        ("hours", hours),
        since=due,
        due_at=due,
        concerns=(clip.officer,),
    )
    return Judgement(findings=(found,))

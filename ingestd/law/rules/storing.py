"""REC-1 with OWN-1 and OWN-3: recordings in time, files that wait on recorders, recorders that stay out. PURE."""

from __future__ import annotations

from ingestd.law.base import Base, Subject
from ingestd.law.deadlines import HOUR_MS, Standing, Verdict, standing, verdict
from ingestd.law.facts import Clip, Recorder
from ingestd.law.finding import NOTHING, Finding, Judgement, Level, joined
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Millis


def stored(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REC-1 of a stored clip that came too late."""
    clip = base.clips.get(subject.id)
    found = None if clip is None else late(clip, book)
    return NOTHING if found is None else Judgement(findings=(found,))


def session(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REC-1 of a docking's clips of which it can't be told: one finding, a reset clock has many such."""
    for clip in base.clips_of_session(subject.id):
        if (found := untold(clip, book)) is not None:
            return Judgement(findings=(found,))
    return NOTHING


def late(clip: Clip, book: Rulebook) -> Finding | None:
    """The finding of a clip that was stored too late even by its latest possible end."""
    return _of_clip(clip, book, Verdict.LATE)


def untold(clip: Clip, book: Rulebook) -> Finding | None:
    """The finding, of its docking, of a clip of which it can't be told whether it came in time."""
    return _of_clip(clip, book, Verdict.CANNOT_TELL)


def _of_clip(clip: Clip, book: Rulebook, wanted: Verdict) -> Finding | None:
    rule, hours = book.find("REC-1"), book.number("REC-1", "hours")
    if rule is None or hours is None:
        return None
    if verdict(clip.ended, clip.stored_at, hours, commissioned_at=book.commissioned_at) is not wanted:
        return None
    is_late = wanted is Verdict.LATE
    return book.finding(
        rule,
        "clip-late" if is_late else "clip-time-unknown",
        f"clip:{clip.acquisition}" if is_late else f"session:{clip.session}",
        ("path", clip.path),
        ("ended", clip.ended),
        ("stored_at", clip.stored_at),
        ("hours", hours),
        since=shifted(clip.ended, hours * HOUR_MS),
        level=None if is_late else Level.UNCLEAR,
        concerns=(clip.officer,),
    )


def shifted(moment: Interval, by_ms: int) -> Interval:
    """An uncertain moment, later by so much."""
    return Interval(
        earliest=None if moment.earliest is None else Millis(moment.earliest + by_ms),
        latest=None if moment.latest is None else Millis(moment.latest + by_ms),
        basis=moment.basis,
    )


def recorder(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """OWN-3, and REC-1 and OWN-1 of what is seen on a recorder and not stored."""
    one, hours = base.recorders.get(subject.id), book.number("REC-1", "hours")
    if one is None or hours is None:
        return NOTHING
    return joined([_out(one, book, now, hours), _waiting(one, book, now, hours)])


def _out(one: Recorder, book: Rulebook, now: Millis, hours: int) -> Judgement:
    """A recorder that is out for longer than a clip may be kept, whatever is on it."""
    rule = book.find("OWN-3")
    if rule is None or one.out_since is None or one.is_lost:
        return NOTHING
    due = Millis(one.out_since + hours * HOUR_MS)
    if now <= due:
        return Judgement(until=Millis(due + 1))
    found = book.finding(
        rule,
        "not-returned",
        f"recorder:{one.recorder}",
        ("since_ms", one.out_since),
        ("hours", hours),
        ("officer", one.officer),
        since=due,
        due_at=due,
        concerns=(one.officer,),
    )
    return Judgement(findings=(found,))


def _waiting(one: Recorder, book: Rulebook, now: Millis, hours: int) -> Judgement:
    rule, soon = book.find("REC-1"), book.number("OWN-1", "hours")
    if rule is None:
        return NOTHING
    soon_ms = 0 if soon is None else max(0, hours - soon) * HOUR_MS
    found: list[Finding] = []
    moments: list[int] = []
    first: tuple[int, str, Interval] | None = None
    for file in one.waiting:
        state = standing(file.ended, now, hours, soon_ms=soon_ms)
        moments += _changes(file.ended, now, hours, soon_ms)
        if state is Standing.OVERDUE:
            found.append(
                book.finding(
                    rule,
                    "clip-overdue",
                    f"recorder:{one.recorder}/{file.path}",
                    ("ended", file.ended),
                    ("hours", hours),
                    since=shifted(file.ended, hours * HOUR_MS),
                    concerns=(one.officer,),
                )
            )
        elif state is Standing.DUE_SOON and file.ended.earliest is not None:
            told = (file.ended.earliest, file.path, file.ended)
            first = told if first is None else min(first, told, key=lambda one: one[:2])
    if first is not None and (reminder := _soon(one, book, hours, first[1], first[2])) is not None:
        found.append(reminder)
    return Judgement(findings=tuple(found), until=Millis(min(moments)) if moments else None)


def _changes(ended: Interval, now: Millis, hours: int, soon_ms: int) -> list[int]:
    """The moments after now at which `standing` gives another word."""
    limit = hours * HOUR_MS
    early, late = ended.earliest, ended.latest
    edges = [] if early is None else [early + limit - soon_ms, early + limit + 1]
    edges += [] if late is None else [late + limit + 1]
    return [edge for edge in edges if edge > now]


def _soon(one: Recorder, book: Rulebook, hours: int, path: str, ended: Interval) -> Finding | None:
    """OWN-1: one reminder a recorder, for the recording that is due first."""
    rule = book.find("OWN-1")
    if rule is None or ended.earliest is None:
        return None
    return book.finding(
        rule,
        "clip-due-soon",
        f"recorder:{one.recorder}",
        ("path", path),
        ("ended", ended),
        ("hours", hours),
        since=shifted(ended, (book.number("OWN-1", "hours") or 0) * HOUR_MS),
        due_at=Millis(ended.earliest + hours * HOUR_MS),
        concerns=(one.officer,),
    )

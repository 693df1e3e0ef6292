"""REC-4, 5, 6, 7, 9 and OWN-13: whether an act that is to be filmed is on film. PURE.

Our readings: film alone covers an act whole, a photo or sound is a record of it too; an act that ended is waited for
as long as its clips may still come in time (REC-1); of one whose begin or end nobody told it can't be told, so long
after it began.
"""

from __future__ import annotations

from ingestd.facts import Act
from ingestd.law import coverage, spans
from ingestd.law.base import Base, Subject
from ingestd.law.coverage import Coverage, Piece, Reel, Verdict
from ingestd.law.facts import Clip
from ingestd.law.finding import NOTHING, Finding, Judgement, Level, Value, joined
from ingestd.law.rulebook import Rulebook
from ingestd.law.workdays import Due
from ingestd.model import Interval, Kind, Millis, Stretch
from ingestd.policy.model import ActFilming, Filming, Strength

LEFT = "service-by-leaving"
BY_NOTICE = "service-by-notice"
_BY_RESULT = {"left": LEFT, "notice": BY_NOTICE}
GAPS_TOLD = 20
"""Gaps that a finding lists; it says how many there are."""


def kinds_of(act: Act, book: Rulebook) -> tuple[str, ...]:
    """The kinds of the catalogue that an act is: a service that was left is one by leaving too (REC-9)."""
    kind = book.kind(act.kind)
    by_result = _BY_RESULT.get(act.result or "") if kind.startswith("service") else None
    return (kind,) if by_result is None or by_result == kind else (kind, by_result)


def duties(base: Base, act: Act, book: Rulebook) -> tuple[tuple[ActFilming, Level], ...]:
    """What the rules want of an act's filming, and what it is not to do so; the most binding first.

    *When necessary* is a proposal until a person determines, afterwards a duty or nothing. A text record attached to
    the case stands in where filming is as needed and the jurisdiction lets it (REC-7), never for a whole filming.
    """
    found: list[tuple[ActFilming, Level]] = []
    determined = base.determinations.get(act.act)
    for one in book.filming(kinds_of(act, book), premises=act.premises):
        level = book.level(one.rule)
        if one.rule.effect is Strength.WHEN_NECESSARY and determined is not None:
            if not determined.needed:
                continue
            level = Level.VIOLATION
        found.append((one, level))
    must = any(one.filming is Filming.WHOLE and level is Level.VIOLATION for one, level in found)
    if not must and book.allows("REC-7") is not None and _has_text(base, act):
        found = [(one, level) for one, level in found if level is not Level.NOTICE]
    return tuple(sorted(found, key=lambda told: list(Level).index(told[1])))


def _has_text(base: Base, act: Act) -> bool:
    """Whether a text record of this act is attached to its case (OWN-14)."""
    return any(record.act == act.act and record.case is not None for record in base.records_of_act(act))


def judge(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """The filming of one act: a proposal, and at most one finding of what is missing."""
    act = base.acts.get(subject.id)
    if act is None:
        return NOTHING
    wanted = duties(base, act, book)
    proposals = [one for one, level in wanted if level is Level.PROPOSAL]
    due: list[tuple[ActFilming, Level]] = [told for told in wanted if told[1] is not Level.PROPOSAL]
    found = _proposed(act, book, proposals)
    if act.started_at is None or act.ended_at is None or act.ended_at < act.started_at:
        return joined([Judgement(findings=found), _untimed(base, act, book, due, now)])
    if book.commissioned_at is not None and act.ended_at < book.commissioned_at:
        return Judgement(findings=found)
    waits_until = Millis(act.ended_at + (book.store_ms or 0) + 1)
    missing = _missing(base, act, book, due, more_may_come=now < waits_until)
    until = waits_until if now < waits_until else None
    return Judgement(findings=(*found, *missing), until=until)


def _untimed(
    base: Base, act: Act, book: Rulebook, due: list[tuple[ActFilming, Level]], now: Millis
) -> Judgement:
    """An act that is to be filmed, and whose begin or end nobody told, or told the wrong way round."""
    is_filmed = bool(base.clips_of_act(act.act))
    duty = next(
        (
            one
            for one, level in due
            if level is Level.VIOLATION and (one.filming is Filming.WHOLE or not is_filmed)
        ),
        None,
    )
    known = act.ended_at if act.started_at is None else act.started_at
    if duty is None or (
        known is not None and book.commissioned_at is not None and known < book.commissioned_at
    ):
        return NOTHING
    waits_until = None if known is None else Millis(known + (book.store_ms or 0) + 1)
    if waits_until is not None and now < waits_until:
        return Judgement(until=waits_until)
    found = book.finding(
        duty.rule,
        "act-coverage-unclear",
        f"act:{act.act}",
        *_facts(act, duty),
        ("clips", len(base.clips_of_act(act.act))),
        since=Interval(earliest=known, latest=known, basis="none" if known is None else "register"),
        level=Level.UNCLEAR,
        concerns=act.officers,
    )
    return Judgement(findings=(found,))


def _proposed(act: Act, book: Rulebook, proposals: list[ActFilming]) -> tuple[Finding, ...]:
    if not proposals:
        return ()
    rule = proposals[0].rule
    facts: tuple[tuple[str, Value], ...] = (
        ("act_kind", act.kind),
        ("case", act.case),
        ("why", proposals[0].why),
    )
    begun = act.started_at
    return (
        book.finding(
            rule,
            "filming-proposed",
            f"act:{act.act}",
            *facts,
            since=Interval(earliest=begun, latest=begun, basis="none" if begun is None else "told"),
            concerns=act.officers,
        ),
    )


def _missing(
    base: Base,
    act: Act,
    book: Rulebook,
    due: list[tuple[ActFilming, Level]],
    *,
    more_may_come: bool,
) -> tuple[Finding, ...]:
    clips = base.clips_of_act(act.act)
    whole = [(one, level) for one, level in due if one.filming is Filming.WHOLE]
    if whole:
        one, level = whole[0]
        return _whole(act, book, clips, one, level, more_may_come=more_may_come)
    if clips or more_may_come:
        return ()
    if due:
        one, level = due[0]
        return (_unfilmed(act, book, one, level),)
    return _unmatched(base, act, book)


def _whole(
    act: Act,
    book: Rulebook,
    clips: list[Clip],
    duty: ActFilming,
    level: Level,
    *,
    more_may_come: bool,
) -> tuple[Finding, ...]:
    told = covered(act, clips, book, more_may_come=more_may_come)
    if told.verdict in (Verdict.WHOLE, Verdict.NOT_YET):
        return ()
    if told.verdict is Verdict.NONE and not clips:
        return (_unfilmed(act, book, duty, level),)
    is_unclear = told.verdict is Verdict.CANNOT_TELL
    kind = "act-coverage-unclear" if is_unclear else "act-gaps"
    return (
        book.finding(
            duty.rule,
            kind,
            f"act:{act.act}",
            *_facts(act, duty),
            *coverage_facts(told, clips),
            since=_ended(act),
            level=Level.UNCLEAR if is_unclear else level,
            concerns=act.officers,
        ),
    )


def _unfilmed(act: Act, book: Rulebook, duty: ActFilming, level: Level) -> Finding:
    due = None
    if level is Level.NOTICE and (days := book.number("OWN-10", "days")) is not None:
        due = _answer_by(act, book, days).at
    return book.finding(
        duty.rule,
        "act-unfilmed",
        f"act:{act.act}",
        *_facts(act, duty),
        since=_ended(act),
        level=level,
        due_at=due,
        concerns=act.officers,
    )


def _answer_by(act: Act, book: Rulebook, days: int) -> Due:
    """OWN-10: why there is none is asked from the moment on which none can come in time any more."""
    assert act.ended_at is not None
    return book.workdays.in_days(Millis(act.ended_at + (book.store_ms or 0)), days)


def _unmatched(base: Base, act: Act, book: Rulebook) -> tuple[Finding, ...]:
    """OWN-13: nothing wants it filmed and there is no footage: worth a question, no violation."""
    rule = book.find("OWN-13")
    if rule is None or (book.allows("REC-7") is not None and _has_text(base, act)):
        return ()
    facts: tuple[tuple[str, Value], ...] = (("act_kind", act.kind), ("case", act.case))
    return (
        book.finding(
            rule,
            "act-unfilmed",
            f"act:{act.act}",
            *facts,
            since=_ended(act),
            level=Level.NOTICE,
            concerns=act.officers,
        ),
    )


def _ended(act: Act) -> Interval:
    return Interval(earliest=act.ended_at, latest=act.ended_at, basis="register")


def _facts(act: Act, duty: ActFilming) -> tuple[tuple[str, Value], ...]:
    return (
        ("act_kind", act.kind),
        ("case", act.case),
        ("started_at", act.started_at),
        ("ended_at", act.ended_at),
        ("why", duty.why),
    )


# --- coverage --------------------------------------------------------------------------------------


def covered(act: Act, clips: list[Clip], book: Rulebook, *, more_may_come: bool) -> Coverage:
    """How much of an act is on film. It must have begun and ended."""
    assert act.started_at is not None and act.ended_at is not None  # noqa: PT018 - one condition
    films = [clip for clip in clips if clip.kind is Kind.VIDEO]
    span = (act.started_at, max(act.ended_at, act.started_at + 1))
    return coverage.cover(span, reels(films, book, span), book.coverage, more_may_come=more_may_come)


def reels(films: list[Clip], book: Rulebook, act: spans.Span) -> list[Reel]:
    """Film by the clock it was made under: what one docking brought of one recorder, as uncertain as each other.

    Where the bounds of two clips differ in width, one of them is cut by other evidence: they share no one error.
    A clip of which a bound is not known may lie anywhere in the act's neighbourhood; one of which the length is
    not known surely covers nothing, and maybe all from its earliest begin to its latest end.
    """
    groups: dict[tuple[str, str, str, int], list[Piece]] = {}
    for clip in films:
        begin, width, length = _place(clip, act)
        stretches, spare = _counting(clip, book), 0
        if length is None:  # where in such a film it is black, too, is not known
            length, stretches = 0, ()
            spare = max(0, (act[1] if clip.ended.latest is None else clip.ended.latest) - begin)
        piece = Piece(
            acquisition=clip.acquisition,
            begin=Millis(begin),
            end=Millis(begin + length),
            stretches=stretches,
            spare=spare,
        )
        # An unbounded clip is a reel of its own.
        own = clip.acquisition if spare or None in (clip.started.earliest, clip.started.latest) else ""
        groups.setdefault((clip.recorder, clip.session + own, clip.started.basis, width), []).append(piece)
    return [
        Reel(recorder=recorder, pieces=tuple(pieces), earlier=0, later=width)
        for (recorder, _, _, width), pieces in sorted(groups.items())
    ]


def _place(clip: Clip, act: spans.Span) -> tuple[int, int, int | None]:
    """The earliest begin of a clip, how much later it may lie, and how long it is (milliseconds).

    Its length is not known (None) where nothing tells its end from its begin; it lies then where its end may be.
    """
    bounds = (clip.started.earliest, clip.ended.earliest), (clip.started.latest, clip.ended.latest)
    lengths = [end - begin for begin, end in bounds if begin is not None and end is not None]
    length = max(0, min(lengths, default=0))
    if length == 0:
        return act[0] if clip.started.earliest is None else clip.started.earliest, 0, None
    earliest = act[0] - length if clip.started.earliest is None else clip.started.earliest
    latest = max(act[1], earliest) if clip.started.latest is None else clip.started.latest
    return earliest, max(0, latest - earliest), length


def _counting(clip: Clip, book: Rulebook) -> tuple[Stretch, ...]:
    """Stretches that last long enough to count (OWN-9)."""
    if clip.analysis is None:
        return ()
    return tuple(s for s in clip.analysis.stretches if s.end - s.begin > book.counts_from(s.kind))


def coverage_facts(told: Coverage, clips: list[Clip]) -> tuple[tuple[str, Value], ...]:
    """What is said of a coverage: lengths in milliseconds, gaps as ``begin/end`` bounds and length."""
    gaps = [
        (f"gap_{number}", gap_text(gap.begin_earliest, gap.begin_latest, gap.length))
        for number, gap in enumerate(told.gaps[:GAPS_TOLD], 1)
    ]
    return (
        ("clips", len(clips)),
        ("recorders", len({clip.recorder for clip in clips})),
        ("length_ms", told.length),
        ("covered_ms", spans.length(told.covered)),
        ("doubtful_ms", spans.length(told.doubtful)),
        ("missing_ms", told.missing_at_least),
        ("overlap_ms", spans.length(told.overlaps)),
        ("gaps", len(told.gaps)),
        *gaps,
    )


def gap_text(earliest: int, latest: int, length: int) -> str:
    """A gap in a fact's one value: ``earliest/latest/length``, milliseconds."""
    return f"{earliest}/{latest}/{length}"

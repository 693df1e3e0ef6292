"""How much of an act is on film (REC-4, REC-5), over all recorders, on clocks that are known as intervals. PURE.

All footage that one recorder made between two dockings shares one clock: how its pieces lie to each other is
certain, where they lie on the wall clock is not. So footage comes as *reels*, each with the bounds of its clock's
error, and every statement holds for each error within the bounds:

* **surely covered**: on film wherever the true clock lies;
* **missing**: on no reel wherever the true clocks lie, at least so many milliseconds in all;
* the rest is **doubtful**.

A pause within one reel is certain in length even where its place is not: such a gap has intervals for its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from ingestd.law import spans
from ingestd.law.spans import Span, Spans
from ingestd.model import Millis, Stretch


class Treatment(StrEnum):
    """What a stretch without usable picture or sound counts as; the policy chooses a kind's (our reading)."""

    RECORDED = "recorded"
    DOUBT = "doubt"
    NOT_RECORDED = "not recorded"


class Verdict(StrEnum):
    """What is said of an act that has to be on film whole."""

    WHOLE = "whole"
    GAPS = "gaps"
    CANNOT_TELL = "cannot tell"
    NOT_YET = "not yet"
    """Not whole so far, and recorders may still bring footage in time (REC-1)."""
    NONE = "none"
    """Nothing linked covers any of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One clip on the nominal (corrected) clock of its reel."""

    acquisition: str
    begin: Millis
    end: Millis
    stretches: tuple[Stretch, ...] = ()
    spare: int = 0
    """So many milliseconds longer it may be, where its length is not known (a film that was never finalised)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """What one recorder filmed under one clock: true time = nominal time + error, ``earlier <= error <= later``."""

    recorder: str
    pieces: tuple[Piece, ...]
    earlier: int
    later: int

    def __post_init__(self) -> None:
        if self.earlier > self.later:
            raise ValueError("a clock's error has its bounds in order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policy says of coverage."""

    begin_ms: int
    end_ms: int
    """So much may be missing at the act's begin and end."""
    pause_ms: int
    """A pause of up to so long is none: a new file, a change of recorder."""
    treatment: tuple[tuple[str, Treatment], ...] = ()

    def tolerates(self, missing: Span, act: Span) -> bool:
        """Whether a stretch of an act may be on nobody's film."""
        at_begin, at_end = missing[0] <= act[0], missing[1] >= act[1]
        allowed = max(self.begin_ms * at_begin, self.end_ms * at_end, self.pause_ms)
        return missing[1] - missing[0] <= allowed and not (at_begin and at_end)

    def of(self, kind: str) -> Treatment:
        """How a stretch of a kind counts; a kind that the policy does not name is recorded."""
        return dict(self.treatment).get(kind, Treatment.RECORDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part of the act that is on no reel; its length is certain, its ends may be known as bounds only."""

    begin_earliest: Millis
    begin_latest: Millis
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What can be said of one act."""

    verdict: Verdict
    length: int
    """Of the act (milliseconds)."""
    covered: Spans
    doubtful: Spans
    gaps: tuple[Gap, ...]
    """On nobody's film for sure, and longer than the policy tolerates."""
    missing_at_least: int
    overlaps: Spans
    """On the film of more than one recorder for sure."""

    @property
    def is_moment(self) -> bool:
        """The act begins and ends at one moment: a millisecond stands for it, which is on film or not."""
        return self.length <= 1


def cover(act: Span, reels: Sequence[Reel], terms: Terms, *, more_may_come: bool) -> Coverage:
    """How much of an act's span the reels cover.

    ``more_may_come``: recorders that may hold footage of it are not overdue yet.
    """
    sure = [_surely(reel, terms) for reel in reels]
    possible = spans.union(span for reel in reels for span in _possibly(reel, terms))
    covered = spans.within(spans.union((s for one in sure for s in one), joining=terms.pause_ms), act)
    doubtful = spans.without(spans.within(possible, act), covered)
    pauses = _pauses(act, reels, terms)
    always = spans.union((p.begin_latest, p.begin_earliest + p.length) for p in pauses)
    bare = spans.without(spans.without(spans.without([act], possible), covered), always)
    fixed = [_gap(b, b, e - b) for b, e in bare if not terms.tolerates((b, e), act)]
    gaps = [*fixed, *(pause for pause in pauses if pause.length > terms.pause_ms)]
    missing = max(sum(gap.length for gap in gaps), act[1] - act[0] - _at_most(act, reels, terms))
    return Coverage(
        verdict=_verdict(
            act,
            covered=covered,
            possible=possible,
            gaps=gaps,
            missing=missing,
            terms=terms,
            more_may_come=more_may_come,
        ),
        length=act[1] - act[0],
        covered=covered,
        doubtful=doubtful,
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.begin_earliest, gap.length))),
        missing_at_least=missing,
        overlaps=_overlaps(act, sure),
    )


def _verdict(
    act: Span,
    *,
    covered: Spans,
    possible: Spans,
    gaps: Sequence[Gap],
    missing: int,
    terms: Terms,
    more_may_come: bool,
) -> Verdict:
    if all(terms.tolerates(part, act) for part in spans.without([act], covered)):
        return Verdict.WHOLE
    if more_may_come:
        return Verdict.NOT_YET
    if not spans.within(possible, act):
        return Verdict.NONE
    return Verdict.GAPS if gaps or missing > terms.begin_ms + terms.end_ms else Verdict.CANNOT_TELL


def _gap(earliest: int, latest: int, length: int) -> Gap:
    return Gap(begin_earliest=Millis(earliest), begin_latest=Millis(latest), length=length)


def _film(reel: Reel, terms: Terms, *counting: Treatment) -> Spans:
    """What of a reel counts as recorded, on its nominal clock; with doubts a film may be as long as is possible."""
    found: list[Span] = []
    spare = Treatment.DOUBT in counting
    for piece in reel.pieces:
        lost = spans.union(
            (piece.begin + stretch.begin, piece.begin + stretch.end)
            for stretch in piece.stretches
            if terms.of(stretch.kind) not in counting
        )
        found += spans.without([(piece.begin, piece.end + piece.spare * spare)], lost)
    return spans.union(found)


def _surely(reel: Reel, terms: Terms) -> Spans:
    """On film whatever the error: the moments that every shift of the reel covers."""
    film = spans.union(_film(reel, terms, Treatment.RECORDED), joining=terms.pause_ms)
    return tuple((b + reel.later, e + reel.earlier) for b, e in film if b + reel.later < e + reel.earlier)


def _possibly(reel: Reel, terms: Terms) -> Spans:
    """On film for some error."""
    film = _film(reel, terms, Treatment.RECORDED, Treatment.DOUBT)
    return spans.union(((b + reel.earlier, e + reel.later) for b, e in film), joining=terms.pause_ms)


def _pauses(act: Span, reels: Sequence[Reel], terms: Terms) -> list[Gap]:
    """Pauses within one reel that lie in the act wherever its clock lies, and that no other reel can fill."""
    found = []
    for reel in reels:
        if reel.earlier == reel.later:
            continue  # its pauses have a place: they are seen as what no reel covers
        others = spans.union(s for other in reels if other is not reel for s in _possibly(other, terms))
        film = _film(reel, terms, Treatment.RECORDED, Treatment.DOUBT)
        for (_, begin), (end, _) in pairwise(film):
            place = (begin + reel.earlier, end + reel.later)
            drifts_over = spans.within(_possibly(reel, terms), place)
            is_within = act[0] <= place[0] and place[1] <= act[1]
            if is_within and drifts_over and not spans.within(others, place):
                found.append(_gap(place[0], begin + reel.later, end - begin))
    return found


def _at_most(act: Span, reels: Sequence[Reel], terms: Terms) -> int:
    """No choice of errors covers more of the act than this (each reel at its best, none in another's way)."""
    return sum(_best(act, reel, terms) for reel in reels)


def _best(act: Span, reel: Reel, terms: Terms) -> int:
    """The most of the act that a reel covers for any error: it is largest where some ends meet."""
    film = spans.union(_film(reel, terms, Treatment.RECORDED, Treatment.DOUBT), joining=terms.pause_ms)
    meeting = {edge - end for span in film for end in span for edge in act}
    errors = {reel.earlier, reel.later} | {e for e in meeting if reel.earlier <= e <= reel.later}
    return max((spans.length(spans.within(spans.shifted(film, error), act)) for error in errors), default=0)


def _overlaps(act: Span, sure: Sequence[Spans]) -> Spans:
    edges = sorted(
        (at, change)
        for one in sure
        for begin, end in spans.within(one, act)
        for at, change in ((begin, 1), (end, -1))
    )
    found, depth, since = [], 0, 0
    for at, change in edges:
        if depth >= 2:  # noqa: PLR2004 - two recorders are more than one
            found.append((since, at))
        depth, since = depth + change, at
    return spans.union(found)

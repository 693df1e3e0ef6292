"""Sets of time as disjoint half-open stretches in order: union, cut, what is left. PURE.

A span is ``(begin, end)`` in milliseconds, ``begin < end``; a set is a tuple of spans that neither touch nor overlap.
"""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


def union(spans: Iterable[Span], *, joining: int = 0) -> Spans:
    """The set of all moments in any span; holes of up to ``joining`` milliseconds are closed."""
    found: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1] + joining:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def within(spans: Iterable[Span], frame: Span) -> Spans:
    """What of a set lies in a frame."""
    begin, end = frame
    cut = ((max(b, begin), min(e, end)) for b, e in spans)
    return tuple(span for span in cut if span[0] < span[1])


def without(spans: Iterable[Span], others: Spans) -> Spans:
    """The moments of a set that lie in no other span (``others`` is a set)."""
    found: list[Span] = []
    for begin, end in spans:
        at = begin
        for other_begin, other_end in others:
            if other_end <= at or other_begin >= end:
                continue
            if at < other_begin:
                found.append((at, other_begin))
            at = max(at, other_end)
        if at < end:
            found.append((at, end))
    return tuple(found)


def length(spans: Iterable[Span]) -> int:
    """Milliseconds in a set."""
    return sum(end - begin for begin, end in spans)


def shifted(spans: Iterable[Span], by: int) -> Spans:
    """A set, later by so many milliseconds."""
    return tuple((begin + by, end + by) for begin, end in spans)

"""From samples to stretches: what holds at two samples in a row holds between them, no further. PURE.

So a stretch is told at most as long as it is: by up to two sampling gaps shorter, never longer; what it may bring
upon somebody errs to their side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHORTEST_MS = 5_000
"""Shorter ones are not told: no policy counts them, and the first second of many clips is black."""

Span = tuple[int, int]


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def reaching(spans: Sequence[Span], *, first_ms: int, last_ms: int, end_ms: int) -> list[Span]:
    """What begins with the first sample begins with the clip, what ends with the last sample ends with it."""
    return [(0 if begin == first_ms else begin, end_ms if end == last_ms else end) for begin, end in spans]


def longest(spans: Sequence[Span], most: int) -> list[Span]:
    """So many of them at most, in order, the short ones left out."""
    lasting = [(begin, end) for begin, end in spans if end - begin >= SHORTEST_MS]
    return sorted(sorted(lasting, key=lambda span: span[0] - span[1])[:most])

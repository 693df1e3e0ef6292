"""Runs of a recorder's clock: files between which nothing says that it was reset or set. PURE.

In the order of sequence numbers (where they are an order) a clock that goes back was reset. Claims further
apart than the dockings, dated by a factory's default, or ahead of the docking, are not of one run either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingestd.intake.alignment import Claimed
from ingestd.intake.habits import FileClaims
from ingestd.model import Kind

STEP_BACK_MS = 60_000
"""Segments of one recording overlap by seconds; a clock that goes back further was set or reset."""
NEIGHBOUR_STEPS = 3
"""Numbers no further apart than this follow each other (a released or deleted file between)."""
FAR_MS = 86_400_000
"""A claim so much older than the previous docking is no slow clock but a reset one; one so much later than this
docking, and than the claims before it, is no fast one."""
FIRST_POSSIBLE_MS = 1_293_840_000_000
"""2011-01-01: enforcement recorders (GA/T 947-2011) are no older; 1970, 1980, 2000, 2010 are defaults."""
DEFAULT_MS = 32 * 86_400_000
"""So long a clock that was reset may run on before it is set."""
DEFAULT_DAYS = ((1_420_020_000_000, DEFAULT_MS),)
"""Further factory defaults (start, length of suspicion): 2015-01-01, in any zone."""
DEFAULT_AGE_MS = 365 * 86_400_000
MANY_RUNS = 8
"""More steps back than this: the numbers are no order of time."""


@dataclass(slots=True, kw_only=True)
class Run:
    """Files of one run of the clock, with the true time they lie in."""

    claims: list[Claimed]
    ordered: bool
    """Runs stand in their order in time."""
    follows: bool = False
    """The first number follows the last one of the run before."""
    reset: bool = False
    """The clock of this run started from a default, or went back."""
    alone: bool = False
    """The claims bound nothing, not even each other."""
    low: int | None = None
    high: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """True time between the dockings, and how slow the recorder's clock is known to be."""

    low: int | None
    high: int
    slow: int
    """Lower bound of the offset as read (negative: slow), 0 where not read or fast."""
    ahead: frozenset[int] = frozenset()
    """Files whose claims are `ahead_of` the docking."""

    def is_wider_than(self, length: int) -> bool:
        """Whether so much time has passed between the dockings."""
        return self.low is None or self.high - self.low >= length


def ahead_of(now: int, claims: Iterable[Claimed]) -> frozenset[int]:
    """Files that a clock which dates the others cannot have dated: it would have had to leap into the future.

    ``now``: what the clock may show at the docking. A clock that is fast dates all its clips ahead, without a leap.
    """
    by_end = sorted(claims, key=lambda claim: claim.e0)
    for at, (before, claim) in enumerate(pairwise(by_end), start=1):
        usual = FAR_MS if before.e0 <= now + FAR_MS else DEFAULT_MS
        if claim.e0 > now + FAR_MS and claim.e0 - before.e0 > usual:
            return frozenset(one.index for one in by_end[at:])
    return frozenset()


def is_default(claim: Claimed, span: Span) -> bool:
    """Whether a claim looks like a clock that was reset: impossibly old, or a factory's default."""
    if span.low is not None and claim.bounded and claim.s1 < span.low + span.slow - FAR_MS:
        return True
    return claim.s1 < FIRST_POSSIBLE_MS or any(
        begin <= claim.s1 < begin + length and span.high - claim.s1 > DEFAULT_AGE_MS
        for begin, length in DEFAULT_DAYS
    )


def runs_of(claims: list[Claimed], files: Sequence[FileClaims], span: Span, *, runs_on: bool) -> list[Run]:
    """The runs of one pool of claims; the last one is the newest where they are ordered.

    A claim ahead of the docking stands for itself and says nothing of the others: name or clock may be wrong.
    """
    ahead = [claim for claim in claims if claim.index in span.ahead]
    rest = [claim for claim in claims if claim.index not in span.ahead]
    return [
        *(Run(claims=[claim], ordered=False, alone=True) for claim in ahead),
        *(_runs_of(rest, files, span, runs_on=runs_on) if rest else ()),
    ]


def _runs_of(claims: list[Claimed], files: Sequence[FileClaims], span: Span, *, runs_on: bool) -> list[Run]:
    ordered = _by_number(claims, files) if runs_on else None
    if ordered is None:
        return _unordered(claims, span)
    numbered, rest = ordered
    pieces: list[Run] = []
    for claim in numbered:
        before = pieces[-1].claims[-1] if pieces else None
        default = is_default(claim, span)
        if before is None or _breaks(before, claim, span) or default != is_default(before, span):
            follows = before is not None and _is_next(files[before.index], files[claim.index])
            back = before is not None and _is_back(before, claim)
            pieces.append(Run(claims=[claim], ordered=True, follows=follows, reset=default or back))
        else:
            pieces[-1].claims.append(claim)
    if len(pieces) > MANY_RUNS:
        return _unordered(claims, span)
    for piece in pieces:
        piece.alone = not _fits(piece.claims, span)
    return _with_rest(pieces, rest, span)


def _with_rest(pieces: list[Run], rest: list[Claimed], span: Span) -> list[Run]:
    """Files without numbers join the only run, else stand as runs of their own before the ordered ones."""
    if not rest:
        return pieces
    if len(pieces) == 1 and not pieces[0].reset:
        return _unordered([*pieces[0].claims, *rest], span)
    return [*_unordered(rest, span), *pieces]


def _breaks(before: Claimed, claim: Claimed, span: Span) -> bool:
    """Whether the clock was set between two clips: it goes back, or further ahead than time has passed."""
    ahead = claim.e0 - before.s1
    return (
        _is_back(before, claim)
        or (claim.bounded and not span.is_wider_than(ahead - FAR_MS))
        or ((ahead > DEFAULT_MS or claim.s1 < before.e0) and is_default(before, span))
    )


def _is_back(before: Claimed, claim: Claimed) -> bool:
    return claim.s1 < before.s1 - STEP_BACK_MS


def _is_next(before: FileClaims, after: FileClaims) -> bool:
    return (
        before.sequence is not None
        and after.sequence is not None
        and 0 < after.sequence - before.sequence <= NEIGHBOUR_STEPS
    )


def _by_number(
    claims: list[Claimed], files: Sequence[FileClaims]
) -> tuple[list[Claimed], list[Claimed]] | None:
    """Films in the order of their numbers and the rest; None where numbers are no order."""
    numbered = [
        c for c in claims if files[c.index].sequence is not None and files[c.index].kind is Kind.VIDEO
    ]
    numbers = {files[c.index].sequence for c in numbered}
    if len(numbered) < 2 or len(numbers) != len(numbered):  # noqa: PLR2004 - an order needs two
        return None
    numbered.sort(key=lambda c: files[c.index].sequence or 0)
    taken = {c.index for c in numbered}
    return _unrolled(numbered, files), [c for c in claims if c.index not in taken]


def _unrolled(numbered: list[Claimed], files: Sequence[FileClaims]) -> list[Claimed]:
    """Begin after the widest gap where the clock then steps back less often (a counter's roll-over)."""
    gaps = [
        ((files[b.index].sequence or 0) - (files[a.index].sequence or 0), at)
        for at, (a, b) in enumerate(pairwise(numbered), start=1)
    ]
    width, at = max(gaps)
    if width <= NEIGHBOUR_STEPS:
        return numbered
    rolled = numbered[at:] + numbered[:at]
    return rolled if _steps_back(rolled) < _steps_back(numbered) else numbered


def _steps_back(claims: list[Claimed]) -> int:
    return sum(_is_back(a, b) for a, b in pairwise(claims))


def _fits(claims: list[Claimed], span: Span) -> bool:
    """Whether one offset can put all claims between the dockings."""
    bounded = [claim.s1 for claim in claims if claim.bounded]
    return not bounded or span.is_wider_than(max(claim.e0 for claim in claims) - min(bounded))


def _unordered(claims: list[Claimed], span: Span) -> list[Run]:
    """Without an order: one run of what fits together, each default-dated claim for itself."""
    runs = []
    normal = []
    for claim in claims:
        if is_default(claim, span):
            runs.append(Run(claims=[claim], ordered=False, reset=True, alone=True))
        else:
            normal.append(claim)
    if normal:
        runs.append(Run(claims=normal, ordered=False, alone=not _fits(normal, span)))
    return runs

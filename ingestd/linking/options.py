"""One recording with the acts that it may be of, while it is weighed. PURE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingestd.linking import holders
from ingestd.linking.facts import ActFact, Reason
from ingestd.linking.recordings import Recording
from ingestd.linking.time_fit import Timed
from ingestd.linking.verdicts import Verdict

SMALLEST = 1e-12
"""Likelihoods are no smaller: a logarithm needs more than nothing."""


@dataclass(slots=True, kw_only=True)
class Option:
    """One act that a recording may be of."""

    act: ActFact
    timed: Timed | None
    reasons: list[Reason]
    """But for time and officer."""
    fits: list[float]
    """By clock error."""
    officer: float
    """By what is stated of its own carrier alone."""
    base: float = 1.0
    """exp of the sum of `reasons`."""
    belief: holders.Belief = holders.NOTHING
    """Of its carrier, other recordings heard."""
    holder: float = 1.0
    """The same with what other recordings tell."""
    time: float = 1.0


@dataclass(slots=True, kw_only=True)
class Weighing:
    """One recording with its options, while it is weighed."""

    recording: Recording
    verdict: Verdict
    grid: tuple[float, ...]
    stated: holders.Belief
    options: list[Option]
    none: list[Reason]
    base_none: float
    clock: list[float]
    """How likely each error of the grid is, other recordings heard; sums to 1."""
    told: list[float] = field(default_factory=list)
    """What it tells of each error, for other recordings (logarithms)."""
    is_dated: bool = False
    """Other recordings made its clock's error clearer."""


def weights(
    one: Weighing, options: Iterable[tuple[Option, float]]
) -> tuple[list[tuple[Option, float]], float]:
    """Weights of acts and of none, by a person's decision where there is one."""
    allowed = [(option, weight) for option, weight in options if option.act.act not in one.verdict.refused]
    if one.verdict.act is not None:
        return [(option, weight) for option, weight in allowed if option.act.act == one.verdict.act], SMALLEST
    if one.verdict.is_none:
        return [], one.base_none
    return allowed, one.base_none


def weight_of(option: Option) -> float:
    """How likely one act is, all heard."""
    return option.base * max(option.time, SMALLEST) * option.holder

"""One recording with the acts that it may be of, while it is weighed. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp

from ingestd.linking import holders
from ingestd.linking.facts import ActFact, Reason
from ingestd.linking.recordings import Recording
from ingestd.linking.time_fit import Fit, Timed
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
    fits: list[Fit]
    """By clock error."""
    officer: float
    """By what is stated of its own carrier alone."""
    base: float = 1.0
    """exp of the sum of `reasons`."""
    belief: holders.Belief = holders.NOTHING
    """Of its carrier, other recordings heard."""
    holder: float = 1.0
    """The same with what other recordings tell."""
    whole: float = 1.0
    """`fits` over all clock errors, by how likely each is; as the next two."""
    part: float = 0.0
    aside: float = 0.0

    def add(self, reason: Reason) -> None:
        """One reason more."""
        self.reasons.append(reason)
        self.base *= exp(reason.weight)

    @property
    def base_but_far(self) -> float:
        """`base` without what being far from the act's stated place says against it."""
        return self.base * exp(-sum(r.weight for r in self.reasons if r.what == "place" and r.weight < 0))

    @property
    def time(self) -> float:
        """How well the time fits."""
        return max(self.whole + self.part, SMALLEST)

    @property
    def weight(self) -> float:
        """How likely the act is, all heard."""
        return self.base * self.time * self.holder


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
    shares: Mapping[str, float] = field(default_factory=dict)
    """How probably it is of each act, by its docking."""

    def add_to_none(self, reason: Reason) -> None:
        """One reason more for or against its being of no act."""
        self.none.append(reason)
        self.base_none *= exp(reason.weight)

    def is_busy(self, option: Option) -> bool:
        """Whether the officers of an act had another meanwhile."""
        mine, officers = option.timed, set(option.act.officers)
        return mine is not None and any(
            theirs is not None and mine.begin < theirs.end and theirs.begin < mine.end
            for theirs, other in ((other.timed, other) for other in self.options)
            if other is not option and not officers.isdisjoint(other.act.officers)
        )

    def weights(self, options: Iterable[tuple[Option, float]]) -> tuple[list[tuple[Option, float]], float]:
        """Weights of acts and of none, by a person's decision where there is one."""
        allowed = [one for one in options if one[0].act.act not in self.verdict.refused]
        if self.verdict.act is not None:
            return [one for one in allowed if one[0].act.act == self.verdict.act], SMALLEST
        if self.verdict.is_none:
            return [], self.base_none
        return allowed, self.base_none

    def share_out(self) -> dict[str, float]:
        """How probably it is of each act."""
        answers, none = self.weights((one, one.weight) for one in self.options)
        total = none + sum(weight for _, weight in answers)
        return {option.act.act: weight / total for option, weight in answers}

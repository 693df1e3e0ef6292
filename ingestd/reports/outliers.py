"""Who stands out among peers, and whether a month does, by exact test. PURE.

Compared are *trials*: dockings (late where any clip of it is late: what comes on one card shares its fate, so clips
are no independent trials) and acts that were to be filmed whole. One unit, officer or recorder is held against all
the others together, the newest month against those before it, by Fisher's exact test, one-sided (worse): given how
many failed in all, how likely is it that so many or more fall to this one by chance. It needs no assumption of
large numbers, and unlike a binomial test against the others' rate it does not take that rate for certain. All
comparisons of a report share one error of 5 % (Holm, Scandinavian Journal of Statistics 6, 1979). Fewer than 20
trials on either side are not compared, fewer than 5 failures are never called an outlier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma

from ingestd.reports.counting import Trial

LEAST_TRIALS = 20
LEAST_FAILURES = 5
ERROR = 0.05
COMPARED = ("unit", "officer", "recorder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One against the others, with the numbers behind it."""

    measure: str
    dimension: str
    key: str
    failed: int
    trials: int
    others_failed: int
    others_trials: int
    p: float
    is_outlier: bool
    """Worse than its peers, by the whole report's 5 %."""


def compare(trials: Iterable[Trial]) -> tuple[Compared, ...]:
    """Every comparison that there are enough trials for; the most striking first."""
    found = []
    for measure, dimension, sums in _sums(trials):
        for key in _keys(dimension, sums):
            failed, count = sums[key]
            others = [one for other, one in sums.items() if _is_peer(dimension, other, key)]
            others_failed, others_count = (sum(one[place] for one in others) for place in (0, 1))
            if min(count, others_count) >= LEAST_TRIALS:
                p = tail(failed, count, failed + others_failed, count + others_count)
                found.append((measure, dimension, key, failed, count, others_failed, others_count, p))
    ordered = sorted(found, key=lambda one: (one[7], *one[:3]))
    return tuple(
        Compared(
            measure=measure,
            dimension=dimension,
            key=key,
            failed=failed,
            trials=count,
            others_failed=others_failed,
            others_trials=others_count,
            p=p,
            is_outlier=is_sure and failed >= LEAST_FAILURES,
        )
        for (measure, dimension, key, failed, count, others_failed, others_count, p), is_sure in zip(
            ordered, holm([one[7] for one in ordered]), strict=True
        )
    )


def _sums(trials: Iterable[Trial]) -> Iterator[tuple[str, str, dict[str, tuple[int, int]]]]:
    """Failures and trials by measure, dimension and key."""
    failed: Counter[tuple[str, str, str]] = Counter()
    count: Counter[tuple[str, str, str]] = Counter()
    for trial in trials:
        for dimension, key in trial.keys:
            count[trial.measure, dimension, key] += 1
            failed[trial.measure, dimension, key] += trial.failed
    for measure, dimension in sorted({(measure, dimension) for measure, dimension, _ in count}):
        keys = sorted(key for m, d, key in count if (m, d) == (measure, dimension))
        where = {key: (measure, dimension, key) for key in keys}
        yield measure, dimension, {key: (failed[at], count[at]) for key, at in where.items()}


def _keys(dimension: str, sums: dict[str, tuple[int, int]]) -> Sequence[str]:
    if dimension == "month":
        return [max(sums)]
    return sorted(sums) if dimension in COMPARED else []


def _is_peer(dimension: str, other: str, key: str) -> bool:
    return other < key if dimension == "month" else other != key


def tail(failed: int, trials: int, all_failed: int, all_trials: int) -> float:
    """The chance that at least so many of the failures fall among these trials (hypergeometric)."""
    most = min(trials, all_failed)
    if failed <= max(0, trials - (all_trials - all_failed)):
        return 1.0
    term = exp(
        _log_choose(all_failed, failed)
        + _log_choose(all_trials - all_failed, trials - failed)
        - _log_choose(all_trials, trials)
    )
    total = 0.0
    for k in range(failed, most + 1):
        total += term
        term *= (all_failed - k) * (trials - k)
        term /= (k + 1) * (all_trials - all_failed - trials + k + 1)
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def holm(ordered: Sequence[float], error: float = ERROR) -> list[bool]:
    """Which of these chances, smallest first, are below their part of the error; none after one that is not."""
    found, is_sure = [], True
    for place, p in enumerate(ordered):
        is_sure = is_sure and p <= error / (len(ordered) - place)
        found.append(is_sure)
    return found

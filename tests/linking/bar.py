"""The bar of linking: ``python -m tests.linking.bar`` runs the test seeds; ``--tuning`` the tuning seeds.

Prints, by seed and in all: linkable clips linked by themselves, wrong links among all links, the right answer's
rank among what was queued, time. Intervals are Clopper-Pearson, 95 %.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from dataclasses import dataclass, field

from ingestd.linking.link import link
from tests.linking.months import month
from tests.linking.truth import TEST_SEEDS, TUNING_SEEDS, linkable


@dataclass(kw_only=True)
class Tally:
    """Counts of one or more months."""

    clips: int = 0
    linkable: int = 0
    linkable_linked: int = 0
    linked: int = 0
    wrong: int = 0
    wrong_recordings: int = 0
    ambiguous_queued: int = 0
    among_three: int = 0
    linkable_queued: int = 0
    linkable_among_three: int = 0
    ambiguous_linked: int = 0
    ambiguous_wrong: int = 0
    none: int = 0
    none_linked: int = 0
    seconds: float = 0.0
    by_assignment: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another month in."""
        for name in vars(self):
            value = getattr(self, name)
            if isinstance(value, Counter):
                value.update(getattr(other, name))
            else:
                setattr(self, name, value + getattr(other, name))


def measure(seed: int) -> Tally:
    """One month, linked and compared with the truth."""
    made = month(seed)
    should = linkable(made)
    tally = Tally(clips=len(made.clips), linkable=len(should))
    began = time.perf_counter()
    proposals = link(made.clips, made.acts).all()
    tally.seconds = time.perf_counter() - began
    wrong = set()
    for one in proposals:
        true = made.truth[one.acquisition]
        first = [candidate.act for candidate in one.candidates[:3]]
        is_linkable = one.acquisition in should
        if one.winner is not None:
            tally.linked += 1
            if one.winner != true.act:
                tally.wrong += 1
                wrong.add(true.recording)
        if is_linkable:
            right = one.winner == true.act
            tally.linkable_linked += right
            tally.by_assignment[true.assignment, right] += 1
            tally.linkable_queued += one.winner is None
            tally.linkable_among_three += one.winner is None and true.act in first
        elif true.act is not None:
            tally.ambiguous_linked += one.winner is not None
            tally.ambiguous_wrong += one.winner not in (None, true.act)
            tally.ambiguous_queued += one.winner is None
            tally.among_three += one.winner is None and true.act in first
        else:
            tally.none += 1
            tally.none_linked += one.winner is not None
    tally.wrong_recordings = len(wrong)
    return tally


def interval(hits: int, of: int) -> tuple[float, float]:
    """Clopper-Pearson, 95 %."""
    low = 0.0 if hits == 0 else _solve(lambda p: 1 - _at_most(hits - 1, of, p), 0.025)
    high = 1.0 if hits == of else _solve(lambda p: 1 - _at_most(hits, of, p), 0.975)
    return low, high


def _solve(rising, target: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(hits: int, of: int, p: float) -> float:
    """Chance of at most so many hits."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return float(hits >= of)
    terms = [
        math.lgamma(of + 1)
        - math.lgamma(k + 1)
        - math.lgamma(of - k + 1)
        + k * math.log(p)
        + (of - k) * math.log1p(-p)
        for k in range(hits + 1)
    ]
    top = max(terms)
    return min(math.exp(top) * math.fsum(math.exp(term - top) for term in terms), 1.0)


def share(hits: int, of: int) -> str:
    """A share for people, with its interval."""
    if not of:
        return "-"
    low, high = interval(hits, of)
    return f"{hits}/{of} = {100 * hits / of:.3f} % [{100 * low:.3f}, {100 * high:.3f}]"


def line(name: str, one: Tally) -> str:
    """One month in a line."""
    return (
        f"{name:>5}  clips {one.clips:5}  linkable {one.linkable:5}  linked of these "
        f"{100 * one.linkable_linked / max(one.linkable, 1):6.2f} %  links {one.linked:5}  wrong {one.wrong:3} "
        f"({one.wrong_recordings} recordings)  ambiguous queued {one.ambiguous_queued:4}, in first three "
        f"{one.among_three:4}  {one.seconds:5.2f} s"
    )


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the tuning seeds instead of the test seeds")
    seeds = TUNING_SEEDS if parser.parse_args().tuning else TEST_SEEDS
    total = Tally()
    for seed in seeds:
        one = measure(seed)
        print(line(str(seed), one), flush=True)
        total.add(one)
    print(line("all", total))
    print("linkable linked by themselves (bar: >= 95 %)    ", share(total.linkable_linked, total.linkable))
    print("wrong among all links (bar: <= 0.1 %)           ", share(total.wrong, total.linked))
    print(
        "ambiguous, queued: right one in the first three ", share(total.among_three, total.ambiguous_queued)
    )
    print("linkable, queued: right one in the first three  ",
          share(total.linkable_among_three, total.linkable_queued))  # fmt: skip
    print(
        f"ambiguous linked {total.ambiguous_linked}, wrong {total.ambiguous_wrong}; "
        f"of no act {total.none}, linked {total.none_linked}"
    )
    for how in ("right", "wrong", "missing"):
        hits, misses = total.by_assignment[how, True], total.by_assignment[how, False]
        print(f"  assignment {how:8}", share(hits, hits + misses))
    print(f"{total.clips / total.seconds:.0f} clips/s")


if __name__ == "__main__":
    main()

"""Acts by hour, case and id: those in a docking's reach are found without looking at all. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestd.linking.facts import ActFact
from ingestd.linking.recordings import Reach, act_span
from ingestd.linking.weights import DAY_MS, HOUR_MS

LONG_MS = 3 * DAY_MS
"""Acts with longer stated spans are kept in a list of their own: a wrong year is not spread over all hours."""


@dataclass(frozen=True, slots=True)
class ActIndex:
    """Acts by hour, by case and by id: what lies in a reach is found without looking at all of them."""

    acts: Mapping[str, ActFact]
    by_hour: Mapping[int, tuple[str, ...]]
    by_case: Mapping[str, tuple[str, ...]]
    long: tuple[str, ...]

    @classmethod
    def of(cls, acts: Iterable[ActFact]) -> ActIndex:
        """An index of these acts."""
        found = {act.act: act for act in acts}
        hours: dict[int, list[str]] = {}
        cases: dict[str, list[str]] = {}
        long: list[str] = []
        for name, act in found.items():
            cases.setdefault(act.case, []).append(name)
            span = act_span(act.started, act.ended)
            if span is not None and span[1] - span[0] > LONG_MS:
                long.append(name)
            elif span is not None:
                for hour in range(span[0] // HOUR_MS, span[1] // HOUR_MS + 1):
                    hours.setdefault(hour, []).append(name)
        return cls(
            found,
            {hour: tuple(names) for hour, names in hours.items()},
            {case: tuple(names) for case, names in cases.items()},
            tuple(long),
        )

    def changed(self, acts: Iterable[ActFact], gone: frozenset[str]) -> ActIndex:
        """An index with these acts new or changed, and those gone."""
        found = {name: act for name, act in self.acts.items() if name not in gone}
        found.update((act.act, act) for act in acts)
        return ActIndex.of(found.values())

    def within(self, reach: Reach) -> tuple[ActFact, ...]:
        """The acts that can matter, by id."""
        names = {*reach.acts, *self.long}
        for case in reach.cases:
            names.update(self.by_case.get(case, ()))
        for low, high in reach.windows:
            for hour in range(low // HOUR_MS, high // HOUR_MS + 1):
                names.update(self.by_hour.get(hour, ()))
        acts = (self.acts[name] for name in sorted(names) if name in self.acts)
        return tuple(act for act in acts if is_in(act, reach))


def is_in(act: ActFact, reach: Reach) -> bool:
    """Whether an act can matter to a docking of this reach."""
    return reach.has(act.act, act.case, act_span(act.started, act.ended))

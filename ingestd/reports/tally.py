"""Figures by unit, officer, recorder, act type, rule, month: whatever is counted is added once to each. PURE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingestd.facts import Unit

DIMENSIONS = ("unit", "officer", "recorder", "act", "rule", "month", "case-kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that is counted: what it adds, and to whom. None: not known, which is a row of its own."""

    figures: Mapping[str, int]
    keys: Mapping[str, str | None]
    """By dimension; where a dimension is not named, the item is nothing of it."""
    officers: tuple[str, ...] = ()
    """It counts for each of them: figures by officer may add up to more than there is."""


class Tally:
    """Sums of items."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.total: Counter[str] = Counter()
        self._by: dict[str, dict[str | None, Counter[str]]] = {name: {} for name in DIMENSIONS}
        for item in items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Count one more."""
        self.total.update(item.figures)
        for dimension, key in item.keys.items():
            self._by[dimension].setdefault(key, Counter()).update(item.figures)
        for officer in item.officers:
            self._by["officer"].setdefault(officer, Counter()).update(item.figures)

    def by(self, dimension: str) -> Mapping[str | None, Counter[str]]:
        """The sums of a dimension by its key."""
        return self._by[dimension]


def with_below(own: Mapping[str | None, Counter[str]], units: Mapping[str, Unit]) -> dict[str, Counter[str]]:
    """Figures of each unit with those of all units under it."""
    found = {unit: Counter[str]() for unit in units}
    for unit, figures in own.items():
        for one in above(unit, units):
            found.setdefault(one, Counter()).update(figures)
    return found


def above(unit: str | None, units: Mapping[str, Unit]) -> list[str]:
    """A unit and those above it; a ring among them ends where it began."""
    found: list[str] = []
    while unit is not None and unit not in found:
        found.append(unit)
        known = units.get(unit)
        unit = None if known is None else known.parent
    return found


def in_tree_order(units: Mapping[str, Unit]) -> Iterator[tuple[int, Unit]]:
    """Every unit once with its depth: each directly under the one above it, by id; those in a ring at the end."""
    seen: set[str] = set()
    roots = [unit for unit in units.values() if unit.parent is None or unit.parent not in units]
    for root in (*sorted(roots, key=lambda one: one.unit), *(units[key] for key in sorted(units))):
        waiting = [(0, root)]
        while waiting:
            depth, unit = waiting.pop()
            if unit.unit in seen:
                continue
            seen.add(unit.unit)
            yield depth, unit
            below = [one for one in units.values() if one.parent == unit.unit]
            waiting += [(depth + 1, one) for one in sorted(below, key=lambda one: one.unit, reverse=True)]

"""Recorders and reviewers for so many persons: which units a text's figures bind, and that the annex says so."""

from __future__ import annotations

import pytest

from ingestd.facts import Officer, Unit
from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from ingestd.policy import annex, catalog
from tests.law.cases import POLICIES, T0, rulebook

OFFICERS = tuple(Officer(officer=f"o{n}", unit=unit) for n, unit in enumerate(("root", "key", "below")))
UNITS = (
    Unit(unit="root"),
    Unit(unit="key", parent="root", key_unit=True, recorders=1),
    Unit(unit="below", parent="root"),
)
BOUND = [
    (key, rule) for key in POLICIES for rule in ("REC-19", "REV-6", "REV-6b") if rulebook(key).find(rule)
]


def short(key: str, *officers: Officer) -> dict[str, int]:
    found = evaluate(Base([*UNITS, *(officers or OFFICERS)]), rulebook(key), T0).values()
    return {one.about: int(str(dict(one.facts)["needed"])) for one in found if one.kind == "reviewers-short"}


def test_every_department_is_bound_by_its_own_figure() -> None:
    """Two in a key unit, one in any other department; what is below a department is no department by itself."""
    assert short("changzhou-xinbei") == {"unit:root": 1, "unit:key": 2}
    reviewer = Officer(officer="o9", unit="below", reviewer=True)
    assert short("changzhou-xinbei", *OFFICERS, reviewer) == {"unit:key": 2}


@pytest.mark.parametrize(("key", "rule"), BOUND)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_how_units_are_counted_is_told_as_our_reading(key: str, rule: str, lang: str) -> None:
    """No text says which unit of a register it means: the annex has what we make of it."""
    policy = catalog.load(key)
    reading = policy.rule(rule).reading
    assert reading is not None
    assert reading.say(lang) in annex.annex(policy, lang)  # type: ignore[arg-type]  # of parametrize

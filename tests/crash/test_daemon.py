"""The daemon, several recorders in its slots at once, killed at its steps and at random instants."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crash.nursery import WRITER, Nursery
from tests.crash.station import Dock


@pytest.mark.parametrize("at", [9, 130, 210, 290, 370, 480])
def test_killed_before_a_step(nursery: Nursery, template: Path, tmp_path: Path, at: int) -> None:
    """Slots in parallel: what one recorder's step leaves does not hold up another's."""
    dock = Dock(nursery, tmp_path, template, seed=at)
    run = dock.run_until_clear(kill_at=at)
    dock.check(settled=not run.killed)
    dock.goes_on()


@pytest.mark.parametrize("seed", range(4))
def test_killed_and_killed_again(nursery: Nursery, template: Path, tmp_path: Path, seed: int) -> None:
    """At random instants, all processes or the writer alone, three times in a row."""
    chance = random.Random(seed)
    dock = Dock(nursery, tmp_path, template, seed=seed)
    for _ in range(3):
        who = chance.choice(("all", WRITER))
        dock.run(kill_after_s=chance.uniform(0.1, 2.5), who=who)
        dock.check()
    dock.goes_on()

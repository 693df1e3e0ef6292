"""SIGKILL exactly before each durable step of a docking, the slot worker's steps too: nothing is lost.

After each kill the independent checker asserts design 3 and the table of design 5; then a start and another
docking must bring everything to its end, each file secured once and released, exit status 0.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash import rig
from tests.crash.nursery import WRITER, Nursery
from tests.crash.rig import Rig
from tests.outsiders import checker

PARTS = 8
"""The sweep over the steps is so many tests, so that they share the cores."""
EVERY = {rig.lone_card: 1, rig.mixed_card: 4}
"""Every step of a lone file; of the larger card every fourth (the soak takes them all)."""
REBUILD_EVERY = 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("card", EVERY)
def test_killed_before_every_step(
    nursery: Nursery, template: Path, tmp_path: Path, card: Callable[[Path], None], part: int
) -> None:
    """Every eighth from one on (of the larger card every 32nd)."""
    stride = PARTS * EVERY[card]
    for number, at in enumerate(range(1 + part * EVERY[card], 10_000, stride)):
        folder = tmp_path / str(at)
        folder.mkdir()
        docking = Rig(nursery, folder, template, card)
        if not docking.dock(kill_at=at).killed:
            docking.check(settled=True)
            break
        docking.check()
        docking.goes_on(rebuild=number % REBUILD_EVERY == 0)
        shutil.rmtree(folder)
    assert at > 8 * PARTS  # the sweep went through


@pytest.mark.parametrize("seed", range(14))
def test_killed_again_while_recovering(nursery: Nursery, template: Path, tmp_path: Path, seed: int) -> None:
    """Twice to four times in a row, each time at another step of what the last kill left to do."""
    chance = random.Random(seed)
    docking = Rig(nursery, tmp_path, template, rig.mixed_card)
    at = chance.randint(10, 200)
    for _ in range(chance.randint(2, 4)):
        run = docking.dock(kill_at=at)
        docking.check()
        if not run.killed:
            break
        at = chance.randint(1, 60)
    docking.goes_on()


LARGE = 68 * rig.MIB


@pytest.mark.parametrize("step", [r"fdatasync .*/bytes$", r"fdatasync .*/chunks$", r"fsync .*/bytes$"])
def test_killed_in_a_long_copy(nursery: Nursery, template: Path, tmp_path: Path, step: str) -> None:
    """At each of the syncs of a copy of more than 64 MiB: what is kept proves itself, and goes in the end."""
    docking = Rig(nursery, tmp_path, template, rig.video_card)
    assert docking.dock(kill_on=step).killed
    docking.check()
    docking.goes_on()


def test_a_worker_that_outlives_the_writer(nursery: Nursery, template: Path, tmp_path: Path) -> None:
    """SIGKILL to the writer alone, in the middle of a copy: the worker ends, its folder proves itself."""
    docking = Rig(nursery, tmp_path, template, rig.video_card)
    assert docking.dock(kill_on=r"fdatasync .*/bytes$", who=WRITER).killed
    docking.check()
    docking.goes_on()


def test_what_a_killed_copy_left_differs_from_the_next(
    nursery: Nursery, template: Path, tmp_path: Path
) -> None:
    """The recorder has other bytes under the same name next time: both are kept, the beginning as it was read."""
    docking = Rig(nursery, tmp_path, template, rig.video_card)
    assert docking.dock(kill_on=r"fsync .*/bytes$").killed
    large = next(path for path in docking.card.rglob("*.mp4") if path.stat().st_size == LARGE)
    large.write_bytes(b"\4" * LARGE)
    docking.seen = checker.look(docking.card)
    run = docking.dock()
    assert run.exit == 0, run.said
    docking.check(settled=True)
    kept = [
        p for p in (docking.home / "vault/clips").rglob("*") if p.is_file() and p.stat().st_size == 64 << 20
    ]
    assert len(kept) == 1


def test_the_rig_sees_what_it_should(nursery: Nursery, template: Path, tmp_path: Path) -> None:
    """A control: with the checkpoint kept from its place, the first deletion on the card is a fault."""
    docking = Rig(nursery, tmp_path, template, rig.mixed_card)
    checkpoint = docking.home / "log/checkpoint"
    before = checkpoint.read_bytes()
    assert docking.dock(kill_on=r"fsync .*/card/").killed
    checkpoint.chmod(0o644)
    checkpoint.write_bytes(before)
    with pytest.raises(AssertionError, match="LOST"):
        docking.check()

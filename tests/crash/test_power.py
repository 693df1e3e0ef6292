"""A power cut at the durable steps: only what was synced is left, and it is enough.

SIGKILL leaves the page cache; a power cut takes it. The home lies on a file system that is cut off at a step
(see `power`); the card loses nothing, which is the worst case: what was deleted from it is gone for good.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import rig
from tests.crash.nursery import Nursery
from tests.crash.power import Disk
from tests.crash.rig import Rig
from tests.outsiders import checker

PARTS, EVERY = 2, 11


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        made = Disk(tmp_path)
    except (PermissionError, FileNotFoundError) as error:
        pytest.skip(f"loop-mounting a file system needs root: {error}")
    yield made
    made.close()


def on(disk: Disk, nursery: Nursery, folder: Path, template: Path) -> Rig:
    folder.mkdir()
    docking = Rig(nursery, folder, template, rig.mixed_card, home=disk.root / folder.name)
    subprocess.run(["sync", "-f", disk.root], check=True)
    return docking


@pytest.mark.parametrize("part", range(PARTS))
def test_cut_off_before_a_step(
    nursery: Nursery, template: Path, tmp_path: Path, disk: Disk, part: int
) -> None:
    """Everything that a checkpoint covers is there; a start and another docking do the rest."""
    for at in range(1 + part * EVERY, 10_000, PARTS * EVERY):
        docking = on(disk, nursery, tmp_path / str(at), template)
        is_killed = docking.dock(kill_at=at, power=str(disk.root)).killed
        disk.again()
        docking.check(settled=not is_killed)
        if not is_killed:
            break
        docking.goes_on(rebuild=False)
        shutil.rmtree(docking.home)


@pytest.mark.parametrize("lies", [["fsync"], ["syncfs"]])
def test_the_rig_sees_a_missing_sync(
    nursery: Nursery, template: Path, tmp_path: Path, disk: Disk, lies: list[str]
) -> None:
    """A control: where syncs only pretend, the same cut loses what had been released."""
    docking = on(disk, nursery, tmp_path / "lied", template)
    assert docking.dock(kill_on=r"fsync .*/card/", power=str(disk.root), pretend=lies).killed
    disk.again()
    assert checker.check(docking.home, docking.seen, [docking.card])


@pytest.mark.parametrize("zeroed", [["chunks"], ["copied.json"], ["chunks", "copied.json"]])
def test_sizes_may_be_settled_before_data(
    nursery: Nursery, template: Path, tmp_path: Path, zeroed: list[str]
) -> None:
    """Lists and notes that were never synced have their length and zeros, as ext4 may leave them."""
    docking = Rig(nursery, tmp_path, template, rig.mixed_card)
    assert docking.dock(kill_on=r"syncfs .*/\.manifest\.json\.new").killed
    folders = [f for f in (docking.home / "vault/partial").iterdir() if (f / ".manifest.json.new").exists()]
    assert len(folders) > 1
    for path in (folder / name for folder in folders for name in zeroed):
        path.chmod(0o600)
        path.write_bytes(bytes(path.stat().st_size))
    docking.check()
    docking.goes_on()


def test_a_database_that_lost_its_last_commits_is_replayed(
    nursery: Nursery, template: Path, tmp_path: Path, disk: Disk
) -> None:
    """The log is the truth: with every fdatasync of SQLite a lie, the start replays what was published."""
    docking = on(disk, nursery, tmp_path / "behind", template)
    assert docking.dock(kill_on=r"fsync .*/card/", power=str(disk.root), pretend=["fdatasync"]).killed
    disk.again()
    docking.check()
    docking.goes_on()

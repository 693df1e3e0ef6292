"""A disk that fills at any step: intake stops there, says so, loses nothing, and goes on when there is room."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ingestd.actions import client
from ingestd.errors import DaemonGoneError, DeviceError, LogError, NoSpaceError, UsageError, VaultError
from tests.crash import rig
from tests.crash.nursery import Nursery
from tests.crash.rig import Rig
from tests.crash.station import PATIENCE_S, Dock

SIZE_MIB = 24
PARTS, EVERY = 2, 12


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    options = f"size={SIZE_MIB}m"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill a file system up to some bytes; the file to delete when there is to be room."""
    filler = disk / "filler"
    room = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - leave)
    return filler


def says_full(said: str) -> bool:
    """Whether a person can tell from it what is wrong."""
    return "磁盘已满" in said or "空间不足" in said or "disk is full" in said or "too little room" in said


@pytest.mark.parametrize("leave_kib", [0, 8, 64, 160, 400, 2300, 2600])
def test_a_disk_that_fills(
    nursery: Nursery, template: Path, tmp_path: Path, small_disk: Path, leave_kib: int
) -> None:
    """With this much room left the command ends with the status of a full disk, or is done; then it goes on."""
    docking = Rig(nursery, tmp_path, template, rig.mixed_card, home=small_disk / "home")
    filler = fill(small_disk, leave_kib << 10)
    run = docking.dock()
    assert run.exit in (0, NoSpaceError.exit_status), run.said
    if run.exit:
        assert says_full(run.said), run.said
        assert "Traceback" not in run.said
    docking.check(settled=run.exit == 0)
    again = docking.dock()
    assert again.exit in (0, NoSpaceError.exit_status), again.said
    docking.check()
    filler.unlink()
    docking.goes_on()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_room_at_one_step(nursery: Nursery, template: Path, tmp_path: Path, part: int) -> None:
    """ENOSPC from the nth durable step, once: stopped there or gone round it, said where stopped, never a bug."""
    for at in range(1 + part * EVERY, 10_000, PARTS * EVERY):
        folder = tmp_path / str(at)
        folder.mkdir()
        docking = Rig(nursery, folder, template, rig.mixed_card)
        run = docking.dock(refuse={str(at): errno.ENOSPC})
        where = f"{run.steps[at - 1] if at <= len(run.steps) else 'beyond'}\n{run.said}"
        step = where.partition("\n")[0]
        # SQLite tells no more of a failed sync than "disk I/O error"; a card that is full is the card's fault.
        allowed = (LogError.exit_status,) if "index.db" in step else ()
        allowed += (DeviceError.exit_status,) if "/card/" in step else ()
        assert run.exit in (0, 3, NoSpaceError.exit_status, *allowed), where
        assert "Traceback" not in run.stderr, where
        docking.check()
        docking.goes_on(rebuild=False)
        shutil.rmtree(folder)
        if at > len(run.steps):
            break


@pytest.mark.parametrize("leave_kib", [1024, 1600])
def test_the_daemon_goes_on_by_itself(
    nursery: Nursery, template: Path, tmp_path: Path, small_disk: Path, leave_kib: int
) -> None:
    """Its slots say what they wait for; once there is room every recorder becomes clear without anybody."""
    dock = Dock(nursery, tmp_path, template, seed=3)
    shutil.move(dock.home, small_disk / "home")
    dock.home = small_disk / "home"
    filler = fill(small_disk, leave_kib << 10)
    waiting: list[dict[str, object]] = []

    def make_room() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not waiting:
            time.sleep(0.2)
            waiting.extend(slot for slot in live(dock.home) if slot["phase"] == "waiting")
        filler.unlink()

    thread = threading.Thread(target=make_room)
    thread.start()
    run = dock.run_until_clear()
    thread.join()
    assert waiting, run.said
    assert all(says_full(str(slot["problem"])) for slot in waiting), waiting
    assert run.exit == 0, run.said
    dock.check(settled=True)


@pytest.mark.parametrize("leave_kib", [0, 40, 200, 600])
def test_a_home_without_room(nursery: Nursery, small_disk: Path, leave_kib: int) -> None:
    """It says so and leaves nothing; once there is room the same command makes it."""
    filler = fill(small_disk, leave_kib << 10)
    home = small_disk / "home"
    init = ("init", "--home", home, "--agency", "a", "--station", "s", "--policy", "baseline")
    run = nursery.run(*init, roots=[])
    # SQLite tells no more of a shared memory that cannot grow than "disk I/O error".
    assert run.exit in (NoSpaceError.exit_status, UsageError.exit_status), run.said
    assert "Traceback" not in run.stderr
    assert not home.exists()
    filler.unlink()
    assert nursery.run(*init, roots=[]).exit == 0


@pytest.mark.parametrize("leave_kib", [0, 40, 150, 400, 900])
def test_a_rebuild_without_room(
    nursery: Nursery, template: Path, tmp_path: Path, small_disk: Path, leave_kib: int
) -> None:
    """It says so, leaves the index as it is and nothing of the new one, and is done once there is room."""
    docking = Rig(nursery, tmp_path, template, rig.mixed_card, home=small_disk / "home")
    assert docking.dock().exit == 0
    filler = fill(small_disk, leave_kib << 10)
    run = nursery.run("rebuild", "--home", docking.home, roots=[])
    # SQLite tells no more of a shared memory that cannot grow than "disk I/O error".
    assert run.exit in (0, NoSpaceError.exit_status, LogError.exit_status), run.said
    assert "Traceback" not in run.stderr
    assert run.exit != NoSpaceError.exit_status or says_full(run.said), run.said
    assert list(docking.home.glob("index.db.new*")) == []
    filler.unlink()
    docking.goes_on()


def live(home: Path) -> list[dict[str, object]]:
    """What the daemon says of its slots; nothing where it is not up yet."""
    with suppress(DaemonGoneError):
        found: list[dict[str, object]] = client.ask(home / "run/ingestd.sock", "live")["slots"]
        return found
    return []


def test_a_vault_disk_that_fails_is_not_the_recorders_fault(
    nursery: Nursery, template: Path, tmp_path: Path
) -> None:
    """An I/O error where the worker writes is the station's, in exit status and words."""
    docking = Rig(nursery, tmp_path, template, rig.mixed_card)
    run = docking.dock(refuse={"fallocate": errno.EIO})
    assert run.exit == VaultError.exit_status, run.said
    assert "证据库磁盘出错" in run.said
    docking.check()
    docking.goes_on()

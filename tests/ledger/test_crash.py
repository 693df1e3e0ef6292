"""The process ends, or the disk refuses, at every single system call: nothing acknowledged is lost.

Each case starts from the same log, acts in a child process that ends at one call, then starts again and is
judged by the offline check, the acknowledgements, and the projection.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from ingestd.errors import LogError, NoSpaceError
from ingestd.ledger.publisher import Publisher
from ingestd.ledger.verify import Kind
from ingestd.pulse import Pulse
from tests.ledger import calls
from tests.ledger.calls import Calls, watched
from tests.ledger.station import Station, changes, database
from tests.ledger.test_log import faults
from tests.ledger.test_recovery import recovered


def grow(station, acknowledge):
    """Two appends and publishes, over the edge of a tile, on a new day."""
    log = station.open()
    for count in (2, 5):
        log.append(changes(count, log.size))
        acknowledge(b"a" * count)
        log.publish()
        acknowledge(b"p" * count)


def make(station, acknowledge):
    """A new log and its first entry."""
    log = station.create()
    log.append(changes(1))
    acknowledge(b"a")


def start(station, _acknowledge):
    """A start that has everything to do: move aside, sweep, publish."""
    station.open()


def base_of_grow(folder):
    station = Station(folder=folder, engine=database(folder / "index.db"))
    log = station.create()
    log.append(changes(252))
    log.publish()
    log.keep_checkpoint()
    station.engine.dispose()


def base_of_make(folder):
    folder.mkdir(exist_ok=True)


def base_of_start(folder):
    base_of_grow(folder)
    station = Station(folder=folder, engine=database(folder / "index.db"))
    old = (folder / "log/checkpoint").read_bytes()
    log = station.open()
    log.append(changes(10, 252))
    log.publish()
    with station.engine.begin() as connection:
        for table in ("entries", "shown"):
            connection.execute(text(f"DELETE FROM {table} WHERE seq >= 255"))
    (folder / "log/checkpoint").chmod(0o644)
    (folder / "log/checkpoint").write_bytes(old)
    station.engine.dispose()


CASES = {
    "grow": (base_of_grow, grow, 252),
    "make": (base_of_make, make, 0),
    "start": (base_of_start, start, 255),
}


def opened(folder, clock_ahead=86_400_000):
    station = Station(folder=folder, engine=database(folder / "index.db"))
    station.clock.at += clock_ahead
    return station


def child(folder, act, at):
    """Run ``act`` in a child that dies at call number ``at``; its acknowledgements and exit status."""
    reading, writing = os.pipe()
    write = os.write
    pid = os.fork()
    if not pid:
        status = 1
        try:
            station = opened(folder)
            with watched(Calls(at, calls.die), station.engine):
                act(station, lambda said: write(writing, said))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    return said, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def judge(folder, before, said):
    """Everything acknowledged is there, the log is whole, and goes on."""
    station = opened(folder, 2 * 86_400_000)
    log = station.open() if (folder / "log/checkpoint").exists() else station.create()
    try:
        assert log.size >= before + said.count(b"a")
        assert log.size == log.checkpoint.size >= before + said.count(b"p")
        assert [row[0] for row in station.shown()] == list(range(log.size))
        assert [e.seq for e in log.entries(0, log.size)] == list(range(log.size))
        assert not faults(station)
        log.append(changes(20, log.size))
        log.publish()
        assert not faults(station)
        for event in recovered(station, log):
            assert all((folder / "log-aside" / name).is_file() for name in event.aside)
    finally:
        station.engine.dispose()


@pytest.mark.parametrize("case", CASES)
def test_the_process_ends_at_every_call(memory, case):
    """Killed at call 1, 2, 3, ... until it gets through."""
    prepare, act, before = CASES[case]
    base = memory / "base"
    base.mkdir()
    prepare(base)
    status, at = 77, 0
    while status == 77:
        at += 1
        folder = memory / str(at)
        shutil.copytree(base, folder)
        said, status = child(folder, act, at)
        judge(folder, before, said)
        shutil.rmtree(folder)
    assert status == 0
    assert at > 15, "the calls were watched"


@pytest.mark.parametrize(
    "act", [calls.fill, calls.fill_late, calls.break_device], ids=lambda act: act.__name__
)
def test_publishing_fails_at_every_call_and_goes_on(memory, act):
    """A full disk or an I/O error leaves the checkpoint as it was, or the new one; the next try succeeds."""
    base = memory / "base"
    base.mkdir()
    base_of_grow(base)
    failed, at = True, 0
    while failed:
        at += 1
        folder = memory / str(at)
        shutil.copytree(base, folder)
        station = opened(folder)
        log = station.open()
        log.append(changes(7, 252))
        with watched(Calls(at, act), station.engine) as seen:
            wanted = LogError if act is calls.break_device else NoSpaceError
            with suppress(wanted):
                log.publish()
            failed = len(seen.seen) >= at
        assert {fault.kind for fault in faults(station)} <= {Kind.UNCOVERED}
        log.append(changes(3, 259))
        assert log.publish().size == 262
        assert not faults(station)
        assert not list(station.home.staging.iterdir())
        station.engine.dispose()
        shutil.rmtree(folder)
    assert at > 15


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_stops_publishing_until_there_is_room(small_disk, tmp_path):
    """Appends go on, the publisher says why it does not, and does it when there is room."""
    station = Station(folder=small_disk, engine=database(tmp_path / "index.db"))
    log = station.create()
    publisher = Publisher(log, Pulse(time.monotonic))
    publisher.start()
    log.append(changes(10))
    log.ensure_published(9)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    last = log.append(changes(300))[-1]
    with pytest.raises(NoSpaceError, match="goes on by itself"):
        log.ensure_published(last)
    assert log.checkpoint.size == 10
    assert not faults(station)
    filler.unlink()
    publisher.close()
    assert log.checkpoint.size == 310
    assert not faults(station)
    station.engine.dispose()


def test_a_killed_process_loses_nothing(memory):
    """SIGKILL at a random instant of busy appending and publishing, in a process of its own."""
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.ledger.station import *\n"
        "folder = Path(sys.argv[1])\n"
        "log = Station(folder=folder, engine=database(folder / 'index.db')).open()\n"
        "while True:\n"
        "    log.append(changes(3)); print('aaa', end='', flush=True)\n"
        "    log.publish(); print('ppp', end='', flush=True)\n"
    )
    base_of_grow(memory)
    size = 252
    root = Path(__file__).parents[2]
    for number in range(4):
        run = subprocess.Popen([sys.executable, "-c", program, memory], stdout=subprocess.PIPE, cwd=root)
        said = run.stdout.read(200 + 137 * number)
        run.kill()
        said += run.stdout.read()
        run.wait()
        run.stdout.close()
        judge(memory, size, said)
        station = opened(memory)
        size = station.open().size
        station.engine.dispose()

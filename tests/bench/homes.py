"""Homes, daemons and cards for the bench."""

from __future__ import annotations

import functools
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ingestd import station
from ingestd.actions import client
from ingestd.clock import StationClock
from ingestd.config import SlotSetting
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.session import Session
from ingestd.intake.slot import dock_once
from ingestd.media.samples import make_sample
from ingestd.model import Millis, SlotName
from ingestd.station import Station
from ingestd.testing.recorder import CardBuilder
from ingestd.vault.layout import Home
from tests import loops

MEMORY = Path("/dev/shm")
FILE_BYTES = 100 << 20
IMAGE_BYTES = 2 << 30
_MAIN = "import sys; from ingestd.cli import main; sys.exit(main())"
READY_S = 60.0
APART_MS, LASTS_MS = 2_000, 1_000
COMMISSIONED = '"2020-01-01T00:00:00.000Z"'


@contextmanager
def folder(where: Path | None = None) -> Iterator[Path]:
    """A folder for a while: on the disk that temporary files are on, or in memory."""
    path = Path(tempfile.mkdtemp(prefix="ingestd-bench-", dir=where))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def journaled() -> Iterator[tuple[Path, str]]:
    """A folder on an ext4 as stations have it (with a journal), and what it is on.

    An image in memory where this process may mount one; else where temporary files are. A file system without a
    journal makes a new file several times as dear as the program does, and differently each time.
    """
    with folder(MEMORY) as place, folder() as plain:
        image, root = place / "disk.img", place / "disk"
        root.mkdir()
        image.touch()
        os.truncate(image, IMAGE_BYTES)
        device = _formatted(image)
        if device is None:
            yield plain, "the file system of temporary files"
            return
        try:
            subprocess.run(["mount", device, root], check=True)
            yield root, "ext4 with a journal, in memory"
        finally:
            subprocess.run(["umount", root], check=True)
            loops.detach(device)


def _formatted(image: Path) -> str | None:
    """A loop device with a new file system, None where this process may not."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        return None
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    with suppress(loops.NoLoops):
        return loops.attach(image)
    return None


def make_home(root: Path, slots: Sequence[SlotSetting] = (), **settings: str) -> Home:
    """A new home; ``settings`` replace lines of its configuration."""
    station.create(root, agency="bench", station="one", policy="baseline", csr=False, clock=StationClock())
    home = Home(root.resolve())
    lines = home.config.read_text("utf-8").splitlines()
    settings = {"commissioned_at": COMMISSIONED} | settings
    for key, value in settings.items():
        lines = [f"{key} = {value}" if line.startswith(f"{key} = ") else line for line in lines]
    for slot in slots:
        lines += [
            "[[slot]]",
            f'name = "{slot.name}"',
            f'driver = "{slot.driver}"',
            f'location = "{slot.location}"',
        ]
    home.config.write_text("\n".join(lines) + "\n", "utf-8")
    return home


@contextmanager
def opened(root: Path) -> Iterator[Station]:
    """An open station in this process, recovered."""
    one = Station.open(root, StationClock())
    try:
        one.recover()
        yield one
    finally:
        one.close()


@contextmanager
def warm(root: Path) -> Iterator[Station]:
    """A station that has docked a card before, as a daemon has: its prober is up, its statements are known."""
    clips(root / "first", [1 << 20], serial="first")
    make_home(root / "home")
    with opened(root / "home") as one:
        assert dock(one, root / "first").outcome == "kept"
        os.sync()
        yield one


def dock(one: Station, card: Path, *, release: bool = False) -> Session:
    """One whole docking of a folder, as `ingestd intake` does it."""
    driver = one.driver("folder")
    return dock_once(
        one.services,
        name=SlotName("1"),
        driver=driver.record.name,
        target=driver.target,
        location=str(card),
        hang_s=60,
        release=release,
        live=Live(LiveState(slot=SlotName("1"))),
    )


def command(*arguments: str) -> list[str]:
    """The command line of `ingestd` in this checkout."""
    return [sys.executable, "-P", "-c", _MAIN, *arguments]


def environment() -> dict[str, str]:
    """The environment in which `command` finds this checkout."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@contextmanager
def daemon(home: Home) -> Iterator[tuple[int, float]]:
    """`ingestd run` of a home: its process id, and the seconds from start to ready."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command("run", "--home", str(home.root)),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not client.is_up(home.socket):
            if process.poll() is not None or time.perf_counter() - begun > READY_S:
                raise RuntimeError("the daemon did not come up")
            time.sleep(0.005)
        yield process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


@functools.cache
def clip_head() -> bytes:
    """A short real film (H.264 and AAC in MP4), which a probe understands."""
    with folder() as root:
        make_sample(root / "head.mp4", kind="h264-mp4", seconds=0.4, size="160x120")
        return (root / "head.mp4").read_bytes()


def clips(root: Path, sizes: Sequence[int], *, serial: str = "YZ00417", sparse: bool = False) -> Path:
    """A card of a known family, whose films were made today, one after the other; all differ.

    Each is the head, then an MP4 box of random bytes. ``sparse``: but for its first page that box is a hole, which
    takes no memory.
    """
    card, head = CardBuilder(root, "e12-new", serial=serial), clip_head()
    root.mkdir(parents=True, exist_ok=True)
    begin = time.time_ns() // 1_000_000 - APART_MS * (len(sizes) + 1)
    for number, size in enumerate(sizes):
        started = Millis(begin + number * APART_MS)
        path = card.clip(b"", started=started, duration_ms=LASTS_MS, sequence=number)
        file = root / os.fsdecode(path)
        times = file.stat().st_mtime_ns
        _fill(file, head, size, sparse=sparse)
        os.utime(file, ns=(times, times))
    return root


def _fill(path: Path, head: bytes, size: int, *, sparse: bool) -> None:
    with path.open("wb") as file:
        file.write(head + struct.pack(">I4s", size - len(head), b"free"))
        end = min(size, len(head) + 4096) if sparse else size
        while (at := file.tell()) < end:
            file.write(os.urandom(min(1 << 20, end - at)))
        file.truncate(size)

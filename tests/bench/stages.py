"""What single stages cost in CPU, by themselves: reading names, media and times, making rows.

A stage that becomes ten times dearer would hide in a docking's figures; here it stands out. The bars are our own:
about three times what was measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ingestd.index import projection
from ingestd.index.database import open_database
from ingestd.intake.habits import FileClaims
from ingestd.intake.times import Docking, docking_times
from ingestd.media.probe import Prober
from ingestd.media.samples import make_sample
from ingestd.model import Kind, Millis
from ingestd_drivers.folder import Folder
from tests.bench import homes, processes
from tests.bench.report import Row
from tests.event_samples import T0, Entry, secured

PART = "stages"
ROUNDS = 3
NAMES, CLIPS, PROBED, EVENTS = 20_000, 5_000, 1_024, 2_560
BATCH = 256
MOST_NAME, MOST_CLIP, MOST_PROBE, MOST_EVENT = 0.2, 0.1, 1.0, 0.4
"""Milliseconds of CPU."""
APART_MS, LASTS_MS = 61_000, 60_000


def _row(what: str, count: int, most: float, work: Callable[[], object]) -> Row:
    """Milliseconds of CPU of this process and its children for each of ``count``."""
    found = []
    for _ in range(ROUNDS):
        begun = processes.cpu_s(os.getpid())
        work()
        found.append(1000 * (processes.cpu_s(os.getpid()) - begun) / count)
    found.sort()
    return Row(part=PART, what=what, value=found[1], unit="ms", most=most, spread=(found[0], found[-1]))


def _names(root: Path) -> Row:
    folder = root / "card" / "DCIM" / "common"
    folder.mkdir(parents=True)
    for number in range(NAMES):
        os.mknod(folder / f"110423_YZ00417_20261120083015_{number:05}.mp4")

    def read() -> None:
        volume = Folder().connect(str(root / "card"))
        assert sum(item.sequence is not None for item in volume.items()) == NAMES
        volume.close()

    return _row("a name listed and read", NAMES, MOST_NAME, read)


def _times() -> Row:
    now = Millis(T0 + CLIPS * APART_MS)
    docking = Docking(
        now=now,
        clock_asked=now,
        clock_told=now,
        uncertainty_ms=50,
        local_offset_minutes=480,
        previous=T0,
        clock=None,
        file_times="utc",
    )
    files = [
        FileClaims(
            kind=Kind.VIDEO,
            mtime_us=(T0 + number * APART_MS + LASTS_MS) * 1000,
            created=Millis(T0 + number * APART_MS),
            duration_ms=LASTS_MS,
            sequence=number,
        )
        for number in range(CLIPS)
    ]
    return _row("times of a clip", CLIPS, MOST_CLIP, lambda: docking_times(docking, files))


def _probes(root: Path) -> Row:
    sample = root / "sample.mp4"
    make_sample(sample, kind="h264-mp4", seconds=0.4, size="160x120")
    with Prober() as prober:
        prober.probe(sample, kind=Kind.VIDEO)
        return _row(
            "a small clip probed",
            PROBED,
            MOST_PROBE,
            lambda: prober.probe_all([(sample, Kind.VIDEO)] * PROBED),
        )


def _rows(root: Path) -> Row:
    engine = open_database(root / "index.db")
    projection.create(engine)
    happened = [(Entry(seq=n, at=Millis(T0 + n), actor="daemon"), secured(n)) for n in range(EVENTS)]

    def write() -> None:
        with engine.begin() as connection:
            projection.reset(connection)
        for first in range(0, EVENTS, BATCH):
            with engine.begin() as connection:
                projection.project(connection, happened[first : first + BATCH])

    row = _row(f"rows of an event, {BATCH} a transaction", EVENTS, MOST_EVENT, write)
    engine.dispose()
    return row


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    del full
    with homes.folder(homes.MEMORY) as root:
        return [_names(root), _times(), _probes(root), _rows(root)]

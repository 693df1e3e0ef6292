"""Many docks at once: as many throttled recorders as the disk carries, and one that hangs among them.

A daemon of its own watches a slot for each. Each recorder gives 35 MB/s (USB 2); as many are docked as 70 % of
the disk's joint rate (writing while reading back as much) carries, at most twenty. Measured from outside: what
each recorder gave between its listing and its last byte, CPU and memory of all processes, and how long after its
last byte a clip was read back. Sources are sparse files in memory, so that they take no part of the disk.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ingestd.canon import instant
from ingestd.config import SlotSetting
from ingestd.model import SlotName
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.vault.layout import Home
from tests.bench import homes, limits, processes
from tests.bench.report import Row

PART = "docks"
RATE = 35_000_000
"""Bytes a second of a recorder on USB 2 (design 1, performance.md)."""
MOST_SOURCES = 20
SHARE = 0.7
SHORT_S, FULL_S = 20, 60
LEAST_RATE, MOST_CORES, MOST_MIB, MOST_BEHIND_S = 0.98, 1.2, 400, 30
"""Issue 2, Speed and memory."""
JOINT_BYTES = 1 << 30
JOINT_ROUNDS = 3
LATE_S = 90
HUNG = "hung"


def _sources(folder: Path) -> tuple[int, float]:
    """How many recorders to dock, by the disk's joint rate now; and that rate."""
    rates = sorted(limits.joint_rate(folder, JOINT_BYTES) for _ in range(JOINT_ROUNDS))
    middle = rates[len(rates) // 2]
    return max(1, min(MOST_SOURCES, int(SHARE * middle / RATE))), middle


def recorder(place: Path, name: str, files: int) -> SlotSetting:
    """A slot with a recorder of so many films at `RATE`; the one that is called `HUNG` hangs."""
    recorder = SimulatedRecorder(place / name)
    homes.clips(recorder.card_root, [homes.FILE_BYTES] * files, serial=name, sparse=True)
    behaviour: dict[str, Any] = {"serial": name, "bytes_per_second": RATE}
    if name == HUNG:
        first = min(path for path in recorder.card_root.rglob("*") if path.is_file())
        behaviour |= {"hang_path": str(first.relative_to(recorder.card_root)), "hang_at": 1 << 20}
    recorder.describe(**behaviour)
    return SlotSetting(name=SlotName(name), driver="simulated", location=recorder.location)


def _events(home: Home, kind: str) -> list[dict[str, Any]]:
    """Entries of one type, in order, from the published log itself."""
    found = []
    for bundle in sorted((home.log / "tile" / "entries").rglob("*")):
        if not bundle.is_file():
            continue
        data, at = bundle.read_bytes(), 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            entry = json.loads(data[at + 2 : end])
            if entry["type"] == kind:
                found.append(entry)
            at = end
    return list({entry["seq"]: entry for entry in found}.values())


def _wait(home: Home, sessions: int, until: float) -> None:
    while len(_events(home, "session.closed")) < sessions:
        if time.monotonic() > until:
            raise RuntimeError("the docks did not end in time")
        time.sleep(1)


def _run(root: Path, cards: Path, count: int, seconds: int) -> tuple[Home, processes.Watch]:
    files = max(1, round(seconds * RATE / homes.FILE_BYTES))
    slots = [recorder(cards, f"slot{number:02}", files) for number in range(count)]
    slots.append(recorder(cards, HUNG, 1))
    home = homes.make_home(root / "home", slots, previews="false", analysis="false", hang_s=str(seconds * 2))
    with homes.daemon(home) as (pid, _ready):
        watch = processes.Watch(pid, every_s=1.0)
        time.sleep(files * homes.FILE_BYTES / RATE)
        watch.close()
        _wait(home, count, time.monotonic() + LATE_S)
    return home, watch


def _rates(home: Home) -> tuple[list[float], list[float]]:
    """Of each recorder bytes a second; of each clip the seconds from its last byte to its event.

    The rate is that from the end of the first clip to the end of the last: what lies between clips counts, the
    start of twenty processes in one second does not.
    """
    written: dict[str, list[float]] = {}
    behind = []
    for entry in _events(home, "clip.secured"):
        data = entry["data"]
        at = home.clips(data["sha256"]).stat().st_mtime
        written.setdefault(data["session"], []).append(at)
        behind.append(instant(entry["at"]) / 1000 - at)
    return [
        (len(times) - 1) * homes.FILE_BYTES / (max(times) - min(times)) for times in written.values()
    ], behind


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    with homes.folder() as root, homes.folder(homes.MEMORY) as cards:
        count, joint = _sources(root)
        home, watch = _run(root, cards, count, FULL_S if full else SHORT_S)
        rates, behind = _rates(home)
    return [
        Row(part=PART, what="joint disk rate", value=joint / 1e6, unit="MB/s"),
        Row(part=PART, what="recorders at 35 MB/s, beside one that hangs", value=count),
        Row(
            part=PART,
            what="slowest recorder, of its rate",
            value=min(rates) / RATE,
            least=LEAST_RATE,
            spread=(min(rates) / RATE, max(rates) / RATE),
        ),
        Row(part=PART, what="CPU of all processes", value=watch.cores(), unit="cores", most=MOST_CORES),
        Row(
            part=PART,
            what=f"memory of all {watch.processes} processes (PSS)",
            value=max(watch.pss) / 2**20,
            unit="MiB",
            most=MOST_MIB,
        ),
        Row(
            part=PART,
            what="read back and logged after its last byte, at most",
            value=max(behind),
            unit="s",
            most=MOST_BEHIND_S,
        ),
    ]

"""One fast source: a whole docking against what hash and disk can do, and against other tools.

The source lies in memory, so that nothing but our work is measured. With read-back: `dock_once` with the folder
driver, from the start of its worker to the signed checkpoint over the closed session. Without: the worker's
copy, with the partial folders that the daemon makes for it.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingestd import durable
from ingestd.device.api import Item
from ingestd.intake.card import Card
from ingestd.intake.handle import WorkerHandle
from ingestd.station import Station
from ingestd.vault import layout
from tests.bench import homes, limits, processes
from tests.bench.report import Rounds, Row
from tests.bench.rivals import OTHERS, READ_BACK, Rival

PART = "fast"
FILES = 12
ROUNDS = 5
MOST_COPY, MOST_DOCKING, LEAST_RIVAL = 1.35, 1.3, 1.3
"""Issue 2, Speed and memory."""


@contextmanager
def _station() -> Iterator[Station]:
    with homes.folder() as root, homes.warm(root) as one:
        yield one


def _docking_s(card: Path, rounds: Rounds, size: int) -> None:
    with _station() as one:
        cpu, begun = processes.cpu_s(os.getpid()), time.perf_counter()
        session = homes.dock(one, card)
        rounds.add("docking", time.perf_counter() - begun)
        rounds.add("docking cpu", (processes.cpu_s(os.getpid()) - cpu) / (size / 1e9))
        assert session.results.count("secured") == FILES


def _copy_s(card: Path, rounds: Rounds) -> None:
    """The worker's copy alone: asked for file after file, partial folders made durable before each."""
    with _station() as one:
        handle = WorkerHandle(one.driver("folder").target, hang_s=lambda: 60)
        try:
            handle.begin("bench")
            asked = Card(handle, str(card))
            asked.connect()
            items = asked.listing(lambda _count: None).items
            begun = time.perf_counter()
            for item in items:
                folder = one.home.partial_root / one.services.new_id()
                folder.mkdir()
                files = [folder / layout.BYTES, folder / layout.CHUNKS]
                for file in files:
                    durable.stage(file, b"", mode=0o600)
                durable.settle([*files, folder, one.home.partial_root])
                (report,) = handle.ask("copy", batch=[_request(item, folder)])["copied"]
                assert report["sha256"] is not None
            rounds.add("copy", time.perf_counter() - begun)
        finally:
            handle.abandon()


def _request(item: Item, folder: Path) -> dict[str, Any]:
    return {
        "acquisition": folder.name,
        "path": base64.b64encode(item.path).decode(),
        "size": item.size,
        "mtime_us": item.mtime_us,
        "folder": str(folder),
    }


def _limits(card: Path, rounds: Rounds, size: int) -> None:
    with homes.folder() as root:
        rounds.add("hash", limits.hash_once([path for path in card.rglob("*") if path.is_file()]))
        write = limits.write_once(root / "limit", size)
        rounds.add("write", write)
        rounds.add("write, then read", write + limits.read_once(root / "limit"))


def _rival_s(rival: Rival, card: Path, rounds: Rounds) -> None:
    with homes.folder() as root:
        os.sync()
        begun = time.perf_counter()
        rival.work(card, root)
        rounds.add(rival.name, time.perf_counter() - begun)


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    rounds, size = Rounds(), FILES * homes.FILE_BYTES
    with homes.folder(homes.MEMORY) as card:
        homes.clips(card, [homes.FILE_BYTES] * FILES)
        for at in range(ROUNDS):
            _limits(card, rounds, size)
            _copy_s(card, rounds)
            _docking_s(card, rounds, size)
            if at < ROUNDS - 2 or full:
                _rival_s(READ_BACK, card, rounds)
        for rival in OTHERS:
            if rival.is_here:
                _rival_s(rival, card, rounds)
    return _rows(rounds, size)


def _rows(rounds: Rounds, size: int) -> list[Row]:
    copy, copy_spread = rounds.ratio("copy", ("hash", "write"))
    docking, docking_spread = rounds.ratio("docking", ("write, then read",))
    faster = [
        theirs / ours
        for theirs, ours in zip(rounds.samples[READ_BACK.name], rounds.samples["docking"], strict=False)
    ]
    median = sorted(faster)[len(faster) // 2]
    found = [
        Row(
            part=PART,
            what="copy without read-back / longest of hash, write",
            value=copy,
            most=MOST_COPY,
            spread=copy_spread,
        ),
        Row(
            part=PART,
            what="docking with read-back / write, then read",
            value=docking,
            most=MOST_DOCKING,
            spread=docking_spread,
        ),
        Row(
            part=PART,
            what=f"{READ_BACK.name} / docking",
            value=median,
            least=LEAST_RIVAL,
            spread=(min(faster), max(faster)),
        ),
        Row(part=PART, what="docking, CPU of all processes", value=rounds.median("docking cpu"), unit="s/GB"),
    ]
    for name in ("hash", "write", "write, then read", "copy", "docking", READ_BACK.name):
        rate = sorted(size / 1e6 / seconds for seconds in rounds.samples[name])
        middle = rate[len(rate) // 2]
        found.append(Row(part=PART, what=name, value=middle, unit="MB/s", spread=(rate[0], rate[-1])))
    ours = rounds.median("docking")
    for rival in OTHERS:
        if rival.name not in rounds.samples:
            found.append(Row(part=PART, what=rival.name, value=0, note="absent"))
            continue
        found.append(
            Row(
                part=PART,
                what=f"{rival.name} / docking",
                value=rounds.median(rival.name) / ours,
                note="no read-back",
            )
        )
    return found

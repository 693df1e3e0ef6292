"""Small files: what a photo costs, alone and in a batch of 256, in durable steps and in CPU.

Every fsync, fdatasync and syncfs of every process is counted by strace. What a docking costs without any file
(session, listing, checkpoint) is measured on an empty card and taken off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.bench import homes, processes
from tests.bench.report import Row

PART = "small"
BATCH = 256
BATCHES = 4
ROUNDS = 5
FILE_BYTES = 48 << 10
MOST_ALONE, MOST_TOGETHER, MOST_CPU_MS = 15, 8, 3
"""Issue 2, Speed and memory."""
_CALLS = "fsync,fdatasync,syncfs,sync,sync_file_range,msync"


def _syncs(card: Path, root: Path) -> int:
    """Durable steps of a docking of this card, by a station that is up."""
    trace = root / "trace"
    command = [
        *("strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={_CALLS}", "-e", "signal=none"),
        *(sys.executable, "-m", "tests.bench.small", str(root), str(card)),
    ]
    subprocess.run(command, check=True, env=homes.environment(), stdout=subprocess.DEVNULL)
    lines = trace.read_text().splitlines()
    begin = next(at for at, line in enumerate(lines) if f"fsync({_MARK})" in line)
    end = next(at for at, line in enumerate(lines) if at > begin and f"fsync({_MARK})" in line)
    shutil.rmtree(root / "home")
    # A call that another interrupts stands twice, the second time as "resumed".
    return sum("resumed>" not in line for line in lines[begin + 1 : end])


_MARK = 1_000_003
"""An fsync of a descriptor that is not open: says in the trace where the docking begins and ends."""


def _mark() -> None:
    with suppress(OSError):
        os.fsync(_MARK)


def _traced(root: Path, card: Path) -> None:
    with homes.warm(root) as one:
        _mark()
        homes.dock(one, card)
        _mark()


def _cpu_ms(place: Path, card: Path, files: int) -> float:
    root = place / "home"
    root.mkdir()
    with homes.warm(root) as one:
        begun = processes.cpu_s(os.getpid())
        session = homes.dock(one, card)
        assert session.results.count("secured") == files
        spent = (processes.cpu_s(os.getpid()) - begun) * 1000
    shutil.rmtree(root)
    return spent


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    del full
    rows = []
    with homes.folder(homes.MEMORY) as cards, homes.folder() as root:
        empty, alone, batch, many = (
            homes.clips(cards / str(files), [FILE_BYTES] * files) for files in (0, 1, BATCH, BATCH * BATCHES)
        )
        if shutil.which("strace") is None:
            rows.append(Row(part=PART, what="durable steps", value=0, note="strace is absent"))
        else:
            none = _syncs(empty, root)
            one = _syncs(alone, root) - none
            together = (_syncs(batch, root) - none) / BATCH
            rows += [
                Row(part=PART, what="syncs of a docking without files", value=none),
                Row(part=PART, what="syncs of a lone small file", value=one, most=MOST_ALONE),
                Row(
                    part=PART,
                    what=f"syncs a file in a batch of {BATCH}",
                    value=together,
                    most=MOST_TOGETHER,
                ),
            ]
        samples = []
        with homes.journaled() as (place, disk):
            for _ in range(ROUNDS):
                fixed = _cpu_ms(place, empty, 0)
                samples.append((_cpu_ms(place, many, BATCH * BATCHES) - fixed) / (BATCH * BATCHES))
        samples.sort()
        rows.append(
            Row(
                part=PART,
                what="CPU a file in batches, all processes",
                value=samples[ROUNDS // 2],
                unit="ms",
                most=MOST_CPU_MS,
                spread=(samples[0], samples[-1]),
                note=disk,
            )
        )
    return rows


if __name__ == "__main__":
    _traced(Path(sys.argv[1]), Path(sys.argv[2]))

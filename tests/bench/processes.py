"""What a process and all that it started cost: CPU seconds and memory, read from /proc."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


def tree(pid: int) -> list[int]:
    """The process and its descendants that live now."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        with suppress(*_GONE):
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
    return found


def _cpu(pid: int, *, with_reaped: bool) -> float:
    with suppress(*_GONE):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11 : 15 if with_reaped else 13])) / _TICKS
    return 0.0


def cpu_s(pid: int) -> float:
    """CPU seconds of the process, its descendants, and those of them that have ended and were waited for."""
    return sum(_cpu(one, with_reaped=True) for one in tree(pid))


def pss_bytes(pid: int) -> dict[int, int]:
    """Proportional set size of each process of the tree: what is shared is counted once in all."""
    found = {}
    for one in tree(pid):
        with suppress(*_GONE):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    found[one] = int(line.split()[1]) * 1024
    return found


class Watch(threading.Thread):
    """Samples a tree of processes in a thread until closed."""

    def __init__(self, pid: int, *, every_s: float, look: Callable[[], float] | None = None) -> None:
        super().__init__(daemon=True)
        self.cpu: list[tuple[float, float]] = []
        self.pss: list[int] = []
        self.looks: list[tuple[float, float]] = []
        self.processes = 0
        self._pid = pid
        self._every_s = every_s
        self._look = look
        self._closing = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._closing.wait(self._every_s):
            self.cpu.append((time.monotonic(), cpu_s(self._pid)))
            memory = pss_bytes(self._pid)
            self.processes = max(self.processes, len(memory))
            self.pss.append(sum(memory.values()))
            if self._look is not None:
                self.looks.append((time.monotonic(), self._look()))

    def close(self) -> None:
        """End it."""
        self._closing.set()
        self.join()

    def cores(self) -> float:
        """CPU seconds a second between the first and the last sample."""
        (begin, at_begin), (end, at_end) = self.cpu[0], self.cpu[-1]
        return (at_end - at_begin) / (end - begin)

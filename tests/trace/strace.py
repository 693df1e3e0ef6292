"""What a process tree does to files, as the kernel's tracer tells it, and what of it is durable at each moment.

The model is strict: a file is dirty from a write, truncation or change of mode until an fsync or fdatasync of
itself or a syncfs that began afterwards has ended; a folder is dirty from any change of its entries. A rename
carries the dirt of its source along.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SYNCS = ("fsync", "fdatasync", "syncfs")
CALLS = (
    *(*SYNCS, "write", "pwrite64", "writev", "pwritev", "openat", "ftruncate", "truncate", "fallocate"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
    *("chmod", "fchmod", "fchmodat"),
)
_TOLD = ("write", "pwrite64", "writev", "pwritev", "openat")
"""Calls whose arguments matter."""
_SHOWN_BYTES = 4200
"""Of what is written: one frame of SQLite's write-ahead log (24 + 4096 bytes)."""
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*?)(?:\) += (?P<result>-?\d+|\?).*| <unfinished \.\.\.>)$")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>.*\) += (?P<result>-?\d+|\?)")
_DESCRIPTOR = re.compile(r"(?:\d+|AT_FDCWD)<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded (or one that began; see `ends`)."""

    name: str
    paths: tuple[str, ...]
    """Absolute; of a rename or link: source, target."""
    text: str
    """Beginning of what was written, or the flags of an open."""
    dirty: frozenset[str]
    """What was not durable when it began."""


def run(*arguments: object, trace: Path) -> subprocess.CompletedProcess[str]:
    """``ingestd *arguments`` under strace."""
    program = "from ingestd.cli import main; raise SystemExit(main())"
    return subprocess.run(
        [
            *("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", str(_SHOWN_BYTES), "-o", str(trace)),
            *("-e", "signal=none", "-e", f"trace={','.join(CALLS)}"),
            *(sys.executable, "-c", program, *map(str, arguments)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )


def read(trace: Path, roots: Sequence[Path]) -> list[Call]:
    """The calls about files below these folders, in order of their beginning, with what was dirty then."""
    return list(_Reader(tuple(map(str, roots))).calls(trace.read_text("utf-8", "replace").splitlines()))


class _Reader:
    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        self._dirty: dict[str, int] = {}
        self._now = 0
        self._under_way: dict[str, tuple[str, tuple[str, ...], int]] = {}

    def calls(self, lines: Sequence[str]) -> Iterator[Call]:
        for line in lines:
            self._now += 1
            match = _LINE.match(line)
            if match is None:
                continue
            pid, rest = match["pid"], match["rest"]
            if resumed := _RESUMED.match(rest):
                name, paths, begun = self._under_way.pop(pid, ("", (), 0))
                if name in SYNCS and resumed["result"] == "0":
                    self._clean(name, paths, begun)
            elif call := _CALL.match(rest):
                yield from self._call(pid, call["name"], call["arguments"], call["result"])

    def _call(self, pid: str, name: str, arguments: str, result: str | None) -> Iterator[Call]:
        """One line of a call; ``result`` None where its end comes on a line of its own."""
        paths = _paths(name, arguments)
        if result is None:
            self._under_way[pid] = (name, paths, self._now)
        elif result.startswith("-"):
            return
        if not paths or not paths[-1].startswith(self._roots):
            return
        yield Call(name, paths, arguments if name in _TOLD else "", frozenset(self._dirty))
        if name not in SYNCS:
            self._soil(name, paths, arguments)
        elif result is not None:
            self._clean(name, paths, self._now)

    def _clean(self, name: str, paths: tuple[str, ...], begun: int) -> None:
        for path, since in list(self._dirty.items()):
            if since <= begun and (name == "syncfs" or path in paths):
                del self._dirty[path]

    def _soil(self, name: str, paths: tuple[str, ...], text: str) -> None:
        if name == "openat":
            if "O_CREAT" not in text and "O_TRUNC" not in text:
                return
            self._mark(paths[0], _parent(paths[0]))
        elif name.startswith(("rename", "link")):
            source, target = paths
            since = self._dirty.get(source)
            if name.startswith("rename"):
                self._dirty.pop(source, None)
                self._mark(_parent(source))
            if since is not None:
                self._dirty[target] = since
            self._mark(_parent(target))
        elif name in ("unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"):
            self._dirty.pop(paths[0], None)
            self._mark(_parent(paths[0]))
        else:
            self._mark(paths[0])

    def _mark(self, *paths: str) -> None:
        for path in paths:
            if path.startswith(self._roots):
                self._dirty[path] = self._now


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _paths(name: str, arguments: str) -> tuple[str, ...]:
    if name in (*SYNCS, "write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "fchmod"):
        match = _DESCRIPTOR.match(arguments)
        return (match["path"],) if match else ()
    folders = [m["path"] for m in _DESCRIPTOR.finditer(arguments)]
    names = [m["text"] for m in _TEXT.finditer(arguments)]
    return tuple(
        text if text.startswith("/") or at >= len(folders) else f"{folders[at]}/{text}"
        for at, text in enumerate(names)
    )

"""The drop folder: where the case platform puts register files, and where it finds what came of them.

A file is read when nothing about it has changed for some seconds; it is never opened through a link, and never
deleted: it moves to ``done/`` (every row taken) or ``refused/`` (rows, or all of it, were not), into a folder
of its own with the report beside that, as text and as JSON. Looking is what counts; a watch only makes it look
sooner. What was taken and not moved (a crash in between) is found again by its digest and only moved.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ingestd import canon, durable
from ingestd.actions.registers import RegisterActions
from ingestd.errors import system_text
from ingestd.intake import findings
from ingestd.model import CardPath
from ingestd.registers.report import lines_of
from ingestd.registers.table import FILE_BYTES, FileError
from ingestd.station import Station
from ingestd.words import Text

log = logging.getLogger(__name__)

STABLE_S = 5.0
"""Unchanged for so long, a file is complete; whoever writes slower uses a name ending in ``.part``."""
LOOK_S = 1.0
LOOKS = 20
"""So many looks a run; what is still being written waits for the next."""
FILES_AT_ONCE = 10_000
DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", "~")
"""How programs call a file that they are still writing."""
SUFFIXES = (".csv", ".txt", ".tsv", ".json")
FOLDER, FILE = "drop:folder", "drop:file"
"""What findings are about."""
_TRANSIENT = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file looked like, and since when."""

    inode: int
    size: int
    mtime_ns: int
    since: float


class _Refused(Exception):
    """A file that is not taken at all."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class Drop:
    """Looks into the folder that the configuration names, whenever it is told to."""

    def __init__(self, station: Station, actions: RegisterActions) -> None:
        self._station = station
        self._actions = actions
        self._seen: dict[str, _Look] = {}
        self._stuck: dict[str, tuple[int, int, int]] = {}
        """What was dealt with and could not be moved away, as it looked then."""
        self._trouble: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Take every file that is complete; wait a while for those that are still being written."""
        for _ in range(LOOKS):
            folder = self._station.config.drop_folder
            if folder is None or stop.is_set():
                return
            try:
                is_waiting = self._look(folder, stop)
            except OSError as error:
                self._say_trouble(error)
                return
            if not self._stuck:
                self._say_trouble(None)
            if not is_waiting or stop.wait(LOOK_S):
                return

    def watch(self, look: Callable[[], None]) -> None:
        """Until the station stops: say ``look`` when the folder changes, and every few seconds in any case."""
        from ingestd import watching  # noqa: PLC0415 - without a drop folder watchdog is never loaded

        stopping = self._station.stopping
        while not stopping.is_set():
            folder = self._station.config.drop_folder
            if folder is None:
                stopping.wait(STABLE_S)
                continue
            watching.wait(str(folder), STABLE_S)
            if not stopping.is_set():
                look()

    # --- looking ------------------------------------------------------------------------------

    def _look(self, folder: Path, stop: threading.Event) -> bool:
        """Take what is complete, the oldest first; whether something is still being written. Raises OSError."""
        now = self._station.clock.monotonic()
        found = dict(_files(folder))
        self._seen = {name: _look_of(facts, self._seen.get(name), now) for name, facts in found.items()}
        self._stuck = {name: look for name, look in self._stuck.items() if name in found}
        is_waiting = False
        for name in sorted(found, key=lambda one: (found[one].st_mtime_ns, one)):
            seen = self._seen[name]
            if self._stuck.get(name) == (seen.inode, seen.size, seen.mtime_ns):
                continue
            if now - seen.since < STABLE_S:
                is_waiting = True
            elif stop.is_set():
                return True
            else:
                self._take(folder, name, found[name])
        return is_waiting

    def _take(self, folder: Path, name: str, facts: os.stat_result) -> None:
        """One file, from reading it to its report."""
        shown = canon.path_text(CardPath(os.fsencode(name)))
        data = b""
        try:
            data = _read(folder / name, facts)
            result = self._actions.take_dropped(data, name=shown, report=lambda _: None)
        except FileNotFoundError:
            return  # its writer took it back
        except (_Refused, FileError) as error:
            why = error.why if isinstance(error, _Refused) else error.text
            result = {"file": hashlib.sha256(data).hexdigest() if data else None, "name": shown, "tables": []}
            result["refused"] = {"zh": why.zh, "en": why.en}
            self._station.books.append([findings.opened("import-unreadable", FILE, ("what", why.en))])
        else:
            self._station.books.append([findings.closed("import-unreadable", FILE, "a later file was taken")])
        log.info("dropped file dealt with: %d tables, %d bytes", len(result["tables"]), facts.st_size)
        try:
            self._settle(folder, name, result)
        except OSError:
            self._stuck[name] = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            raise
        self._stuck.pop(name, None)

    def _settle(self, folder: Path, name: str, result: Mapping[str, Any]) -> None:
        """The report, then the file beside it. Raises OSError."""
        is_whole = "refused" not in result and not any(one["refused"] for one in result["tables"])
        place = folder / (DONE if is_whole else REFUSED)
        place.mkdir(exist_ok=True)
        now = datetime.fromtimestamp(self._station.clock.now() / 1000, UTC)
        own = _new_folder(place, f"{now:%Y%m%dT%H%M%SZ}-{(result['file'] or 'unread')[:8]}")
        text = "\n".join(_report(result, now)) + "\n"
        durable.write(own.with_name(f"{own.name}.txt"), text.encode(errors="replace"), mode=0o644)
        told = json.dumps({**result, "at": now.isoformat()}, ensure_ascii=False, indent=2)
        durable.write(own.with_name(f"{own.name}.json"), told.encode(errors="replace"), mode=0o644)
        (folder / name).rename(own / name)
        durable.settle([own, folder])

    def _say_trouble(self, error: OSError | None) -> None:
        """The folder cannot be looked into, or files cannot be moved in it (again): said once."""
        why = None if error is None else f"{error.strerror}"
        if why == self._trouble:
            return
        self._trouble = why
        if why is None:
            self._station.books.append([findings.closed("import-unreadable", FOLDER, "it can be used again")])
            return
        log.warning("the drop folder cannot be used: %s", why)
        self._station.books.append([findings.opened("import-unreadable", FOLDER, ("what", why))])


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What may be meant for us: no folder, nothing hidden, nothing that says that it is unfinished."""
    with os.scandir(folder) as entries:
        for entry in islice(entries, FILES_AT_ONCE):
            is_ours = entry.name in (DONE, REFUSED)
            if is_ours or entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
                continue
            try:
                facts = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if not stat.S_ISDIR(facts.st_mode):
                yield entry.name, facts


def _look_of(facts: os.stat_result, before: _Look | None, now: float) -> _Look:
    """How a file looks, and since when: since before, where it looked so then."""
    look = _Look(facts.st_ino, facts.st_size, facts.st_mtime_ns, now)
    return before if before is not None and replace(before, since=now) == look else look


def _read(path: Path, facts: os.stat_result) -> bytes:
    """The bytes of a plain file that is still the one that was looked at. Raises _Refused, OSError."""
    if not stat.S_ISREG(facts.st_mode):
        raise _Refused(
            Text(
                "不是普通文件（链接、管道等），未打开。", "it is no plain file (a link, a pipe): not opened."
            )
        )
    if not path.name.lower().endswith(SUFFIXES):
        raise _Refused(
            Text(
                f"只接收 {'、'.join(SUFFIXES)}；Excel 文件请另存为“CSV UTF-8”。",
                f"only {', '.join(SUFFIXES)} are taken; save a workbook as 'CSV UTF-8'.",
            )
        )
    if facts.st_size > FILE_BYTES:
        raise _Refused(
            Text(
                f"超过 {FILE_BYTES >> 20} MiB；请分成几个文件。",
                f"larger than {FILE_BYTES >> 20} MiB: split it.",
            )
        )
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _TRANSIENT or isinstance(error, FileNotFoundError):
            raise
        why = system_text(error)
        raise _Refused(Text(f"无法打开：{why.zh}。", f"it cannot be opened: {why.en}.")) from error
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_ino != facts.st_ino:
            raise FileNotFoundError(errno.ENOENT, "exchanged while it was looked at")
        return file.read(FILE_BYTES + 1)


def _new_folder(place: Path, name: str) -> Path:
    """A folder that was not there. Raises OSError."""
    for number in range(1, FILES_AT_ONCE):
        own = place / (name if number == 1 else f"{name}-{number}")
        try:
            own.mkdir()
        except FileExistsError:
            continue
        return own
    raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(place / name))


def _report(result: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """The report as text, Chinese first."""
    name = "".join(char if char.isprintable() else "\ufffd" for char in result["name"])
    yield f"{name}  {now:%Y-%m-%d %H:%M:%S} UTC  SHA-256 {result['file'] or '-'}"
    yield ""
    if "refused" in result:
        yield f"未采用：{result['refused']['zh']}"
        yield f"not taken: {result['refused']['en']}"
        return
    yield from lines_of(result, "zh")
    yield ""
    yield from lines_of(result, "en")

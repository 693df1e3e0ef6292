"""A worker's copying, batch after batch: the recorder is read on while the disk settles what was read.

One thread reads and writes; a second one makes each batch durable and answers for it. So the cable never waits
for the disk, which with many slots takes tens of milliseconds a sync. Answers keep the order of the batches.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestd.device.api import Source, Volume
from ingestd.errors import DeviceError
from ingestd.intake.copy import Copied, Copier, SourceGone, Written
from ingestd.intake.sink import SinkError
from ingestd.model import CardPath, Fault

LARGEST_TIME_US = 2**53 - 1
"""Canonical JSON has no larger integers (RFC 8785), but file systems have later times."""
Report = dict[str, Any]


@dataclass(slots=True)
class _Read:
    """One file of a batch: what is told of it, its bytes while they are complete but not finished, then what came."""

    report: Report
    written: Written | None = None
    copied: Copied | None = None


@dataclass(slots=True)
class _Batch:
    """Files read of one request, the partial folders held locked until they are durable."""

    answer: Callable[[list[Report] | Exception], None]
    files: list[_Read] = field(default_factory=list)
    folders: list[int] = field(default_factory=list)

    def finish(self) -> list[Report]:
        """Make the bytes durable, then write what vouches for them: by one syncfs over all (see durable.py).

        Large files' bytes are durable by themselves, so their lists and notes can be, too; those of small files
        are settled with their manifests.
        """
        for file in self.files:
            if file.written is not None:
                _finish(file)
        copied = [
            (file.copied, folder)
            for file, folder in zip(self.files, self.folders, strict=True)
            if file.copied is not None
        ]
        large = [(one, folder) for one, folder in copied if not one.unlisted]
        small = [(one, folder) for one, folder in copied if one.unlisted]
        for one, folder in large:
            _vouch(folder, one)
        _settle(self.folders)
        for one, folder in small:
            _vouch(folder, one)
        return [file.report for file in self.files]

    def close(self) -> None:
        for file in self.files:
            if file.written is not None:
                file.written.close()
        for folder in self.folders:
            os.close(folder)


class Copying:
    """Copies batches of one volume until it is closed."""

    def __init__(self, volume: Volume, progress: Callable[[int], None]) -> None:
        self._volume = volume
        self._copier = Copier(volume.alive, progress)
        self._settling: queue.Queue[_Batch | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def copy(
        self, tasks: Sequence[dict[str, Any]], answer: Callable[[list[Report] | Exception], None]
    ) -> None:
        """Read a batch into its partial folders; ``answer`` gets a report a file once they are durable.

        It is called by another thread, with the error where the vault's disk failed. The batch ends early
        with the first file whose device was pulled. Raises DeviceError, SinkError, OSError.
        """
        batch = _Batch(answer)
        try:
            for task in tasks:
                batch.files.append(self._read(task, batch.folders))
                if batch.files[-1].report["fault"] == Fault.PULLED:
                    break
        except BaseException:
            batch.close()
            raise
        if self._thread is None:
            self._thread = threading.Thread(target=self._settle_all, daemon=True)
            self._thread.start()
        self._settling.put(batch)

    def drain(self) -> None:
        """Return when every batch is answered."""
        self._settling.join()

    def close(self) -> None:
        """Drain, and end the thread."""
        if self._thread is not None:
            self._settling.put(None)
            self._thread.join()
            self._thread = None

    def _settle_all(self) -> None:
        while (batch := self._settling.get()) is not None:
            try:
                batch.answer(batch.finish())
            except (SinkError, OSError) as error:
                batch.answer(error)
            finally:
                batch.close()
                self._settling.task_done()

    def _read(self, task: dict[str, Any], folders: list[int]) -> _Read:
        path = CardPath(base64.b64decode(task["path"]))
        folder: str = task["folder"]
        report: Report = {"acquisition": task["acquisition"], "begun": False, "fault": None, "detail": ""}
        locked = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        folders.append(locked)
        fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            source = self._volume.open(path)
        except FileNotFoundError as error:
            return _Read(report | fault_of(self._volume, Fault.VANISHED, str(error)))
        except OSError as error:
            return _Read(report | fault_of(self._volume, Fault.READ_ERROR, str(error)))
        try:
            read = self._read_open(source, task, report)
        except (SourceGone, DeviceError) as error:
            return _Read(report | {"fault": Fault.PULLED, "detail": str(error)})
        except OSError as error:
            return _Read(report | fault_of(self._volume, Fault.READ_ERROR, str(error)))
        finally:
            source.close()
        if read.written is not None and read.written.is_small:
            _finish(read)
        return read

    def _read_open(self, source: Source, task: dict[str, Any], report: Report) -> _Read:
        """Raises SourceGone, DeviceError, SinkError, OSError."""
        folder = task["folder"]
        if fault := changed(source, task):
            return _Read(report | _changed_report(fault))
        report["begun"] = True
        written = self._copier.copy(source, task["size"], f"{folder}/bytes", f"{folder}/chunks")
        try:
            fault = changed(source, task)
        except BaseException:
            written.close()
            raise
        if fault:
            written.close()
            return _Read(report | _changed_report(fault))
        return _Read(report, written)


def told_time(mtime_us: int | None) -> int | None:
    """A file time as the log can say it; None, as untold, where it is centuries off (after 2255-06)."""
    return None if mtime_us is None or abs(mtime_us) > LARGEST_TIME_US else mtime_us


def changed(source: Source, task: dict[str, Any]) -> Fault | None:
    """How an open file differs from what was listed, None where it does not. Raises OSError."""
    stat = source.stat()
    if stat.size == task["size"] and told_time(stat.mtime_us) == task["mtime_us"]:
        return None
    return Fault.GROWING if stat.size > task["size"] else Fault.CHANGED


def fault_of(volume: Volume, otherwise: Fault, detail: str) -> Report:
    """An error of the device as a report: pulled where it is no longer there."""
    try:
        volume.alive()
    except (OSError, DeviceError) as gone:
        return {"fault": Fault.PULLED, "detail": str(gone)}
    return {"fault": otherwise, "detail": detail}


def _changed_report(fault: Fault) -> Report:
    return {"fault": fault, "detail": "size or time changed since it was listed"}


def _finish(file: _Read) -> None:
    """Close its bytes, and report them. Raises SinkError."""
    assert file.written is not None
    written, file.written = file.written, None
    file.copied = copied = written.finish()
    file.report |= {
        "sha256": copied.sha256,
        "size": copied.size,
        "bad": copied.bad,
        "fault": Fault.READ_ERROR if copied.bad else None,
    }


def _vouch(folder: int, copied: Copied) -> None:
    """The digests left, and `copied.json`: the bytes are complete, and these parts of them are holes."""
    note = json.dumps({"sha256": copied.sha256, "size": copied.size, "bad": copied.bad}, sort_keys=True)
    try:
        if copied.unlisted:
            _put(os.open("chunks", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, dir_fd=folder), copied.unlisted)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        _put(os.open("copied.json", flags, 0o444, dir_fd=folder), note.encode())
    except OSError as error:
        raise SinkError(error) from error


def _put(descriptor: int, data: bytes) -> None:
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _settle(folders: list[int]) -> None:
    """All files and folder entries of a batch, durable by one call."""
    import ctypes  # noqa: PLC0415 - 1 MiB that an idle worker need not carry

    libc = ctypes.CDLL(None, use_errno=True)
    if folders and libc.syncfs(folders[0]) != 0:
        code = ctypes.get_errno()
        raise SinkError(OSError(code, os.strerror(code)))

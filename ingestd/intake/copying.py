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

Report = dict[str, Any]


@dataclass(slots=True)
class _Read:
    """One file of a batch: what is told of it, and its bytes where they are complete but not finished."""

    report: Report
    written: Written | None = None


@dataclass(slots=True)
class _Batch:
    """Files read of one request, the partial folders held locked until they are durable."""

    answer: Callable[[list[Report] | Exception], None]
    files: list[_Read] = field(default_factory=list)
    folders: list[int] = field(default_factory=list)

    def finish(self) -> list[Report]:
        """Make it durable: large files by themselves, then one syncfs over everything (see durable.py)."""
        for file, folder in zip(self.files, self.folders, strict=True):
            if file.written is not None:
                _finish(file, folder)
        _settle(self.folders)
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
            _finish(read, locked)
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


def changed(source: Source, task: dict[str, Any]) -> Fault | None:
    """How an open file differs from what was listed, None where it does not. Raises OSError."""
    stat = source.stat()
    if stat.size == task["size"] and stat.mtime_us == task["mtime_us"]:
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


def _finish(file: _Read, folder: int) -> None:
    """Note in the folder that the bytes are complete, and report them. Raises SinkError."""
    assert file.written is not None
    written, file.written = file.written, None
    copied = written.finish()
    _note_copied(folder, copied)
    file.report |= {
        "sha256": copied.sha256,
        "size": copied.size,
        "bad": copied.bad,
        "fault": Fault.READ_ERROR if copied.bad else None,
    }


def _note_copied(folder: int, copied: Copied) -> None:
    """`copied.json`: the bytes are complete, and these parts of them are holes."""
    note = json.dumps({"sha256": copied.sha256, "size": copied.size, "bad": copied.bad}, sort_keys=True)
    try:
        descriptor = os.open("copied.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o444, dir_fd=folder)
        try:
            os.write(descriptor, note.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SinkError(error) from error


def _settle(folders: list[int]) -> None:
    """Bytes, digests, notes and folder entries of a batch, durable by one call."""
    import ctypes  # noqa: PLC0415 - 1 MiB that an idle worker need not carry

    libc = ctypes.CDLL(None, use_errno=True)
    if folders and libc.syncfs(folders[0]) != 0:
        code = ctypes.get_errno()
        raise SinkError(OSError(code, os.strerror(code)))

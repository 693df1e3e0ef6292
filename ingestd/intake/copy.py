"""Copy one file of a recorder while hashing it: one pass over the cable, O_DIRECT on the disk.

Runs in the slot's worker; imports little. What it promises: the partial folder's ``bytes`` holds what the
device gave, in order, holes that could not be read zero-filled and listed; every 64 MiB the data is synced
and only then its digests are appended to ``chunks``, so that a crash leaves a prefix that proves itself.
The SHA-256 is of the stored bytes, holes included. It does not judge, and does not read back.

A slow device (USB 2: 35 MB/s) is copied by one thread and one 1 MiB buffer; a fast one by three threads
and a ring of buffers (read and BLAKE3 | SHA-256 | write), which is 1.4 times faster than one thread.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blake3 import blake3

from ingestd.device.api import Source
from ingestd.intake.sink import SMALL_BYTES, Sink
from ingestd.model import CHUNK_BYTES

SYNC_BYTES = 64 << 20
"""Data is synced and its digests appended every so many bytes (design 5)."""
BLOCK_BYTES = 4 << 20
BLOCKS = 4
FAST_BYTES_PER_S = 90e6
"""Faster than any USB 2 device: worth three threads."""
SECTOR_BYTES = 512
FINE_BYTES = 4096
GONE_ERRORS = frozenset({errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN, errno.ESHUTDOWN})


class SourceGone(Exception):
    """The device went away while reading."""


@dataclass(slots=True)
class Copied:
    """What came of one copy."""

    sha256: str
    size: int
    bad: list[tuple[int, int]]
    """(offset, length) of zero-filled bytes, merged, ascending."""


@dataclass(slots=True)
class _State:
    size: int = 0
    sha: Any = field(default_factory=hashlib.sha256)
    digests: bytearray = field(default_factory=bytearray)
    bad: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Written:
    """A file that was read to its end and handed to the disk: `finish` it or `close` it.

    The finishing needs nothing of the device, so that another thread can do it while the device is read on.
    """

    _sink: Sink
    _state: _State

    @property
    def is_small(self) -> bool:
        """Whether it is settled with its batch: nothing of it is synced by itself."""
        return self._sink.is_small

    def finish(self) -> Copied:
        """Cut to the size read; a large file's bytes are durable afterwards. Closes. Raises SinkError."""
        try:
            self._sink.finish(self._state.digests)
        finally:
            self._sink.close()
        return Copied(self._state.sha.hexdigest(), self._state.size, _merged(self._state.bad))

    def close(self) -> None:
        """Let go of it as it is."""
        self._sink.close()


class Copier:
    """Copies file after file of one device, remembering how fast the device is."""

    def __init__(
        self, alive: Callable[[], None], progress: Callable[[int], None], *, pipelined: bool | None = None
    ) -> None:
        self._alive = alive
        self._progress = progress
        self._forced = pipelined
        self._fast = bool(pipelined)
        self._buffer: mmap.mmap | None = None
        self._ring: list[mmap.mmap] = []

    def copy(self, source: Source, told_size: int, bytes_path: str, chunks_path: str) -> Written:
        """Copy into two existing, empty files, which are not durable yet. Raises SourceGone, SinkError."""
        begun = time.monotonic()
        sink = Sink(bytes_path, chunks_path, told_size)
        state = _State()
        try:
            segment = self._pipelined if self._fast and told_size > BLOCK_BYTES else self._inline
            while segment(source, sink, state):
                sink.sync(state.digests)
                self._learn(state.size, time.monotonic() - begun)
                segment = self._pipelined if self._fast else self._inline
        except BaseException:
            sink.close()
            raise
        if state.size >= SMALL_BYTES:
            self._learn(state.size, time.monotonic() - begun)
        return Written(sink, state)

    def _learn(self, size: int, seconds: float) -> None:
        if self._forced is None:
            self._fast = size / max(seconds, 1e-6) > FAST_BYTES_PER_S

    def _inline(self, source: Source, sink: Sink, state: _State) -> bool:
        """One segment by one thread; True where there may be more."""
        if self._buffer is None:
            self._buffer = mmap.mmap(-1, CHUNK_BYTES)
        view = memoryview(self._buffer)
        end = state.size + SYNC_BYTES
        while state.size < end:
            count = self._fill(source, state.size, view, state.bad, sink.told_size)
            if count:
                part = view[:count]
                state.sha.update(part)
                state.digests += blake3(part).digest()
                sink.write(part)
                state.size += count
                self._progress(count)
            if count < CHUNK_BYTES or state.size > sink.told_size:
                return False
        return True

    def _pipelined(self, source: Source, sink: Sink, state: _State) -> bool:
        """One segment by three threads over a ring of buffers; True where there may be more."""
        while len(self._ring) < BLOCKS:
            self._ring.append(mmap.mmap(-1, BLOCK_BYTES))
        free: queue.SimpleQueue[mmap.mmap] = queue.SimpleQueue()
        for buffer in self._ring:
            free.put(buffer)
        hashing = _Stage(state.sha.update)
        writing = _Stage(sink.write, done=free.put, before=hashing)
        more, end = True, state.size + SYNC_BYTES
        try:
            while more and state.size < end and not writing.failed:
                buffer = free.get()
                view = memoryview(buffer)
                count = 0
                while count < BLOCK_BYTES:
                    chunk = view[count : count + CHUNK_BYTES]
                    got = self._fill(source, state.size + count, chunk, state.bad, sink.told_size)
                    if got:
                        state.digests += blake3(chunk[:got]).digest()
                    count += got
                    if got < CHUNK_BYTES:
                        more = False
                        break
                if count:
                    hashing.put(view[:count], buffer)
                    writing.put(view[:count], buffer)
                    state.size += count
                    self._progress(count)
                else:
                    free.put(buffer)
                more = more and state.size <= sink.told_size
        finally:
            hashing.close()
            writing.close()
        if writing.failed:
            raise writing.failed
        return more

    def _fill(
        self, source: Source, offset: int, view: memoryview, bad: list[tuple[int, int]], told_size: int
    ) -> int:
        """Fill a chunk; unreadable parts become zeros in `bad`. The count; less than all only at the end."""
        filled = 0
        while filled < len(view):
            try:
                count = source.read_into(offset + filled, view[filled:])
            except OSError as error:
                self._still_there(error)
                length = min(len(view), told_size - offset)
                if length <= filled:
                    break
                self._salvage(source, offset, filled, view[:length], bad)
                return length
            if count == 0:
                break
            filled += count
        return filled

    def _salvage(
        self, source: Source, offset: int, filled: int, view: memoryview, bad: list[tuple[int, int]]
    ) -> None:
        """Read what can be read of a chunk around its errors, down to single sectors.

        After a whole bad chunk only the edges of the next are tried: a dead card must not take days.
        """
        hopeless = bool(bad) and bad[-1][1] >= CHUNK_BYTES and sum(bad[-1]) == offset
        position = filled
        while position < len(view):
            step = min(FINE_BYTES - (offset + position) % FINE_BYTES, len(view) - position)
            if self._fails(source, offset + position, view[position : position + step]):
                if hopeless:
                    step = max(len(view) - FINE_BYTES - position, step)
                    self._zero(view, offset, position, step, bad)
                    hopeless = False
                else:
                    self._salvage_sectors(source, offset, position, view[: position + step], bad)
            position += step
            self._progress(0)

    def _salvage_sectors(
        self, source: Source, offset: int, position: int, view: memoryview, bad: list[tuple[int, int]]
    ) -> None:
        for start in range(position, len(view), SECTOR_BYTES):
            length = min(SECTOR_BYTES, len(view) - start)
            if self._fails(source, offset + start, view[start : start + length]):
                self._zero(view, offset, start, length, bad)

    @staticmethod
    def _zero(view: memoryview, offset: int, start: int, length: int, bad: list[tuple[int, int]]) -> None:
        view[start : start + length] = bytes(length)
        if bad and sum(bad[-1]) == offset + start:
            bad[-1] = (bad[-1][0], bad[-1][1] + length)
        else:
            bad.append((offset + start, length))

    def _fails(self, source: Source, offset: int, view: memoryview) -> bool:
        done = 0
        while done < len(view):
            try:
                count = source.read_into(offset + done, view[done:])
            except OSError as error:
                self._still_there(error)
                return True
            if count == 0:
                return True
            done += count
        return False

    def _still_there(self, error: OSError) -> None:
        """A read error of a device that is gone is no bad sector."""
        if error.errno in GONE_ERRORS:
            raise SourceGone(str(error)) from error
        try:
            self._alive()
        except Exception as gone:
            raise SourceGone(str(gone)) from gone


def _merged(bad: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for offset, length in sorted(bad):
        if merged and sum(merged[-1]) == offset:
            merged[-1] = (merged[-1][0], merged[-1][1] + length)
        else:
            merged.append((offset, length))
    return merged


class _Stage:
    """A thread that does one thing with each part, in order; `before` must have had the part already."""

    def __init__(
        self,
        work: Callable[[memoryview], None],
        *,
        done: Callable[[mmap.mmap], None] | None = None,
        before: _Stage | None = None,
    ) -> None:
        self.failed: Exception | None = None
        self.finished = threading.Semaphore(0)
        self._work = work
        self._done = done
        self._before = before
        self._queue: queue.SimpleQueue[tuple[memoryview, mmap.mmap] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, part: memoryview, buffer: mmap.mmap) -> None:
        self._queue.put((part, buffer))

    def _run(self) -> None:
        while (task := self._queue.get()) is not None:
            part, buffer = task
            if self.failed is None:
                try:
                    self._work(part)
                except Exception as error:  # noqa: BLE001 - handed to the segment's thread, which raises it
                    self.failed = error
            del part
            self.finished.release()
            if self._done is not None:
                if self._before is not None:
                    self._before.finished.acquire()
                self._done(buffer)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

"""Copy one file of a recorder while hashing it: one pass over the cable, O_DIRECT on the disk.

Runs in the slot's worker; imports little. What it promises: the partial folder's ``bytes`` holds what the
device gave, in order, holes that could not be read zero-filled and listed; every 64 MiB the data is synced
and only then its digests are appended to ``chunks``, so that a crash leaves a prefix that proves itself.
The SHA-256 is of the stored bytes, holes included. It does not judge, and does not read back.

The device is read by one thread and the disk written by another, with a ring of buffers between: a slow disk
(a sync of one of twenty slots stalls the others' writes for tenths of a second) costs the cable nothing until the
ring is full. SHA-256 is the reader's work at the pace of USB 2 and a third thread's for a faster device, which is
1.4 times faster then. A small file is copied by the reader alone.
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
from functools import partial
from typing import Any

from blake3 import blake3

from ingestd.device.api import Source
from ingestd.intake.sink import SMALL_BYTES, Sink
from ingestd.model import CHUNK_BYTES

SYNC_BYTES = 64 << 20
"""Data is synced and its digests appended every so many bytes (design 5)."""
BLOCK_BYTES = 2 << 20
"""What a fast device is read by; a slow one by a chunk, so that only half of each buffer is ever touched."""
BLOCKS = 8
"""In the ring: a USB 2 device (35 MB/s) is read on for 0.2 s while the disk takes nothing."""
FAST_BYTES_PER_S = 90e6
"""Faster than any USB 2 device: worth a third thread."""
SECTOR_BYTES = 512
FINE_BYTES = 4096
GONE_ERRORS = frozenset({errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN, errno.ESHUTDOWN})

_Task = Callable[[], object]


class SourceGone(Exception):
    """The device went away while reading."""


@dataclass(slots=True)
class Copied:
    """What came of one copy."""

    sha256: str
    size: int
    bad: list[tuple[int, int]]
    """(offset, length) of zero-filled bytes, merged, ascending."""
    unlisted: bytes
    """Digests that vouch for bytes which are not durable yet: to be listed when they are."""


@dataclass(slots=True)
class _State:
    size: int = 0
    sha: Any = field(default_factory=hashlib.sha256)
    digests: bytearray = field(default_factory=bytearray)
    """Of the chunks whose digests the sink does not have yet."""
    bad: list[tuple[int, int]] = field(default_factory=list)

    def take_digests(self) -> bytes:
        """Those that the sink does not have yet: it has them now."""
        taken = bytes(self.digests)
        self.digests.clear()
        return taken


class _Stage:
    """A thread that does its work in order, none after one that failed; `then` is called in any case."""

    def __init__(self) -> None:
        self._failed: Exception | None = None
        self._tasks: queue.SimpleQueue[tuple[_Task, _Task | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, work: _Task, then: _Task | None = None) -> None:
        self._tasks.put((work, then))

    def check(self) -> None:
        """Raises what a task raised."""
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """Return when everything is done; a second time does nothing more."""
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            work, then = task
            try:
                if self._failed is None:
                    work()
            except Exception as error:  # noqa: BLE001 - `check` raises it in the thread that asks
                self._failed = error
            if then is not None:
                then()


@dataclass(slots=True)
class Written:
    """A file that was read to its end and handed to the disk: `finish` it or `close` it.

    The finishing needs nothing of the device, so that another thread can do it while the device is read on.
    """

    _sink: Sink
    _state: _State
    _writing: _Stage | None

    @property
    def is_small(self) -> bool:
        """Whether it is settled with its batch: nothing of it is synced by itself."""
        return self._state.size <= SMALL_BYTES

    def finish(self) -> Copied:
        """Cut to the size read; a large file's bytes are durable afterwards, and listed. Closes. Raises SinkError."""
        try:
            if self._writing is not None:
                self._writing.close()
                self._writing.check()
            unlisted = self._sink.finish(self._state.take_digests())
        finally:
            self.close()
        state = self._state
        return Copied(state.sha.hexdigest(), state.size, _merged(state.bad), unlisted)

    def close(self) -> None:
        """Let go of it as it is."""
        if self._writing is not None:
            self._writing.close()
        self._sink.close()


class Copier:
    """Copies file after file of one device, remembering how fast the device is."""

    def __init__(self, alive: Callable[[], None], progress: Callable[[int], None]) -> None:
        self._alive = alive
        self._progress = progress
        self._fast = False
        # The buffer given back last is the next one: those that a quick disk leaves unused are never touched.
        self._ring: queue.LifoQueue[mmap.mmap] = queue.LifoQueue()
        for _ in range(BLOCKS):
            self._ring.put(mmap.mmap(-1, BLOCK_BYTES))

    def copy(self, source: Source, told_size: int, bytes_path: str, chunks_path: str) -> Written:
        """Copy into two existing, empty files, which are not durable yet. Raises SourceGone, SinkError."""
        sink, state = Sink(bytes_path, chunks_path, told_size), _State()
        writing = _Stage() if told_size > SMALL_BYTES else None
        written = Written(sink, state, writing)
        try:
            if writing is None:
                self._at_once(source, sink, state)
            else:
                self._overlapped(source, sink, state, writing)
        except BaseException:
            written.close()
            raise
        return written

    def _at_once(self, source: Source, sink: Sink, state: _State) -> None:
        """A small file, no more than a chunk: handing it over would cost more than it gains."""
        buffer = self._ring.get()
        try:
            part, _more = self._block(source, state, memoryview(buffer)[:CHUNK_BYTES], sink.told_size)
            state.sha.update(part)
            sink.write(part)
        finally:
            self._ring.put(buffer)

    def _overlapped(self, source: Source, sink: Sink, state: _State, writing: _Stage) -> None:
        """Segment after segment: one is synced while the next is read."""
        begun = time.monotonic()
        while self._segment(source, sink, state, writing):
            writing.put(partial(sink.sync, state.take_digests()))
            self._learn(state.size, time.monotonic() - begun)
        self._learn(state.size, time.monotonic() - begun)

    def _learn(self, size: int, seconds: float) -> None:
        self._fast = size / max(seconds, 1e-6) > FAST_BYTES_PER_S

    def _segment(self, source: Source, sink: Sink, state: _State, writing: _Stage) -> bool:
        """Read a segment, handing each block on as it comes; True where there may be more."""
        length, hashing = (BLOCK_BYTES, _Stage()) if self._fast else (CHUNK_BYTES, None)
        more, end = True, state.size + SYNC_BYTES
        try:
            while more and state.size < end:
                writing.check()
                buffer = self._ring.get()
                give_back = partial(self._ring.put, buffer)
                try:
                    part, more = self._block(source, state, memoryview(buffer)[:length], sink.told_size)
                except BaseException:
                    give_back()
                    raise
                write = partial(writing.put, partial(sink.write, part), give_back)
                if hashing is None:
                    state.sha.update(part)
                    write()
                else:
                    hashing.put(partial(state.sha.update, part), write)
        finally:
            if hashing is not None:
                hashing.close()
        return more

    def _block(
        self, source: Source, state: _State, view: memoryview, told_size: int
    ) -> tuple[memoryview, bool]:
        """Fill a block chunk by chunk, noting their digests; the part filled, and whether there may be more."""
        filled = 0
        while filled < len(view):
            chunk = view[filled : filled + CHUNK_BYTES]
            count = self._fill(source, state.size, chunk, state.bad, told_size)
            if count:
                state.digests += blake3(chunk[:count]).digest()
                state.size += count
                filled += count
                self._progress(count)
            if count < CHUNK_BYTES:
                return view[:filled], False
        return view, state.size <= told_size

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

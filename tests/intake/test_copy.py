"""One pass over the cable, the disk behind it: what the copier promises of its threads."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from ingestd.device.api import Stat
from ingestd.intake import copy
from ingestd.intake.copy import Copier, SourceGone
from ingestd.intake.sink import SMALL_BYTES, Sink, SinkError
from ingestd.model import CHUNK_BYTES

SIZES = (0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 7 * CHUNK_BYTES, 65 * CHUNK_BYTES + 4097)


class Held:
    """A source in memory that may break at an offset; counts what was asked of it."""

    def __init__(self, data: bytes, gone_at: int | None = None) -> None:
        self.data, self.gone_at, self.read = data, gone_at, 0

    def read_into(self, offset: int, buffer: memoryview) -> int:
        if self.gone_at is not None and offset + len(buffer) > self.gone_at:
            raise OSError(errno.ENODEV, "pulled")
        part = self.data[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self.read = max(self.read, offset + len(part))
        return len(part)

    def stat(self) -> Stat:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def files(tmp_path: Path) -> Callable[[], tuple[str, str]]:
    """Makes a pair of empty files to copy into."""
    count = 0

    def make() -> tuple[str, str]:
        nonlocal count
        count += 1
        pair = tmp_path / f"bytes{count}", tmp_path / f"chunks{count}"
        for path in pair:
            path.touch()
        return str(pair[0]), str(pair[1])

    return make


def _digests(data: bytes) -> bytes:
    return b"".join(blake3(data[at : at + CHUNK_BYTES]).digest() for at in range(0, len(data), CHUNK_BYTES))


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_bytes_and_digests_are_the_sources(
    files: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch, size: int, fast: bool
) -> None:
    """Whatever the size and the pace, the disk has each byte once, and each chunk its digest."""
    monkeypatch.setattr(copy, "FAST_BYTES_PER_S", 0 if fast else 1e18)
    data, pair = os.urandom(size), files()
    copier = Copier(lambda: None, lambda _count: None)
    for _ in range(2):  # the second time the copier knows its device
        pair = files()
        copied = copier.copy(Held(data), size, *pair).finish()
    assert (copied.size, copied.sha256, copied.bad) == (size, hashlib.sha256(data).hexdigest(), [])
    assert Path(pair[0]).read_bytes() == data
    assert Path(pair[1]).read_bytes() + copied.unlisted == _digests(data)
    assert bool(copied.unlisted) == (0 < size <= SMALL_BYTES)


def test_the_cable_does_not_wait_for_the_disk(
    files: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes nothing stops the reading only when the ring is full, and nothing is lost by it."""
    may_write = threading.Event()
    write = Sink.write

    def stalled(self: Sink, part: memoryview) -> None:
        may_write.wait()
        write(self, part)

    monkeypatch.setattr(Sink, "write", stalled)
    monkeypatch.setattr(copy, "FAST_BYTES_PER_S", 1e18)
    data, pair = os.urandom(3 * copy.BLOCKS * CHUNK_BYTES), files()
    source, done = Held(data), []
    reader = threading.Thread(
        target=lambda: done.append(
            Copier(lambda: None, lambda _count: None).copy(source, len(data), *pair).finish()
        )
    )
    reader.start()
    ahead, until = copy.BLOCKS * CHUNK_BYTES, time.monotonic() + 30
    while source.read < ahead and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    assert source.read == ahead
    may_write.set()
    reader.join(30)
    assert done[0].sha256 == hashlib.sha256(data).hexdigest()
    assert Path(pair[0]).read_bytes() == data


def test_a_disk_that_fails_is_said_and_stops_the_reading(
    files: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the writing thread comes out of the copy or of its finishing, and the copier goes on after it."""

    def full(_self: Sink, _part: memoryview) -> None:
        raise SinkError(OSError(errno.ENOSPC, "full"))

    copier = Copier(lambda: None, lambda _count: None)
    data = os.urandom(40 * CHUNK_BYTES)
    with monkeypatch.context() as broken:
        broken.setattr(Sink, "write", full)
        for _ in range(3):
            with pytest.raises(SinkError) as caught:
                copier.copy(Held(data), len(data), *files()).finish()
            assert caught.value.errno == errno.ENOSPC
    assert copier.copy(Held(data), len(data), *files()).finish().sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("fast", [False, True])
def test_pulled_again_and_again(
    files: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch, fast: bool
) -> None:
    """However often the device goes away, no buffer is lost: the copier is as good as before."""
    monkeypatch.setattr(copy, "FAST_BYTES_PER_S", 0 if fast else 1e18)
    copier, data = Copier(lambda: None, lambda _count: None), os.urandom(5 * CHUNK_BYTES)
    for _ in range(2 * copy.BLOCKS):
        with pytest.raises(SourceGone):
            copier.copy(Held(data, gone_at=3 * CHUNK_BYTES + 7), len(data), *files())
    assert copier.copy(Held(data), len(data), *files()).finish().sha256 == hashlib.sha256(data).hexdigest()

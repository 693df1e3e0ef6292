"""What the machine can do at best, measured beside us in the same round."""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

BLOCK = 4 << 20


def hash_once(sources: Sequence[Path]) -> float:
    """Seconds to take the SHA-256 of files in memory, each once, on one core."""
    view = memoryview(bytearray(BLOCK))
    begun = time.perf_counter()
    for source in sources:
        digest = hashlib.sha256()
        with source.open("rb", buffering=0) as file:
            while count := file.readinto(view):
                digest.update(view[:count])
    return time.perf_counter() - begun


def write_once(target: Path, size: int) -> float:
    """Seconds for one O_DIRECT write of so many bytes and its fsync."""
    buffer = mmap.mmap(-1, BLOCK)
    buffer[:] = os.urandom(BLOCK)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_DIRECT)
    try:
        begun = time.perf_counter()
        os.posix_fallocate(descriptor, 0, size)
        done = 0
        while done < size:
            done += os.write(descriptor, buffer)
        os.fsync(descriptor)
        return time.perf_counter() - begun
    finally:
        os.close(descriptor)


def read_once(target: Path) -> float:
    """Seconds for one O_DIRECT read of a file."""
    buffer = mmap.mmap(-1, BLOCK)
    descriptor = os.open(target, os.O_RDONLY | os.O_DIRECT)
    try:
        begun = time.perf_counter()
        done = 0
        while count := os.preadv(descriptor, [buffer], done):
            done += count
        return time.perf_counter() - begun
    finally:
        os.close(descriptor)


def joint_rate(folder: Path, size: int) -> float:
    """Bytes a second that the disk takes while it gives as many back: O_DIRECT, one writer, one reader."""
    first, second = folder / "joint-1", folder / "joint-2"
    write_once(first, size)
    took = []
    threads = [
        threading.Thread(target=lambda: took.append(write_once(second, size))),
        threading.Thread(target=lambda: took.append(read_once(first))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.unlink()
    second.unlink()
    return size / max(took)

"""The writes that reached a guest's disk, in order, and the disk as it was between any two of its flushes.

QEMU's `blklogwrites` keeps every write and flush in the format of Linux's dm-log-writes (kernel,
Documentation/admin-guide/device-mapper/log-writes.rst): a superblock, then entries of one sector, each with
its data behind it. What a power cut leaves is everything before the last flush; of the rest any part.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECTOR = 512
_MAGIC = 0x6A736677736872
_SUPERBLOCK, _ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
_FLUSH, _DISCARD, _MARK = 1, 4, 8


def logged(image: Path, log: Path) -> dict[str, Any]:
    """QEMU's options of a disk whose writes are kept in a log."""
    log.touch()
    return {
        "driver": "blklogwrites",
        "file": {"driver": "file", "filename": str(image)},
        "log": {"driver": "file", "filename": str(log)},
        "log-sector-size": SECTOR,
    }


@dataclass(frozen=True, slots=True)
class Write:
    """One entry: a write (its data at an offset of the log), or a flush."""

    offset: int
    size: int
    data_at: int
    is_flush: bool


def entries(log: Path) -> Iterator[Write]:
    """All entries up to where the machine was cut off."""
    with log.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        magic, _version, _count, sector = _SUPERBLOCK.unpack(file.read(_SUPERBLOCK.size))
        assert (magic, sector) == (_MAGIC, SECTOR)
        at = SECTOR
        while at + SECTOR <= end:
            file.seek(at)
            start, count, flags, _length = _ENTRY.unpack(file.read(_ENTRY.size))
            has_data = not flags & (_DISCARD | _MARK)
            size = count * SECTOR if has_data else 0
            if (not flags and not count) or at + SECTOR + size > end:
                return
            yield Write(start * SECTOR, size, at + SECTOR, bool(flags & _FLUSH))
            at += SECTOR + size


def flushes(log: Path) -> int:
    """How many flushes there were."""
    return sum(entry.is_flush for entry in entries(log))


def replay(image: Path, log: Path, *, until: int) -> None:
    """Bring an image, as it was when the log began, to the disk's state at its n-th flush."""
    seen = 0
    with image.open("r+b") as disk, log.open("rb") as data:
        for entry in entries(log):
            seen += entry.is_flush
            if entry.size:
                data.seek(entry.data_at)
                disk.seek(entry.offset)
                disk.write(data.read(entry.size))
            if seen == until:
                return

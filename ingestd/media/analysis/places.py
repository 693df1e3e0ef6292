"""The track that a clip's own container holds, read by its boxes (ISO 14496-12); bounded, whatever they say."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from ingestd.media.analysis.model import Track
from ingestd.media.analysis.tracks import FREE_GPS_BYTES, by_the_second, free_gps, track_of

BOXES_MAX = 10_000
BLOCKS_MAX = 100_000
"""A day by the second."""
TABLE_HEAD = 8
"""Version and date of the table in ``gps ``."""
BOX_BYTES = 8 << 20

_Box = tuple[bytes, int, int]
"""Name, begin and end of what it holds."""


def track_in(file: Any) -> Track | None:
    """By `freeGPS` blocks, else by the seconds' box."""
    end = file.seek(0, 2)
    for name, begin, stop in _boxes(file, 0, end):
        if name == b"GPS ":
            return by_the_second(_read(file, begin, min(stop - begin, BOX_BYTES)))
        if name == b"moov":
            for inner, at, last in _boxes(file, begin, stop):
                if inner == b"gps ":
                    return _novatek(file, _read(file, at + TABLE_HEAD, min(last - at, BOX_BYTES)))
    return None


def _boxes(file: Any, at: int, end: int) -> Iterator[_Box]:
    for _ in range(BOXES_MAX):
        head = _read(file, at, 16)
        if at + 8 > end or len(head) < 8:  # noqa: PLR2004 - length and name
            return
        length, name = struct.unpack_from(">I4s", head)
        begin = at + 8
        if length == 1 and len(head) == 16:  # noqa: PLR2004 - a length of 64 bits follows
            length, begin = int.from_bytes(head[8:]), at + 16
        stop = end if length == 0 else at + length
        if stop <= begin - 1:
            return
        yield name, begin, min(stop, end)
        at = stop


def _novatek(file: Any, table: bytes) -> Track | None:
    blocks = struct.iter_unpack(">II", table[: min(len(table) // 8, BLOCKS_MAX) * 8])
    found = (free_gps(_read(file, offset, FREE_GPS_BYTES)) for offset, size in blocks if size)
    return track_of("recorder", [point for point in found if point is not None])


def _read(file: Any, at: int, count: int) -> bytes:
    file.seek(at)
    data: bytes = file.read(count)
    return data

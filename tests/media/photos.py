"""EXIF segments as cameras write them: small TIFF files (TIFF 6.0 section 2) behind a JPEG's first marker."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Told = str | int | Sequence[tuple[int, int]]
"""ASCII, a LONG, RATIONALs."""
GPS_HERE: Mapping[int, Told] = {
    1: "N",
    2: [(31, 1), (14, 1), (2400, 100)],
    3: "E",
    4: [(121, 1), (28, 1), (3000, 100)],
}
"""31°14′24″ N 121°28′30″ E: 31.24, 121.475."""


def segment(
    order: str, *, exif: Mapping[int, Told] | None = None, gps: Mapping[int, Told] | None = None
) -> bytes:
    """An APP1 segment with an EXIF directory, a GPS directory, or both; ``order``: ``<`` or ``>``."""
    below = {tag: told for tag, told in ((0x8769, exif), (0x8825, gps)) if told is not None}
    begin = 8
    after = begin + 2 + 12 * len(below) + 4
    pointers, tail = {}, b""
    for tag, told in below.items():
        pointers[tag] = after + len(tail)
        tail += directory(order, told, after + len(tail))
    mark = b"II*\0" if order == "<" else b"MM\0*"
    tiff = mark + struct.pack(order + "I", begin) + directory(order, pointers, begin) + tail
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def directory(order: str, told: Mapping[int, Told], at: int) -> bytes:
    """One, with what does not fit into its entries behind it."""
    entries, tail = b"", b""
    end = at + 2 + 12 * len(told) + 4
    for tag, value in told.items():
        if isinstance(value, int):
            kind, count, data = 4, 1, struct.pack(order + "I", value)
        elif isinstance(value, str):
            data = value.encode("ascii") + b"\0"
            kind, count = 2, len(data)
        else:
            kind, count = 5, len(value)
            data = b"".join(struct.pack(order + "II", *one) for one in value)
        if len(data) > 4:
            place = struct.pack(order + "I", end + len(tail))
            tail += data
        else:
            place = data.ljust(4, b"\0")
        entries += struct.pack(order + "HHI", tag, kind, count) + place
    return struct.pack(order + "H", len(told)) + entries + bytes(4) + tail


def with_segment(jpeg: bytes, written: bytes) -> bytes:
    """A JPEG with a segment before all others."""
    return jpeg[:2] + written + jpeg[2:]

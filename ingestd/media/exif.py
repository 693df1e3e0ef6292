"""What the EXIF of a photo says of when and where it was taken, read strictly. PURE.

Every count and offset is checked: they come from outside. What is not well formed says nothing. (EXIF 2.32: CIPA
DC-008; TIFF 6.0 section 2; JPEG markers: ITU-T T.81 B.1.1.)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

from ingestd.media.stamp import Claim, read

HEAD_BYTES = 128 * 1024
"""An APP1 segment ends within 64 KiB; a few others may stand before it."""

_ENTRIES_MAX = 512
_EXIF, _GPS = 0x8769, 0x8825
_ORIGINAL, _ORIGINAL_ZONE = 0x9003, 0x9011
_LATITUDE, _LONGITUDE, _STATUS, _DATUM, _ERROR = 2, 4, 9, 18, 31
_ASCII, _LONG, _RATIONAL = 2, 4, 5
_DEGREES = (180, 60, 60)
_WGS84 = ("", "WGS84")

_Entry = tuple[int, int, int]
"""Type, count, and where in the bytes its value stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the camera's receiver says it was, WGS 84."""

    latitude: float
    longitude: float
    error_m: float | None
    """Its own estimate; None: it tells none."""


def taken(head: bytes) -> Claim | None:
    """DateTimeOriginal of a JPEG from its first `HEAD_BYTES`, None where there is none."""
    tiff = _Tiff.of(head)
    found = None if tiff is None else tiff.below(_EXIF)
    if tiff is None or found is None or (original := tiff.text(found.get(_ORIGINAL))) is None:
        return None
    return read(original + (tiff.text(found.get(_ORIGINAL_ZONE)) or ""))


def place(head: bytes) -> Place | None:
    """Where a JPEG was taken, from its first `HEAD_BYTES`; None where it doesn't say, or its receiver had lost sight.

    The satellites' time beside it is that of the last fix, which may be long before the picture: it is not read.
    """
    tiff = _Tiff.of(head)
    found = None if tiff is None else tiff.below(_GPS)
    if tiff is None or found is None or tiff.text(found.get(_STATUS)) == "V":
        return None
    datum = (tiff.text(found.get(_DATUM)) or "").strip().upper().replace("-", "").replace(" ", "")
    latitude = tiff.angle(found.get(_LATITUDE - 1), found.get(_LATITUDE), {"N": 1, "S": -1})
    longitude = tiff.angle(found.get(_LONGITUDE - 1), found.get(_LONGITUDE), {"E": 1, "W": -1})
    if datum not in _WGS84 or latitude is None or longitude is None:
        return None
    error = tiff.rationals(found.get(_ERROR), 1)
    return Place(latitude=latitude, longitude=longitude, error_m=error[0] if error else None)


def _segment(head: bytes) -> bytes | None:
    """What follows the mark of the first EXIF segment."""
    at = 2
    if head[:2] != b"\xff\xd8":
        return None
    while at + 4 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == 0xDA or length < 2:  # noqa: PLR2004 - start of scan; a length counts itself
            return None
        body = head[at + 4 : at + 2 + length]
        if marker == 0xE1 and body[:6] == b"Exif\0\0":  # noqa: PLR2004 - APP1
            return body[6:]
        at += 2 + length
    return None


@dataclass(frozen=True, slots=True)
class _Tiff:
    """The directories of an EXIF segment."""

    data: bytes
    order: str

    @classmethod
    def of(cls, head: bytes) -> Self | None:
        """Of a JPEG's first bytes; None where there is none."""
        data = _segment(head)
        order = None if data is None else {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
        return None if data is None or order is None or len(data) < 8 else cls(data, order)  # noqa: PLR2004 - the header

    def below(self, tag: int) -> dict[int, _Entry] | None:
        """The directory that an entry of the first one points to."""
        (first,) = struct.unpack_from(self.order + "I", self.data, 4)
        pointer = self._entries(first).get(tag)
        if pointer is None or pointer[:2] != (_LONG, 1):
            return None
        return self._entries(struct.unpack_from(self.order + "I", self.data, pointer[2])[0])

    def _entries(self, at: int) -> dict[int, _Entry]:
        """One directory by tag; empty where it does not lie within the bytes."""
        if at + 2 > len(self.data):
            return {}
        (count,) = struct.unpack_from(self.order + "H", self.data, at)
        if count > _ENTRIES_MAX or at + 2 + 12 * count > len(self.data):
            return {}
        found = {}
        for begin in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number, value = struct.unpack_from(self.order + "HHII", self.data, begin)
            size = {_ASCII: 1, _LONG: 4, _RATIONAL: 8}.get(kind, 1) * number
            found[tag] = (kind, number, begin + 8 if size <= 4 else value)  # noqa: PLR2004 - what fits stands in place
        return found

    def text(self, entry: _Entry | None) -> str | None:
        """A short one; None where there is none."""
        if entry is None or entry[0] != _ASCII or entry[1] > 32:  # noqa: PLR2004 - a time has 20
            return None
        raw = self.data[entry[2] : entry[2] + entry[1]].rstrip(b"\0")
        return raw.decode("ascii") if raw.isascii() else None

    def rationals(self, entry: _Entry | None, count: int) -> list[float] | None:
        """So many of them; None where there are others, or one is no number."""
        if entry is None or entry[:2] != (_RATIONAL, count) or entry[2] + 8 * count > len(self.data):
            return None
        told = struct.unpack_from(f"{self.order}{2 * count}I", self.data, entry[2])
        pairs = list(zip(told[::2], told[1::2], strict=True))
        return [over / under for over, under in pairs] if all(under for _, under in pairs) else None

    def angle(self, side: _Entry | None, entry: _Entry | None, sides: dict[str, int]) -> float | None:
        """Degrees, minutes and seconds on their side of the equator or of Greenwich, in degrees."""
        sign, parts = sides.get(self.text(side) or ""), self.rationals(entry, 3)
        if sign is None or parts is None or any(p > most for p, most in zip(parts, _DEGREES, strict=True)):
            return None
        return sign * (parts[0] + parts[1] / 60 + parts[2] / 3600)

"""Creation times as containers and photos write them, read strictly. PURE; imports nothing of ours.

What does not read as a time exactly is no claim. Every count and offset of a photo's bytes is checked: they
come from outside. (EXIF 2.32: CIPA DC-008; TIFF 6.0 section 2; JPEG markers: ITU-T T.81 B.1.1.)
"""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime, timedelta, timezone

HEAD_BYTES = 128 * 1024
"""An APP1 segment ends within 64 KiB; a few others may stand before it."""
ZERO_EPOCHS = (datetime(1904, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
"""QuickTime's and Unix's zero: what a writer leaves that knows no time."""

_TIME = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_ENTRIES_MAX = 512
_EXIF_POINTER, _ORIGINAL, _ORIGINAL_ZONE = 0x8769, 0x9003, 0x9011
_ASCII, _LONG = 2, 4

Claim = tuple[int, str]
"""Milliseconds as if UTC, and the zone as labelled: utc or local."""


def read(text: str) -> Claim | None:
    """A time of the forms ``2026-11-21T10:00:00.0Z``, ``... +0800`` or, local, ``2026:11:21 18:00:00``."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    *parts, fraction, zone = match.groups()
    offset, label = UTC, "local" if zone is None else "utc"
    try:
        if zone is not None and zone != "Z":
            minutes = int(zone[1:3]) * 60 + int(zone[-2:])
            offset = timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=offset)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    millis = int((fraction or "0").ljust(6, "0")) // 1000
    return (since.days * 86_400 + since.seconds) * 1000 + millis, label


def is_zero(claim: Claim) -> bool:
    """Whether this is an epoch's zero: no time at all."""
    return any(claim[0] == int(epoch.timestamp()) * 1000 for epoch in ZERO_EPOCHS)


def of_jpeg(head: bytes) -> Claim | None:
    """DateTimeOriginal of a JPEG's EXIF from its first `HEAD_BYTES`, None where there is none."""
    at = 2
    if head[:2] != b"\xff\xd8":
        return None
    while at + 4 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == 0xDA or length < 2:  # noqa: PLR2004 - start of scan; a length counts itself
            return None
        body = head[at + 4 : at + 2 + length]
        if marker == 0xE1 and body[:6] == b"Exif\0\0":  # noqa: PLR2004 - APP1
            return _of_tiff(body[6:])
        at += 2 + length
    return None


def _of_tiff(tiff: bytes) -> Claim | None:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:  # noqa: PLR2004 - the header
        return None
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    pointer = _entries(tiff, first, order).get(_EXIF_POINTER)
    if pointer is None or pointer[0] != _LONG:
        return None
    exif = _entries(tiff, pointer[2], order)
    original = _ascii(tiff, exif.get(_ORIGINAL))
    return None if original is None else read(original + (_ascii(tiff, exif.get(_ORIGINAL_ZONE)) or ""))


def _entries(tiff: bytes, at: int, order: str) -> dict[int, tuple[int, int, int]]:
    """One directory: tag -> (type, count, value or offset); empty where it does not lie within the bytes."""
    if at + 2 > len(tiff):
        return {}
    (count,) = struct.unpack_from(order + "H", tiff, at)
    if count > _ENTRIES_MAX or at + 2 + 12 * count > len(tiff):
        return {}
    found = {}
    for index in range(count):
        tag, kind, number, value = struct.unpack_from(order + "HHII", tiff, at + 2 + 12 * index)
        found[tag] = (kind, number, value)
    return found


def _ascii(tiff: bytes, entry: tuple[int, int, int] | None) -> str | None:
    if entry is None or entry[0] != _ASCII or not 5 <= entry[1] <= 32:  # noqa: PLR2004 - not inline, not long
        return None
    raw = tiff[entry[2] : entry[2] + entry[1]].rstrip(b"\0")
    return raw.decode("ascii") if raw.isascii() else None

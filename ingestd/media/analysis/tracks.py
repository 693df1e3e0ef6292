"""Where a clip was recorded, from what recorders write into it (beside it: `beside`). PURE.

* ``freeGPS`` blocks of Novatek recorders, listed by the box ``gps `` in ``moov``: the recorder's own time.
* A box ``GPS `` of 36-byte records (70mai): places by the second, no time of day.
* GPMF (GoPro): ``GPS5`` with ``GPSU`` (satellites' UTC) and ``GPSP``; ``GPRI`` of its gimbal.
* EXIF of photos (`exif`): one place.

A record that is not well formed, or lies nowhere, is passed over: a track is a hint, its clip is the evidence.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from ingestd.facts import E6
from ingestd.media import exif
from ingestd.media.analysis.model import POINTS_MAX, Point, Track

ACCURACY_DM = 100
"""10 m where the receiver says nothing: twice an open sky's, for streets between houses."""
DOP_DM = 50
"""Metres for a dilution of precision of 1, in decimetres: a receiver's own error (GPS SPS standard)."""
DEPTH_MAX = 4
POLE = 90
NOWHERE = 0.01
"""Degrees around 0/0, in the sea: receivers write that without a fix."""


def track_of(timed_by: str, points: list[Point]) -> Track | None:
    """The points as a track, thinned evenly to what is kept; None where there are none."""
    if not points:
        return None
    step = -(-len(points) // POINTS_MAX)
    return Track(timed_by=timed_by, points=tuple(points[::step]))


def place(at: int | None, lat: float, lon: float, accuracy_dm: int = ACCURACY_DM) -> Point | None:
    """A point on the globe; None for what is none."""
    if not (abs(lat) <= POLE and abs(lon) <= 2 * POLE) or abs(lat) + abs(lon) < NOWHERE:
        return None
    return Point(at=at, lat=round(lat * E6), lon=round(lon * E6), accuracy_dm=min(accuracy_dm, 10**6))


def _unfolded(told: float) -> float:
    """Degrees of degrees and minutes as one number, ``DDMM.MMMM``."""
    whole = told // 100
    return whole + (told - whole * 100) / 60


def degrees(north: bytes, lat: float, east: bytes, lon: float) -> tuple[float, float]:
    """Latitude and longitude of ``DDMM.MMMM`` with their hemispheres."""
    return _unfolded(lat) * (-1 if north == b"S" else 1), _unfolded(lon) * (-1 if east == b"W" else 1)


def millis(*parts: int, ms: int = 0) -> int | None:
    """Year, month, day, hour, minute, second as if UTC."""
    try:
        at = int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000 + ms  # type: ignore[misc,arg-type]  # six
    except (ValueError, OverflowError):
        return None
    return at if at >= 0 else None


# --- Novatek and 70mai -------------------------------------------------------------------------------

FREE_GPS = struct.Struct("<6I4sff")
FREE_GPS_AT = 48
FREE_GPS_BYTES = FREE_GPS_AT + FREE_GPS.size


def free_gps(block: bytes) -> Point | None:
    """One block as it stands in the file, from its length on: time, ``A`` for a fix, hemispheres, ``DDMM.MMMM``."""
    if len(block) < FREE_GPS_BYTES or block[4:12] != b"freeGPS ":
        return None
    hour, minute, second, year, month, day, marks, lat, lon = FREE_GPS.unpack_from(block, FREE_GPS_AT)
    if marks[:1] != b"A" or marks[1:2] not in b"NS" or marks[2:3] not in b"EW" or not 0 <= lat + lon < 10**5:
        return None
    at = millis(year if year >= 2000 else 2000 + year, month, day, hour, minute, second)  # noqa: PLR2004 - with or without
    return place(at, *degrees(marks[1:2], lat, marks[2:3], lon))


SECONDS = struct.Struct("<4IcIcI10x")


def by_the_second(box: bytes) -> Track | None:
    """The records of a box ``GPS ``: places in thousandths of ``DDMM``."""
    whole = len(box) // SECONDS.size * SECONDS.size
    points = []
    for _, _, _, _, north, lat, east, lon in SECONDS.iter_unpack(box[:whole]):
        if north in b"NS" and east in b"EW":
            points.append(place(None, *degrees(north, lat / 1000, east, lon / 1000)))
    return track_of("recorder", [point for point in points if point is not None])


# --- EXIF --------------------------------------------------------------------------------------------


def of_photo(taken_at: exif.Place) -> Track | None:
    """The one place of a photo, without a time of its own."""
    error_m = taken_at.error_m
    accuracy_dm = ACCURACY_DM if error_m is None else max(1, round(min(error_m, 10**5) * 10))
    point = place(None, taken_at.latitude, taken_at.longitude, accuracy_dm)
    return track_of("recorder", [] if point is None else [point])


# --- GPMF --------------------------------------------------------------------------------------------

_HEAD = struct.Struct(">4scBH")


def gpmf(payload: bytes) -> list[Point]:
    """Points of one GPMF payload; those of `GPS5` have the satellites' time."""
    return [point for stream in _streams(payload, 0) for point in _of_stream(stream)]


def _items(data: bytes) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    """Key, type, size of one, values."""
    at = 0
    while at + _HEAD.size <= len(data):
        key, kind, size, count = _HEAD.unpack_from(data, at)
        length = size * count
        yield key, kind, size, data[at + _HEAD.size : at + _HEAD.size + length]
        at += _HEAD.size + (length + 3) // 4 * 4


def _streams(data: bytes, depth: int) -> Iterator[dict[bytes, tuple[int, bytes]]]:
    """What each ``STRM`` holds."""
    for key, _, _, value in _items(data):
        if key == b"DEVC" and depth < DEPTH_MAX:
            yield from _streams(value, depth + 1)
        elif key == b"STRM":
            yield {key: (size, value) for key, _, size, value in _items(value)}


def _of_stream(stream: dict[bytes, tuple[int, bytes]]) -> Iterator[Point]:
    _, fix = stream.get(b"GPSF", (0, b""))
    if b"GPS5" in stream and any(fix):
        _, told = stream.get(b"GPSU", (0, b""))
        _, dop = stream.get(b"GPSP", (0, b""))
        accuracy = int.from_bytes(dop[:2]) * DOP_DM // 100 if dop else ACCURACY_DM
        yield from _places(stream, b"GPS5", _gpsu(told), accuracy, before=0)
    elif b"GPRI" in stream:
        yield from _places(stream, b"GPRI", None, ACCURACY_DM, before=1)


def _places(
    stream: dict[bytes, tuple[int, bytes]], key: bytes, at: int | None, accuracy_dm: int, *, before: int
) -> Iterator[Point]:
    """Latitude and longitude of each record, by the stream's scales; ``before`` numbers of 64 bits come first."""
    size, values = stream[key]
    scale_size, scales = stream.get(b"SCAL", (0, b""))
    if scale_size != 4 or len(scales) < 4 * (before + 2) or size < 8 * before + 8:  # noqa: PLR2004 - bytes of a number
        return
    lat_scale, lon_scale = struct.unpack_from(">ii", scales, 4 * before)
    if lat_scale <= 0 or lon_scale <= 0:
        return
    for begin in range(0, len(values) - size + 1, size):
        lat, lon = struct.unpack_from(">ii", values, begin + 8 * before)
        point = place(at, lat / lat_scale, lon / lon_scale, accuracy_dm)
        if point is not None:
            yield point


def _gpsu(text: bytes) -> int | None:
    """``yymmddhhmmss.sss``."""
    told = text.decode("ascii", "replace")
    try:
        parts = [int(told[at : at + 2]) for at in range(0, 12, 2)]
        return millis(2000 + parts[0], *parts[1:], ms=int(told[13:16] or 0))
    except ValueError:
        return None

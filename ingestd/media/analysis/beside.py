"""Where a clip was recorded, from a file beside it under its name. PURE.

* NMEA 0183: ``RMC`` sentences with their checksum, a valid fix and the satellites' UTC.
* Subtitles of drones (SubRip): a place a picture or a second, in brackets (``[latitude: ...]``, also misspelt) or as
  ``GPS(longitude, latitude, ...)``; the time of day, where one is told, is the drone's own.
* GPX 1.0 and 1.1: ``trkpt`` with the satellites' UTC.

Which it is its content tells, not its name: recorders call NMEA ``.GPS`` and ``.NMA`` as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from ingestd.media.analysis.model import Point, Track
from ingestd.media.analysis.tracks import ACCURACY_DM, DOP_DM, degrees, millis, place, track_of
from ingestd.media.stamp import read

SUFFIXES = tuple(f".{end}" for name in ("nmea", "nma", "gps", "srt", "gpx") for end in (name.upper(), name))
"""How recorders call such files."""
FILE_BYTES = 32 << 20
"""As much is read: 40 hours of NMEA; of subtitles a picture, which have 10 kB a second, the first 50 minutes."""
_SNIFFED = 4096


def track_beside(data: bytes) -> Track | None:
    """The track of such a file; None where it has none."""
    head = data[:_SNIFFED]
    if b"-->" in head:
        return track_of("recorder", list(_subtitles(data[:FILE_BYTES])))
    if b"<gpx" in head:
        return track_of("satellite", list(_gpx(data[:FILE_BYTES])))
    found = (_rmc(line) for line in data[:FILE_BYTES].split(b"\n"))
    return track_of("satellite", [point for point in found if point is not None])


# --- NMEA 0183 ---------------------------------------------------------------------------------------


def _rmc(line: bytes) -> Point | None:
    """``$GNRMC,hhmmss.ss,A,ddmm.mmmm,N,dddmm.mmmm,E,speed,course,ddmmyy,...*hh``; the prefix is not read."""
    body, star, check = line[line.find(b"$") + 1 :].strip().partition(b"*")
    if not star or body[2:5] != b"RMC" or _checksum(body) != check.upper():
        return None
    parts = body.decode("ascii", "replace").split(",")
    try:
        clock, valid, lat, north, lon, east, _, _, day = parts[1:10]
        moment = [int(day[at : at + 2]) for at in (4, 2, 0)] + [int(clock[at : at + 2]) for at in (0, 2, 4)]
        at = millis(2000 + moment[0], *moment[1:], ms=int((clock[7:10] + "000")[:3]))
        where = degrees(north.encode(), float(lat), east.encode(), float(lon))
    except ValueError:
        return None
    return place(at, *where) if valid == "A" and at is not None else None


def _checksum(body: bytes) -> bytes:
    total = 0
    for byte in body:
        total ^= byte
    return b"%02X" % total


# --- subtitles of drones -------------------------------------------------------------------------------

_NUMBER = rb"(-?\d{1,3}(?:\.\d{1,12})?)"
_TOLD = re.compile(
    rb"(?P<cue>\d\d:\d\d:\d\d),\d{3} *-->"
    rb"|(?P<time>\d{4}[-.]\d{1,2}[-.]\d{1,2} \d{1,2}:\d\d:\d\d(?:[.,]\d{3})?)"
    rb"|\[latitude ?: ?" + _NUMBER + rb"\] ?\[longt?itude ?: ?" + _NUMBER + rb"\]"
    rb"|\bGPS ?\(" + _NUMBER + rb", ?" + _NUMBER + rb"[,)]"
)
_PARTS = re.compile(rb"\d+")


def _subtitles(data: bytes) -> Iterator[Point]:
    """The first place of each second: drones write one a picture."""
    for _, points in groupby(_cues(data), key=lambda one: one[0]):
        yield next(points)[1]


def _cues(data: bytes) -> Iterator[tuple[bytes, Point]]:
    """Each place with the second of its subtitle."""
    cue, at = b"", None
    for one in _TOLD.finditer(data):
        if one["cue"]:
            cue, at = one["cue"], None
        elif one["time"]:
            at = _wall(one["time"])
        else:
            north, east, lon, lat = one.groups()[2:]
            point = place(at, float(north or lat), float(east or lon))
            if point is not None:
                yield cue, point


def _wall(text: bytes) -> int | None:
    """``2022-08-07 13:40:40,774``, ``2017.8.5 14:11:51``."""
    *parts, last = map(int, _PARTS.findall(text))
    return millis(*parts, ms=last) if len(parts) == 6 else millis(*parts, last)  # noqa: PLR2004 - up to seconds


# --- GPX -----------------------------------------------------------------------------------------------

_STEP = 1 << 16
_POINTS = ("trkpt", "wpt", "rtept")


def _gpx(data: bytes) -> Iterator[Point]:
    """Its points, also of a file that breaks off; one with a document type, which may define entities, is none."""
    if b"<!DOCTYPE" in data:
        return
    parser: XMLPullParser[Element] = XMLPullParser()
    with suppress(ParseError):
        for begin in range(0, len(data), _STEP):
            parser.feed(data[begin : begin + _STEP])
            for event in parser.read_events():
                element = event[-1]
                if isinstance(element, Element) and _name(element) in _POINTS:
                    point = _trkpt(element) if _name(element) == "trkpt" else None
                    element.clear()
                    if point is not None:
                        yield point


def _trkpt(element: Element) -> Point | None:
    told = {_name(one): (one.text or "").strip() for one in element}
    claim = read(told.get("time", ""))
    try:
        where = float(element.get("lat", "")), float(element.get("lon", ""))
        dop = float(told.get("hdop") or told.get("pdop") or ACCURACY_DM / DOP_DM)
    except ValueError:
        return None
    at = claim[0] if claim is not None and claim[1] == "utc" else None
    return place(at, *where, accuracy_dm=round(dop * DOP_DM) if 0 < dop < 10**4 else ACCURACY_DM)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]

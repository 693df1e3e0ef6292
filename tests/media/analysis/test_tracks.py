"""Tracks, both ways: what is written as recorders write it is read again, and what is no track is none."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.facts import E6
from ingestd.media.analysis import places, tracks
from ingestd.media.analysis.model import POINTS_MAX, Point

LAT, LON = st.floats(0.02, 89), st.floats(-179, 179).filter(lambda lon: abs(lon) > 0.02)
AT = st.integers(946_684_800, 4_000_000_000)


def folded(degrees: float) -> float:
    """``DDMM.MMMM`` of degrees."""
    return int(abs(degrees)) * 100 + abs(degrees) % 1 * 60


def sentence(at: int, lat: float, lon: float, *, valid: str = "A") -> bytes:
    moment = datetime.fromtimestamp(at, UTC)
    body = (
        f"GNRMC,{moment:%H%M%S}.00,{valid},{folded(lat):011.6f},N,{folded(lon):012.6f},{'E' if lon > 0 else 'W'},"
        f"0.1,12.5,{moment:%d%m%y},,,A"
    ).encode()
    check = 0
    for byte in body:
        check ^= byte
    return b"$%s*%02X\r\n" % (body, check)


def near(point: Point, lat: float, lon: float, by: float = 2e-6) -> bool:
    return abs(point.lat / E6 - lat) <= by and abs(point.lon / E6 - lon) <= by


@given(AT, LAT, LON)
def test_nmea_both_ways(at, lat, lon):
    """Time by the satellites, the place to a decimetre; with the recorder's own prefix too."""
    track = tracks.nmea(b"[000001]" + sentence(at, lat, lon))
    assert track.timed_by == "satellite"
    (point,) = track.points
    assert point.at == at * 1000
    assert near(point, lat, lon)


def test_nmea_without_a_fix_a_checksum_or_sense_is_passed_over():
    """What remains is the track; a file of nothing has none."""
    good = sentence(1_790_000_000, 26.5, 110.25)
    bad = [
        sentence(1_790_000_000, 26.5, 110.25, valid="V"),
        good.replace(b"26", b"27", 1),
        good[:30],
        b"$GPGGA,1,2*00",
        b"\xff\xfe\0" * 50,
        sentence(1_790_000_000, 0.0001, 0.0001),
    ]
    assert len(tracks.nmea(b"\n".join([*bad, good, *bad])).points) == 1
    assert tracks.nmea(b"\n".join(bad)) is None


def test_a_long_track_is_thinned_evenly():
    """Ten hours by the second keep their begin and their shape."""
    lines = b"".join(sentence(1_790_000_000 + second, 26.0, 110.0) for second in range(7_000))
    points = tracks.nmea(lines).points
    assert POINTS_MAX / 2 <= len(points) <= POINTS_MAX
    assert len({later.at - earlier.at for earlier, later in pairwise(points)}) == 1


def block(at: int, lat: float, lon: float, *, year: int = 0, mark: bytes = b"A") -> bytes:
    moment = datetime.fromtimestamp(at, UTC)
    head = struct.pack(">I", 0x4000) + b"freeGPS " + bytes(36)
    told = (moment.hour, moment.minute, moment.second, year or moment.year - 2000, moment.month, moment.day)
    marks = mark + b"N" + (b"E" if lon > 0 else b"W") + b"0"
    return head + struct.pack("<6I4sff", *told, marks, folded(lat), folded(lon)) + bytes(64)


@given(AT, LAT, LON)
def test_free_gps_both_ways(at, lat, lon):
    """The recorder's own time, the place to some metres, as its floats allow."""
    point = tracks.free_gps(block(at, lat, lon))
    assert point.at == at * 1000
    assert near(point, lat, lon, 2e-5)


@pytest.mark.parametrize(
    "wrong",
    [b"", block(10**9, 26.0, 110.0, mark=b"V"), block(10**9, 26.0, 110.0)[:70], bytes(200), b"\xff" * 200],
)
def test_no_fix_no_point(wrong):
    """Nor what is no such block."""
    assert tracks.free_gps(wrong) is None


def test_a_date_that_is_none_leaves_the_place():
    """The 99th month is no time; the satellites told the place."""
    data = bytearray(block(10**9, 26.0, 110.0))
    data[48 + 16 : 48 + 20] = struct.pack("<I", 2**32 - 1)
    assert tracks.free_gps(bytes(data)).at is None


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


@given(st.lists(st.tuples(AT, LAT, LON), min_size=1, max_size=5))
def test_a_novatek_file(fixes):
    """The table in moov leads to each block."""
    blocks = [block(*fix) for fix in fixes]
    ftyp = box(b"ftyp", b"isom")
    offsets, at = [], len(ftyp) + 8
    for one in blocks:
        offsets.append((at, len(one)))
        at += len(one)
    table = bytes(8) + b"".join(struct.pack(">II", *one) for one in offsets)
    file = ftyp + box(b"mdat", b"".join(blocks)) + box(b"moov", box(b"mvhd", bytes(20)) + box(b"gps ", table))
    track = places.track_in(io.BytesIO(file))
    assert track.timed_by == "recorder"
    assert [point.at for point in track.points] == [at * 1000 for at, _, _ in fixes]


def packed(key: bytes, kind: bytes, size: int, data: bytes) -> bytes:
    return struct.pack(">4scBH", key, kind, size, len(data) // size) + data + bytes(-len(data) % 4)


@given(AT, LAT, LON)
def test_gpmf_both_ways(at, lat, lon):
    """Places of a second with the satellites' time and precision."""
    moment = datetime.fromtimestamp(at, UTC)
    stream = b"".join(
        [
            packed(b"GPSF", b"L", 4, struct.pack(">I", 3)),
            packed(b"GPSU", b"U", 16, f"{moment:%y%m%d%H%M%S}.250".encode()),
            packed(b"GPSP", b"S", 2, struct.pack(">H", 170)),
            packed(b"SCAL", b"l", 4, struct.pack(">5i", 10**7, 10**7, 1000, 1000, 100)),
            packed(b"GPS5", b"l", 20, struct.pack(">5i", round(lat * 1e7), round(lon * 1e7), 0, 0, 0) * 2),
        ]
    )
    payload = packed(b"DEVC", b"\0", 1, packed(b"STRM", b"\0", 1, stream))
    first, second = tracks.gpmf(payload)
    assert first == second
    assert (first.at, first.accuracy_dm) == (at * 1000 + 250, 85)
    assert near(first, lat, lon)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_nothing_breaks(data):
    """Points or none, and each on the globe."""
    points = [*tracks.gpmf(data), *tracks.gpmf(packed(b"DEVC", b"\0", 1, packed(b"STRM", b"\0", 1, data)))]
    files = (data, box(b"moov", data), box(b"moov", box(b"gps ", data)), box(b"GPS ", data))
    for track in (tracks.nmea(data), *(places.track_in(io.BytesIO(file)) for file in files)):
        points += track.points if track else ()
    points += filter(None, [tracks.free_gps(bytes(4) + b"freeGPS " + data)])
    assert all(abs(point.lat) <= 90 * E6 and abs(point.lon) <= 180 * E6 for point in points)


def test_real_recorders(shared):
    """A dash camera's box of seconds, a gimbal's GPMF stream: where they were."""
    corpus = shared / "corpus"
    with (corpus / "dashcam/dashcam-gps/NO20191130-120256-000122.MP4").open("rb") as file:
        track = places.track_in(file)
    assert len(track.points) == 61
    assert near(track.points[0], 52.190583, 20.789483)
    from tests.media.analysis.test_look import looked

    told = looked(corpus / "action/gpmf-extract/karma.mp4")["track"]
    assert told["timed_by"] == "satellite"
    assert near(
        Point(at=None, lat=told["points"][0][1], lon=told["points"][0][2], accuracy_dm=0),
        33.125368,
        -117.331064,
    )

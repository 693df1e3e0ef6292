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
from ingestd.media.analysis.beside import track_beside
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
    track = track_beside(b"[000001]" + sentence(at, lat, lon))
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
    assert len(track_beside(b"\n".join([*bad, good, *bad])).points) == 1
    assert track_beside(b"\n".join(bad)) is None


def test_a_long_track_is_thinned_evenly():
    """Ten hours by the second keep their begin and their shape."""
    lines = b"".join(sentence(1_790_000_000 + second, 26.0, 110.0) for second in range(7_000))
    points = track_beside(lines).points
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
    beside = (data, b"1 -->" + data, b"<gpx>" + data, b"<gpx><trkpt lat='1' lon='1'>" + data)
    for track in (*map(track_beside, beside), *(places.track_in(io.BytesIO(file)) for file in files)):
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


SUBTITLES = b"""1
00:00:00,000 --> 00:00:00,020
<font size="28">FrameCnt: 1, DiffTime: 20ms
2026-10-02 12:27:52.373
[iso: 220] [ev: 0] [latitude: 26.50001] [longitude: 110.25002] [rel_alt: -2.400 abs_alt: 0.401] </font>

2
00:00:00,020 --> 00:00:00,040
<font size="28">FrameCnt: 2, DiffTime: 20ms
2026-10-02 12:27:52.391
[iso: 220] [ev: 0] [latitude: 26.50001] [longitude: 110.25003] [rel_alt: -2.400 abs_alt: 0.401] </font>

3
00:00:01,020 --> 00:00:01,040
HOME(110.1,26.1) 2026.10.2 12:27:53
GPS(110.25004,26.50001,16) Hb:1.9 Hs:1.9

4
00:00:02,020 --> 00:00:02,040
F/5.6, SS 400, GPS (110.25005, 26.50001, 15), HOME (110.1, 26.1, -57.98m), D 698.70m

5
00:00:03,020 --> 00:00:03,040
HOME(0.0,0.0) 2026.10.2 12:27:55
GPS(0.0,0.0,0) Hb:1.9 Hs:1.9
"""


def test_a_drones_subtitles():
    """A place a second, by the drone's own time where it tells one; where it started from is no place of it."""
    track = track_beside(SUBTITLES)
    assert track.timed_by == "recorder"
    wall = int(datetime(2026, 10, 2, 12, 27, 52, tzinfo=UTC).timestamp()) * 1000
    assert [(one.at, one.lat, one.lon) for one in track.points] == [
        (wall + 373, 26_500_010, 110_250_020),
        (wall + 1_000, 26_500_010, 110_250_040),
        (None, 26_500_010, 110_250_050),
    ]


def test_gpx_whole_broken_off_and_hostile():
    """Points of a track with their dilution; not those of a route; what is before a break stands; no entities."""
    point = (
        '<trkpt lat="26.5" lon="110.25"><time>2026-10-02T04:27:52.5Z</time><hdop>2</hdop></trkpt>'
        '<trkpt lat="91" lon="0"/><trkpt lat="x" lon="0"/><trkpt lon="1"/><trkpt lat="26.6" lon="110.3"/>'
    )
    head = (
        '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="1" lon="1"><name><![CDATA[<office>]]></name></wpt>'
    )
    whole = f"{head}<trk><trkseg>{point}</trkseg></trk></gpx>".encode()
    track = track_beside(whole)
    assert track.timed_by == "satellite"
    at = int(datetime(2026, 10, 2, 4, 27, 52, tzinfo=UTC).timestamp()) * 1000 + 500
    assert [(one.at, one.lat, one.accuracy_dm) for one in track.points] == [
        (at, 26_500_000, 100),
        (None, 26_600_000, 100),
    ]
    assert track_beside(whole[:-15]) == track
    bomb = b'<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">]>'
    assert track_beside(whole.replace(b"<gpx", bomb + b"<gpx", 1)) is None


def test_drones_of_every_make(shared):
    """Subtitles as five makes of drone write them, one of them broken off; and those that tell no place."""
    found = {
        path.name: track_beside(path.read_bytes())
        for path in (shared / "corpus/drone").rglob("*.[sS][rR][tT]")
    }
    first = {name: (track.points[0].lat, track.points[0].lon) for name, track in found.items() if track}
    assert first == {
        "MAVIC3.srt": (3_415_310, -3_374_400),
        "air2s.srt": (41_424_724, 2_234_156),
        "broken_incomplete.SRT": (-34_738_300, -58_456_300),
        "mavic_2pro_new.SRT": (-35_080_155, -60_286_702),
        "mavic_pro_buggy.SRT": (42_466_800, -1_221_800),
        "old_format.SRT": (-20_253_300, 149_025_100),
        "p4_rtk.SRT": (-34_237_922, -58_851_745),
    }
    assert {name for name, track in found.items() if track is None} == {
        "Mini_SE.SRT", "broken_empty.SRT", "mavic_air.SRT",
    }  # fmt: skip

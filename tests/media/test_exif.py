"""EXIF: when and where a photo was taken, read exactly or not at all, whatever bytes it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.media import exif
from ingestd.media.samples import with_exif_time
from ingestd.model import Millis
from tests.media.photos import GPS_HERE, segment, with_segment

MOMENT = 1_795_255_200_000  # 2026-11-21T10:00:00Z
JPEG = b"\xff\xd8\xff\xda\x00\x02\xff\xd9"
ORDERS = ("<", ">")
ZONED = {0x9003: "2026:11:21 18:00:00", 0x9011: "+08:00"}


def jpeg_of(order="<", **told):
    return with_segment(JPEG, segment(order, **told))


def placed(order="<", **changed):
    """What is read where the GPS directory differs so: ``_2=...`` is its tag 2, None leaves it out."""
    gps = dict(GPS_HERE) | {int(name[1:]): told for name, told in changed.items()}
    return exif.place(jpeg_of(order, gps={tag: told for tag, told in gps.items() if told is not None}))


@given(st.integers(0, 4_000_000_000))
def test_time_round_trip(seconds):
    """What is written as DateTimeOriginal is read back, as local time."""
    assert exif.taken(with_exif_time(JPEG, Millis(seconds * 1000))) == (seconds * 1000, "local")


@pytest.mark.parametrize("order", ORDERS)
def test_a_time_with_its_zone_is_utc(order):
    """OffsetTimeOriginal makes a local time a moment; in both byte orders, behind another segment."""
    behind = with_segment(JPEG, b"\xff\xe0\x00\x04ab" + segment(order, exif=ZONED, gps=GPS_HERE))
    assert exif.taken(behind) == (MOMENT, "utc")
    assert exif.place(behind) is not None


@pytest.mark.parametrize("order", ORDERS)
def test_a_place(order):
    """Degrees, minutes, seconds on their side; the receiver's own estimate where it tells one."""
    found = placed(order)
    assert (found.latitude, found.longitude) == (pytest.approx(31.24), pytest.approx(121.475))
    assert found.error_m is None
    south = placed(order, _1="S", _3="W", _31=[(45, 10)], _18="WGS-84", _9="A")
    assert (south.latitude, south.longitude) == (pytest.approx(-31.24), pytest.approx(-121.475))
    assert south.error_m == pytest.approx(4.5)


def test_degrees_alone():
    """Some write all of it as one fraction."""
    found = placed(_2=[(3_124_000, 100_000), (0, 1), (0, 1)])
    assert found.latitude == pytest.approx(31.24)


@pytest.mark.parametrize(
    "changed",
    [
        {"_1": None},
        {"_1": "X"},
        {"_3": None},
        {"_2": None},
        {"_4": [(121, 1), (28, 1)]},
        {"_2": [(31, 1), (14, 1), (24, 0)]},
        {"_2": [(31, 1), (61, 1), (24, 1)]},
        {"_4": [(181, 1), (0, 1), (0, 1)]},
        {"_2": "31.24"},
        {"_9": "V"},
        {"_18": "TOKYO"},
    ],
    ids=str,
)
def test_what_is_no_place(changed):
    """Half of one, no numbers, a fix that was lost, another datum: nothing is said."""
    assert placed(**changed) is None


def test_nothing_there():
    """A photo without EXIF, one without times or places."""
    for head in (JPEG, b"", b"\x89PNG\r\n\x1a\n", jpeg_of(exif={})):
        assert exif.taken(head) is None
        assert exif.place(head) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_no_trouble(data):
    """Whatever follows the marks of JPEG, EXIF and TIFF."""
    for head in (
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1\x01\x80Exif\0\0II*\0",
        b"\xff\xd8\xff\xe1\x01\x80Exif\0\0MM\0*",
    ):
        claim = exif.taken(head + data)
        assert claim is None or claim[1] in ("utc", "local")
        exif.place(head + data)


@given(st.sampled_from(ORDERS), st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_any_changed_bytes_are_no_trouble(order, at, value):
    """Offsets and counts that lead out of the bytes end in no claim, not in an error."""
    data = bytearray(jpeg_of(order, exif=ZONED, gps=GPS_HERE))
    at %= len(data)
    data[at : at + len(value)] = value
    claim, found = exif.taken(bytes(data)), exif.place(bytes(data))
    assert claim is None or isinstance(claim[0], int)
    assert found is None or abs(found.longitude) <= 182

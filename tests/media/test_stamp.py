"""Creation times: read exactly or not at all, whatever bytes a photo holds."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.media import stamp
from ingestd.media.samples import with_exif_time
from ingestd.model import Millis

MOMENT = 1_795_255_200_000  # 2026-11-21T10:00:00Z
JPEG = b"\xff\xd8\xff\xda\x00\x02\xff\xd9"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("2026-11-21T10:00:00.000000Z", (MOMENT, "utc")),
        ("2026-11-21T10:00:00.250Z", (MOMENT + 250, "utc")),
        ("2026-11-21T18:00:00+0800", (MOMENT, "utc")),
        ("2026-11-21T04:30:00-05:30", (MOMENT, "utc")),
        ("2026:11:21 10:00:00", (MOMENT, "local")),
        ("2026-11-21 10:00:00", (MOMENT, "local")),
        ("1903-12-31T00:00:00Z", (-2_082_931_200_000, "utc")),
        ("2026-02-30T10:00:00Z", None),
        ("2026-11-21T25:00:00Z", None),
        ("2026-11-21T10:00:00+99:00", None),
        ("0000:00:00 00:00:00", None),
        ("２026-11-21T10:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_of_real_containers(text, claim):
    """The forms that cameras write are read to the millisecond; others are no claim."""
    assert stamp.read(text) == claim


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text):
    """No text from a container upsets the reader."""
    claim = stamp.read(text)
    assert claim is None or claim[1] in ("utc", "local")


def test_zero_epochs_are_no_time():
    """1904 and 1970 to the second are what a writer without a clock leaves; a second later is a claim."""
    assert stamp.is_zero(stamp.read("1904-01-01T00:00:00Z"))
    assert stamp.is_zero(stamp.read("1970-01-01T00:00:00Z"))
    assert not stamp.is_zero(stamp.read("1970-01-01T00:00:01Z"))


@given(st.integers(0, 4_000_000_000))
def test_exif_round_trip(seconds):
    """What is written as DateTimeOriginal is read back, as local time."""
    assert stamp.of_jpeg(with_exif_time(JPEG, Millis(seconds * 1000))) == (seconds * 1000, "local")


def big_endian_with_zone() -> bytes:
    original, zone = b"2026:11:21 18:00:00\0", b"+08:00\0"
    exif = struct.pack(
        ">HHHIIHHIII", 2, 0x9003, 2, len(original), 56, 0x9011, 2, len(zone), 56 + len(original), 0
    )
    tiff = b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0) + exif + original + zone
    body = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe0\x00\x04ab\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def test_exif_with_its_zone_is_utc():
    """OffsetTimeOriginal makes a local time a moment; big-endian and behind another segment."""
    assert stamp.of_jpeg(big_endian_with_zone()) == (MOMENT, "utc")


@given(st.binary(max_size=400))
def test_any_bytes_are_no_trouble(data):
    """Whatever follows the marks of JPEG, EXIF and TIFF."""
    for head in (
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1\x01\x80Exif\0\0II*\0",
        b"\xff\xd8\xff\xe1\x01\x80Exif\0\0MM\0*",
    ):
        claim = stamp.of_jpeg(head + data)
        assert claim is None or claim[1] in ("utc", "local")


@given(st.integers(0, 109), st.integers(0, 255))
def test_any_changed_byte_is_no_trouble(at, value):
    """Offsets and counts that lead out of the bytes end in no claim, not in an error."""
    data = bytearray(big_endian_with_zone())
    data[at % len(data)] = value
    claim = stamp.of_jpeg(bytes(data))
    assert claim is None or isinstance(claim[0], int)

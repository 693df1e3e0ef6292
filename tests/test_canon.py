"""Canonical JSON by the official vectors, and text forms of times, paths, ids both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import canon
from ingestd.model import CardPath, Millis

FOLDERS = ("rfc8785-cyberphone/testdata", "rfc8785-trailofbits/test/assets")
YEARS_1_TO_9999 = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(Millis)


@pytest.mark.parametrize("folder", FOLDERS)
def test_official_vectors(shared: Path, folder: str) -> None:
    """RFC 8785's own test suite: every input gives exactly the listed output."""
    root = shared / "vectors" / folder
    inputs = sorted((root / "input").glob("*.json"))
    assert len(inputs) >= 6
    for path in inputs:
        value = json.loads(path.read_bytes())
        assert canon.encode(value) == (root / "output" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'"\\u0061"',
        b"1.0",
        b"1e3",
        b"-0",
        b"NaN",
        b"\xff",
        b'"\\ud800"',
        b"9007199254740993",
        b"[" * 100_000,
    ],
)
def test_decode_takes_nothing_that_encode_does_not_write(data: bytes) -> None:
    """Order, spaces, doubles, escapes, number forms, surrogates, depth: refused, never repaired."""
    with pytest.raises(canon.CanonError):
        canon.decode(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_both_round_trips(value: canon.Json) -> None:
    """decode(encode(x)) == x, and encode(decode(b)) == b."""
    data = canon.encode(value)
    assert canon.decode(data) == value
    assert canon.encode(canon.decode(data)) == data


@given(YEARS_1_TO_9999)
def test_timestamps_both_ways(at: Millis) -> None:
    """Milliseconds survive, also before 1970."""
    if at >= -30_610_224_000_000:  # four-digit years
        assert canon.instant(canon.timestamp(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T13:14:05Z",
        "2026-11-21T13:14:05.12Z",
        "2026-11-21 13:14:05.123Z",
        "2026-11-21T13:14:05.123+00:00",
        "",
    ],
)
def test_a_timestamp_has_one_form(text: str) -> None:
    """Any other spelling is refused: what is hashed must not have two forms."""
    with pytest.raises(canon.CanonError):
        canon.instant(text)


@given(st.binary(min_size=1, max_size=255).filter(lambda b: b"\0" not in b))
def test_a_path_of_any_bytes_comes_back(raw: bytes) -> None:
    """Text and base64 together give the exact bytes, whatever they are."""
    path = CardPath(raw)
    assert canon.path_bytes(canon.path_text(path), canon.path_b64(path)) == path


def test_gbk_names_are_read_as_such() -> None:
    """Design 6: UTF-8, else GBK, else U+FFFD."""
    assert canon.path_text(CardPath("视频_张某.mp4".encode())) == "视频_张某.mp4"
    assert canon.path_text(CardPath("视频_张某.mp4".encode("gbk"))) == "视频_张某.mp4"
    assert canon.path_b64(CardPath("视频".encode())) is None
    assert canon.path_b64(CardPath("视频".encode("gbk"))) is not None
    assert "\ufffd" in canon.path_text(CardPath(b"\xff\xff\x80"))


def test_ids_are_uuid7_and_sort_by_time() -> None:
    """RFC 9562 5.7: version 7, variant 10, ascending with time."""
    ids = [canon.new_id(Millis(at), bytes(10)) for at in (0, 1, 1_795_270_000_000, 2**48 - 1)]
    assert ids == sorted(ids)
    for one in ids:
        assert one[14] == "7"
        assert one[19] in "89ab"
        assert len(one) == 36

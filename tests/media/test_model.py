"""A description of media: both round trips, and nothing else passes."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import canon
from ingestd.media.model import Media, MediaError, MediaStream

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.one_of(st.none(), st.integers(0, 1 << 40))
streams = st.builds(
    MediaStream,
    kind=texts,
    codec=st.one_of(st.none(), texts),
    profile=st.one_of(st.none(), texts),
    width=numbers,
    height=numbers,
    fps=st.one_of(st.none(), texts),
    sample_rate=numbers,
    channels=numbers,
    bits=numbers,
)
descriptions = st.builds(
    Media,
    container=texts,
    duration_ms=numbers,
    created=st.one_of(st.none(), st.integers(-(1 << 40), 1 << 40)),
    created_zone=st.sampled_from(["utc", "local", "unknown"]),
    streams=st.lists(streams, max_size=4).map(tuple),
    tags=st.dictionaries(texts, texts, max_size=4).map(lambda d: tuple(sorted(d.items()))),
    notes=st.lists(texts, max_size=3).map(tuple),
    tool=texts,
    tool_version=texts,
)
PLAIN = Media(
    container="mp4",
    duration_ms=1,
    created=None,
    created_zone="unknown",
    streams=(),
    tags=(("make", "x"),),
    notes=(),
    tool="PyAV",
    tool_version="1",
)


@given(descriptions)
def test_both_round_trips_as_canonical_json(media):
    """What is signed in a manifest reads back as it was, and writes the same bytes again."""
    data = canon.encode(media.to_json())
    assert Media.from_json(canon.decode(data)) == media
    assert canon.encode(Media.from_json(canon.decode(data)).to_json()) == data


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("container", None),
        ("container", "x" * 201),
        ("container", "\ud800"),
        ("duration_ms", -1),
        ("duration_ms", 1.5),
        ("duration_ms", True),
        ("duration_ms", 1 << 60),
        ("created_zone", "mars"),
        ("streams", [{}] * 33),
        ("streams", [{"kind": "video"}]),
        ("streams", {}),
        ("tags", {str(n): "" for n in range(17)}),
        ("tags", {"a": 1}),
        ("notes", "x"),
    ],
)
def test_a_child_that_was_taken_over_cannot_say_what_it_likes(name, value):
    """Types, lengths and numbers are checked: the answerer parsed hostile bytes."""
    data = copy.deepcopy(PLAIN.to_json())
    assert Media.from_json(data) == PLAIN
    data[name] = value
    with pytest.raises(MediaError):
        Media.from_json(data)


def test_fields_are_all_there_and_no_more():
    """Unknown is null, never absent."""
    for data in ({}, {**PLAIN.to_json(), "more": 1}, [], None, 7):
        with pytest.raises(MediaError):
            Media.from_json(data)


def test_a_photo_has_no_video():
    """Previews are made of moving pictures."""
    picture = MediaStream(
        kind="video", codec="mjpeg", profile=None, width=1, height=1, fps=None,
        sample_rate=None, channels=None, bits=None,
    )  # fmt: skip
    data = {**PLAIN.to_json(), "streams": Media.to_json.__get__(PLAIN)()["streams"]}
    assert not Media.from_json(data).has_video
    from dataclasses import replace

    assert replace(PLAIN, streams=(picture,)).has_video
    assert not replace(PLAIN, container="jpeg_pipe", streams=(picture,)).has_video

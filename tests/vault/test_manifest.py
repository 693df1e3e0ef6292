"""The manifest: both round trips, strict reading, and the published schema that says the same."""

from __future__ import annotations

import dataclasses
import json
import typing
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd import canon
from ingestd.events import ClaimRecord
from ingestd.model import CHUNK_BYTES, BadRange, CardPath, Flag, Interval, Kind
from ingestd.vault import manifest
from ingestd.vault.manifest import Manifest, ManifestError, Offset, Recorded, Source, Station

SCHEMA = json.loads(resources.files("ingestd.vault").joinpath("manifest.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
sizes = st.integers(0, 2**53 - 1)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
times = st.integers(-30_610_224_000_000, 253_402_300_799_999)
ids = st.builds(canon.new_id, st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
words = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


def bounds(values: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int | None, int | None]]:
    ordered = st.tuples(values, values).map(sorted).map(tuple)
    return st.tuples(st.none() | values, st.none() | values).filter(lambda b: None in b) | ordered


@st.composite
def intervals(draw, cls=Interval, values=times):
    earliest, latest = draw(bounds(values))
    return cls(earliest=earliest, latest=latest, basis=draw(texts))


@st.composite
def sources(draw, size: int) -> Source:
    raw = CardPath(draw(st.binary(max_size=30) | texts.map(str.encode)))
    cuts = sorted(draw(st.sets(st.integers(0, size), max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    claims = st.builds(
        ClaimRecord, what=words, text=st.none() | texts, value=st.none() | digests, source=texts
    )
    return Source(
        driver=draw(words),
        family=draw(st.none() | texts),
        recorder=draw(texts),
        claims=tuple(draw(st.lists(claims, max_size=3))),
        slot=draw(texts),
        session=draw(ids),
        docked_at=draw(times),
        volume=draw(st.none() | texts),
        path=canon.path_text(raw),
        path_b64=canon.path_b64(raw),
        told_size=draw(sizes),
        told_mtime_us=draw(st.none() | integers),
        bad_ranges=tuple(BadRange(offset=a, length=b - a) for a, b in pairs),
        partial=draw(st.booleans()),
    )


json_values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v),
)


@st.composite
def manifests(draw) -> Manifest:
    size = draw(sizes)
    return Manifest(
        acquisition=draw(ids),
        sha256=draw(digests),
        size=size,
        chunks_root=draw(digests),
        kind=draw(st.sampled_from(Kind)),
        marked=draw(st.booleans()),
        sequence=draw(st.none() | integers),
        officer=draw(st.none() | texts),
        source=draw(sources(size)),
        recorded=Recorded(
            start=draw(intervals()), end=draw(intervals()), clock_offset_ms=draw(intervals(Offset, integers))
        ),
        media=draw(st.none() | st.dictionaries(texts, json_values, max_size=3)),
        station=Station(agency=draw(texts), station=draw(texts), certificate_sha256=draw(digests)),
        read_back=draw(st.sampled_from(["direct", "evicted"])),
        stored_at=draw(times),
        flags=tuple(draw(st.lists(st.sampled_from(Flag) | words, max_size=3, unique_by=str))),
    )


EXAMPLE = manifest.parse(
    canon.encode(
        {
            "format": "ingestd-clip/1",
            "acquisition": "0192f0c1-2b3c-7d4e-8f50-123456789abc",
            "sha256": "ab" * 32,
            "size": 10,
            "chunk_size": CHUNK_BYTES,
            "chunks_root": "cd" * 32,
            "kind": "video",
            "marked": True,
            "sequence": 7,
            "officer": "044210",
            "source": {
                "driver": "folder",
                "family": None,
                "recorder": "unidentified",
                "claims": [{"what": "serial", "text": "1", "value": None, "source": "name"}],
                "slot": "slot-1",
                "session": "s",
                "docked_at": "2026-09-21T14:13:20.000Z",
                "volume": None,
                "path": "视频.MP4",
                "path_b64": "ytPGtS5NUDQ=",
                "told_size": 10,
                "told_mtime_us": None,
                "bad_ranges": [{"offset": 2, "length": 3}],
                "partial": False,
            },
            "recorded": {
                "start": {"earliest": None, "latest": None, "basis": "none"},
                "end": {"earliest": None, "latest": "2026-09-21T14:13:20.000Z", "basis": "docked"},
                "clock_offset_ms": {"earliest": -540_000, "latest": -539_000, "basis": "read"},
            },
            "media": None,
            "station": {"agency": "a", "station": "b", "certificate_sha256": "ef" * 32},
            "read_back": "direct",
            "stored_at": "2026-09-21T14:14:20.123Z",
            "flags": ["name-not-text"],
        }
    )
)


@settings(max_examples=60, deadline=None)
@given(manifests())
def test_round_trips_and_schema(made: Manifest) -> None:
    """parse(to_bytes(m)) == m, to_bytes(parse(b)) == b, and the schema accepts every manifest."""
    data = made.to_bytes()
    parsed = manifest.parse(data)
    assert parsed == made
    assert parsed.to_bytes() == data
    VALIDATOR.validate(json.loads(data))


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        found += _paths(below, (*at, key))
    return found


PATHS = _paths(json.loads(EXAMPLE.to_bytes()))


def changed(path: tuple[Any, ...], change) -> bytes:
    value = json.loads(EXAMPLE.to_bytes())
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return canon.encode(value)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: ".".join(map(str, p)))
@pytest.mark.parametrize("wrong", [3.5, {"odd": 1}, ["odd"]], ids=str)
def test_other_types_are_refused_by_code_and_schema(path: tuple[Any, ...], wrong: Any) -> None:
    """Whatever field holds a value of another type, both refuse it (media is free inside)."""
    data = changed(path, lambda holder, key: holder.__setitem__(key, wrong))
    if (path, type(wrong)) in ((("media",), dict), (("flags",), list)):
        return  # right types
    with pytest.raises(ManifestError):
        manifest.parse(data)
    assert not VALIDATOR.is_valid(json.loads(data))


@pytest.mark.parametrize(
    "path", [p for p in PATHS if isinstance(p[-1], str)], ids=lambda p: ".".join(map(str, p))
)
def test_absent_is_refused(path: tuple[Any, ...]) -> None:
    """Unknown is null, never absent."""
    data = changed(path, lambda holder, key: holder.pop(key))
    with pytest.raises(ManifestError, match="missing or unknown"):
        manifest.parse(data)
    assert not VALIDATOR.is_valid(json.loads(data))


@pytest.mark.parametrize(
    "path", [("x",), ("source", "x"), ("station", "x"), ("recorded", "start", "x")], ids=str
)
def test_unknown_fields_are_refused(path: tuple[Any, ...]) -> None:
    """Nothing travels along unread."""
    data = changed(path, lambda holder, key: holder.__setitem__(key, None))
    with pytest.raises(ManifestError, match="missing or unknown"):
        manifest.parse(data)
    assert not VALIDATOR.is_valid(json.loads(data))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "ingestd-clip/2"}, "format"),
        ({"chunk_size": 1}, "chunk_size"),
        ({"sha256": "AB" * 32}, "sha256"),
        ({"acquisition": "../../x"}, "acquisition"),
        ({"size": -1}, "size is out of range"),
        ({"size": 4}, "bad_ranges"),
        ({"stored_at": 10**15}, "time is out of range"),
        ({"read_back": "maybe"}, "read_back"),
        ({"flags": ("a", "a")}, "twice"),
        ({"flags": ("A B",)}, "no word"),
        ({"media": {"x": 2**53}}, "2"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_inconsistent_values_are_refused(change: dict[str, Any], message: str) -> None:
    """No manifest that contradicts itself is ever made."""
    with pytest.raises(ManifestError, match=message):
        dataclasses.replace(EXAMPLE, **change).to_bytes()


@pytest.mark.parametrize(("text", "b64"), [("视频", "ytPGtQ"), ("x", "ytPGtS5NUDQ="), ("视频", "6KeG6aKR")])
def test_a_path_that_is_not_its_bytes_is_refused(text: str, b64: str) -> None:
    """Text and exact bytes say the same, and bytes stand only where the text is not exact."""
    with pytest.raises(ManifestError, match="disagree"):
        dataclasses.replace(EXAMPLE, source=dataclasses.replace(EXAMPLE.source, path=text, path_b64=b64))


@given(st.binary(max_size=100))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    """Hostile bytes end in a ManifestError and nothing else."""
    with pytest.raises(ManifestError):
        manifest.parse(data)


def test_schema_and_dataclasses_name_the_same_fields() -> None:
    """The schema is closed, complete and itself valid."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    pairs = [
        (Manifest, SCHEMA),
        (Source, properties["source"]),
        (Recorded, properties["recorded"]),
        (Station, properties["station"]),
        (Offset, properties["recorded"]["properties"]["clock_offset_ms"]),
        (BadRange, properties["source"]["properties"]["bad_ranges"]["items"]),
        (Interval, SCHEMA["$defs"]["interval"]),
        (ClaimRecord, SCHEMA["$defs"]["claim"]),
    ]
    for cls, schema in pairs:
        names = [field.name for field in dataclasses.fields(cls)]
        assert sorted(schema["required"]) == sorted(schema["properties"]) == sorted(names), cls
        assert schema["additionalProperties"] is False
    assert properties["kind"]["enum"] == [k.value for k in Kind]
    assert properties["read_back"]["enum"] == list(typing.get_args(manifest.ReadBack))


@given(times)
def test_times_before_1970_too(at: int) -> None:
    """A container's clock may count from 1904: its times survive the round trip to the millisecond."""
    assert canon.instant(canon.timestamp(at)) == at

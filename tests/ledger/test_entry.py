"""An entry's bytes say one thing in one way, for every event there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import canon
from ingestd.clock import ClockState
from ingestd.events import EVENTS, CardListed, ConfigurationChanged, ListedFile
from ingestd.ledger import entry
from ingestd.ledger.entry import INLINE_BYTES, Circumstances, Entry, EntryError, record
from ingestd.model import Kind, Millis, RecorderId, SessionId, Sha256
from tests.ledger.station import MemoryBlobs

VECTORS = (Path(__file__).parents[1] / "vectors/events.jsonl").read_bytes().splitlines()
AROUND = Circumstances(
    at=Millis(1_795_300_000_123),
    clock=ClockState(synchronised=True, uncertainty_ms=12, monotonic_ms=86_400_000),
    node="agency/station",
    actor="daemon",
)
CHANGED = ConfigurationChanged(configuration_sha256=Sha256("ab" * 32))


@pytest.mark.parametrize("line", VECTORS, ids=lambda line: json.loads(line)["type"])
def test_vectors_are_read_and_written_byte_for_byte(line):
    """Old logs must replay for ever: lines of this file are only ever added."""
    parsed = entry.parse(line)
    assert parsed.encode() == line
    around = Circumstances(at=parsed.at, clock=parsed.clock, node=parsed.node, actor=parsed.actor)
    blobs = MemoryBlobs()
    assert record(parsed.event(blobs), parsed.seq, around, blobs) == (parsed, line)


def test_every_event_type_has_a_vector():
    """A new type appends its line."""
    assert {entry.parse(line).type for line in VECTORS} == set(EVENTS)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3),
    max_leaves=8,
)


@given(
    st.builds(
        Entry,
        type=texts,
        at=st.integers(0, 253_402_300_799_999),
        clock=st.builds(
            ClockState,
            synchronised=st.booleans(),
            uncertainty_ms=st.integers(0, 2**40),
            monotonic_ms=st.integers(0, 2**40),
        ),
        seq=st.integers(0, 2**53 - 1),
        node=texts,
        actor=texts,
        subject=texts,
        data=st.dictionaries(texts.filter(lambda key: key != "blob"), json_values, max_size=4),
    )
)
def test_round_trip_of_any_entry(made):
    """parse(format(x)) == x and format(parse(b)) == b."""
    data = made.encode()
    assert entry.parse(data) == made
    assert entry.parse(data).encode() == data


def _with(**changes):
    document = json.loads(record(CHANGED, 7, AROUND, MemoryBlobs())[1])
    for name, value in changes.items():
        if value is ...:
            del document[name]
        else:
            document[name] = value
    return canon.encode(document)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        _with() + b"\n",
        _with().replace(b'"seq":7', b'"seq": 7'),
        _with(v=2),
        _with(v=True),
        _with(seq=-1),
        _with(seq="7"),
        _with(seq=True),
        _with(at="2026-11-21T13:14:05Z"),
        _with(at=1),
        _with(clock=None),
        _with(clock={"synchronised": 1, "uncertainty_ms": 1, "monotonic_ms": 1}),
        _with(clock={"synchronised": True, "uncertainty_ms": -1, "monotonic_ms": 1}),
        _with(data=[]),
        _with(data={"blob": "AB" * 32}),
        _with(data={"blob": 1}),
        _with(actor=None),
        _with(subject=...),
        _with(more=1),
        _with(data={"x": "y" * INLINE_BYTES}),
    ],
)
def test_what_encode_would_not_have_written_is_refused(data):
    """Other versions, fields, types and spellings."""
    with pytest.raises(EntryError):
        entry.parse(data)


def listing(files):
    return CardListed(
        session=SessionId("s"),
        recorder=RecorderId("r"),
        complete=True,
        files=tuple(
            ListedFile(
                path=f"DCIM/视频_{n:05d}.MP4",
                path_b64=None,
                size=n,
                mtime_us=n,
                kind=Kind.VIDEO,
                sequence=n,
                plan="acquire",
                why=None,
            )
            for n in range(files)
        ),
    )


def test_large_data_lies_in_a_blob():
    """20 000 listed files are one entry, and come back."""
    blobs = MemoryBlobs()
    made, data = record(listing(20_000), 0, AROUND, blobs)
    assert len(data) < 500
    assert entry.parse(data) == made
    assert made.blob in blobs.held
    assert made.event(blobs) == listing(20_000)
    small, _ = record(listing(1), 0, AROUND, blobs)
    assert small.blob is None
    assert len(blobs.held) == 1


def test_an_entry_is_inline_up_to_exactly_32_kib():
    """The limit is on the entry's bytes."""
    blobs = MemoryBlobs()
    for files in range(200, 400):
        _, data = record(listing(files), 0, AROUND, blobs)
        assert len(data) <= INLINE_BYTES
        if blobs.held:
            break
    assert len(entry.Entry.encode(record(listing(files - 1), 0, AROUND, blobs)[0])) > INLINE_BYTES - 200


def test_a_blob_with_other_bytes_is_refused():
    """The entry carries the digest: the blob can't be changed behind it."""
    blobs = MemoryBlobs()
    made, _ = record(listing(2000), 0, AROUND, blobs)
    blobs.held[made.blob] = b"{}"
    with pytest.raises(EntryError, match="bytes of its name"):
        made.event(blobs)


def test_no_event_looks_like_a_blob():
    """The one field name that is taken."""
    for cls in EVENTS.values():
        assert set(cls.__dataclass_fields__) != {"blob"}


def test_data_that_is_no_event_of_its_type_is_refused():
    """Fields, unknown types, and a subject that is not the event's."""
    for change in ({"data": {}}, {"type": "no.such"}, {"subject": "clip:1"}):
        with pytest.raises(EntryError):
            entry.parse(_with(**change)).event(MemoryBlobs())


def test_text_that_is_no_unicode_is_an_error_of_the_caller():
    """A lone surrogate never gets into a log."""
    with pytest.raises(EntryError):
        record(ConfigurationChanged(configuration_sha256=Sha256("\ud800")), 0, AROUND, MemoryBlobs())

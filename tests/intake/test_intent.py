"""The intake record: whatever is known before a copy comes back from its bytes, to the byte."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import canon
from ingestd.device.api import ClockReading, NamedTime
from ingestd.intake import intent
from ingestd.intake.holding import Holder, Stretch
from ingestd.intake.intent import Docking, Intent
from ingestd.model import CardPath

whole = st.integers(-(2**53) + 1, 2**53 - 1)
perhaps = st.none() | whole
dockings = st.builds(
    Docking,
    docked_at=whole,
    clock_asked=whole,
    clock_told=whole,
    previous_docking=perhaps,
    clock=st.none() | st.builds(ClockReading, wall=whole, resolution_ms=whole),
    utc_offset_minutes=whole,
    uncertainty_ms=whole,
    commissioned_at=whole,
    held=st.lists(
        st.builds(
            Stretch,
            since_at=perhaps,
            holder=st.builds(Holder, officer=st.none() | st.just("104233"), is_clear=st.booleans()),
        ),
        max_size=3,
    ).map(tuple),
)
intents = st.builds(
    Intent,
    docking=dockings,
    path=st.binary(min_size=1, max_size=300).map(CardPath),
    size=whole,
    mtime_us=perhaps,
    sequence=perhaps,
    named=st.none() | st.builds(NamedTime, wall=whole),
)


@given(intents)
def test_round_trip(record):
    """From value to bytes and back; and from bytes to value and back."""
    data = intent.to_bytes(record)
    assert intent.from_bytes(data) == record
    assert intent.to_bytes(intent.from_bytes(data)) == data


def _before(record):
    """The same record as a program wrote it that knew nothing of holders."""
    raw = canon.decode(intent.to_bytes(record))
    del raw["docking"]["held"]
    return canon.encode(raw)


@given(intents)
def test_records_of_before_are_read(record):
    """A start after an upgrade finishes what was begun before it."""
    found = intent.from_bytes(_before(record))
    assert found == replace(record, docking=replace(record.docking, held=()))


@given(st.binary(max_size=300))
def test_anything_else_is_refused(data):
    """A crash may leave half a record: it is none, and nothing but CanonError says so."""
    with pytest.raises(canon.CanonError):
        intent.from_bytes(data)


@given(intents, st.data())
def test_half_a_record_is_none(record, data):
    whole_record = intent.to_bytes(record)
    cut = data.draw(st.integers(0, len(whole_record) - 1))
    with pytest.raises(canon.CanonError):
        intent.from_bytes(whole_record[:cut])

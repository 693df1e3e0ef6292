"""Creation times: read exactly or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.media import stamp

MOMENT = 1_795_255_200_000  # 2026-11-21T10:00:00Z


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

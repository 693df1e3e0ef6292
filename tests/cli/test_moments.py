"""Moments as people type them."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from ingestd.cli.moments import moment
from ingestd.errors import UsageError
from ingestd.model import Millis
from tests.event_samples import T0

CHINA = timezone(timedelta(hours=8))
MIDNIGHT = 1_795_190_400_000  # 2026-11-21T00:00 in China


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("08:00", MIDNIGHT + 8 * 3_600_000),
        ("8:05", MIDNIGHT + (8 * 60 + 5) * 60_000),
        ("08:00:07", MIDNIGHT + 8 * 3_600_000 + 7000),
        ("2026-11-21T08:00", MIDNIGHT + 8 * 3_600_000),
        ("2026-11-21 08:00", MIDNIGHT + 8 * 3_600_000),
        ("2026-11-21T00:00Z", MIDNIGHT + 8 * 3_600_000),
        ("2026-11-21T00:00:00+08:00", MIDNIGHT),
        ("2026-11-21", MIDNIGHT),
    ],
)
def test_moments(text, ms):
    """Station time unless a zone is told; a clock alone is of today."""
    assert moment(text, zone=CHINA, now=T0) == ms
    assert moment(None, zone=CHINA, now=Millis(0)) is None


def test_a_year_before_recorders_is_told_as_typed():
    """Not as the number that it would be sent as."""
    with pytest.raises(UsageError, match="'0001-01-01T00:00' lies before 1970"):
        moment("0001-01-01T00:00", zone=CHINA, now=T0)


@pytest.mark.parametrize("text", ["", "noon", "25:00", "2026-13-01T00:00", "99999-01-01", "1"])
def test_what_is_none(text):
    """Refused with the forms that are taken."""
    with pytest.raises(UsageError, match="2026-11-21T08:00"):
        moment(text, zone=CHINA, now=T0)

"""Re-verification keeps to its rate, yields to intake, and stops at once."""

from __future__ import annotations

import threading
import time

import pytest

from ingestd.clock import StationClock
from ingestd.pace import Pace


def pace(rate: int, *, busy=lambda: False, stop=None) -> Pace:
    return Pace(bytes_per_s=rate, busy=busy, stop=stop or threading.Event(), clock=StationClock())


def test_keeps_to_its_rate():
    """Ten pieces of 50 ms each take half a second, give or take."""
    at = time.monotonic()
    limit = pace(1_000_000)
    assert all(limit.spent(50_000) for _ in range(10))
    assert 0.2 <= time.monotonic() - at <= 0.8


def test_no_burst_after_a_pause():
    """What was not used while waiting is not made up for."""
    limit = pace(1_000_000)
    time.sleep(0.6)
    at = time.monotonic()
    assert all(limit.spent(100_000) for _ in range(6))
    assert time.monotonic() - at >= 0.3


def test_yields_while_intake_runs_and_goes_on_after():
    """Nothing is read while a recorder is copied."""
    busy = [True]
    limit = pace(10**12, busy=lambda: busy[0])
    threading.Timer(0.2, lambda: busy.__setitem__(0, False)).start()
    at = time.monotonic()
    assert limit.spent(1)
    assert time.monotonic() - at >= 0.15


def test_stop_ends_a_long_wait():
    """A stop is noticed within a slice, and says so."""
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    at = time.monotonic()
    assert not pace(1, stop=stop).spent(10**6)
    assert time.monotonic() - at < 1


def test_no_rate_is_no_pace():
    """Zero would wait for ever."""
    with pytest.raises(ValueError, match="rate"):
        pace(0)

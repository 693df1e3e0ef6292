"""Waits grow, end, and never get longer by a clock that was set back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.model import Millis
from ingestd.people.waits import LONGEST_MS, RULES


@pytest.mark.parametrize("kind", RULES)
def test_waits_grow_to_an_hour_and_then_to_a_lock(kind: str) -> None:
    """Nothing for the first, then doubled; NIST's hundred is not passed."""
    rule = RULES[kind]
    waits = [rule.after(n) for n in range(rule.last + 1)]
    assert waits[: rule.free + 1] == [0] * (rule.free + 1)
    assert waits[rule.free + 1] == rule.first_ms
    assert waits[rule.free + 2] == 2 * rule.first_ms
    told = [wait for wait in waits if wait is not None]
    assert told == sorted(told)
    assert told[-1] <= LONGEST_MS
    assert waits[-1] is None
    assert rule.last <= 100


@given(st.integers(0, 99), st.integers(0, 1 << 45), st.integers(0, 1 << 45))
def test_a_wait_is_never_longer_than_itself(failures: int, last: int, now: int) -> None:
    """Whatever the clock did since."""
    rule = RULES["password"]
    left, whole = rule.left(failures, Millis(last), Millis(now)), rule.after(failures)
    assert left is not None
    assert whole is not None
    assert 0 <= left <= whole
    if now >= last + whole:
        assert left == 0

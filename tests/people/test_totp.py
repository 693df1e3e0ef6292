"""One-time passwords as the standard has them."""

from __future__ import annotations

import base64

import pytest

from ingestd.model import Millis
from ingestd.people import totp

SECRET = b"12345678901234567890"
RFC_6238 = [  # appendix B, SHA-1, eight digits
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]
RFC_4226 = [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
]


@pytest.mark.parametrize(("second", "code"), RFC_6238)
def test_vectors_of_rfc_6238(second: int, code: str) -> None:
    """Appendix B; a phone shows the last six of the eight digits."""
    step = second * 1000 // totp.STEP_MS
    assert totp.code(SECRET, step, 8) == code
    assert totp.code(SECRET, step) == code[2:]
    assert totp.step_of(SECRET, code[2:], Millis(second * 1000)) == step


def test_vectors_of_rfc_4226() -> None:
    """Appendix D: the counter itself."""
    assert [totp.code(SECRET, count) for count in range(10)] == RFC_4226


def test_a_clock_may_be_half_a_minute_off() -> None:
    """One step before and after counts, two do not; nonsense is no code."""
    now, step = Millis(1_111_111_109_000), 1_111_111_109_000 // totp.STEP_MS
    for off in (-1, 0, 1):
        assert totp.step_of(SECRET, totp.code(SECRET, step + off), now) == step + off
    for off in (-2, 2):
        assert totp.step_of(SECRET, totp.code(SECRET, step + off), now) is None
    for wrong in ("", "000000", "x" * 1000, "６２３４５６", totp.code(SECRET, step)[:5]):
        assert totp.step_of(SECRET, wrong, now) is None


def test_the_secret_as_text_is_what_authenticators_read() -> None:
    """Base32, no padding."""
    assert base64.b32decode(totp.text(SECRET)) == SECRET
    assert "=" not in totp.text(b"x" * 17)

"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as every phone has it. PURE."""

from __future__ import annotations

import base64
import hashlib
import hmac

from ingestd.model import Millis

SECRET_BYTES = 20
"""As long as the digest (RFC 4226, 4, R6)."""
STEP_MS = 30_000
DIGITS = 6
AROUND = 1
"""Steps before and after that count as well (RFC 6238, 5.2): a phone's clock may be half a minute off."""


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 0xF
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: bytes, given: str, now: Millis) -> int | None:
    """The step whose code was given, the newest of those that count; None: none of them."""
    middle = now // STEP_MS
    found = None
    for step in range(middle - AROUND, middle + AROUND + 1):  # all of them: the time taken tells nothing
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            found = step
    return found


def text(secret: bytes) -> str:
    """The secret as people type it: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")

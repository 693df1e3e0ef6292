"""Passwords and PINs: what they must be, and argon2id over them (RFC 9106).

Rules are NIST SP 800-63B's: length counts, composition does not; nothing that holds the account's id or the
person's name. Hashing takes 64 MiB and a tenth of a second on purpose, so no more than `AT_ONCE` run at a time:
a crowd of guesses slows down guessing, not intake.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ingestd.errors import BusyError, UsageError
from ingestd.words import Text

LONGEST = 256
PIN_DIGITS = range(6, 13)
AT_ONCE = 2
TURN_S = 10.0
_SHORTEST_NAME, _SHORTEST_LATIN = 2, 4
"""Parts of a name that are shorter may stand in a password by chance: a syllable (Li), a number of three digits."""
_NOBODYS = "no account has this password"


def normal(text: str) -> str:
    """One form for what looks the same (NFKC): full-width letters of an input method are no other password."""
    return unicodedata.normalize("NFKC", text)


def check_password(password: str, *, account: str, name: str | None, least: int) -> None:
    """Raises UsageError where it can't be one: too short or long, or it holds the person's id or name."""
    plain = normal(password)
    if not least <= len(plain) <= LONGEST:
        raise UsageError(
            Text("密码须有 {a} 至 {b} 个字符。", "a password has {a} to {b} characters.").format(
                a=least, b=LONGEST
            )
        )
    if len(set(plain)) < least // 3:
        raise UsageError(Text("密码中重复的字符太多。", "too many characters of the password are the same."))
    own = {account} if name is None else {account, name, *name.split()}
    if any(_holds(plain, normal(one)) for one in own):
        raise UsageError(
            Text("密码中不能含有本人的姓名或编号。", "a password can't hold the person's name or id.")
        )


def _holds(password: str, part: str) -> bool:
    """Whether a part of who the person is stands in it, in any case, with or without blanks."""
    least = _SHORTEST_LATIN if part.isascii() else _SHORTEST_NAME
    bare, wanted = ("".join(text.casefold().split()) for text in (password, part))
    return len(wanted) >= least and wanted in bare


def check_pin(pin: str, *, account: str) -> None:
    """Raises UsageError for what is no PIN, or one that others try first."""
    if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
        raise UsageError(
            Text("PIN 为 {a} 至 {b} 位数字。", "a PIN has {a} to {b} digits.").format(
                a=PIN_DIGITS.start, b=PIN_DIGITS.stop - 1
            )
        )
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 or pin in account or account in pin:
        raise UsageError(
            Text(
                "PIN 不能是重复或连续的数字，也不能含有警号。",
                "a PIN is no row of equal or following digits, and not the officer's number.",
            )
        )


class Hasher:
    """argon2id with a limit on how many run at a time. Safe from any thread."""

    def __init__(self, memory_kib: int) -> None:
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._argon2 = PasswordHasher(memory_cost=memory_kib)  # RFC 9106, second recommended: t=3, p=4

    @cached_property
    def _nobody(self) -> str:
        """Made when it is needed first: a start does not wait for it."""
        return self._argon2.hash(_NOBODYS)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn to hash. Raises BusyError where it does not come."""
        if not self._turns.acquire(timeout=TURN_S):
            raise BusyError(
                Text("正在核对其他人的密码，请稍后再试。", "other passwords are being checked; try again.")
            )
        try:
            yield
        finally:
            self._turns.release()

    def hash(self, secret: str) -> bytes:
        """The hash with its parameters and salt, as text of argon2's own format."""
        return self._argon2.hash(normal(secret)).encode()

    def fits(self, known: bytes | None, secret: str) -> bool:
        """Whether it is the secret of this hash; None (no such account) takes just as long."""
        nobodys = self._nobody  # whoever comes first waits for it, so that the wait tells nothing
        hashed = nobodys if known is None else known.decode()
        try:
            return self._argon2.verify(hashed, normal(secret)[: LONGEST * 4]) and known is not None
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    def is_outdated(self, known: bytes) -> bool:
        """Whether it was made at another cost than the one set now."""
        return self._argon2.check_needs_rehash(known.decode())

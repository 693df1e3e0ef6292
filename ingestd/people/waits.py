"""How long to wait after failures in a row. PURE.

The first few cost nothing: people mistype. Then each wait is twice the one before, up to an hour; after so many
in a row nobody is let in until somebody unlocks it (NIST SP 800-63B, 5.2.2: at most 100). A wait belongs to an
account and a kind of secret: whoever guesses PINs at the kiosk keeps nobody from logging in.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.model import Millis

LONGEST_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The rule for one kind of secret."""

    free: int
    """Failures that cost nothing."""
    first_ms: int
    last: int
    """Failures after which it stays locked."""

    def after(self, failures: int) -> int | None:
        """Milliseconds to wait after so many failures in a row; None: until it is unlocked."""
        if failures >= self.last:
            return None
        over = failures - self.free
        return 0 if over <= 0 else min(LONGEST_MS, self.first_ms << min(over - 1, 20))

    def left(self, failures: int, last_at: Millis, now: Millis) -> int | None:
        """What is left of the wait now. A clock that was set back makes no wait longer than it was."""
        wait = self.after(failures)
        return None if wait is None else max(0, min(wait, last_at + wait - now))


RULES = {
    "password": Waits(free=4, first_ms=30_000, last=100),
    "totp": Waits(free=4, first_ms=30_000, last=100),
    # Six digits: twenty guesses are one in fifty thousand.
    "pin": Waits(free=2, first_ms=60_000, last=20),
}
"""By kind of secret. 100 codes of a million, three of them good at a time: one in three thousand."""

"""How fast one login may ask: a program that runs away costs itself time, not the others."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from ingestd.errors import WaitError
from ingestd.words import Text

A_SECOND = 50.0
BURST = 250.0
"""A page's script, or a program that catches up, may ask so often at once."""
_KNOWN = 2000


class Pace:
    """A bucket of requests for each login, refilled at a steady pace."""

    def __init__(self, now: Callable[[], float]) -> None:
        """``now``: seconds of a clock that only goes on."""
        self._now = now
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, login: str) -> None:
        """One request. Raises WaitError."""
        now = self._now()
        with self._lock:
            left, since = self._left.get(login, (BURST, now))
            left = min(BURST, left + (now - since) * A_SECOND)
            self._left[login] = max(0.0, left - 1), now
            self._left.move_to_end(login)
            while len(self._left) > _KNOWN:
                self._left.popitem(last=False)
        if left < 1:
            raise WaitError(
                Text("请求过于频繁，请一秒后再试。", "too many requests: go on in a second."), wait_s=1
            )

"""Refusals are events too (invariant 5); repeated ones of one person are counted per minute."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ingestd.actions.caller import Caller
from ingestd.clock import Clock
from ingestd.errors import RefusedError
from ingestd.events import ActionRefused
from ingestd.index.books import StationBooks

WINDOW_S = 60.0
_Key = tuple[str, str, str, str, str | None]
"""Actor, verb, about, why, rule."""


class Refusals:
    """Logs the first refusal at once and the count of its repetitions when their minute is over."""

    def __init__(self, books: StationBooks, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._lock = threading.Lock()
        self._repeated: dict[tuple[str, ActionRefused], tuple[float, int]] = {}

    @contextmanager
    def watch(self, who: Caller, verb: str, about: str) -> Iterator[None]:
        """Whatever is refused inside becomes an event."""
        try:
            yield
        except RefusedError as error:
            why, why_zh = error.text.en, error.text.zh
            once = ActionRefused(verb=verb, about=about, why=why, why_zh=why_zh, count=1, **error.cited)
            self._refused(who, once)
            raise

    def _refused(self, who: Caller, once: ActionRefused) -> None:
        key, now = (who.actor, once), self._clock.monotonic()
        with self._lock:
            known = self._repeated.get(key)
            if known is not None and now - known[0] < WINDOW_S:
                self._repeated[key] = (known[0], known[1] + 1)
                return
            self._repeated[key] = (now, 0)
        self._append(key, (known[1] if known else 0) + 1)

    def flush(self, *, at_end: bool = False) -> None:
        """Log the counts whose minute is over (a job calls it), or all of them at the daemon's end."""
        now = self._clock.monotonic()
        with self._lock:
            over = {
                key: count
                for key, (since, count) in self._repeated.items()
                if at_end or now - since >= WINDOW_S
            }
            for key in over:
                del self._repeated[key]
        for key, count in over.items():
            if count:
                self._append(key, count)

    def _append(self, key: tuple[str, ActionRefused], count: int) -> None:
        actor, once = key
        self._books.append([replace(once, count=count)], actor=actor)

"""The watchdog's feeder: signs of life go to the service manager only while every loop of the daemon goes round.

Watched are the publisher, every slot's thread, the jobs and their scheduler, batches that are being secured,
and the threads that listen. A hung recorder is none of these: its worker has a time limit of its own. A hung
disk of the home is: whoever waits for it falls silent, the signs stop, and the service manager ends and
starts the daemon, which is a crash like any other.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingestd.pulse import Pulse
from ingestd.service.notify import Notifier
from ingestd.words import Text

log = logging.getLogger(__name__)

LIMIT_S = 90.0
"""A loop silent for longer is hung: a busy hard disk answers a flush within a few seconds, rarely within 30."""
LOOK_EVERY_S = 10.0
DEAD = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One loop as it is now."""

    name: str
    silent_s: float
    """For how long it should have gone on and did not; `DEAD` where its thread has ended."""

    @classmethod
    def of(cls, name: str, pulse: Pulse, *, is_alive: bool) -> Loop:
        """A thread and its pulse."""
        return cls(name=name, silent_s=pulse.silent_s() if is_alive else DEAD)


class Watchdog:
    """A thread that looks at the loops and tells the service manager."""

    def __init__(
        self, notifier: Notifier, loops: Callable[[], Sequence[Loop]], status: Callable[[], Text]
    ) -> None:
        wanted = notifier.watchdog_s
        self.limit_s = LIMIT_S if wanted is None else wanted / 2
        self._every_s = LOOK_EVERY_S if wanted is None else min(LOOK_EVERY_S, wanted / 6)
        self._notifier = notifier
        self.loops = loops
        self._status = status
        self._told: frozenset[str] = frozenset()
        self._said: Text | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more: the service manager has its own time limit for the end."""
        self._end.set()

    def hung(self) -> tuple[Loop, ...]:
        """Loops that are silent for longer than any step takes."""
        return tuple(loop for loop in self.loops() if loop.silent_s > self.limit_s)

    def _run(self) -> None:
        while not self._end.wait(self._every_s):
            self.look()

    def look(self) -> None:
        """Tell the service manager how it is now."""
        hung = self.hung()
        names = frozenset(loop.name for loop in hung)
        if not hung:
            self._notifier.alive()
        status = self._status() if not hung else _hangs(names)
        if status != self._said:
            self._notifier.status(status)
            self._said = status
        if names - self._told:  # last: a log on the disk that hangs keeps whoever writes to it
            log.error("no sign of life from %s: the service manager is to restart", ", ".join(sorted(names)))
        self._told = names


def _hangs(names: frozenset[str]) -> Text:
    told = ", ".join(sorted(names))
    return Text(f"无响应：{told}，等待重新启动", f"hangs: {told}; a restart is due")

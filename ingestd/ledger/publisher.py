"""The thread that publishes what was committed: at once when idle, else every 250 ms."""

from __future__ import annotations

import logging
import threading
from typing import Final

from ingestd.errors import IngestdError
from ingestd.ledger.log import Log
from ingestd.pulse import Pulse

INTERVAL_MS: Final = 250
"""Between two checkpoints under load (design 5)."""
RETRY_MS: Final = 1_000
"""After a failure (a full disk): soon enough for whoever makes room, and no busy loop."""

_logger = logging.getLogger(__name__)


class Publisher(threading.Thread):
    """Publishes a log until it is closed. A failure is kept in `error` and tried again."""

    def __init__(self, log: Log, pulse: Pulse) -> None:
        super().__init__(name="publisher", daemon=True)
        self._log = log
        self._pulse = pulse
        self._grown = threading.Event()
        self._closing = threading.Event()
        self._error: IngestdError | None = None
        log.when_committed(self._wake)

    @property
    def error(self) -> IngestdError | None:
        """Why the last try failed; None while publishing works."""
        return self._error

    def _wake(self, _size: int) -> None:
        self._grown.set()

    def run(self) -> None:
        """Publish, pause, wait for more."""
        self._grown.set()
        while not self._closing.is_set():
            with self._pulse.resting():
                self._grown.wait()
            if self._closing.is_set():
                return
            self._grown.clear()
            if self._publish():
                self._closing.wait(INTERVAL_MS / 1000)
            else:
                self._grown.set()
                self._closing.wait(RETRY_MS / 1000)
            self._pulse.beat()

    def _publish(self) -> bool:
        try:
            self._log.publish()
        except IngestdError as error:
            if self._error is None:
                _logger.exception("publishing failed, tried again every %d ms", RETRY_MS)
            self._error = error
            return False
        self._error = None
        return True

    def close(self) -> None:
        """End the thread and publish the rest. Raises what that publishing raises."""
        self._closing.set()
        self._grown.set()
        if self.is_alive():
            self.join()
        self._log.publish()

"""A listening socket's loop: a thread a connection, so many at once, the rest turned away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Listening:
    """Serves connections of a listening socket from `start` to `close`.

    ``serve`` gets each connection in a thread of its own and need not close it; more than ``at_once`` are
    closed unserved: a flood of callers must not take the daemon's memory.
    """

    def __init__(
        self, listener: socket.socket, serve: Callable[[socket.socket], None], *, at_once: int, name: str
    ) -> None:
        self._socket = listener
        self._serve_one = serve
        self._places = threading.Semaphore(at_once)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Serve from now on; who came before has waited."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Serve nobody any more; who is being served is let finish."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self._places.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
            else:
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._serve_one(connection)
        finally:
            self._places.release()

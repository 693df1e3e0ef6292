"""A service manager's end of NOTIFY_SOCKET: a real datagram socket that keeps what it hears."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Manager:
    """Listens in a thread until closed."""

    def __init__(self, path):
        self.path = path
        self.heard: list[tuple[float, dict[str, str]]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        with suppress(OSError):
            while data := self._socket.recv(65536):
                fields = dict(line.split("=", 1) for line in data.decode().splitlines())
                self.heard.append((time.monotonic(), fields))

    def values(self, key: str) -> list[str]:
        return [fields[key] for _, fields in list(self.heard) if key in fields]

    def last(self, key: str) -> float:
        """When it was said last."""
        return max((at for at, fields in list(self.heard) if key in fields), default=0.0)

    def environment(self, watchdog_s: float | None = None) -> dict[str, str]:
        asked = {} if watchdog_s is None else {"WATCHDOG_USEC": str(int(watchdog_s * 1e6))}
        return {"NOTIFY_SOCKET": str(self.path), **asked}

    def close(self):
        self._socket.close()

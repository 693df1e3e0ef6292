"""One line of JSON a message over a socket pair: how the daemon and a slot's worker talk.

Lean on purpose: twenty workers import it. Every message of a worker carries its session's id; the daemon
ignores those of a session that it has closed.
"""

from __future__ import annotations

import json
import select
import socket
from typing import Any

MESSAGE_LIMIT_BYTES = 16 << 20
"""A line longer than this is no message of ours."""


class ChannelClosed(Exception):
    """The other end is gone."""


class Channel:
    """Both ends of the talk. Not thread-safe: one thread sends and receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    def send(self, *, within_s: float | None = None, **message: Any) -> None:
        """Send one message. Raises ChannelClosed, TimeoutError where the other end takes nothing so long."""
        rest = memoryview(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        while rest:
            if within_s is not None and not self._ready(select.POLLOUT, within_s):
                raise TimeoutError
            try:
                rest = rest[self._socket.send(rest, 0 if within_s is None else socket.MSG_DONTWAIT) :]
            except BlockingIOError:  # there was less room than a message's smallest piece
                continue
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    def waiting(self, seconds: float) -> bool:
        """Whether a message (or the end) comes within so many seconds."""
        if b"\n" in self._buffer:
            return True
        return self._ready(select.POLLIN, seconds)

    def _ready(self, what: int, seconds: float) -> bool:
        """Whether it is so within the time. By poll: select knows no descriptor above 1023."""
        waiting = select.poll()
        waiting.register(self._socket, what)
        return bool(waiting.poll(seconds * 1000))

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """The next message. Raises ChannelClosed at the end, TimeoutError after so many silent seconds."""
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                message: dict[str, Any] = json.loads(line)
                return message
            if len(self._buffer) > MESSAGE_LIMIT_BYTES:
                raise ChannelClosed("a message without end")
            if seconds is not None and not self.waiting(seconds):
                raise TimeoutError
            try:
                data = self._socket.recv(1 << 16)
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not data:
                raise ChannelClosed("the other end closed")
            self._buffer += data

    def shutdown(self) -> None:
        """Wake whoever waits in `receive`, in any thread: it raises ChannelClosed. Raises OSError."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

"""Asking the mount unit, from a slot's worker: one connection, one mount. Lean: each worker imports it."""

from __future__ import annotations

import base64
import json
import os
import socket
from dataclasses import dataclass
from typing import Any

from ingestd.errors import DeviceError, DeviceGone, DeviceHung
from ingestd.model import CardPath
from ingestd.mounts import protocol
from ingestd.words import Text

ANSWER_S = 2 * protocol.LIMIT_S
"""The unit answers within its own limit, also that a device hangs; later it is the unit that does."""
NO_UNIT = Text(
    "挂载服务没有应答（{why}），无法读取记录仪；记录仪未作改动。请检查 ingestd-mount 服务。",
    "the mount unit does not answer ({why}), so the recorder cannot be read; nothing on it was changed. Check "
    "the service ingestd-mount.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was mounted."""

    at: str
    kind: str
    """vfat, exfat, ext4."""
    label: str
    dirty: bool
    """Not closed properly when it was last written."""
    writable: bool
    """False for a write-protected card, also where writing was asked for."""


class Mount:
    """One mounted volume. `close` it."""

    def __init__(
        self, *, port: str, token: str, volume: str, writable: bool, path: str = protocol.SOCKET
    ) -> None:
        """Raises DeviceGone, DeviceHung, DeviceError with the unit's words."""
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._connection.settimeout(ANSWER_S)
        self._received: list[int] = []
        try:
            try:
                self._connection.connect(path)
            except OSError as error:
                raise DeviceError(NO_UNIT.format(why=error.strerror)) from error
            facts = self._ask(do="mount", port=port, token=token, volume=volume, writable=writable)
        except BaseException:
            self._connection.close()
            raise
        self.facts = Facts(**facts)

    def open(self, path: bytes, what: str) -> int:
        """A descriptor of what this user may not open itself (`tree.Ask`). Raises OSError, DeviceError."""
        self._ask(do="open", path=base64.b64encode(path).decode(), what=what)
        return self._received.pop()

    def unlink(self, path: CardPath) -> None:
        """Delete one file. Raises OSError, DeviceError."""
        self._ask(do="unlink", path=base64.b64encode(path).decode())

    def flush(self) -> None:
        """Make deletions durable on the card. Raises OSError, DeviceError."""
        self._ask(do="flush")

    def close(self) -> None:
        """Unmount. Raises OSError, DeviceError; may be called again."""
        if self._connection.fileno() < 0:
            return
        try:
            self._ask(do="unmount")
        finally:
            self._connection.close()

    def _ask(self, **request: Any) -> dict[str, Any]:
        try:
            protocol.send(self._connection, request)
            data, self._received, _, _ = socket.recv_fds(self._connection, protocol.LONGEST_BYTES, 1)
            if not data:
                raise ConnectionResetError("connection closed")
            answer: dict[str, Any] = json.loads(data)
        except (OSError, ValueError) as error:
            raise DeviceError(NO_UNIT.format(why=error)) from error
        if "refused" in answer:
            raise _error_of(answer)
        return answer


def _error_of(answer: dict[str, Any]) -> Exception:
    text, word, number = Text(answer["zh"], answer["en"]), answer["refused"], answer["errno"]
    if word == protocol.GONE:
        return DeviceGone(text)
    if word == protocol.HUNG:
        return DeviceHung(text)
    if word == protocol.FAILED and number is not None:
        return OSError(number, os.strerror(number))
    return DeviceError(text)

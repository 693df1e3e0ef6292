"""Files that a caller sends in parts: a request is one line of limited length, a file is longer.

Kept in memory until they are used; few at a time, one a caller, gone when nothing was added for a while.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestd.actions.caller import Caller
from ingestd.clock import Clock
from ingestd.errors import BusyError, UsageError
from ingestd.words import Text

PART_BYTES = 480 << 10
"""In base64 below the length of a request (`server.REQUEST_LIMIT_BYTES`)."""
IDLE_S = 120.0


@dataclass(slots=True)
class _Upload:
    touched: float
    data: bytearray = field(default_factory=bytearray)


class Uploads:
    """What callers are sending, by caller."""

    def __init__(self, clock: Clock, *, most: Callable[[], int], at_once: int) -> None:
        """``most``: bytes of one file; ``at_once``: files that are being sent at the same time."""
        self._clock = clock
        self._most = most
        self._at_once = at_once
        self._lock = threading.Lock()
        self._under_way: dict[tuple[int, str], _Upload] = {}

    def add(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One more part: ``part`` in base64 at ``offset``; offset 0 begins anew. Raises UsageError, BusyError."""
        try:
            part, offset = base64.b64decode(arguments["part"], validate=True), int(arguments["offset"])
        except (binascii.Error, TypeError, ValueError) as error:
            raise UsageError(Text("传送的内容不合规。", "what was sent is no part of a file.")) from error
        with self._lock:
            self._drop_idle()
            if offset == 0:
                self._under_way.pop(_key(who), None)
                if len(self._under_way) >= self._at_once:
                    raise BusyError(
                        Text("正在接收其他文件，请稍后再试。", "others are being received; try again.")
                    )
                self._under_way[_key(who)] = _Upload(self._clock.monotonic())
            most, upload = self._most(), self._under_way.get(_key(who))
            if upload is None or offset != len(upload.data) or offset + len(part) > most:
                self._under_way.pop(_key(who), None)
                raise UsageError(
                    Text(
                        f"文件传送中断或超过 {most >> 20} MiB，请重新传送。",
                        f"the sending of the file was interrupted, or it is larger than {most >> 20} MiB.",
                    )
                )
            upload.data += part
            upload.touched = self._clock.monotonic()
            return {"received": len(upload.data)}

    def take(self, who: Caller) -> bytes:
        """What a caller has sent, which is gone from here then. Raises UsageError where there is nothing."""
        with self._lock:
            found = self._under_way.pop(_key(who), None)
        if found is None:
            raise UsageError(Text("没有收到文件。", "no file was received."))
        return bytes(found.data)

    def _drop_idle(self) -> None:
        late = self._clock.monotonic() - IDLE_S
        for key in [key for key, one in self._under_way.items() if one.touched < late]:
            del self._under_way[key]


def _key(who: Caller) -> tuple[int, str]:
    """The web process asks for many people: they are told apart by who they are."""
    return who.uid, who.actor

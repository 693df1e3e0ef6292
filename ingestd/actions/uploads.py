"""Files that a caller sends in parts: a request is one line of limited length, a file is longer.

Kept in memory until they are used; few at a time, one a caller, gone when nothing was added for a while.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestd.actions.caller import Caller
from ingestd.clock import Clock
from ingestd.errors import BusyError, UsageError
from ingestd.registers.table import FILE_BYTES
from ingestd.words import Text

PART_BYTES = 480 << 10
"""In base64 below the length of a request (`server.REQUEST_LIMIT_BYTES`)."""
AT_ONCE = 4
IDLE_S = 120.0


@dataclass(slots=True)
class _Upload:
    touched: float
    data: bytearray = field(default_factory=bytearray)


class Uploads:
    """What callers are sending, by caller."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: dict[int, _Upload] = {}

    def add(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One more part: ``part`` in base64 at ``offset``; offset 0 begins anew. Raises UsageError, BusyError."""
        try:
            part, offset = base64.b64decode(arguments["part"], validate=True), int(arguments["offset"])
        except (binascii.Error, TypeError, ValueError) as error:
            raise UsageError(Text("传送的内容不合规。", "what was sent is no part of a file.")) from error
        with self._lock:
            self._drop_idle()
            if offset == 0:
                self._under_way.pop(who.uid, None)
                if len(self._under_way) >= AT_ONCE:
                    raise BusyError(
                        Text("正在接收其他文件，请稍后再试。", "others are being received; try again.")
                    )
                self._under_way[who.uid] = _Upload(self._clock.monotonic())
            upload = self._under_way.get(who.uid)
            if upload is None or offset != len(upload.data) or offset + len(part) > FILE_BYTES:
                self._under_way.pop(who.uid, None)
                raise UsageError(
                    Text(
                        f"文件传送中断或超过 {FILE_BYTES >> 20} MiB，请重新导入。",
                        f"the sending of the file was interrupted, or it is larger than {FILE_BYTES >> 20} MiB.",
                    )
                )
            upload.data += part
            upload.touched = self._clock.monotonic()
            return {"received": len(upload.data)}

    def take(self, who: Caller) -> bytes:
        """What a caller has sent, which is gone from here then. Raises UsageError where there is nothing."""
        with self._lock:
            found = self._under_way.pop(who.uid, None)
        if found is None:
            raise UsageError(Text("没有收到文件。", "no file was received."))
        return bytes(found.data)

    def _drop_idle(self) -> None:
        late = self._clock.monotonic() - IDLE_S
        for uid in [uid for uid, one in self._under_way.items() if one.touched < late]:
            del self._under_way[uid]

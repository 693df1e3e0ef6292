"""Files on their way to the daemon: in parts that a request holds. The daemon judges and keeps them."""

from __future__ import annotations

import base64
from itertools import count
from typing import Any, BinaryIO

from ingestd.actions.uploads import PART_BYTES
from ingestd.web.desk import Desk

MOST_BYTES = 64 << 20
"""Of one file by the pages and the API, whatever the configuration allows."""


def send(desk: Desk, verb: str, file: BinaryIO, **told: Any) -> None:
    """All of a file, one part at least; the deed that takes it comes after. Raises RemoteError, DaemonGoneError."""
    for offset in count(0, PART_BYTES):
        part = file.read(PART_BYTES)
        if offset and not part:
            return
        desk.ask(verb, part=base64.b64encode(part).decode(), offset=offset, **told)

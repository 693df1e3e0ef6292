"""Work that a device may hang: done by a child process with a time limit. For processes with one thread only."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class Hung(Exception):
    """The child did not end in time: the kernel waits for a device. `pid` ends when that answers."""

    def __init__(self, pid: int) -> None:
        super().__init__(pid)
        self.pid = pid


def limited(work: Callable[[], Any], seconds: float) -> Any:
    """What `work` returns (JSON), from a forked child. Raises OSError as it did there, Hung."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _do(work, writer)
    os.close(writer)
    try:
        told = _read(reader, time.monotonic() + seconds)
    finally:
        os.close(reader)
    if told is None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        raise Hung(pid)
    os.waitpid(pid, 0)
    answer = json.loads(told or b'{"errno": 5, "what": "the child died"}')
    if "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"]), answer["what"])
    return answer["result"]


def _do(work: Callable[[], Any], writer: int) -> None:
    """The child: never returns."""
    status = 1
    try:
        try:
            answer = {"result": work()}
        except OSError as error:
            answer = {"errno": error.errno or 5, "what": str(error.filename or error)}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
        status = 0
    finally:
        os._exit(status)


def _read(reader: int, deadline: float) -> bytes | None:
    """Everything to the end, None where that does not come in time."""
    told = b""
    poll = select.poll()
    poll.register(reader, select.POLLIN | select.POLLHUP)
    while left := max(0.0, deadline - time.monotonic()):
        if poll.poll(left * 1_000):
            data = os.read(reader, 1 << 16)
            if not data:
                return told
            told += data
    return None

"""System calls that can be made to fail, or to be the process's last: for tests, in their own process.

What counts are the calls by which the log changes the disk, and the database's commit.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from ingestd import durable

WATCHED = ("open", "write", "fchmod", "fsync", "rename", "mkdir", "unlink", "rmdir")


class Calls:
    """Counts watched calls; at number ``at`` does what ``act`` says instead of or after the call."""

    def __init__(self, at: int, act: Callable[[Callable[[], Any], str, tuple[Any, ...]], Any]) -> None:
        self.at = at
        self.act = act
        self.seen: list[str] = []

    def __call__(self, name: str, real: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.seen.append(name)
        if len(self.seen) == self.at:
            return self.act(lambda: real(*arguments, **named), name, arguments)
        return real(*arguments, **named)


@contextmanager
def watched(calls: Calls, engine: Engine) -> Iterator[Calls]:
    """Route the watched calls through ``calls``."""
    real = {name: getattr(os, name) for name in WATCHED}
    syncfs = durable._libc.syncfs

    def route(name: str, function: Any) -> Any:
        return lambda *arguments, **named: calls(name, function, *arguments, **named)

    def commit(_connection: Any) -> None:
        calls("commit", lambda: None)

    try:
        for name, function in real.items():
            setattr(os, name, route(name, function))
        durable._libc.syncfs = route("syncfs", syncfs)
        event.listen(engine, "commit", commit)
        yield calls
    finally:
        event.remove(engine, "commit", commit)
        durable._libc.syncfs = syncfs
        for name, function in real.items():
            setattr(os, name, function)


def die(_call: Callable[[], Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """The process ends here; of a write half was done."""
    if name == "write":
        descriptor, data = arguments
        with open(descriptor, "wb", buffering=0, closefd=False) as file:
            file.write(bytes(data)[: len(data) // 2])
    os._exit(77)


def fill(_call: Callable[[], Any], name: str, _arguments: tuple[Any, ...]) -> Any:
    """The disk is full: nothing was done."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


def fill_late(call: Callable[[], Any], name: str, _arguments: tuple[Any, ...]) -> Any:
    """It was done, and reported as failed."""
    result = call()
    if name == "open":
        os.close(result)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


def break_device(_call: Callable[[], Any], name: str, _arguments: tuple[Any, ...]) -> Any:
    """An I/O error."""
    raise OSError(errno.EIO, os.strerror(errno.EIO), name)

"""Ending a wait early when a folder changes: a hint by inotify, which network mounts do not give."""

from __future__ import annotations

import logging
import threading
import warnings
from pathlib import Path

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

_CHANGES = frozenset(
    {EVENT_TYPE_CLOSED, EVENT_TYPE_CREATED, EVENT_TYPE_DELETED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED}
)
"""Not opening and closing without a write: the scan itself does that."""
_STOP_SECONDS = 2.0


class _Waker(FileSystemEventHandler):
    def __init__(self) -> None:
        self.changed = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _CHANGES:
            self.changed.set()


def wait(location: str, seconds: float) -> None:
    """Sleep until the folder or its place changes, at most ``seconds``; plainly where watching fails."""
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it reports races of its own stopping
    waker, observer = _Waker(), Observer()
    try:
        with warnings.catch_warnings():
            # watchdog 7.1 warns of its own bookkeeping ("Callback with id ... already exists")
            warnings.simplefilter("ignore", RuntimeWarning)
            for folder in {Path(location), Path(location).parent}:
                if folder.is_dir():
                    observer.schedule(waker, str(folder), recursive=False)
            observer.start()
    except OSError:  # no watches left (ENOSPC), or a file system that cannot be watched
        waker.changed.wait(seconds)
        return
    try:
        waker.changed.wait(seconds)
    finally:
        observer.stop()
        observer.join(_STOP_SECONDS)

"""Ending a wait early when a folder changes: a hint by inotify, which network mounts do not give."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirModifiedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

_CHANGES: list[type[FileSystemEvent]] = [
    *(DirCreatedEvent, DirDeletedEvent, DirModifiedEvent, DirMovedEvent),
    *(FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent, FileClosedEvent),
]
"""Not opening and closing without a write: the scan itself does that, and would be woken by itself each second."""
_STOP_SECONDS = 2.0


_RENEW_SECONDS = 30.0
"""A watch is of a folder's inode, not of its path: made anew so often, and after each change."""


class _Watch(FileSystemEventHandler):
    """A folder and its place, watched from one wait to the next: starting costs 1 ms, looking 0.1 ms."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.until = time.monotonic() + _RENEW_SECONDS
        self.changed = threading.Event()
        logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it reports races of its own stopping
        self._observer = Observer()
        with warnings.catch_warnings():
            # watchdog 7.1 warns of its own bookkeeping ("Callback with id ... already exists")
            warnings.simplefilter("ignore", RuntimeWarning)
            for folder in {Path(location), Path(location).parent}:
                if folder.is_dir():
                    self._observer.schedule(self, str(folder), event_filter=_CHANGES)
            self._observer.start()

    def on_any_event(self, event: FileSystemEvent) -> None:
        del event
        self.changed.set()

    def is_good_for(self, location: str) -> bool:
        """Whether it is of this location, and young enough."""
        return self.location == location and time.monotonic() < self.until

    def stop(self) -> None:
        self._observer.stop()
        self._observer.join(_STOP_SECONDS)


_watch: _Watch | None = None
"""The one that is kept: a slot's worker waits for one location, in one thread."""


def wait(location: str, seconds: float) -> None:
    """Sleep until the folder or its place changes, at most ``seconds``; plainly where watching fails.

    What changed between two waits of a location ends the second at once.
    """
    watch = _watching(location)
    if watch is None:
        time.sleep(seconds)
    elif watch.changed.wait(seconds):
        _stop()


def _watching(location: str) -> _Watch | None:
    global _watch  # noqa: PLW0603 - a process watches one location; drivers are made without state
    if _watch is None or not _watch.is_good_for(location):
        _stop()
        try:
            _watch = _Watch(location)
        except OSError:  # no watches left (ENOSPC), or a file system that cannot be watched
            return None
    return _watch


def _stop() -> None:
    global _watch  # noqa: PLW0603 - see above
    if _watch is not None:
        _watch.stop()
        _watch = None

"""Reports for the pages: a small log is counted at once, a large one by a process beside, which says how far it is.

Counting a year of a large office takes a while; pages never wait for it. What was counted last is shown with its own
log size and moment until a newer one is there.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from sqlalchemy import Connection, func, select

from ingestd import config
from ingestd.config import Config
from ingestd.errors import IngestdError
from ingestd.index.database import open_database, reading
from ingestd.index.tables import clips
from ingestd.inforce import InForce, of_log
from ingestd.policy.catalog import Policy
from ingestd.reports.document import Document
from ingestd.reports.period import period
from ingestd.telling import reporting
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.web.copy import log_files
from ingestd.words import Text

log = logging.getLogger(__name__)

AT_ONCE = 5_000
"""Entries of a log that is counted while the page waits: a tenth of a second."""
GOOD_S = 600.0
"""A report that took a process of its own is counted anew after so long, when somebody looks at it."""
_KEPT = 24
_NICE = 10

_ENDED = Text(
    "统计进程中断，已记入系统日志；采集不受影响。",
    "the process that counts ended early, see the journal; intake is not affected.",
)
Wanted = tuple[str, str | None]
"""The period's label, and the unit (None: of all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the counting is."""

    done: int = 0
    of: int = 0
    """Recordings, as far as known; 0: it has not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A report that was counted."""

    document: Document
    size: int
    """Of the log that it was counted from."""
    counted_s: float
    """When, by the process's own clock."""
    renewing: Progress | None = None
    """A newer one is under way."""


@dataclass(slots=True)
class _Work:
    wanted: Wanted
    progress: Progress


class Reports:
    """What was counted, and what is under way: one at a time."""

    def __init__(self, home: Home, state: Path) -> None:
        self._home = home
        self._state = state
        self._lock = threading.Lock()
        self._known: OrderedDict[Wanted, Found] = OrderedDict()
        self._work: _Work | None = None
        self._failed: dict[Wanted, IngestdError] = {}

    def get(
        self, connection: Connection, settings: Config, policy: Policy, wanted: Wanted, size: int
    ) -> Found | Progress:
        """A report of the log's first ``size`` entries, or of fewer while those are counted.

        ``connection`` reads the copy. Raises NotFoundError where there is no such unit.
        """
        with self._lock:
            found = self._known.get(wanted)
            if found is not None and found.size == size:
                return found
        if size > AT_ONCE:
            return self._beside(wanted)
        source = _source(self._home, settings, policy)
        label = period(wanted[0], settings.utc_offset_minutes)
        assert label is not None
        document = reporting.document(connection, source, label, unit=wanted[1])
        return self._keep(wanted, document)

    def _keep(self, wanted: Wanted, document: Document) -> Found:
        (size,) = (fact.value for fact in document.facts if fact.key == "log_size")
        assert isinstance(size, int)
        found = Found(document=document, size=size, counted_s=time.monotonic())
        with self._lock:
            self._known[wanted] = found
            self._known.move_to_end(wanted)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    # --- by a process beside ------------------------------------------------------------------

    def _beside(self, wanted: Wanted) -> Found | Progress:
        with self._lock:
            fault = self._failed.pop(wanted, None)
            if fault is not None:
                raise fault
            found, work = self._known.get(wanted), self._work
            is_good = found is not None and time.monotonic() - found.counted_s < GOOD_S
            if work is None and not is_good:
                work = self._work = _Work(wanted, Progress())
                threading.Thread(target=self._count, args=(work,), name="count", daemon=True).start()
        is_ours = work is not None and work.wanted == wanted
        progress = work.progress if work is not None and is_ours else Progress()
        if found is None:
            return progress
        return Found(
            document=found.document,
            size=found.size,
            counted_s=found.counted_s,
            renewing=progress if is_ours else None,
        )

    def _count(self, work: _Work) -> None:
        spawning = multiprocessing.get_context("spawn")
        ours, theirs = spawning.Pipe(duplex=False)
        child = spawning.Process(
            target=count, args=(self._home.root, self._state, work.wanted, theirs), daemon=True
        )
        try:
            child.start()
            theirs.close()
            self._hear(work, ours)
        except EOFError:
            log.exception("the process that counts %s ended early", work.wanted)
            with self._lock:
                self._failed[work.wanted] = IngestdError(_ENDED)
        finally:
            ours.close()
            child.join()
            with self._lock:
                self._work = None

    def _hear(self, work: _Work, ours: Pipe) -> None:
        while True:
            said = ours.recv()
            if isinstance(said, Document):
                self._keep(work.wanted, said)
                return
            if isinstance(said, IngestdError):
                with self._lock:
                    self._failed[work.wanted] = said
                return
            work.progress = Progress(done=said[0], of=said[1])


def count(root: Path, state: Path, wanted: Wanted, told: Pipe) -> None:
    """The process beside: counts one report from the copy, says how far it is, then what came of it."""
    os.nice(_NICE)
    home = Home(root)
    settings = config.read(home.config)
    try:
        with reading(open_database(state / "index.db", create=False)) as connection:
            of = connection.scalar(select(func.count()).select_from(clips)) or 0
            told.send((0, of))
            source = _source(home, settings, of_log(home, settings.policy, connection))
            label = period(wanted[0], settings.utc_offset_minutes)
            assert label is not None
            told.send(
                reporting.document(
                    connection, source, label, unit=wanted[1], heard=lambda done: told.send((done, of))
                )
            )
    except IngestdError as error:
        told.send(error)


def _source(home: Home, settings: Config, policy: Policy) -> reporting.Source:
    files = log_files(home)

    def root(size: int) -> str | Text:
        return files.edge(size).root().hex()

    return reporting.Source(
        config=settings,
        policy=policy,
        book=InForce(settings, policy).book(),
        values=Values(home),
        root=root,
    )

"""What the daemon does by the clock: re-verification, the disk, what was left over.

Each job is a function of the station that looks at its `stop` event; `schedule.Jobs` runs them, and one that
fails stops no other.
"""

from __future__ import annotations

import heapq
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TypeVar

from sqlalchemy import Connection

from ingestd.actions.refusals import Refusals
from ingestd.actions.stored import report_damage, report_document
from ingestd.clock import StepWatch
from ingestd.errors import VaultError
from ingestd.events import (
    ClockStepped,
    DiskLow,
    Event,
    VaultVerified,
)
from ingestd.index import erasures, papers, queries
from ingestd.index.database import reading
from ingestd.index.erasures import MISSING
from ingestd.index.facts import StoredBytes
from ingestd.index.papers import Document
from ingestd.intake import findings
from ingestd.model import Millis, Sha256
from ingestd.pace import Pace
from ingestd.policy.judges import HOUR_MS
from ingestd.proving import expected_document
from ingestd.schedule import Jobs
from ingestd.station import Station
from ingestd.trend import THRESHOLDS, days_left, threshold
from ingestd.vault import check
from ingestd.vault.values import Values

log = logging.getLogger(__name__)

SWEEP_S = 60
CLOCK_S = 10
POLICY_S = 10
"""How soon a change of the agency's own policy file is seen without a signal: one small file is read."""
VERIFY_S = 600
DISK_S = 600
LEFTOVERS_S = 300
LEFTOVERS_ALLOWED_S = 3_600.0
"""Partial folders of a dozen recorders are read in full, at a slow disk's rate."""
AT_ONCE = 64
"""Contents that verification takes from the index at a time."""
VALUES_AT_ONCE = 2_000
"""Personal values that one stretch reads: a tenth of a second; a million in three and a half days."""
DAY_MS = 24 * HOUR_MS
ORPHANS_SEEN_MS = 7 * DAY_MS
"""Values older than this were looked at by earlier sweeps (a station that stood still for a week: by none)."""
DISK_SAMPLES = 14 * 144
"""Two weeks of samples at ten minutes."""
AnyStored = TypeVar("AnyStored", StoredBytes, Document)


class StationJobs:
    """The jobs of one station."""

    def __init__(self, station: Station, refusals: Refusals, busy: Callable[[], bool]) -> None:
        """``busy`` says whether intake is running: verification waits for it."""
        self._station = station
        self._refusals = refusals
        self._busy = busy
        self._steps = StepWatch(station.clock)
        self._free: deque[tuple[Millis, int]] = deque(maxlen=DISK_SAMPLES)
        self._told: int | None = None

    def schedule(self, jobs: Jobs) -> None:
        """Enter all of them."""
        jobs.add("clock", CLOCK_S, self.clock)
        jobs.add("policy", POLICY_S, self.policy)
        jobs.add("refusals", SWEEP_S, self.refusals)
        jobs.add("disk", DISK_S, self.disk)
        jobs.add("leftovers", LEFTOVERS_S, self.leftovers, allow_s=LEFTOVERS_ALLOWED_S)
        jobs.add("verification", VERIFY_S, self.verification)

    @property
    def days_left(self) -> int | None:
        """Days until the disk is full by trend; None while none is known."""
        return days_left(list(self._free))

    def _append(self, *events: Event) -> None:
        if events:
            self._station.books.append(list(events))

    def policy(self, _stop: threading.Event) -> None:
        """Take the agency's own policy file where it changed."""
        self._station.policies.look()

    def refusals(self, _stop: threading.Event) -> None:
        """Say how often what was refused was asked for again."""
        self._refusals.flush()

    # --- the vault ----------------------------------------------------------------------------

    def verification(self, stop: threading.Event) -> None:
        """Read a stretch of the vault again in full; all of it within the cycle, slowly, after intake."""
        station = self._station
        pace = Pace(
            bytes_per_s=station.config.verify_bytes_per_s, busy=self._busy, stop=stop, clock=station.clock
        )
        with reading(station.engine) as connection:
            known = queries.station(connection)
            total = sum(tally.bytes for _, tally in queries.counts(connection).clips)
            total += papers.size_of_all(connection)
        begin = cursor = known.verify_cursor if known and known.verify_cursor else ""
        share = max(1, total * VERIFY_S * 1000 // (station.config.verify_cycle_days * DAY_MS))
        clips = documents = size = faults = 0
        for digest, equal in groupby(self._contents(begin), key=_digest):
            if stop.is_set() or size >= share:
                break
            if self._busy():
                pace.spent(0)
            for stored in equal:
                faults += self._verify(stored, pace)
                size += stored.size
                clips += isinstance(stored, StoredBytes)
                documents += isinstance(stored, Document)
            cursor = digest
        else:
            cursor = ""
        values, value_cursor = self._values(known.value_cursor if known else None, stop)
        if clips or documents or values or cursor != begin:
            verified = VaultVerified(
                clips=clips,
                bytes=size,
                faults=faults,
                cursor=cursor,
                documents=documents or None,
                values=values or None,
                value_cursor=value_cursor,
            )
            self._append(verified)

    def _values(self, after: str | None, stop: threading.Event) -> tuple[int, str | None]:
        """Read the next personal values; how many, and where the next stretch goes on.

        Each is there and has its digest, or it is a finding until it is again.
        """
        with reading(self._station.engine) as connection:
            some = erasures.next_values(connection, after or "", VALUES_AT_ONCE)
            missed = erasures.missed(connection)
        values, read = Values(self._station.home), 0
        for digest in some:
            if stop.is_set():
                break
            about = f"value:{digest}"
            if (is_good := _is_good(values, digest)) == (about in missed):
                told = findings.closed(MISSING, about, "back") if is_good else findings.opened(MISSING, about)
                self._append(told)
            read += 1
        is_end = read == len(some) < VALUES_AT_ONCE
        return read, None if is_end or not read else some[read - 1]

    def _contents(self, after: str) -> Iterator[StoredBytes | Document]:
        """What is stored, after a digest, in the order of digests."""
        clips, documents = queries.next_to_verify, papers.next_to_verify
        return heapq.merge(self._paged(clips, after), self._paged(documents, after), key=_digest)

    def _paged(
        self, next_: Callable[[Connection, str, int], tuple[AnyStored, ...]], after: str
    ) -> Iterator[AnyStored]:
        """A page at a time, each read for itself: reading it all takes hours."""
        while True:
            with reading(self._station.engine) as connection:
                page = next_(connection, after, AT_ONCE)
            if not page:
                return
            yield from page
            after = page[-1].sha256

    def _verify(self, stored: StoredBytes | Document, pace: Pace) -> int:
        station, home = self._station, self._station.home

        def paced(count: int) -> None:
            """`Pace.spent` answers whether to go on; the loop over contents asks the stop event itself."""
            pace.spent(count)

        if isinstance(stored, Document):
            told = expected_document(stored)
            found = check.check_document(home, told, station.keys.certificates, pace=paced)
            report_document(station, stored, found, found_by="verification")
        else:
            found = check.check_bytes(home, stored.sha256, size=stored.size, chunks_root=None, pace=paced)
            report_damage(station.books, stored.sha256, found, found_by="verification")
        return len(found)

    # --- disk, clock, leftovers -----------------------------------------------------------------

    def disk(self, _stop: threading.Event) -> None:
        """Warn at 30, 7 and 2 days left by trend, and when nothing is admitted any more."""
        station = self._station
        room = os.statvfs(station.home.vault)
        free = max(0, room.f_bavail * room.f_frsize - station.config.reserve_bytes)
        self._free.append((station.clock.now(), free))
        days = 0 if free == 0 else days_left(list(self._free))
        now = threshold(days, before=self._told)
        event = findings.opened("disk-low", "station", ("free_bytes", free), ("days_left", days))
        if now is not None and (self._told is None or now < self._told):
            low = DiskLow(free_bytes=free, days_left=days, threshold_days=now)
            self._append(low, event)
        elif now is None and days is not None and days > max(THRESHOLDS):
            self._append(findings.closed("disk-low", "station", "room"))
        self._told = now

    def clock(self, _stop: threading.Event) -> None:
        """A jump of the station's clock is an event; a backward one is a finding."""
        step = self._steps.step_ms()
        if not step:
            return
        event = findings.opened("station-clock-stepped", "station", ("by_ms", step))
        self._append(ClockStepped(by_ms=step), *([event] if step < 0 else []))

    def leftovers(self, _stop: threading.Event) -> None:
        """Partial folders whose worker is gone now or whose recorder stays away; values without an event."""
        partials = self._station.services.partials
        partials.recover()
        keep_ms = self._station.config.partial_keep_days * DAY_MS
        now = self._station.clock.now()
        partials.seal_old(Millis(now - keep_ms))
        values = Values(self._station.home)
        with reading(self._station.engine) as connection:
            for gone in erasures.all_erased(connection):
                if values.holds(gone.digest):  # a crash, or a backup, left it
                    self._station.books.ensure_published(gone.seq)
                    values.erase(gone.digest)
            values.sweep(
                lambda digest: queries.is_value_referenced(connection, digest),
                between=(Millis(now - ORPHANS_SEEN_MS), Millis(now - HOUR_MS)),
            )


def _is_good(values: Values, digest: str) -> bool:
    try:
        return values.get(digest) is not None
    except VaultError:
        return False


def _digest(stored: StoredBytes | Document) -> Sha256:
    return stored.sha256

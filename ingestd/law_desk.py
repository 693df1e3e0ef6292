"""The law running: follows the log, judges whom each entry may concern, and tells what came of it.

A job of the daemon calls `LawDesk.look` every few seconds. No fact is kept: what verdicts read is read from the
index, a portion of subjects at a time, and what was told before too. Kept is until when each verdict holds. So
memory depends on how many clocks run, not on how much a station holds; a look that was missed is made up by the
next one, and judging twice tells nothing twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ingestd import __version__
from ingestd.events import Event
from ingestd.index import law_facts, law_queries
from ingestd.index.database import reading
from ingestd.index.law_facts import Reading
from ingestd.index.law_queries import Settled, Told
from ingestd.index.law_reach import Everything, Reach
from ingestd.index.law_rows import rules_text
from ingestd.law import told
from ingestd.law.base import Subject
from ingestd.law.engine import Engine, Findings
from ingestd.law.finding import Finding
from ingestd.law.rulebook import Rulebook
from ingestd.model import Millis
from ingestd.station import Station
from ingestd.vault.blobs import Blobs

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Subjects judged on one state of the index, events of one transaction: intake's wait in between."""
_OWN = ("finding.", "law.")


class LawDesk:
    """Findings of the rules for one station. `look` is safe from any thread, one at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._blobs = Blobs(station.home)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._book: Rulebook | None = None
        self.seen = 0
        """Entries of the log that are judged."""
        self._at = Millis(0)

    def look(self, stop: threading.Event) -> None:
        """Judge what has come since the last look, and what has become due."""
        with self._lock:
            station, engine = self._station, self._engine
            now, book, size = station.clock.now(), station.in_force.book(), station.log.size
            portions: Iterable[set[Subject]]
            if engine is None:
                engine, portions = Engine(), self._at_start(book, size, now, stop)
            elif book is not self._book or now < self._at:
                engine, portions = Engine(), self._everything()
            else:
                due = engine.due(now)
                portions = [self._reached(size, stop) | due] if due or size > self.seen else []
            if all(self._judge(engine, subjects, book, now, stop) for subjects in portions):
                self._engine, self._book, self.seen, self._at = engine, book, size, now

    @property
    def rules(self) -> str:
        """By what is judged now, as one word."""
        station = self._station
        return rules_text(__version__, station.policy.sha256, station.config.sha256)

    # --- the start, and other rules ---------------------------------------------------------------

    def _at_start(
        self, book: Rulebook, size: int, now: Millis, stop: threading.Event
    ) -> Iterable[set[Subject]]:
        """From where the log says that the law had come; everything where it does not, or by other rules."""
        with reading(self._station.engine) as connection:
            settled = law_queries.settled(connection)
        if settled is None or settled.by != self.rules or now < settled.at:
            return self._everything()
        self.seen = settled.size
        return [self._reached(size, stop) | self._pending(settled, book)]

    def _pending(self, settled: Settled, book: Rulebook) -> set[Subject]:
        """What time alone may have changed since the law last looked."""
        with reading(self._station.engine) as connection:
            reach = Reach(connection, self._blobs)
            reach.pending(Millis(settled.at - book.clips_ms - 1), Millis(settled.at - book.longest_ms))
        return reach.found

    def _everything(self) -> Iterator[set[Subject]]:
        log.info("law: everything is judged anew")
        return iter(Everything(self._station.engine, self._blobs))

    # --- what entries reach -----------------------------------------------------------------------

    def _reached(self, size: int, stop: threading.Event) -> set[Subject]:
        """Whose verdicts the entries since the last look may change."""
        with reading(self._station.engine) as connection:
            reach = Reach(connection, self._blobs)
            for entry in self._station.log.entries(self.seen, size):
                if not entry.type.startswith(_OWN):
                    reach.entry(entry)
                if stop.is_set():
                    break
        return reach.found

    # --- judging and telling ------------------------------------------------------------------------

    def _judge(
        self, engine: Engine, subjects: Iterable[Subject], book: Rulebook, now: Millis, stop: threading.Event
    ) -> bool:
        """Judge subjects and tell what is new; False where it was stopped on the way."""
        for some in _portions(subjects):
            if stop.is_set():
                return False
            with reading(self._station.engine) as connection:
                reads = Reading(
                    connection=connection,
                    now=now,
                    watched=frozenset(slot.name for slot in self._station.config.slots),
                    utc_offset_minutes=self._station.config.utc_offset_minutes,
                )
                base = law_facts.base_of(reads, some)
                before = {one.finding: one for one in law_queries.told_of(connection, some)}
            self._tell(_news(before, engine.judge(base, some, book, now)))
        return True

    def _tell(self, events: Sequence[Event]) -> None:
        for start in range(0, len(events), AT_ONCE):
            self._station.books.append(events[start : start + AT_ONCE])


def _portions(subjects: Iterable[Subject]) -> Iterator[set[Subject]]:
    """Subjects of a kind together, in order: what they read is mostly the same."""
    in_order = iter(sorted(subjects))
    while some := set(islice(in_order, AT_ONCE)):
        yield some


def _news(before: dict[str, Told], findings: Findings) -> list[Event]:
    """What turns the findings that the log tells of some subjects into those that stand."""
    news: list[Event] = [
        told.closed(one.finding, one.about) for one in before.values() if one.finding not in findings
    ]
    for finding in sorted(findings.values(), key=lambda one: one.id):
        said = before.get(finding.id)
        if said is None:
            news.append(told.opened(finding))
        elif not _says(said, finding):
            news.append(told.changed(finding))
    return news


def _says(before: Told, finding: Finding) -> bool:
    """Whether the log tells a finding as it stands; under which policy it was told first does not matter."""
    return (before.rule, before.layer, before.section, before.level) == (
        finding.rule,
        finding.layer,
        finding.section,
        finding.level.value,
    ) and (before.facts, before.since, before.due_at, before.concerns) == (
        told.flat(finding),
        finding.since,
        finding.due_at,
        finding.concerns,
    )

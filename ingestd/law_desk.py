"""The law running: follows the log, lets the engine judge what each entry touches, and tells what came of it.

A job of the daemon calls `LawDesk.look` every few seconds. What an entry changed is read from the index, which
holds it from the same transaction on; so a look that was missed is made up by the next one, and a start reads
everything once and compares with the findings that are open: nothing is told twice, nothing is left open.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestd.events import Event
from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.index import law_facts, law_queries
from ingestd.index.database import reading
from ingestd.index.law_queries import Told
from ingestd.law import told
from ingestd.law.base import Base
from ingestd.law.engine import Changes, Engine, Findings
from ingestd.law.facts import Clip, Fact
from ingestd.law.finding import Finding
from ingestd.law.kinds import KINDS
from ingestd.model import Millis
from ingestd.station import Station

log = logging.getLogger(__name__)

LOOK_S = 2
"""So soon after an entry its findings stand."""
LOAD_ALLOWED_S = 600.0
"""A million facts are read and judged within minutes, on a slow disk."""
AT_ONCE = 500
"""Events of one transaction: intake's wait in between."""
_OWN = "finding."

_REGISTERS: dict[str, type[Any]] = {
    "unit": Unit,
    "officer": Officer,
    "case": Case,
    "act": Act,
    "text-record": TextRecord,
    "decision": Decision,
    "review": Review,
}
"""Rows by the first word of an entry's subject."""


@dataclass(slots=True)
class _Touched:
    """Ids that entries named, by kind of subject."""

    ids: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, subject: str) -> None:
        sort, _, id_ = subject.partition(":")
        self.ids.setdefault(sort, {})[id_] = None

    def of(self, sort: str) -> list[str]:
        return list(self.ids.get(sort, ()))


class LawDesk:
    """Findings of the rules for one station. `look` is safe from any thread, one at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._seen = 0
        """Entries of the log whose facts are in the base."""
        self._at = Millis(0)

    def look(self, stop: threading.Event) -> None:
        """Judge what has come since the last look, and what has become due."""
        with self._lock:
            now = self._station.clock.now()
            if self._engine is None or now < self._at:
                self._load(now, stop)
            else:
                self._follow(self._engine, now, stop)
            self._at = now

    # --- the start --------------------------------------------------------------------------------

    def _load(self, now: Millis, stop: threading.Event) -> None:
        """Everything once: at a start, and after the station's clock went back."""
        begun = time.perf_counter()
        station = self._station
        size = station.log.size
        base = Base(utc_offset_minutes=station.config.utc_offset_minutes)
        with reading(station.engine) as connection:
            base.fill(law_facts.every(connection, now, self._watched()))
            open_ = {one.finding: one for one in law_queries.open_findings(connection, KINDS)}
        engine = Engine(base, station.in_force.book(), now)
        self._tell(_news(open_, engine.findings), stop)
        self._engine, self._seen = engine, size
        log.info("law: %d findings stand, %.1f s", len(engine.findings), time.perf_counter() - begun)

    def _watched(self) -> frozenset[str]:
        return frozenset(slot.name for slot in self._station.config.slots)

    # --- afterwards -------------------------------------------------------------------------------

    def _follow(self, engine: Engine, now: Millis, stop: threading.Event) -> None:
        """What entries touched, what is due, and another policy or calendar."""
        station = self._station
        size, touched = station.log.size, _Touched()
        for entry in station.log.entries(self._seen, size):
            if not entry.type.startswith(_OWN):
                touched.add(entry.subject)
            if stop.is_set():
                return
        book = station.in_force.book()
        news: list[Event] = []
        if touched.ids:
            facts, gone = self._read(touched, now)
            news += _events(engine.drop(gone, now))
            news += _events(engine.put(facts, now))
        news += _events(engine.set_policy(book, now) if book is not engine.book else engine.tick(now))
        self._tell(news, stop)
        self._seen = size

    def _read(self, touched: _Touched, now: Millis) -> tuple[list[Fact], list[tuple[type[Any], object]]]:
        """The facts of the ids that were named, and what is not to be judged any more."""
        with reading(self._station.engine) as connection:
            clips = law_facts.clips_of(connection, touched.of("clip"))
            dockings = law_facts.recorders_of_sessions(connection, touched.of("session"))
            named = {clip.recorder for clip in clips.values() if clip is not None}
            ids = {*touched.of("recorder"), *dockings, *named}
            facts: list[Fact] = [clip for clip in clips.values() if clip is not None]
            if ids:
                facts += law_facts.recorders(connection, ids, now, self._watched())
            for sort, kind in _REGISTERS.items():
                if keys := touched.of(sort):
                    facts += law_facts.of_register(connection, kind, keys).values()
            facts += law_facts.determined(connection, touched.of("act"))
            facts += law_facts.filed(connection, touched.of("case"))
            if touched.of("sheet"):
                facts += law_facts.given(connection)
        return facts, [(Clip, key) for key, clip in clips.items() if clip is None]

    def _tell(self, events: Sequence[Event], stop: threading.Event) -> None:
        for start in range(0, len(events), AT_ONCE):
            self._station.books.append(events[start : start + AT_ONCE])
            stop.is_set()  # a pulse: many findings take their time


def _events(changes: Changes) -> list[Event]:
    """What is told of changes. Another policy that says the same of a finding tells nothing new."""
    return [
        *(told.closed(one.id, one.about) for one in changes.closed),
        *(told.opened(one) for one in changes.opened),
        *(told.changed(one) for one in changes.changed),
    ]


def _news(open_: dict[str, Told], findings: Findings) -> list[Event]:
    """What turns the findings that are open in the log into those that stand."""
    news: list[Event] = [
        told.closed(one.finding, one.about) for one in open_.values() if one.finding not in findings
    ]
    for finding in findings.values():
        before = open_.get(finding.id)
        if before is None:
            news.append(told.opened(finding))
        elif not _says(before, finding):
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

"""Linking, then the law: what belongs together is settled before anybody is told that something is missing.

One job of the daemon runs both over the same entries. How far they came is in the log about once a day: a start
goes on from there, and what it does a second time tells nothing new.
"""

from __future__ import annotations

import threading

from ingestd import __version__
from ingestd.events import LawSettled
from ingestd.index import law_queries
from ingestd.index.database import reading
from ingestd.law_desk import LawDesk
from ingestd.link_desk.desk import LinkDesk
from ingestd.linking.weights import DAY_MS
from ingestd.station import Station

LOOK_S = 2
"""So soon after an entry its findings stand."""
LOAD_ALLOWED_S = 600.0
"""A million facts are read and judged within minutes, on a slow disk."""
SETTLE_MS = DAY_MS
SETTLE_ENTRIES = 20_000
"""So many entries are read again at a start within seconds."""


class Desks:
    """The link desk and the law desk of one station."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._links = LinkDesk(station)
        self._law = LawDesk(station)

    def look(self, stop: threading.Event) -> None:
        """Link and judge what has come since the last look."""
        self._links.look(stop)
        self._law.look(stop)
        if not stop.is_set():
            self._settle(min(self._links.seen, self._law.seen))

    def _settle(self, size: int) -> None:
        """Say how far that is: by new rules at once, then about once a day."""
        station = self._station
        now = station.clock.now()
        with reading(station.engine) as connection:
            told = law_queries.settled(connection)
        if (
            told is None
            or told.by != self._law.rules
            or abs(now - told.at) >= SETTLE_MS
            or size - told.size >= SETTLE_ENTRIES
        ):
            settled = LawSettled(
                size=size,
                version=__version__,
                policy_sha256=station.policy.sha256,
                configuration_sha256=station.config.sha256,
            )
            station.books.append([settled])

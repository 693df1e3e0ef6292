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
LONG_S = 1.0
REST = 4
"""A look that took long is followed by so many times as long a rest, ..."""
MOST_REST_S = 60.0
"""... but no longer: a docking of thousands of files is judged while it comes in, and does not stand in its way."""
SETTLE_MS = DAY_MS
SETTLE_ENTRIES = 20_000
"""So many entries are read again at a start within seconds."""


class Desks:
    """The link desk and the law desk of one station."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._links = LinkDesk(station)
        self._law = LawDesk(station)
        self._rest_until = 0.0

    def look(self, stop: threading.Event) -> None:
        """Link and judge what has come since the last look."""
        begun = self._station.clock.monotonic()
        if begun < self._rest_until:
            return
        self._links.look(stop)
        self._law.look(stop)
        if not stop.is_set():
            self._settle(min(self._links.seen, self._law.seen))
        ended = self._station.clock.monotonic()
        if ended - begun > LONG_S:
            self._rest_until = ended + min(REST * (ended - begun), MOST_REST_S)

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

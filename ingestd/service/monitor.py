"""Everything that watches a running daemon from inside: the watchdog's feeder, health and metrics on loopback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ingestd.intake.ports import WORKING, LiveState
from ingestd.ledger.publisher import Publisher
from ingestd.schedule import Jobs
from ingestd.service import health, metrics
from ingestd.service.health import Sources
from ingestd.service.http import Answer, Listener, json_answer
from ingestd.service.notify import Notifier
from ingestd.service.watchdog import Loop, Watchdog
from ingestd.station import Station
from ingestd.words import Text

log = logging.getLogger(__name__)


class Monitor:
    """One a daemon: `start` it last, `close` it first."""

    def __init__(
        self,
        station: Station,
        *,
        publisher: Publisher,
        jobs: Jobs,
        lives: Callable[[], Sequence[LiveState]],
        loops: Callable[[], Sequence[Loop]],
        days_left: Callable[[], int | None],
        notifier: Notifier,
    ) -> None:
        self._station = station
        self._lives = lives
        self._watchdog = Watchdog(notifier, loops, self._summary)
        self._sources = Sources(
            station=station,
            publisher=publisher,
            jobs=jobs,
            watchdog=self._watchdog,
            lives=lives,
            days_left=days_left,
        )
        self._address = station.config.metrics_listen
        self._listener: Listener | None = None

    def start(self) -> None:
        """Begin, once everything that is watched is there."""
        self._listener = self._listen()
        self._watchdog.start()

    def reload(self) -> None:
        """The configuration changed: listen where it says now."""
        if self._station.config.metrics_listen != self._address:
            self._deafen()
            self._address = self._station.config.metrics_listen
            self._listener = self._listen()

    def problems(self) -> tuple[Text, ...]:
        """What is wrong with the station now."""
        return health.problems(self._sources)

    def close(self) -> None:
        """Watch no more."""
        self._watchdog.close()
        self._deafen()

    def _deafen(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _listen(self) -> Listener | None:
        """Where the configuration says; without it the station works as well."""
        if self._address is None:
            return None
        pages = {"/metrics": self._metrics, "/healthz": self._healthz}
        try:
            return Listener(self._address, pages, self._station.clock)
        except OSError as error:
            log.error("no metrics at %s port %d: %s", *self._address, error.strerror)  # noqa: TRY400 - not ours
            return None

    def _metrics(self) -> Answer:
        return Answer(status=200, body=metrics.render(self._sources), content_type=metrics.CONTENT_TYPE)

    def _healthz(self) -> Answer:
        """200 where all is well, 503 and what is wrong."""
        wrong = self.problems()
        told = [{"zh": text.zh, "en": text.en} for text in wrong]
        return json_answer(503 if wrong else 200, {"ok": not wrong, "problems": told})

    def _summary(self) -> Text:
        """One line for the service manager."""
        wrong = self.problems()
        if wrong:
            return Text("；".join(text.zh for text in wrong), "; ".join(text.en for text in wrong))
        lives = self._lives()
        return Text(
            "{n} 个槽位，{busy} 个在采集，{bad} 个异常", "{n} slots, {busy} at work, {bad} with a problem"
        ).format(
            n=len(lives),
            busy=sum(live.phase in WORKING for live in lives),
            bad=sum(live.phase == "problem" for live in lives),
        )

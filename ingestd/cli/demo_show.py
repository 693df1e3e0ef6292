"""The demonstration on the screen while it runs: a live board with sentences above it, told from the log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone, tzinfo

from rich.live import Live

from ingestd.cli.demo_board import board
from ingestd.cli.demo_story import Dated
from ingestd.cli.render import Folded, open_console
from ingestd.daemon import Daemon
from ingestd.events import ClipLinked, ClipQuarantined, ClipSecured, Event, FilmingDetermined, FindingOpened
from ingestd.station import Station
from ingestd.telling.finding_about import subject_text
from ingestd.telling.sentences import sentence
from ingestd.vault.blobs import Blobs
from ingestd.words import Lang, Text


class Teller:
    """Says things in one language; a terminal folds, elsewhere a paragraph is a line."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.console = open_console()

    def say(self, text: Text, *, indent: int = 0, hanging: int = 0, style: str = "") -> None:
        """One paragraph, never cut."""
        self.console.print(Folded(text.say(self.lang), indent=indent, hanging=hanging, style=style))

    def copyable(self, line: str) -> None:
        """A line to be copied: left whole, whatever the terminal's width."""
        print(line, flush=True)

    def gap(self) -> None:
        """An empty line."""
        print(flush=True)


def zone_of(station: Station) -> tzinfo:
    """The station's zone."""
    return timezone(timedelta(minutes=station.config.utc_offset_minutes))


class Show:
    """Days on the screen, one after another."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._next = 0
        """Position in the log from which on nothing has been told."""
        self._paths: dict[str, str] = {}
        """Of clips, by their subjects."""

    def play(
        self,
        daemon: Daemon,
        title: Text,
        told: tuple[type[Event], ...],
        run: Callable[[Callable[[], None]], bool],
    ) -> tuple[bool, list[Dated]]:
        """One day: whether everything was done in time, and its events. ``told``: those worth a line."""
        teller, station, events = self._teller, daemon.station, list[Dated]()
        live = Live(console=teller.console, auto_refresh=False) if teller.console.is_terminal else None
        day = datetime.fromtimestamp(station.clock.now() / 1000, zone_of(station))
        teller.gap()
        teller.say(Text(f"{title.zh} {day:%m-%d}", f"{title.en}, {day:%m-%d}"), style="bold")

        def tick() -> None:
            events.extend(self._tell_new(station, told))
            if live is not None:
                shown = board(daemon.lives(), teller.lang, width=teller.console.width)
                live.update(shown, refresh=True)

        with live or nullcontext():
            is_over = run(tick)
            tick()
        return is_over, events

    def _tell_new(self, station: Station, told: tuple[type[Event], ...]) -> list[Dated]:
        blobs, end, new = Blobs(station.home), station.log.size, []
        for entry in station.log.entries(self._next, end):
            event = entry.event(blobs)
            new.append(Dated(at=entry.at, event=event))
            if isinstance(event, ClipSecured | ClipQuarantined):
                self._paths[event.subject] = event.path
            if isinstance(event, told):
                text = self._named(event, sentence(event, actor=entry.actor))
                clock = f"{datetime.fromtimestamp(entry.at / 1000, zone_of(station)):%H:%M:%S}"
                self._teller.say(Text(f"{clock}  {text.zh}", f"{clock}  {text.en}"), hanging=10)
        self._next = end
        return new

    def _named(self, event: Event, text: Text) -> Text:
        """A sentence that does not say itself what it is about, with that at its end."""
        if not isinstance(event, FindingOpened | ClipLinked | FilmingDetermined):
            return text
        about = event.about if isinstance(event, FindingOpened) else event.subject
        item = subject_text(about, self._paths.get(about, ""), in_short=True)
        return Text(f"{text.zh.removesuffix('。')}：{item.zh}。", f"{text.en.removesuffix('.')}: {item.en}.")

"""The dock board kept up to date: asks every second, remembers what was last known of a daemon that is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from rich.console import Console
from rich.live import Live

from ingestd.cli.board import Board, board
from ingestd.cli.board_tiles import Tile, tile
from ingestd.cli.status import Status
from ingestd.clock import StationClock
from ingestd.errors import LogError, NoSpaceError, NotFoundError
from ingestd.model import Millis
from ingestd.telling.dock import of_live, of_log
from ingestd.words import Text

EVERY_S = 1.0
Look = Callable[[], tuple[Status, dict[str, Any] | None]]
"""The index, and what the daemon says of now (None where none answers)."""


class Watch:
    """What the board shows next, from what is seen now and what was seen before."""

    def __init__(self, look: Look, zone: tzinfo) -> None:
        self._look = look
        self._zone = zone
        self._clock = StationClock()
        self._status: Status | None = None
        self._live: Mapping[str, Any] | None = None
        self._answered_at: Millis | None = None

    def picture(self) -> Board:
        """As of now. An index that cannot be read just now (it is being rebuilt) leaves what was known."""
        try:
            self._status, live = self._look()
        except (LogError, NotFoundError, NoSpaceError):
            if self._status is None:
                raise
            live = None
        if live is not None:
            self._live, self._answered_at = live, self._clock.now()
        return self._board(self._status, is_gone=live is None)

    def _board(self, status: Status, *, is_gone: bool) -> Board:
        station = status.station
        problems = () if self._live is None else tuple(Text(**one) for one in self._live["problems"])
        return Board(
            name=f"{station.agency}/{station.station}" if station else "?",
            at=self._clock.now(),
            zone=self._zone,
            tiles=self._tiles(status),
            clock=self._clock.state(),
            problems=problems,
            next_due=next(iter(status.deadlines), None),
            checkpoint=status.checkpoint,
            is_gone=is_gone,
            gone_since=(self._answered_at or (station.stopped_at if station else None)) if is_gone else None,
        )

    def _tiles(self, status: Status) -> tuple[Tile, ...]:
        """Of the daemon's slots; before it was ever heard, of those that the log knows."""
        known = map(of_log, status.slots) if self._live is None else map(of_live, self._live["slots"])
        return tuple(map(tile, known))


def show(console: Console, zone: tzinfo, look: Look, *, watch: bool) -> None:
    """One picture, or one after the other until Ctrl-C."""
    seen = Watch(look, zone)
    if not watch:
        console.print(board(seen.picture(), width=console.width, height=console.height))
        return
    with Live(console=console, auto_refresh=False, screen=console.is_terminal) as screen:
        while True:
            picture = seen.picture()
            screen.update(board(picture, width=console.width, height=console.height), refresh=True)
            time.sleep(EVERY_S)

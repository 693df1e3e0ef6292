"""The demonstration's stage: a home of its own, a clock that is a night behind, cards, recorders that were given out.

The recorders come back yesterday, then a night passes at once: what the rules allow 24 hours for is due. Only the
clock is moved; all else is as in an office.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ingestd import config
from ingestd.actions.caller import caller
from ingestd.actions.recorders import RecorderActions
from ingestd.actions.refusals import Refusals
from ingestd.clock import Clock, ClockState, StationClock
from ingestd.config import SlotSetting
from ingestd.demo import people
from ingestd.demo.cards import lay_out
from ingestd.demo.cast import AGENCY, AWAY, CAST, POLICY, STATION
from ingestd.errors import UsageError
from ingestd.model import Millis
from ingestd.policy.judges import HOUR_MS
from ingestd.station import Station, create
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.vault.layout import Home
from ingestd.words import Text

FOLDER = "demo"
"""Below the home: the simulated recorders, the case platform's folder, the daemon's messages."""
YESTERDAY_MS = 26 * HOUR_MS
"""So long ago the recorders come back: 24 hours are over now for whatever ended before."""
SET_UP_MS = 9 * HOUR_MS
"""So long before that the station was set up."""
COMMISSIONED_BEFORE_MS = 30 * 24 * HOUR_MS
"""The invented station has run for a month, so that clips get verdicts."""
RESERVE_BYTES = 64 << 20
USUAL_PORT = 8787
KEEPER = "keeper-1"
ROLES = ("dock-keeper", "case-officer", "supervisor")
"""Whoever runs the demonstration plays all of them."""


class OfficeClock:
    """This machine's clock, behind until the night is over; no step is seen, for the passing of time goes with it."""

    def __init__(self, behind_ms: int) -> None:
        self._clock = StationClock()
        self._behind_ms = behind_ms
        self._slept_ms = 0

    def now(self) -> Millis:
        """The office's time."""
        return Millis(self._clock.now() - self._behind_ms + self._slept_ms)

    def state(self) -> ClockState:
        """As the kernel has it."""
        state = self._clock.state()
        return replace(state, monotonic_ms=state.monotonic_ms + self._slept_ms)

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return self._clock.monotonic()

    def catch_up(self) -> None:
        """From now on it is this machine's time."""
        self._slept_ms = self._behind_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is prepared: the clock, when the recorders come back, they by slot, the case platform's folder."""

    clock: OfficeClock
    at: Millis
    recorders: dict[str, SimulatedRecorder]
    drop: Path


def prepare(root: Path, told: Callable[[int, int], None]) -> Day:
    """Make the demonstration's home and lay out the cards. Raises UsageError where the folder holds something."""
    require_empty(root)
    home, clock = Home(root.resolve()), OfficeClock(YESTERDAY_MS)
    before = OfficeClock(YESTERDAY_MS + SET_UP_MS)
    create(home.root, agency=AGENCY, station=STATION, policy=POLICY, csr=False, clock=before)
    folder = home.root / FOLDER
    drop = folder / "platform"
    drop.mkdir(parents=True)
    _configure(home, Millis(before.now() - COMMISSIONED_BEFORE_MS), folder, drop)
    at = clock.now()
    recorders = lay_out(folder, CAST, at, told, behind_ms=YESTERDAY_MS)
    _give_out(home, before, at)
    return Day(clock=clock, at=at, recorders=recorders, drop=drop)


def pass_night(day: Day) -> None:
    """It is this machine's time for the office; the recorders' own clocks have gone on like it."""
    day.clock.catch_up()
    for part in CAST:
        day.recorders[part.slot].describe(clock={"offset_ms": part.clock_ahead_ms})


def require_empty(root: Path) -> None:
    """Raises UsageError where the folder holds anything."""
    if root.exists() and list(root.iterdir()):
        raise UsageError(
            Text(
                "{r} 里已有内容，演示不会动它；请换一个空目录。",
                "{r} holds something and was not touched; give an empty folder.",
            ).format(r=root)
        )


def _configure(home: Home, commissioned_at: Millis, folder: Path, drop: Path) -> None:
    slots = [
        SlotSetting(name=part.slot, driver="simulated", location=str(folder / part.slot)) for part in CAST
    ]
    text = config.render(
        agency=AGENCY,
        station=STATION,
        policy=POLICY,
        commissioned_at=commissioned_at,
        uid=os.getuid(),
        person=KEEPER,
        roles=ROLES,
        slots=slots,
        reserve_bytes=RESERVE_BYTES,
        **{"drop.folder": str(drop), "web.listen": f"127.0.0.1:{_free_port()}"},
    )
    home.config.write_text(text, "utf-8")


def _free_port() -> int:
    """Where the pages can be shown: the usual port, else any that is free."""
    for port in (USUAL_PORT, 0):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)) as found:
            return int(found.getsockname()[1])
    return USUAL_PORT


def _give_out(home: Home, clock: Clock, at: Millis) -> None:
    """The keeper has entered every recorder and whose it is, as an agency does before its first day."""
    station = Station.open(home.root, clock)
    try:
        actions = RecorderActions(station, Refusals(station.books, clock))
        who = caller(os.getuid(), station.config)
        given = [(part.serial, part.officer, part.given_out_h) for part in CAST]
        for recorder, officer, hours in (*given, AWAY):
            actions.enroll(who, {"recorder": recorder})
            actions.assign(who, {"recorder": recorder, "officer": officer, "since": at - hours * HOUR_MS})
        people.settle(station, clock)
    finally:
        station.close()


def log_to_file(home: Home) -> Path:
    """Send the daemon's own messages to a file, so that they do not cut through what is shown."""
    path = home.root / FOLDER / "daemon.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path

"""The demonstration's run: a home of its own, the real daemon over four slots, and the officers' acts.

Prints nothing: what is to be told goes to the caller's functions. Everything that is told afterwards is read
from the log.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ingestd import config
from ingestd.actions.caller import caller
from ingestd.actions.recorders import RecorderActions
from ingestd.actions.refusals import Refusals
from ingestd.clock import Clock
from ingestd.config import SlotSetting
from ingestd.daemon import Daemon
from ingestd.demo.cards import lay_out
from ingestd.demo.cast import AGENCY, CAST, POLICY, STATION, Part, cast_of
from ingestd.errors import ConfigError, UsageError
from ingestd.model import Millis
from ingestd.policy.judges import HOUR_MS
from ingestd.station import Station, create
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.vault.layout import Home
from ingestd.words import Text

FOLDER = "demo"
"""Below the home: the simulated recorders and the daemon's messages."""
COMMISSIONED_BEFORE_MS = 30 * 24 * HOUR_MS
"""The invented station has run for a month, so that clips get verdicts."""
RESERVE_BYTES = 64 << 20
DOCK_EVERY_S = 1.0
BACK_AFTER_S = 3.0
"""The officer who took the recorder too early sees the red sign and puts it back after so long."""
TICK_S = 0.2
PATIENCE_S = 180.0
SETTLED = frozenset({"clear", "kept", "problem"})
KEEPER = "keeper-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One run: its number (from 1), who plays with which recorders, and those, by slot."""

    number: int
    cast: tuple[Part, ...]
    recorders: dict[str, SimulatedRecorder]


def prepare(root: Path, clock: Clock, told: Callable[[int, int], None]) -> Day:
    """Make (or take up) the demonstration's home and lay out today's cards.

    Another run is another day: the same officers with other recorders, for a recorder that docked a minute
    ago cannot bring clips of this morning that it did not have then, and the daemon would say so.
    Raises UsageError where the folder holds something else.
    """
    home = Home(root.resolve())
    commissioned_at = Millis(clock.now() - COMMISSIONED_BEFORE_MS)
    if is_demo_home(home):
        commissioned_at = config.read(home.config).commissioned_at
    else:
        create(home.root, agency=AGENCY, station=STATION, policy=POLICY, csr=False, clock=clock)
    number = 1 + len(list((home.root / FOLDER).glob("day-*")))
    folder, cast = home.root / FOLDER / f"day-{number}", cast_of(number)
    _configure(home, commissioned_at, folder)
    recorders = lay_out(folder, cast, clock.now(), told)
    _assign(home, cast, clock)
    return Day(number=number, cast=cast, recorders=recorders)


def is_demo_home(home: Home) -> bool:
    """Whether an earlier demonstration made it; not where nothing is there. Raises UsageError for all else."""
    if not home.root.exists() or not list(home.root.iterdir()):
        return False
    try:
        if config.read(home.config).agency == AGENCY:
            return True
    except ConfigError:
        pass  # no home, or not one of ours: said below
    raise UsageError(
        Text(
            "{r} 里已有别的内容，演示不会动它；请换一个空目录，或用以前演示建立的目录。",
            "{r} holds something else and was not touched; give an empty folder, or one that an earlier "
            "demonstration made.",
        ).format(r=home.root)
    )


def _configure(home: Home, commissioned_at: Millis, folder: Path) -> None:
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
        slots=slots,
        reserve_bytes=RESERVE_BYTES,
    )
    home.config.write_text(text, "utf-8")


def _assign(home: Home, cast: Iterable[Part], clock: Clock) -> None:
    """The keeper has entered every recorder and whose it is, as an agency does before its first day."""
    station = Station.open(home.root, clock)
    try:
        actions = RecorderActions(station, Refusals(station.books, clock))
        who = caller(os.getuid(), station.config)
        for part in cast:
            actions.enroll(who, {"recorder": part.serial, "family": part.family})
            actions.assign(who, {"recorder": part.serial, "officer": part.officer})
    finally:
        station.close()


@dataclass(slots=True, kw_only=True)
class Play:
    """What the officers do, second by second."""

    daemon: Daemon
    day: Day
    begun: float = field(default_factory=time.monotonic)
    _docked: set[str] = field(default_factory=set)
    _pulled: dict[str, float] = field(default_factory=dict)
    _back: set[str] = field(default_factory=set)

    def run(self, tick: Callable[[], None]) -> bool:
        """Until every recorder has been dealt with; False where one was not in `PATIENCE_S`."""
        while time.monotonic() < self.begun + PATIENCE_S:
            for number, part in enumerate(self.day.cast):
                self._act(part, self.begun + (number + 0.5) * DOCK_EVERY_S)
            tick()
            if self._all_settled():
                return True
            time.sleep(TICK_S)
        return False

    def _act(self, part: Part, docks_at: float) -> None:
        slot, now, recorder = part.slot, time.monotonic(), self.day.recorders[part.slot]
        if slot not in self._docked:
            if now >= docks_at:
                recorder.dock(pull_after_bytes=self._pull_after(part, recorder))
                self._docked.add(slot)
        elif self._is_away(part) and now >= self._pulled.setdefault(slot, now) + BACK_AFTER_S:
            recorder.dock()
            self._back.add(slot)

    def _is_away(self, part: Part) -> bool:
        """Taken too early, and not put back yet."""
        is_to_be = part.pulled_at_percent is not None and part.slot not in self._back
        return is_to_be and self.day.recorders[part.slot].is_pulled

    def _pull_after(self, part: Part, recorder: SimulatedRecorder) -> int | None:
        if part.pulled_at_percent is None:
            return None
        size = sum(file.stat().st_size for file in recorder.card_root.rglob("*") if file.is_file())
        return size * part.pulled_at_percent // 100

    def _all_settled(self) -> bool:
        phases = {live.slot: live.phase for live in self.daemon.lives() if live.session is None}
        return all(
            part.slot in self._docked
            and (part.pulled_at_percent is None or part.slot in self._back)
            and phases.get(part.slot) in SETTLED
            for part in self.day.cast
        )


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

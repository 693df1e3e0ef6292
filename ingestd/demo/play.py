"""What the people of the demonstration do, second by second: yesterday in the dock, today at their desks.

They use the product's own doors: recorders in slots, files of the case platform in its drop folder, actions over
the daemon's socket. Prints nothing: what is to be told goes to the caller's function, and is read from the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ingestd.actions import client
from ingestd.daemon import Daemon
from ingestd.demo.cast import CAST, MAJOR_CASE, Part
from ingestd.demo.exports import exports
from ingestd.demo.stage import Day
from ingestd.index import law_queries, link_queries
from ingestd.index.database import reading
from ingestd.model import Kind
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.words import Text

DOCK_EVERY_S = 1.0
BACK_AFTER_S = 3.0
"""The officer who took the recorder too early sees the red sign and puts it back after so long."""
TICK_S = 0.2
PATIENCE_S = 180.0
SETTLED = frozenset({"clear", "kept", "problem"})
PROPOSED = "filming-proposed"
NECESSARY = "当事人情绪激动，可能引发争议（虚构）"
"""Why somebody determines that an act is to be filmed whole: free text of a person."""


def _until(is_over: Callable[[], bool], tick: Callable[[], None]) -> bool:
    """Go on until something is so; False where it was not in `PATIENCE_S`."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done = is_over()
        tick()
        if done:
            return True
        time.sleep(TICK_S)
    return False


def _is_judged(daemon: Daemon) -> bool:
    """Whether the rules were asked after all that the log holds."""
    station = daemon.station
    job = client.ask(station.home.socket, "live")["jobs"]["deadlines"]
    (newest,) = station.log.entries(station.log.size - 1, station.log.size)
    return not job["running"] and job["last_started"] is not None and job["last_started"] > newest.at


def _are_settled(daemon: Daemon) -> bool:
    """Whether every recorder was dealt with."""
    phases = {live.slot: live.phase for live in daemon.lives() if live.session is None}
    return all(phases.get(part.slot) in SETTLED for part in CAST)


@dataclass(slots=True, kw_only=True)
class Yesterday:
    """The officers come back; the case platform exports; somebody determines what was to be filmed whole."""

    daemon: Daemon
    day: Day
    begun: float = field(default_factory=time.monotonic)
    _docked: set[str] = field(default_factory=set)
    _pulled: dict[str, float] = field(default_factory=dict)
    _back: set[str] = field(default_factory=set)
    _determined: set[str] = field(default_factory=set)

    def run(self, tick: Callable[[], None]) -> bool:
        """Until every recorder, file and proposal has been dealt with."""
        self._export()
        return _until(self._act, tick)

    def _export(self) -> None:
        offset = self.daemon.station.config.utc_offset_minutes
        for name, data in exports(self.day.at, offset).items():
            written = self.day.drop / f"{name}.part"
            written.write_bytes(data)
            written.rename(self.day.drop / name)

    def _act(self) -> bool:
        for number, part in enumerate(CAST):
            self._dock(part, self.begun + (number + 0.5) * DOCK_EVERY_S)
        self._determine()
        is_taken = not any(path.is_file() for path in self.day.drop.iterdir())
        is_all_back = {part.slot for part in CAST if part.pulled_at_percent is not None} == self._back
        is_docked = len(self._docked) == len(CAST) and is_all_back and _are_settled(self.daemon)
        return is_taken and is_docked and _is_judged(self.daemon)

    def _dock(self, part: Part, docks_at: float) -> None:
        slot, now, recorder = part.slot, time.monotonic(), self.day.recorders[part.slot]
        if slot not in self._docked:
            if now >= docks_at:
                recorder.dock(pull_after_bytes=_pull_after(part, recorder))
                self._docked.add(slot)
        elif self._is_away(part) and now >= self._pulled.setdefault(slot, now) + BACK_AFTER_S:
            recorder.dock()
            self._back.add(slot)

    def _is_away(self, part: Part) -> bool:
        """Taken too early, and not put back yet."""
        is_to_be = part.pulled_at_percent is not None and part.slot not in self._back
        return is_to_be and self.day.recorders[part.slot].is_pulled

    def _determine(self) -> None:
        """What the rules propose is necessary."""
        station = self.daemon.station
        with reading(station.engine) as connection:
            standing = law_queries.open_findings(connection)
            proposed = {told.finding for told in standing if told.kind == PROPOSED}
        for finding in sorted(proposed - self._determined):
            client.ask(
                station.home.socket, "finding.determine", finding=finding, needed=True, reason=NECESSARY
            )
            self._determined.add(finding)


def _pull_after(part: Part, recorder: SimulatedRecorder) -> int | None:
    if part.pulled_at_percent is None:
        return None
    size = sum(file.stat().st_size for file in recorder.card_root.rglob("*") if file.is_file())
    return size * part.pulled_at_percent // 100


@dataclass(slots=True, kw_only=True)
class Today:
    """The night is over: somebody links what waits for a choice, and wants to decide a case."""

    daemon: Daemon
    refused: dict[str, Text] = field(default_factory=dict)
    """What the program answered to that, by case, where it did not let it pass."""

    def run(self, tick: Callable[[], None]) -> bool:
        """Until the rules have been asked."""
        self._choose()
        self._decide()
        return _until(lambda: _are_settled(self.daemon) and _is_judged(self.daemon), tick)

    def _choose(self) -> None:
        """A photo is too short to be linked by itself: a person takes the likeliest act."""
        station = self.daemon.station
        with reading(station.engine) as connection:
            waiting = link_queries.queue(connection)
        for one in waiting:
            if one.clip.kind is Kind.PHOTO:
                act = one.candidates[0].act
                client.ask(station.home.socket, "link.set", clip=one.clip.acquisition, act=act)

    def _decide(self) -> None:
        """A major decision, of which nobody has had a review: it is refused, and the case is submitted."""
        station = self.daemon.station
        zone = timezone(timedelta(minutes=station.config.utc_offset_minutes))
        at = datetime.fromtimestamp(station.clock.now() / 1000, zone)
        said = {"case": MAJOR_CASE, "kind": "罚款", "at": f"{at:%Y-%m-%d %H:%M}"}
        try:
            client.ask(station.home.socket, "register.add", register="decision", said=said)
        except client.RemoteError as error:
            self.refused[MAJOR_CASE] = error.text
            self._submit(f"{at:%Y-%m-%d}")

    def _submit(self, checked: str) -> None:
        """What the refusal asks for: the unit has checked it itself, and the reviewer finds it waiting."""
        socket = self.daemon.station.home.socket
        client.ask(socket, "review.open", case=MAJOR_CASE, self_checked_at=checked)

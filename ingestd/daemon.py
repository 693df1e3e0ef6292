"""The daemon: one process that watches slots, takes actions, publishes the log, and keeps time.

It starts in the time that recovery takes and ends within ten seconds whatever a device does: slots finish
their batch or are abandoned, partial folders stay for the next start.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingestd import config
from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import Caller
from ingestd.actions.checks import CheckActions
from ingestd.actions.documents import DocumentActions
from ingestd.actions.logins import SECRET
from ingestd.actions.looks import LookActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import MAY, RegisterActions
from ingestd.actions.server import Action, Report, Server
from ingestd.actions.uploads import Uploads
from ingestd.actions.verbs import verbs
from ingestd.analysing import ALLOWED_S, ANALYSE_S, AnalysisJob
from ingestd.clock import Clock
from ingestd.config import SlotSetting
from ingestd.desks import LOAD_ALLOWED_S, LOOK_S, Desks
from ingestd.device.usb import SYSFS
from ingestd.dock import libusb, sights
from ingestd.dock.watcher import Dock
from ingestd.drop import Drop
from ingestd.errors import BusyError, ConfigError, NotFoundError, UsageError
from ingestd.events import ConfigurationChanged, Event
from ingestd.intake import findings
from ingestd.intake.docking import check_location, session_json
from ingestd.intake.ports import WORKING, Live, LiveState
from ingestd.intake.slot import Slot, dock_once, left
from ingestd.jobs import StationJobs
from ingestd.ledger.publisher import Publisher
from ingestd.model import SlotName
from ingestd.portpath import SCHEME
from ingestd.previewing import ALLOWED_S as PREVIEW_ALLOWED_S
from ingestd.previewing import PREVIEW_S, PreviewJob
from ingestd.pulse import Pulse
from ingestd.registers.table import FILE_BYTES
from ingestd.schedule import Jobs
from ingestd.service.monitor import Monitor
from ingestd.service.notify import Notifier
from ingestd.service.watchdog import DEAD, Loop
from ingestd.station import Station, closing_quietly
from ingestd.words import Text

log = logging.getLogger(__name__)

GRACE_S = 4.0
"""How long slots may finish their batch at the end; then their workers are abandoned."""
LAST_S = 2.0
DROP_S = 30.0
"""The drop folder is looked at more often by its own thread; this is for when that cannot be."""
LOGINS_S = 60.0
DROP_ALLOWED_S = 1_800.0
"""The largest file, row by row, on a slow disk."""


class Daemon:
    """Everything with a loop, over an open station."""

    def __init__(
        self, root: Path, clock: Clock, notifier: Notifier | None = None, *, sysfs: Path = SYSFS
    ) -> None:
        """Open the home, recover, begin to watch. Raises any IngestdError."""
        self.station = Station.open(root, clock)
        self.station.recover()
        self._lock = threading.Lock()
        self._once: dict[SlotName, Live] = {}
        self._publishing = Pulse(clock.monotonic)
        self._publisher = Publisher(self.station.log, self._publishing)
        self._publisher.start()
        self._refusals = Refusals(self.station.books, clock)
        self._registers = RegisterActions(self.station, self._refusals)
        self._uploads = Uploads(clock, most=lambda: FILE_BYTES, at_once=4)
        documents = Uploads(clock, most=lambda: self.station.config.documents_limit_mib << 20, at_once=2)
        self._documents = DocumentActions(self.station, self._refusals, self._registers, documents)
        self._looks = LookActions(self.station, self._refusals)
        self._accounts = AccountVerbs(self.station, self._refusals)
        self._dock = Dock(sysfs, bus=libusb.opened() if sysfs == SYSFS else None)
        self._slots = self._begin(self.station.config.slots)
        self._jobs = Jobs(clock)
        work = StationJobs(self.station, self._refusals, self.is_busy)
        work.schedule(self._jobs)
        self._previews = PreviewJob(
            self.station, self._refusals, busy=self.is_busy, wake=lambda: self._jobs.run_now("previews")
        )
        self._jobs.add("previews", PREVIEW_S, self._previews.run, allow_s=PREVIEW_ALLOWED_S)
        if self.station.config.analysis:
            analysis = AnalysisJob(self.station, self.is_busy)
            self._jobs.add("analysis", ANALYSE_S, analysis.run, allow_s=ALLOWED_S)
        self._jobs.add("deadlines", LOOK_S, Desks(self.station).look, allow_s=LOAD_ALLOWED_S)
        self._drop = Drop(self.station, self._registers)
        self._jobs.add("drop", DROP_S, self._drop.run, allow_s=DROP_ALLOWED_S)
        self._jobs.add("logins", LOGINS_S, self._accounts.logins.expire)
        self._jobs.add("looks", LOGINS_S, self._looks.expire)
        self._jobs.start()
        look = (lambda: self._jobs.run_now("drop"),)
        threading.Thread(target=self._drop.watch, args=look, name="drop", daemon=True).start()
        self._monitor = Monitor(
            self.station,
            publisher=self._publisher,
            jobs=self._jobs,
            lives=self.lives,
            loops=self._loops,
            days_left=lambda: work.days_left,
            notifier=notifier or Notifier(None, None),
        )
        self._server = Server(self.station.home.socket, self._verbs(), self._accounts.logins.who, SECRET)
        self._server.start()
        self._monitor.start()
        log.info("ready: %d slots, log of %d entries", len(self._slots), self.station.log.size)

    def _begin(self, settings: Sequence[SlotSetting]) -> list[Slot]:
        """Slots that are watched from now on."""
        if any(setting.location.startswith(SCHEME) for setting in settings):
            self._dock.start()
        slots = [self._make_slot(setting) for setting in settings]
        for slot in slots:
            slot.start()
        return slots

    def _make_slot(self, setting: SlotSetting) -> Slot:
        return Slot(
            self.station.services,
            name=setting.name,
            driver=setting.driver,
            target=self.station.driver(setting.driver).target,
            location=setting.location,
            hang_s=lambda: self.station.config.hang_s,
            look_every_s=lambda: self.station.config.look_every_s,
            dock=self._dock,
        )

    def _verbs(self) -> dict[str, Any]:
        return {
            "live": self._live,
            "intake": self._intake,
            "run-job": self._run_job,
            "register.part": self._part,
            **CheckActions(self.station, self._refusals).verbs(),
            "register.import": lambda who, args, report: self._registers.take(
                who, args, self._uploads.take(who), report
            ),
            **{name: _unreported(action) for name, action in self._actions().items()},
        }

    def _actions(self) -> dict[str, Action]:
        """Those that are done at once."""
        return {
            **self._accounts.actions(),
            **verbs(self.station, self._refusals, self._registers, self._looks),
            **self._documents.verbs(),
            "preview.want": self._previews.want,
            "preview.state": self._previews.state,
        }

    # --- verbs --------------------------------------------------------------------------------

    def lives(self) -> list[LiveState]:
        """The live state of every slot, watched ones first."""
        with self._lock:
            once = [live.state for live in self._once.values()]
        return [*(slot.live.state for slot in self._slots), *once]

    def _loops(self) -> list[Loop]:
        """Everything that must go on, as it is now."""
        slots = [Loop.of(f"slot {s.name}", s.pulse, is_alive=s.is_alive) for s in self._slots]
        jobs = [Loop(name=f"job {name}", silent_s=s) for name, s in self._jobs.silent_s().items()]
        is_watched = self._dock.is_watching or self._dock.is_dead
        dock = [Loop.of("dock", self._dock.pulse, is_alive=not self._dock.is_dead)] if is_watched else []
        return [
            Loop.of("publisher", self._publishing, is_alive=self._publisher.is_alive()),
            Loop(name="securing", silent_s=self.station.services.acquirer.steps.silent_s()),
            Loop(name="actions", silent_s=0.0 if self._server.is_alive else DEAD),
            *dock,
            *slots,
            *jobs,
        ]

    def is_busy(self) -> bool:
        """Whether a recorder is being read."""
        return any(live.phase in WORKING for live in self.lives())

    def _live(self, _who: Caller, _arguments: Mapping[str, Any], _report: Report) -> dict[str, Any]:
        """What is live and no evidence: slots, other USB ports in use, jobs, whether publishing works."""
        error, clock = self._publisher.error, self.station.clock.state()
        slots = {slot.location for slot in self._slots}
        return {
            "slots": [asdict(live) | {"seconds_left": live.seconds_left} for live in self.lives()],
            "waits": [asdict(wait) for wait in self.station.services.turns.waits()],
            "ports": [
                sights.told(port, sight)
                for port, sight in sorted(self._dock.seen().items())
                if str(port) not in slots
            ],
            "jobs": {name: asdict(state) for name, state in self._jobs.state().items()},
            "clock": {"synchronised": clock.synchronised, "uncertainty_ms": clock.uncertainty_ms},
            "problems": [{"zh": text.zh, "en": text.en} for text in self._monitor.problems()],
            "publishing": None if error is None else {"zh": error.text.zh, "en": error.text.en},
            "pid": os.getpid(),
        }

    def _intake(self, who: Caller, arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
        """One whole docking of a path, for `ingestd intake`; progress is reported while it runs."""
        name, path = SlotName(str(arguments["slot"])), Path(str(arguments["path"]))
        with self._refusals.watch(who, "intake", f"slot:{name}"):
            who.require("dock-keeper", "administrator")
        location = check_location(path, self.station.home.root)
        if not config.is_slot_name(name) or name in {slot.name for slot in self._slots}:
            raise UsageError(
                Text(
                    "槽位名 {n} 不可用（不合规或由守护进程看管）。",
                    "the slot name {n} cannot be used: it is no name, or the daemon watches that slot.",
                ).format(n=name)
            )
        live = Live(LiveState(slot=name))
        with self._lock:
            if name in self._once:
                raise BusyError(Text("槽位 {n} 正在采集。", "slot {n} is being read.").format(n=name))
            self._once[name] = live
        done = threading.Event()
        reporter = threading.Thread(target=_report_live, args=(live, report, done), daemon=True)
        reporter.start()
        try:
            driver = self.station.driver("folder")
            session = dock_once(
                self.station.services,
                name=name,
                driver=driver.record.name,
                target=driver.target,
                location=str(location),
                hang_s=self.station.config.hang_s,
                release=arguments["release"],
                live=live,
            )
        finally:
            done.set()
            reporter.join()
            with self._lock:
                del self._once[name]
        return session_json(session)

    def _part(self, who: Caller, arguments: Mapping[str, Any], _report: Report) -> dict[str, Any]:
        """A part of a register file that is being sent."""
        with self._refusals.watch(who, "register.import", "station"):
            who.require(*dict.fromkeys(role for roles in MAY.values() for role in roles))
        return self._uploads.add(who, arguments)

    def _run_job(self, who: Caller, arguments: Mapping[str, Any], _report: Report) -> dict[str, Any]:
        """Run a periodic job now, for `ingestd run-job` and tests."""
        with self._refusals.watch(who, "run-job", "station"):
            who.require("administrator", "dock-keeper")
        self._jobs.run_now(str(arguments["job"]))
        return {"job": arguments["job"]}

    # --- configuration ------------------------------------------------------------------------

    def reload(self) -> None:
        """Read configuration and policy again; a faulty one changes nothing. Slots that did not change go on."""
        self._reconfigure()
        self.station.policies.look()

    def _reconfigure(self) -> None:
        station = self.station
        try:
            settings = config.read(station.home.config)
            if settings.policy != station.config.policy:
                station.policies.candidate(settings.policy)
            _check_same_log(settings, station.config)
            for setting in settings.slots:
                station.driver(setting.driver)
        except (ConfigError, NotFoundError) as error:
            log.error("configuration not taken: %s", error)  # noqa: TRY400 - the fault is the file's
            return
        if settings.sha256 == station.config.sha256:
            return
        watched = {(slot.name, slot.driver, slot.location): slot for slot in self._slots}
        wanted = {(setting.name, setting.driver, setting.location): setting for setting in settings.slots}
        events: list[Event] = [ConfigurationChanged(configuration_sha256=settings.sha256)]
        for key, slot in watched.items():
            if key not in wanted:
                _end([slot])
                events.append(findings.closed("device-refused", f"slot:{slot.name}", "the slot was given up"))
                events += left(station.services, slot.name)
        station.in_force.config = settings
        station.services.turns.limit(settings.readers, per_bus=settings.readers_per_bus)
        self._monitor.reload()
        kept = [slot for key, slot in watched.items() if key in wanted]
        new = [setting for key, setting in wanted.items() if key not in watched]
        self._slots = [*kept, *self._begin(new)]
        station.books.append(events)
        log.info("configuration taken: %d slots", len(self._slots))

    # --- the end ------------------------------------------------------------------------------

    def close(self, reason: str) -> None:
        """End in order within ten seconds; what hangs is left behind."""
        self._monitor.close()
        self.station.stopping.set()
        closing_quietly(self._server.close)
        closing_quietly(self._jobs.close)
        _end(self._slots)
        closing_quietly(self._dock.close)
        closing_quietly(self._accounts.close)
        closing_quietly(lambda: self._refusals.flush(at_end=True))
        closing_quietly(lambda: self.station.say_stopped(reason))
        closing_quietly(self._publisher.close)
        closing_quietly(self.station.close)


def _leave() -> None:
    """End now where a thread still waits for a disk or a device: every step can be taken up again."""
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        logging.shutdown()
        os._exit(0)


def _check_same_log(new: config.Config, old: config.Config) -> None:
    if new.origin != old.origin:
        raise ConfigError(
            Text(
                "agency 与 station 是日志的名字，不能更改。",
                "agency and station are the log's name and can't be changed.",
            )
        )


def _end(slots: list[Slot]) -> None:
    for slot in slots:
        slot.stop()
    late = [slot for slot in slots if not slot.join(GRACE_S / max(1, len(slots)))]
    for slot in late:
        slot.kill()
    for slot in late:
        if not slot.join(LAST_S / len(late)):
            log.warning("slot %s hangs and is left behind", slot.name)


def _unreported(action: Action) -> Callable[[Caller, Mapping[str, Any], Report], dict[str, Any]]:
    """A verb that is done at once: there is nothing to report while it runs."""
    return lambda who, arguments, _report: action(who, arguments)


def _report_live(live: Live, report: Report, done: threading.Event) -> None:
    while not done.wait(0.5):
        report(asdict(live.state) | {"seconds_left": live.state.seconds_left})


def _signals() -> Iterator[signal.Signals]:
    """The signals that people send, in order, from now on.

    By a pipe that Python's own handler writes to: a handler of ours that wakes a waiting thread would take a
    lock which that thread may hold, and neither SIGHUP nor SIGTERM would be heard any more.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: None)
    return (signal.Signals(number) for number in _bytes(reader))


def _bytes(descriptor: int) -> Iterator[int]:
    while True:
        yield from os.read(descriptor, 1)


def run(root: Path, clock: Clock) -> None:
    """`ingestd run`: until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    heard = _signals()
    notifier = Notifier.of_environment(os.environ)
    notifier.status(Text("正在打开证据库并恢复", "opening the home, recovering"))
    daemon = Daemon(root, clock, notifier)
    notifier.ready()
    try:
        for number in heard:
            if number is not signal.SIGHUP:
                notifier.stopping()
                daemon.close(number.name)
                _leave()
                return
            notifier.reloading(clock)
            daemon.reload()
            notifier.ready()
    except BaseException:
        daemon.close("failure")
        raise

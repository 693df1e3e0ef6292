"""Periodic work: sweeps, re-verification, previews, the disk's trend (design 11), by APScheduler in memory.

Promised: one bad job stops no other; a job never runs twice at once; missed runs are made up by one; the
scheduler starts and stops at once, whatever a job does. Not promised: that a job looks at its `stop` event;
one that does not is left behind as a daemon thread. Last runs of an earlier process are known from the log,
not from here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # 3.x has none

from ingestd.clock import Clock
from ingestd.model import Millis
from ingestd.pulse import Pulse

log = logging.getLogger(__name__)

STOP_S = 0.5
"""How long a stop waits for jobs that are running."""

Work = Callable[[threading.Event], None]
"""A job; it looks at the event where it can stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """What is to be said of a job: on `status`, in `doctor`."""

    running: bool = False
    runs: int = 0
    failures: int = 0
    last_started: Millis | None = None
    last_ended: Millis | None = None
    last_error: str | None = None
    """Of the last run; None where it went well."""
    next_run: Millis | None = None


class Stop(threading.Event):
    """Set when a job is to end. A job that looks at it is alive: looking is its pulse."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.pulse = pulse

    def is_set(self) -> bool:
        self.pulse.beat()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        with self.pulse.resting():
            return super().wait(timeout)


@dataclass(slots=True)
class _Job:
    work: Work
    stop: Stop
    allow_s: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: JobState = field(default_factory=JobState)


class Jobs:
    """Named jobs at intervals."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stop = threading.Event()
        self._jobs: dict[str, _Job] = {}
        self._idle = threading.Condition()
        self._running = 0
        self._scheduler = BackgroundScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
            daemon=True,
        )

    def add(
        self, name: str, every_s: float, work: Work, *, jitter: float | None = None, allow_s: float = 0.0
    ) -> None:
        """Run ``work`` every so many seconds, spread by ``jitter`` seconds; first after one interval.

        ``allow_s``: so much longer than any loop's step may it be at work without looking at its event.
        """
        if name in self._jobs:
            raise ValueError(f"a job named {name} exists")
        self._jobs[name] = _Job(work, Stop(Pulse(self._clock.monotonic)), allow_s)
        self._scheduler.add_job(
            self._launch, "interval", args=(name,), id=name, seconds=every_s, jitter=jitter
        )

    def start(self) -> None:
        """Begin; jobs may also be added later."""
        self._scheduler.start()

    def run_now(self, name: str) -> None:
        """Run a job as soon as may be, beside its interval; while it runs already, this changes nothing."""
        if self._jobs[name].lock.locked():
            return
        self._scheduler.modify_job(name, next_run_time=datetime.now(self._scheduler.timezone))

    def state(self) -> dict[str, JobState]:
        """How each job stands."""
        found = {}
        for name, job in self._jobs.items():
            found[name] = replace(job.state, next_run=self._due(name))
        return found

    def silent_s(self) -> dict[str, float]:
        """For how long each running job gave no sign of life, and for how long a due one was not begun."""
        now = self._clock.now()
        silent = {}
        for name, job in self._jobs.items():
            if job.state.running:
                silent[name] = job.stop.pulse.silent_s()
            elif (due := self._due(name)) is not None:
                silent[name] = max(0.0, (now - due) / 1000)
        return silent

    def _due(self, name: str) -> Millis | None:
        at = getattr(self._scheduler.get_job(name), "next_run_time", None)
        return None if at is None else _millis(at)

    def close(self) -> None:
        """Tell running jobs to stop, wait `STOP_S` for them, begin no more."""
        self._stop.set()
        for job in self._jobs.values():
            job.stop.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._idle:
            if not self._idle.wait_for(lambda: self._running == 0, STOP_S):
                log.warning("jobs left behind at stop: %d", self._running)

    def _launch(self, name: str) -> None:
        """A daemon thread a run: APScheduler's pool is joined at exit, which a hung job would block."""
        threading.Thread(target=self._run, args=(name,), name=f"job {name}", daemon=True).start()

    def _run(self, name: str) -> None:
        """One run, whatever comes of it. Runs that meet a running one are dropped."""
        job = self._jobs[name]
        if self._stop.is_set() or not job.lock.acquire(blocking=False):
            return
        with self._idle:
            self._running += 1
        error: str | None = None
        job.stop.pulse.beat(job.allow_s)
        job.state = replace(job.state, running=True, last_started=self._clock.now())
        try:
            job.work(job.stop)
        except Exception as failed:
            error = f"{type(failed).__name__}: {failed}"
            log.exception("job failed: %s", name, extra={"job": name})
        finally:
            job.state = replace(
                job.state,
                running=False,
                runs=job.state.runs + 1,
                failures=job.state.failures + (error is not None),
                last_ended=self._clock.now(),
                last_error=error,
            )
            job.lock.release()
            with self._idle:
                self._running -= 1
                self._idle.notify_all()


def _millis(at: datetime) -> Millis:
    return Millis(int(at.timestamp() * 1000))

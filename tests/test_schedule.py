"""Jobs run at their intervals, fail alone, and never hold up a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ingestd.clock import StationClock
from ingestd.schedule import Jobs


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(StationClock())
    yield made
    made.close()


def eventually(what: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def test_one_bad_job_stops_no_other(jobs, caplog):
    """A job that raises is logged and counted, runs again, and the other goes on."""
    ran = []

    def bad(_stop: threading.Event) -> None:
        raise RuntimeError("no good")

    jobs.add("bad", 0.05, bad)
    jobs.add("good", 0.05, lambda _stop: ran.append(1))
    jobs.start()
    eventually(lambda: len(ran) >= 3 and jobs.state()["bad"].failures >= 2)
    state = jobs.state()
    assert state["bad"].last_error == "RuntimeError: no good"
    assert state["good"].last_error is None
    assert state["good"].last_started is not None
    assert state["good"].last_ended >= state["good"].last_started
    assert state["good"].next_run is not None
    assert "job failed: bad" in caplog.text


def test_a_job_never_runs_twice_at_once(jobs):
    """A slow job's missed runs are made up by one, not by many at once."""
    now, most, ran = 0, 0, 0
    lock = threading.Lock()

    def slow(stop: threading.Event) -> None:
        nonlocal now, most, ran
        with lock:
            now += 1
            most = max(most, now)
            ran += 1
        stop.wait(0.15)
        with lock:
            now -= 1

    jobs.add("slow", 0.02, slow)
    jobs.start()
    eventually(lambda: ran >= 3)
    assert most == 1


def test_run_now_does_not_wait_for_the_interval(jobs):
    """A supervisor's request runs at once, and state tells when the next is due."""
    ran = threading.Event()
    jobs.add("daily", 86_400, lambda _stop: ran.set(), jitter=60)
    jobs.start()
    assert jobs.state()["daily"].runs == 0
    jobs.run_now("daily")
    assert ran.wait(5)
    eventually(lambda: jobs.state()["daily"].runs == 1)
    assert jobs.state()["daily"].next_run > StationClock().now()
    with pytest.raises(KeyError):
        jobs.run_now("unknown")


def test_stop_is_quick_with_a_running_job(jobs):
    """A job that looks at its event ends; one that does not is left behind; both within a second."""
    begun, ended, free = threading.Event(), threading.Event(), threading.Event()

    def polite(stop: threading.Event) -> None:
        begun.set()
        stop.wait(30)
        ended.set()

    jobs.add("polite", 86_400, polite)
    jobs.add("deaf", 86_400, lambda _stop: free.wait(30) and None)
    jobs.start()
    jobs.run_now("polite")
    jobs.run_now("deaf")
    assert begun.wait(5)
    eventually(lambda: jobs.state()["deaf"].running)
    at = time.monotonic()
    jobs.close()
    assert time.monotonic() - at < 1
    assert ended.is_set()
    free.set()
    eventually(lambda: not jobs.state()["deaf"].running)


def test_names_are_unique(jobs):
    """Two jobs of one name would hide each other."""
    jobs.add("one", 60, lambda _stop: None)
    with pytest.raises(ValueError, match="one"):
        jobs.add("one", 60, lambda _stop: None)


def test_close_without_start(jobs):
    """A daemon that fails while starting closes what it has."""
    jobs.add("one", 60, lambda _stop: None)
    jobs.close()

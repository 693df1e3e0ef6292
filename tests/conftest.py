"""What all tests share."""

from __future__ import annotations

import fnmatch
import os
import signal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Markers that the suite uses."""
    # A deadline would test how busy the machine is.
    settings.register_profile("ingestd", deadline=None)
    settings.load_profile("ingestd")
    # A run in the background inherits "ignored", and so would every child that is to be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "slow: takes more than ten seconds")
    config.addinivalue_line("markers", "e2e: boots a guest with a real USB stack")


_ROOMS = ("tests/web/", "tests/e2e/", "tests/demo/", "tests/outsiders/")


class _Rooms(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Tests go one by one to whoever is free; a module that sets much up goes whole.

    The office that most tests of pages share is played by whoever comes to it first: until it stands, the other
    processes are given other tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module.startswith(_ROOMS) else nodeid

    def _assign_work_unit(self, node: object) -> None:
        if self._is_being_played():
            other = next((scope for scope in self.workqueue if not _has_office(scope)), None)
            if other is not None:
                self.workqueue.move_to_end(other, last=False)
        super()._assign_work_unit(node)

    def _is_being_played(self) -> bool:
        given = [unit for units in self.assigned_work.values() for unit in units.items()]
        ended = [is_over for scope, tests in given if _has_office(scope) for is_over in tests.values()]
        return bool(ended) and not any(ended)


@cache
def _has_office(scope: str) -> bool:
    """Whether a module's tests stand in the office."""
    return scope.startswith("tests/web/") and "(office" in (ROOT / scope).read_text("utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _Rooms:
    """How `-n` hands out tests."""
    return _Rooms(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test vectors and real camera files beside the checkout; skips where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the checkout: its vectors and camera files are tests' input only")
    return SHARED


# --- no test is skipped unseen ------------------------------------------------------------------

ALLOWED_SKIPS = Path(__file__).with_name("allowed-skips.txt")
_skipped: dict[str, str] = {}


def _is_allowed(test: str) -> bool:
    lines = ALLOWED_SKIPS.read_text("utf-8").splitlines()
    patterns = [line.split(maxsplit=1)[0] for line in lines if line and not line.startswith("#")]
    return any(fnmatch.fnmatchcase(test, pattern) for pattern in patterns)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped, and why."""
    if report.skipped and not hasattr(report, "wasxfail") and not _is_allowed(report.nodeid):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skipped[report.nodeid] = reason


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skip that is not written down fails the run (`.ci/run` sets it)."""
    if _skipped and os.environ.get("CI") == "true" and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name them."""
    if _skipped and os.environ.get("CI") == "true":
        terminalreporter.section(f"skipped, and not in {ALLOWED_SKIPS.name}: the run fails")
        for test, reason in sorted(_skipped.items()):
            terminalreporter.line(f"{test}: {reason}")

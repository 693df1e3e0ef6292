"""An office with everything in it, for the tests of pages: the demonstration's home, its accounts, daemon and pages.

The day is played once a test run; each `Office` is a copy of it that a test may change.
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from ingestd.demo.people import PASSWORD
from ingestd.index import analyses, queries
from ingestd.index.database import open_database, reading
from ingestd.model import Sha256
from ingestd.people import totp
from ingestd.vault import layout
from tests.faults.test_damage import rot
from tests.rig import Daemon, command, wait_for
from tests.web.stage import Web

SUPERVISOR, REVIEWER, CASE_OFFICER = "104288", "104333", "204102"
PLAYED = "INGESTD_TEST_DEMO_HOME"
"""A folder that `ingestd demo --once --home` filled: saves half a minute each time while one writes tests."""
ARCHIVIST, OFFICER, ADMINISTRATOR = "204101", "104233", "204001"
READY_S, SETTLED_S = 90, 240
"""Waits for a machine that runs other tests beside."""


@cache
def demo() -> Path:
    """The demonstration's home with nothing left to do; one that was played before, where `PLAYED` names it.

    Test processes of one run share it: whoever comes first plays it, the others wait.
    """
    if PLAYED in os.environ:
        return Path(os.environ[PLAYED])
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = Path(
        mkdtemp(prefix="ingestd-office-") if run is None else f"{gettempdir()}/ingestd-office-{run}"
    )
    folder.mkdir(exist_ok=True)
    root = folder / "home"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "played").exists():
            done = command("demo", "--once", "--home", root)
            assert done.code == 0, done.err
            _settle(Home(root))
            (folder / "played").touch()
    return root


def _settle(home: Home) -> None:
    """Every preview is made and every recording looked through: no copy of it does that again."""
    engine = open_database(home.root / "index.db")

    def is_settled() -> bool:
        with reading(engine) as connection:
            return not queries.without_preview(connection, 1) and not analyses.without_analysis(connection, 1)

    running = Daemon(home).ready(READY_S)  # type: ignore[arg-type]  # what it asks of a rig is there
    try:
        wait_for(is_settled, SETTLED_S, running.said)
        running.stop()
    finally:
        running.process.kill()
        engine.dispose()


def _step() -> int:
    """The half minute of which a phone shows its code now."""
    return time.time_ns() // 1_000_000 // totp.STEP_MS


SIGHT_MS = 5_000
SCREENS = Path("build/screens")
"""What a test's pages showed last, by module and test: kept with a run of the CI."""


def _keep_last_sight(page: Page, lang: str) -> None:
    """A picture of a page when its test closes its context."""
    if (running := os.environ.get("PYTEST_CURRENT_TEST")) is None:
        return  # a bench
    test = re.sub(r"[^\w\[\]-]+", "-", running.rpartition("/")[2].partition(" ")[0])
    end, number = page.context.close, len(page.context.pages)

    def close() -> None:
        with suppress(PlaywrightError):  # a page on its way elsewhere has no sight to keep
            page.screenshot(path=SCREENS / f"{test}-{lang}-{number}.png", timeout=SIGHT_MS)
        end()

    page.context.close = close  # type: ignore[method-assign]


def _look_first(page: Page, first: Callable[[], object]) -> None:
    """Whenever a test sends a page somewhere, or asks for it anew."""
    for name in ("goto", "reload"):
        go = getattr(page, name)

        def gone(*arguments: Any, _go: Callable[..., Any] = go, **options: Any) -> Any:
            first()
            return _go(*arguments, **options)

        setattr(page, name, gone)


class Home:
    """A home with what `Daemon` and `Web` ask of a rig."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def socket(self) -> Path:
        return self.root / "run" / "ingestd.sock"

    def run(self, *arguments: object) -> Any:
        """One command in this process."""
        return command(*arguments, "--home", self.root)


class Office:
    """A daemon and its pages over a copy of the day. `close` it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        shutil.copytree(demo(), self.home.root, symlinks=True)
        settings = self.home.root / "ingestd.toml"
        settings.write_text(settings.read_text().replace(str(demo()), str(self.home.root)))
        self.daemon = Daemon(self.home)  # type: ignore[arg-type]  # what it asks of a rig is there
        self.web = Web(self.home)
        try:
            self.daemon.ready(READY_S)
            self.web.ready(READY_S)
            wait_for(lambda: self.web.health()["reading"] is None, READY_S, self.web.said)
        except BaseException:
            self.daemon.process.kill()
            self.web.process.kill()
            raise
        self._caught_up = 0
        """Entries that the pages' copy is known to hold."""
        self._codes: dict[str, list[str]] = {}
        self._secrets: dict[str, bytes] = {}
        self._steps: dict[str, int] = {}

    def close(self) -> None:
        self.web.stop()
        self.daemon.stop()

    def catch_up(self) -> None:
        """The pages follow the log by themselves: what a test saw come about at the daemon is in their copy then.

        Where nothing follows (the test took the daemon away, or the log) there is nothing to wait for.
        """
        with closing(sqlite3.connect(self.home.root / "index.db")) as index:
            (entries,) = index.execute("SELECT max(seq) + 1 FROM entries").fetchone()

        def is_there() -> bool:
            health = self.web.health()
            return not health["ok"] or health["entries"] >= entries

        if (
            entries > self._caught_up
            and self.daemon.process.poll() is None
            and self.web.process.poll() is None
        ):
            wait_for(is_there, READY_S, self.web.said)
            self._caught_up = entries

    def _before(self, request: httpx.Request) -> None:
        if request.method == "GET" and not request.url.path.startswith(("/media/", "/static/")):
            self.catch_up()

    @contextmanager
    def client(self, account: str | None = None, *, lang: str = "zh") -> Iterator[httpx.Client]:
        """A browser without scripts, logged in as somebody."""
        with httpx.Client(
            base_url=self.web.url,
            headers={"sec-fetch-site": "same-origin"},
            cookies={"lang": lang},
            follow_redirects=True,
            timeout=30,
            event_hooks={"request": [self._before]},
        ) as made:
            if account is not None:
                answer = made.post("/login", data={"user": account, "password": PASSWORD, "back": "/me"})
                if account in self._codes:
                    answer = made.post("/login", data={"code": self.code(account), "back": "/me"})
                assert answer.status_code == 200, answer.text
                assert "/login" not in str(answer.url), answer.text
            yield made

    def context(self, browser: Browser, account: str | None = None, *, lang: str = "zh") -> BrowserContext:
        """A browser's context at 1366x768 with somebody's session."""
        made = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=self.web.url)
        cookies = {"lang": lang}
        if account is not None:
            with self.client(account) as client:
                cookies["session"] = client.cookies["session"]
        made.add_cookies([{"name": k, "value": v, "url": self.web.url} for k, v in cookies.items()])  # type: ignore[list-item]
        made.on("page", lambda page: _keep_last_sight(page, lang))
        made.on("page", lambda page: _look_first(page, self.catch_up))
        return made

    def phone(self, account: str) -> None:
        """Set up a second factor for somebody; their later log-ins show it."""
        session = self.daemon.ask("session.open", user=account, password=PASSWORD)["session"]
        text = self.daemon.ask("totp.begin", session=session, password=PASSWORD)["secret"]
        secret = self._secrets[account] = base64.b32decode(text + "=" * (-len(text) % 8))
        step = self._steps[account] = _step()
        shown = totp.code(secret, step)
        self._codes[account] = self.daemon.ask("totp.confirm", session=session, code=shown)["recovery"]

    def code(self, account: str) -> str:
        """A code that counts: of the ten that stand in for the phone, then the phone's own, one each half minute."""
        if self._codes[account]:
            return self._codes[account].pop()
        wait_for(lambda: _step() > self._steps[account])
        step = self._steps[account] = _step()
        return totp.code(self._secrets[account], step)

    def document(self, case: str) -> dict[str, Any]:
        """A small PDF as the file of a new text record of a case, by the dock's keeper: the daemon's answer."""
        part = base64.b64encode(b"%PDF-1.7\n" + os.urandom(16)).decode()
        self.daemon.ask("document.part", case=case, offset=0, part=part)
        return self.daemon.ask("document.store", case=case, name="a.pdf", kind="现场检查笔录")

    @contextmanager
    def rotten(self, sha256: str) -> Iterator[None]:
        """One bit of a document turns over on the disk; it is good again at the end."""
        path = layout.Home(self.home.root).blob(Sha256(sha256))
        good = path.read_bytes()
        rot(path, 3)
        try:
            yield
        finally:
            path.chmod(0o644)
            path.write_bytes(good)
            path.chmod(0o444)

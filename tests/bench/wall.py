"""From commit to the page: a supervisor's wall in a browser while clips are secured at twenty a second.

This process is the station: it appends `clip.secured` at an even pace, publishes them as the daemon does, and
answers the log-in. The web process and the browser are real. Measured: from the return of the commit to the tile's
being in the document.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.server import Server
from ingestd.clock import StationClock
from ingestd.demo import people
from ingestd.ledger.publisher import Publisher
from ingestd.model import Millis
from ingestd.pulse import Pulse
from ingestd.station import Station
from tests.bench import homes
from tests.bench.report import Row
from tests.event_samples import secured
from tests.web.office import Home
from tests.web.stage import Web

PART = "wall"
A_SECOND = 20
SHORT_S, FULL_S = 8, 60
MOST_S = 1.0
"""Issue 5, point 9: p95 from commit to the DOM at 20 events a second."""
NEVER_MS = 60_000
_WATCHED = """() => { window.came = {};
  new MutationObserver((all) => { for (const one of all) for (const node of one.addedNodes)
    if (node.id && !(node.id in window.came)) window.came[node.id] = Date.now(); })
  .observe(document.getElementById("wall"), {childList: true}); }"""


def measure(*, full: bool = False) -> list[Row]:
    """The figures of this part."""
    browser = shutil.which("chromium")
    if browser is None:
        return []
    with homes.folder() as folder:
        homes.make_home(folder / "home")
        clock = StationClock()
        with homes.opened(folder / "home") as station:
            people.settle(station, clock)
            waits = _run(station, folder / "home", browser, FULL_S if full else SHORT_S)
    waits.sort()
    at = {share: waits[min(len(waits) - 1, int(share * len(waits)))] for share in (0.5, 0.95)}
    return [
        Row(
            part=PART,
            what="commit to DOM, p95",
            value=at[0.95],
            unit="s",
            most=MOST_S,
            note=f"{len(waits)} clips",
        ),
        Row(part=PART, what="commit to DOM, median", value=at[0.5], unit="s"),
    ]


def _run(station: Station, root: Path, chromium: str, seconds: int) -> list[float]:
    verbs = AccountVerbs(station, Refusals(station.books, station.clock))
    live: dict[str, Any] = {"slots": [], "problems": [], "clock": {"synchronised": True}, "waits": []}
    actions = {verb: partial(_acted, action) for verb, action in verbs.actions().items()}
    server = Server(root / "run" / "ingestd.sock", {"live": lambda *_: live, **actions}, verbs.logins.who)
    publisher = Publisher(station.log, Pulse(time.monotonic))
    server.start()
    publisher.start()
    web = Web(Home(root)).ready(60)
    try:
        return _watched(station, web, verbs, chromium, seconds)
    finally:
        web.stop()
        server.close()
        publisher.close()
        verbs.close()


def _acted(
    action: Callable[[Caller, Mapping[str, Any]], dict[str, Any]],
    who: Caller,
    told: Mapping[str, Any],
    _: object,
) -> dict[str, Any]:
    """As the daemon answers by an action that tells no progress."""
    return action(who, told)


def _watched(station: Station, web: Web, verbs: AccountVerbs, chromium: str, seconds: int) -> list[float]:
    who = verbs.logins.who(os.getuid(), {"verb": "session.open"})
    opened = verbs.actions()["session.open"](
        who, {"user": people.PEOPLE[0].account, "password": people.PASSWORD}
    )
    committed: dict[str, float] = {}
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.context.add_cookies([{"name": "session", "value": opened["session"], "url": web.url}])
        page.goto(f"{web.url}/home")
        page.wait_for_timeout(1500)
        page.evaluate(_WATCHED)
        thread = threading.Thread(target=_append, args=(station, committed, seconds))
        thread.start()
        while thread.is_alive():
            page.wait_for_timeout(200)
        page.wait_for_timeout(3000)
        came: dict[str, float] = json.loads(page.evaluate("() => JSON.stringify(window.came)"))
        browser.close()
    # What a burst pushed off the wall before it was drawn never came: it counts as very late.
    return [max(0.0, came.get(f"clip-{key}", at + NEVER_MS) - at) / 1000 for key, at in committed.items()]


def _append(station: Station, committed: dict[str, float], seconds: int) -> None:
    begun = time.monotonic()
    for number in range(seconds * A_SECOND):
        time.sleep(max(0.0, begun + number / A_SECOND - time.monotonic()))
        key = str(uuid.uuid4())
        station.books.append([secured(number, acquisition=key, stored_at=Millis(int(time.time() * 1000)))])
        committed[key] = time.time() * 1000

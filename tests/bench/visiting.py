"""The real application over the copy of `cast`, asked in this process: the server's time alone, without network.

A stand-in answers on the daemon's socket who somebody is, opens looks, lists accounts: what pages wait for there is
the daemon's matter.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from ingestd.actions.caller import Caller
from ingestd.actions.server import Server
from ingestd.clock import StationClock
from ingestd.model import Millis
from ingestd.web.app import create_app
from ingestd.web.serving import keep_what_is_loaded
from ingestd.web.visitors import FULL
from ingestd.web.watch import Watch
from tests.bench import cast
from tests.bench.agency import OFFICERS, officer_of, unit_of
from tests.bench.index import T0

Client = Callable[[str], Coroutine[Any, Any, httpx.Response]]
"""Gets an address as somebody."""
Address = Callable[[random.Random], str]
WARM = 2
"""Requests before those that count: they fill caches."""
OFFICER, CASE_OFFICER = 13, 53
"""Who is somebody by number; both of one unit."""
PEOPLE: Mapping[str, tuple[str, str | None, str]] = {
    "supervisor": ("900001", None, FULL),
    "archivist": ("900003", None, FULL),
    "legal-reviewer": ("900004", None, FULL),
    "administrator": ("900005", None, FULL),
    "case-officer": (officer_of(CASE_OFFICER), unit_of(CASE_OFFICER), FULL),
    "officer": (officer_of(OFFICER), None, FULL),
    "kiosk": (officer_of(OFFICER), None, "kiosk"),
}
"""Number, unit, stage by role; the one at the kiosk is an officer."""
_A_MINUTE = 60_000


class _Clock(StationClock):
    """A minute after the newest clip, and it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = T0 + _A_MINUTE - super().now()

    def now(self) -> Millis:
        return Millis(super().now() + self._ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The pages, open."""

    watch: Watch
    app: Any

    def client(self, role: str) -> Client:
        """Somebody of this role, as in `PEOPLE`."""

        async def get(address: str) -> httpx.Response:
            inner = httpx.ASGITransport(app=self.app)
            name = "kiosk" if role == "kiosk" else "session"
            async with httpx.AsyncClient(
                transport=inner, base_url="http://127.0.0.1", cookies={name: role}
            ) as made:
                return await made.get(address)

        return get


@contextmanager
def opened(count: int) -> Iterator[Open]:
    """The pages over the copy with so many clips."""
    home, state = cast.copy_of(count)
    watch = Watch(home, state, _Clock())
    nobody = Caller(uid=0, person=None, roles=frozenset())
    daemon = Server(home.socket, _VERBS, lambda *_: nobody)
    daemon.start()
    try:
        watch.look()
        app = create_app(watch)
        keep_what_is_loaded()
        yield Open(watch=watch, app=app)
    finally:
        daemon.close()
        (state / "lock").unlink()  # this process holds it as long as it lives; the next part makes a new one


def _whoami(_: object, asked: Mapping[str, Any], *__: object) -> dict[str, Any]:
    role = asked["session"]
    person, unit, stage = PEOPLE[role]
    roles = ["officer" if role == "kiosk" else role]
    told = {"person": person, "name": "某人", "roles": roles, "unit": unit, "stage": stage, "login": role}
    return told | {"has_totp": False, "has_pin": False, "fresh_until": None}


def _accounts(*_: object) -> dict[str, Any]:
    none = dict.fromkeys(("totp_at", "pin_at", "locked", "locked_until"))
    told = {"name": "张某某", "roles": ["officer"], "active": True, "password_at": 1, "must_change": False}
    return {
        "accounts": [{"account": officer_of(n), "unit": unit_of(n), **told, **none} for n in range(OFFICERS)]
    }


_VERBS: Mapping[str, Any] = {
    "whoami": _whoami,
    "account.list": _accounts,
    "look.open": lambda *_: {"look": "bench"},
    "clip.check": lambda *_: {"parts": {"manifest": [], "signature": [], "log": []}, "ok": True, "size": 1},
}


# --- times ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Milliseconds of each request: of the clock, and of this process's CPU."""

    wall: Sequence[float]
    cpu: Sequence[float]

    @property
    def note(self) -> str:
        """What stands beside the worst."""
        half = statistics.median(self.wall)
        return (
            f"p50 {half:.1f} ms, CPU p50 {statistics.median(self.cpu):.1f} ms, CPU p99 {p99(self.cpu):.1f} ms"
        )


def p99(times: Sequence[float]) -> float:
    """So long takes one of a hundred."""
    return sorted(times)[min(len(times) - 1, round(len(times) * 0.99))]


def times(client: Client, address: Address, requests: int, *, status: int = 200) -> Times:
    """So many requests, each for what ``address`` says. Raises RuntimeError for another answer than ``status``."""
    chance, wall, cpu = random.Random(7), list[float](), list[float]()
    for turn in range(requests + WARM):
        asked = address(chance)
        begun, spent = time.perf_counter(), time.process_time()
        answer = asyncio.run(client(asked))
        took = (time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000
        if answer.status_code != status:
            raise RuntimeError(f"{asked}: {answer.status_code} {answer.text[-2000:]}")
        if turn >= WARM:
            wall.append(took[0])
            cpu.append(took[1])
    return Times(wall=wall, cpu=cpu)

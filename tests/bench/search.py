"""Part ``search``: how long the search of the pages takes, by a million clips, on this machine.

Each question is asked many times with other words in it, as people do; times are of the server alone: from the
request to the last byte of the page, without a browser and without the daemon.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from ingestd.clock import StationClock
from ingestd.web.app import create_app
from ingestd.web.visitors import FULL, Visitor
from ingestd.web.watch import Watch
from tests.bench import cast
from tests.bench.index import T0
from tests.bench.report import Row

Client = Callable[[str], Coroutine[Any, Any, httpx.Response]]
"""Gets an address as somebody."""
FULL_COUNT, FEW_COUNT = 1_000_000, 20_000
TIMES = 40
QUERY_MOST_MS, PAGE_MOST_MS = 150.0, 200.0


def measure(*, full: bool) -> Sequence[Row]:
    """Half and worst times of each kind of question, over the pages as a supervisor sees them, and of one unit."""
    count = FULL_COUNT if full else FEW_COUNT
    rows = list[Row]()
    with _pages(count) as (supervisor, of_a_unit):
        every = []
        for what, question in questions(count).items():
            wall, cpu = _times(supervisor, question)
            every += wall
            rows += _rows(what, wall, cpu)
        rows.append(
            Row(part="search", what="all questions, p99", value=_p99(every), unit="ms", most=PAGE_MOST_MS)
        )
        for what in ("newest", "two characters, common", "officer and words"):
            wall, cpu = _times(of_a_unit, questions(count)[what])
            rows += _rows(f"{what} (one unit's)", wall, cpu)
    return rows


def questions(count: int) -> dict[str, Callable[[random.Random], str]]:
    """Ten kinds of question and more, each a query with something else in it every time."""

    def officer(chance: random.Random) -> str:
        return cast.officer_of(chance.randrange(cast.OFFICERS))

    def day(chance: random.Random) -> str:
        ago = timedelta(days=chance.randrange(1, max(2, count * cast.SPACING_MS // 86_400_000)))
        return f"{datetime.fromtimestamp(T0 / 1000, UTC) - ago:%Y-%m-%d}"

    return {
        "newest": lambda _: "",
        "case": lambda chance: cast.case_of(chance.randrange(count // 20)),
        "officer": officer,
        "officer and day": lambda chance: f"{officer(chance)} {day(chance)}",
        "recorder and day": lambda chance: f"7-{chance.randrange(cast.OFFICERS):06} {day(chance)}",
        "unit and day": lambda chance: f"u{chance.randrange(1, cast.UNITS)} {day(chance)}",
        "hours of a day": lambda chance: f"{day(chance)} 9点到11点",
        "two characters, common": lambda chance: chance.choice(("检查", "广告", "停车", "建设")),
        "two characters, rare": lambda chance: chance.choice(("酒驾", "刀具", "龙灯")),
        "street": lambda chance: (
            f"{chance.choice(('长江路', '翠湖巷', '铜都大道'))}{chance.randrange(1, 300)}号"
        ),
        "two words": lambda chance: f"{chance.choice(('占道', '油烟'))} {chance.choice(('激动', '签收'))}",
        "officer and words": lambda chance: f"{officer(chance)} {chance.choice(('检查', '酒驾', '渣土'))}",
        "day and words": lambda chance: f"{day(chance)} {chance.choice(('检查', '酒驾', '渣土'))}",
        "unlinked of an officer": lambda chance: f"未关联 {officer(chance)}",
        "with findings": lambda chance: chance.choice(("有异常", "REC-1", "超时")),
        "nothing is like that": lambda chance: f"{officer(chance)} 凤凰涅槃 {day(chance)}",
    }


def _rows(what: str, wall: Sequence[float], cpu: Sequence[float]) -> Iterator[Row]:
    half = statistics.median(wall)
    note = f"p50 {half:.1f} ms, CPU p50 {statistics.median(cpu):.1f} ms, CPU p99 {_p99(cpu):.1f} ms"
    yield Row(part="search", what=f"{what}, p99", value=_p99(wall), unit="ms", most=QUERY_MOST_MS, note=note)


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(len(times) * 0.99))]


def _times(client: Client, question: Callable[[random.Random], str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each request: of the clock, and of this process's CPU."""
    chance, wall, cpu = random.Random(7), list[float](), list[float]()
    for turn in range(TIMES + 2):
        address = f"/search?{urlencode({'q': question(chance)})}"
        begun, spent = time.perf_counter(), time.process_time()
        answer = asyncio.run(client(address))
        took = (time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        if turn > 1:  # the first fill caches
            wall.append(took[0])
            cpu.append(took[1])
    return wall, cpu


@contextmanager
def _pages(count: int) -> Iterator[tuple[Client, Client]]:
    """The pages for a supervisor, and for a case officer of one unit; the daemon is not asked."""
    home, state = cast.copy_of(count)
    watch = Watch(home, state, StationClock())
    watch.look()
    people = {"supervisor": None, "case-officer": "u3"}
    watch.visitors.find = lambda _, role: _visitor(role, people[role])  # type: ignore[method-assign,assignment]  # no daemon here
    application = create_app(watch)

    def client(role: str) -> Client:
        async def get(address: str) -> httpx.Response:
            inner = httpx.ASGITransport(app=application)
            async with httpx.AsyncClient(
                transport=inner, base_url="http://127.0.0.1", cookies={"session": role}
            ) as made:
                return await made.get(address)

        return get

    yield client("supervisor"), client("case-officer")


def _visitor(role: str, unit: str | None) -> Visitor:
    return Visitor(
        person="900001",
        name="某人",
        roles=frozenset((role,)),
        unit=unit,
        stage=FULL,
        login="",
        has_totp=False,
        has_pin=False,
        fresh_until=None,
        scopes=(),
        shown={"session": role},
    )

"""Part ``search``: how long the search of the pages takes, by a million clips, on this machine.

Each question is asked many times with other words in it, as people do; times are of the server alone: from the
request to the last byte of the page, without a browser and without the daemon.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.bench import visiting
from tests.bench.agency import OFFICERS, SPACING_MS, UNITS, case_of, cases_of, officer_of, recorder_of
from tests.bench.index import T0
from tests.bench.report import Row
from tests.bench.visiting import Address, Times, p99, times

FULL_COUNT, FEW_COUNT = 1_000_000, 20_000
TIMES = 40
QUERY_MOST_MS, PAGE_MOST_MS = 150.0, 200.0


def measure(*, full: bool) -> Sequence[Row]:
    """Half and worst times of each kind of question, over the pages as a supervisor sees them, and of one unit."""
    count = FULL_COUNT if full else FEW_COUNT
    rows = list[Row]()
    with visiting.opened(count) as pages:
        supervisor, of_a_unit = pages.client("supervisor"), pages.client("case-officer")
        every = list[float]()
        for what, question in questions(count).items():
            found = times(supervisor, _asked(question), TIMES)
            every += found.wall
            rows.append(_row(what, found))
        rows.append(
            Row(part="search", what="all questions, p99", value=p99(every), unit="ms", most=QUERY_MOST_MS)
        )
        for what in ("newest", "two characters, common", "officer and words"):
            found = times(of_a_unit, _asked(questions(count)[what]), TIMES)
            rows.append(_row(f"{what} (one unit's)", found))
    return rows


def questions(count: int) -> dict[str, Callable[[random.Random], str]]:
    """Ten kinds of question and more, each a query with something else in it every time."""

    def officer(chance: random.Random) -> str:
        return officer_of(chance.randrange(OFFICERS))

    def day(chance: random.Random) -> str:
        ago = timedelta(days=chance.randrange(1, max(2, count * SPACING_MS // 86_400_000)))
        return f"{datetime.fromtimestamp(T0 / 1000, UTC) - ago:%Y-%m-%d}"

    return {
        "newest": lambda _: "",
        "case": lambda chance: case_of(chance.randrange(cases_of(count))),
        "officer": officer,
        "officer and day": lambda chance: f"{officer(chance)} {day(chance)}",
        "recorder and day": lambda chance: f"{recorder_of(chance.randrange(OFFICERS))} {day(chance)}",
        "unit and day": lambda chance: f"u{chance.randrange(1, UNITS)} {day(chance)}",
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


def _row(what: str, found: Times) -> Row:
    return Row(
        part="search",
        what=f"{what}, p99",
        value=p99(found.wall),
        unit="ms",
        most=QUERY_MOST_MS,
        note=found.note,
    )


def _asked(question: Callable[[random.Random], str]) -> Address:
    return lambda chance: f"/search?{urlencode({'q': question(chance)})}"

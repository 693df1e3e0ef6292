"""Part ``pages``: how long the server takes for every page by a million clips, as those who use it see it.

From the request to the last byte, without a browser and without what the daemon takes (`visiting`). Each page is
asked for many times, of other items; the bar is for the slowest of them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from ingestd.reports.period import period
from ingestd.telling import reporting as telling
from ingestd.web import drawing
from ingestd.web.board import board
from ingestd.web.reporting import Progress, _source
from ingestd.web.watch import Watch
from tests.bench import visiting
from tests.bench.agency import (
    ACTS_A_CASE,
    OFFICERS,
    UNITS,
    act_id,
    begun,
    case_of,
    cases_of,
    clips_at,
    officer_of,
    party_of,
    recorder_of,
)
from tests.bench.office import MONTHS, acquisition_of, audit_id
from tests.bench.office_log import RECORDERS, shown_cases
from tests.bench.report import Row
from tests.bench.visiting import WARM, Address, Open, Times, p99, times

PART = "pages"
FULL_COUNT, FEW_COUNT = 1_000_000, 20_000
TIMES = 30
MOST_MS = 200.0
"""Issue 5, 9: of every page, on the server."""
YEAR = "2026"
"""Of the newest entry."""
_OK, _SEE_OTHER, _ACCEPTED = 200, 303, 202
_BOSS, _UNITS, _ALL = (
    ("supervisor",),
    ("supervisor", "case-officer"),
    ("supervisor", "case-officer", "officer"),
)


ALWAYS: Mapping[str, Sequence[str]] = {
    "/home": _UNITS,
    "/findings": _ALL,
    "/findings?level=violation": _BOSS,
    "/findings?level=proposal": _UNITS,
    "/findings?level=dock": _BOSS,
    "/findings?state=open": _UNITS,
    "/findings?state=waived": _BOSS,
    "/findings?state=ended": _UNITS,
    "/findings?rule=REC-4": _BOSS,
    "/findings?unit=u7": _BOSS,
    f"/findings?officer={officer_of(7)}": _BOSS,
    "/search": _UNITS,
    "/search?trouble=late": _UNITS,
    "/search?link=queued": _UNITS,
    "/mine": ("officer",),
    "/mine?lacking=true": ("officer",),
    "/cases": _ALL,
    "/cases?state=open": _UNITS,
    "/cases?state=decided": _UNITS,
    "/cases?state=concluded": _UNITS,
    "/cases?kind=permit": _BOSS,
    "/cases?kind=reward": _UNITS,
    "/cases?unit=u0": _BOSS,
    "/cases?unit=u7": _BOSS,
    f"/cases?officer={officer_of(7)}": _BOSS,
    f"/cases?officer={officer_of(7)}&state=decided&kind=penalty": _BOSS,
    "/queue": _UNITS,
    "/audits": _BOSS,
    "/audits/sheet/2026": _BOSS,
    "/reviews": ("legal-reviewer", "case-officer"),
    "/subjects/p7": _UNITS,
    "/looks": _ALL,
    "/looks?person=900003": ("archivist",),
    "/people": ("administrator",),
    "/board": _BOSS,
    "/kiosk": ("kiosk",),
}
"""Pages that are the same every time, with who looks at them."""


def measure(*, full: bool) -> Sequence[Row]:
    """The slowest of each page's times, its median beside it."""
    count = FULL_COUNT if full else FEW_COUNT
    with visiting.opened(count) as pages:
        return [*_live(pages.watch), *_figures(pages), *_pages(pages, count)]


def _pages(pages: Open, count: int) -> Iterator[Row]:
    for address, roles in ALWAYS.items():
        for role in roles:
            yield _row(f"{address} ({role})", times(pages.client(role), _always(address), TIMES))
    for what, (role, varied) in each(count).items():
        status = _SEE_OTHER if what.startswith("/acts") else _OK
        yield _row(f"{what} ({role})", times(pages.client(role), varied, TIMES, status=status))


def _always(address: str) -> Address:
    return lambda _: address


def each(count: int) -> Mapping[str, tuple[str, Address]]:
    """Pages of one thing each, of another one every time: what, as whom, where."""
    shown, cases = shown_cases(count), cases_of(count)
    at_acts = [n for case in shown for act in (2 * case, 2 * case + 1) for n in clips_at(act, count)]
    late = [number for number in at_acts if number % 50 == 43]

    def case(chance: random.Random) -> str:
        return quote(case_of(chance.choice(shown)))

    def clip(chance: random.Random) -> str:
        return acquisition_of(chance.choice(at_acts))

    def older(chance: random.Random) -> str:
        number = chance.randrange(cases)
        return f"/cases?after={quote(case_of(number))}&opened={begun(ACTS_A_CASE * number)}"

    def officer(chance: random.Random) -> str:
        return officer_of(chance.randrange(OFFICERS))

    return {
        "/cases, further on": ("supervisor", older),
        "/cases, further on in a unit": ("case-officer", older),
        "/findings/<id>": ("supervisor", lambda chance: f"/findings/clip{chance.choice(late)}"),
        "/clips/<id>": ("supervisor", lambda chance: f"/clips/{clip(chance)}"),
        "/clips/<id>, none's": (
            "supervisor",
            lambda chance: f"/clips/{acquisition_of(chance.randrange(8, count, 10))}",
        ),
        "/cases/<id>": ("supervisor", lambda chance: f"/cases/{case(chance)}"),
        "/acts/<id>": ("supervisor", lambda chance: f"/acts/{act_id(chance.randrange(cases))}"),
        "/subjects/<id>": ("supervisor", lambda chance: f"/subjects/{party_of(chance.choice(shown))}"),
        "/units/<id>": ("supervisor", lambda chance: f"/units/u{chance.randrange(1, UNITS)}"),
        "/units/<id>, the whole": ("supervisor", lambda _: "/units/u0"),
        "/officers/<id>": ("supervisor", lambda chance: f"/officers/{officer(chance)}"),
        "/recorders/<id>": (
            "supervisor",
            lambda chance: f"/recorders/{recorder_of(chance.randrange(OFFICERS))}",
        ),
        "/queue?clip=<id>": (
            "supervisor",
            lambda chance: f"/queue?clip={acquisition_of(chance.randrange(9, count, 1000))}",
        ),
        "/audits/<id>": ("supervisor", lambda chance: f"/audits/{audit_id(chance.randrange(MONTHS))}"),
        "/reviews/<case>": ("legal-reviewer", lambda chance: f"/reviews/{case(chance)}"),
        "/custody/clip:<id>": ("archivist", lambda chance: f"/custody/clip:{clip(chance)}"),
        "/custody/case:<id>": ("archivist", lambda chance: f"/custody/case:{case(chance)}"),
        "/custody/recorder:<id>": (
            "archivist",
            lambda chance: f"/custody/recorder:{recorder_of(chance.choice(RECORDERS))}",
        ),
        "/looks?item=<clip>": ("supervisor", lambda chance: f"/looks?item={clip(chance)}"),
        "/looks?item=<case>": ("supervisor", lambda chance: f"/looks?item={case(chance)}"),
    }


def _row(what: str, found: Times) -> Row:
    return Row(
        part=PART, what=f"{what}, p99", value=p99(found.wall), unit="ms", most=MOST_MS, note=found.note
    )


# --- what is not asked for once ---------------------------------------------------------------------------


def _live(watch: Watch) -> Iterator[Row]:
    """What is renewed by itself: the facts of the board, missing notes counted and not, and the board's drawing."""

    def anew() -> None:
        watch._counted = (float("-inf"), ())
        watch.known = watch._facts()

    def drawn() -> None:
        drawing.parts(board(watch.config, watch.known, watch.heard, watch.clock.now()), "zh")

    yield _row("facts renewed, missing notes counted", _timed(anew))
    yield _row("facts renewed", _timed(watch._facts))
    yield _row("board's stream", _timed(drawn))


def _timed(done: Callable[[], object]) -> Times:
    wall, cpu = list[float](), list[float]()
    for _ in range(TIMES + WARM):
        begun_at, spent = time.perf_counter(), time.process_time()
        done()
        wall.append((time.perf_counter() - begun_at) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    return Times(wall=wall[WARM:], cpu=cpu[WARM:])


def _figures(pages: Open) -> Iterator[Row]:
    """The page while somebody counts, how long a year takes, the page of what was counted.

    It is counted here, not by the process beside, since the copy has no files of its log; the pages of registers,
    which are asked for later, have their figures then, as they mostly do.
    """
    boss, watch = pages.client("supervisor"), pages.watch
    watch.reports._beside = lambda _: Progress()  # type: ignore[method-assign, assignment]
    yield _row("/statistics, counting (supervisor)", times(boss, _statistics, TIMES, status=_ACCEPTED))
    source = replace(_source(watch.home, watch.config, watch.policy), root=lambda _: "00")
    wanted = period(YEAR, watch.config.utc_offset_minutes)
    assert wanted is not None
    begun_s = time.perf_counter()
    with watch.reading() as connection:
        document = telling.document(connection, source, wanted)
    yield Row(part=PART, what="a year counted beside", value=time.perf_counter() - begun_s, unit="s")
    watch.reports._keep((YEAR, None), document)
    yield _row("/statistics, counted (supervisor)", times(boss, _statistics, TIMES))


def _statistics(_: random.Random) -> str:
    return "/statistics"

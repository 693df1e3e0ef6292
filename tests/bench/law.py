"""The law at size: 100 000 clips and 20 000 cases judged whole and by one event; policy load."""

from __future__ import annotations

import gc
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ingestd.clock import StationClock
from ingestd.events import ClipLinked, ClipNoted, Event, RecorderAssigned
from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.index.register_tables import KEPT
from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from ingestd.law.facts import Analysis, Clip, Fact, Link, Recorder
from ingestd.law.rulebook import Rulebook
from ingestd.law_desk import LawDesk
from ingestd.model import AcquisitionId, Interval, Kind, Millis, RecorderId, Stretch
from ingestd.policy import catalog
from ingestd.station import Station
from tests.bench.report import Row
from tests.event_samples import secured
from tests.rig import Rig

PART = "law"
CLIPS, CASES, ACTS, OFFICERS, RECORDERS = 100_000, 20_000, 30_000, 200, 40
T0 = 1_772_416_800_000
"""2026-03-02T10:00:00+08:00."""
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KINDS = ("seizure", "impounding", "forced-demolition", "inspection", "hearing", "service", "sampling")
POLICIES = ("baseline", "tongling-jiaoqu", "lingchuan-gongxin", "wujin-yingji")
ROUNDS = 100
AT_ONCE = 256
POLICY_LOADS = 5
_EVENTS = {kept.row: kept.event for kept in KEPT.values()}


def world() -> Iterator[Fact]:
    """A year of an agency: every act has two or three clips, a clip in ten belongs to none, a few have gaps."""
    chance = random.Random(7)
    yield from (Unit(unit=f"u{n}", parent=None if n == 0 else "u0", key_unit=n % 3 == 1) for n in range(10))
    for n in range(OFFICERS):
        yield Officer(
            officer=f"o{n}", unit=f"u{n % 10}", valid_until=Millis(T0 + 900 * DAY), reviewer=n % 15 == 0
        )
    yield from (Recorder(recorder=f"R{n}", officer=f"o{n}") for n in range(RECORDERS))
    for n in range(CASES):
        opened = T0 + n * 365 * DAY // CASES
        yield Case(
            case=f"k{n}",
            unit=f"u{n % 10}",
            kind="penalty",
            opened_at=Millis(opened),
            concluded_at=Millis(opened + 20 * DAY) if n % 2 else None,
            decided_at=Millis(opened + 10 * DAY),
            major=n % 10 == 0,
            random_inspection=n % 20 == 0,
        )
        yield Decision(
            decision=f"d{n}", case=f"k{n}", at=Millis(opened + 10 * DAY), public_at=Millis(opened + 14 * DAY)
        )
        if n % 10 == 0:
            yield Review(review=f"r{n}", case=f"k{n}", opinion="agree", opinion_at=Millis(opened + 9 * DAY))
    for n in range(ACTS):
        begin = _begin(n)
        yield Act(
            act=f"a{n}",
            case=f"k{n % CASES}",
            kind=KINDS[n % len(KINDS)],
            started_at=Millis(begin),
            ended_at=Millis(begin + 60 * MINUTE),
            officers=(f"o{n % OFFICERS}", f"o{(n + 7) % OFFICERS}"),
        )
        yield TextRecord(record=f"t{n}", case=f"k{n % CASES}", act=f"a{n}", kind="现场笔录", signed="yes")
    for n in range(CLIPS):
        yield _clip(n, chance)


def _begin(act: int) -> int:
    return T0 + act * 365 * DAY // ACTS


def _clip(n: int, chance: random.Random) -> Clip:
    act = n % ACTS
    begin = _begin(act) + (n // ACTS) * 25 * MINUTE
    width = 2 * MINUTE if chance.random() < 0.3 else 0
    started = Interval(earliest=Millis(begin), latest=Millis(begin + width), basis="clock-read")
    ended = Interval(
        earliest=Millis(begin + 25 * MINUTE), latest=Millis(begin + 25 * MINUTE + width), basis="clock-read"
    )
    black = (Stretch(kind="black", begin=MINUTE, end=3 * MINUTE),) if chance.random() < 0.02 else ()
    return Clip(
        acquisition=f"0199a000-0000-7000-8000-{n:012x}",
        kind=Kind.VIDEO,
        recorder=f"R{act % RECORDERS}",
        session=f"s{act // 5}",
        officer=f"o{act % OFFICERS}",
        path=f"DCIM/{n:06}.MP4",
        sequence=n // ACTS + 1 + (act % 5) * 4,
        started=started,
        ended=ended,
        stored_at=Millis(begin + 8 * HOUR),
        link=None if chance.random() < 0.1 else Link(act=f"a{act}", case=None, by_person=False),
        analysis=Analysis(stretches=black, speech_from_ms=3_000),
    )


def _megabytes() -> float:
    """What this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    del full
    rows = [_policy_load()]
    gc.collect()
    before, begun = _megabytes(), time.process_time()
    base = Base(world())
    rows.append(
        Row(part=PART, what="facts made and taken in", value=time.process_time() - begun, unit="s CPU")
    )
    held = _megabytes() - before
    rows.append(
        Row(part=PART, what="memory of all facts at once", value=held, unit="MB", note=f"{CLIPS} clips")
    )
    now = Millis(T0 + 200 * DAY)
    for key in POLICIES:
        rows += _evaluated(base, key, now)
    del base
    gc.collect()
    with tempfile.TemporaryDirectory() as folder:
        return rows + _desk(Path(folder) / "home", now)


def _policy_load() -> Row:
    samples = []
    for _ in range(POLICY_LOADS):
        begun = time.process_time()
        for key in catalog.keys():  # noqa: SIM118 - a function, no dict
            catalog.load(key)
        samples.append((time.process_time() - begun) * 1000)
    spread = (min(samples), max(samples))
    what = f"loading all {len(catalog.keys())} policies"
    return Row(part=PART, what=what, value=statistics.median(samples), unit="ms", spread=spread)


def _evaluated(base: Base, key: str, now: Millis) -> list[Row]:
    book = Rulebook(catalog.load(key), commissioned_at=Millis(T0 - DAY))
    gc.collect()
    begun = time.process_time()
    found = evaluate(base, book, now)
    seconds = time.process_time() - begun
    note = f"{len(found)} findings, {CLIPS} clips, {CASES} cases, {ACTS} acts"
    return [Row(part=PART, what=f"full evaluation, {key}", value=seconds, unit="s CPU", note=note)]


# --- the desk over a home that has all this in its log --------------------------------------------------


class _Set(StationClock):
    """A station clock that stands."""

    def __init__(self, at: Millis) -> None:
        super().__init__()
        self._at = at

    def now(self) -> Millis:
        return self._at


def _desk(home: Path, now: Millis) -> list[Row]:
    """Everything judged from the rows, then one event each in turns."""
    Rig(home)
    station = Station.open(home, _Set(now))
    try:
        station.in_force.config = replace(station.config, commissioned_at=Millis(T0 - DAY))
        _fill(station)
        gc.collect()
        before, begun, desk = _megabytes(), time.process_time(), LawDesk(station)
        desk.look(threading.Event())
        seconds = time.process_time() - begun
        gc.collect()
        rows = [
            Row(part=PART, what="law desk: everything judged from the rows", value=seconds, unit="s CPU"),
            Row(
                part=PART,
                what="law desk: memory after it",
                value=_megabytes() - before,
                unit="MB",
                note=f"{CLIPS} clips",
            ),
        ]
        return rows + _events(station, desk, now)
    finally:
        station.close()


def _fill(station: Station) -> None:
    events = (event for fact in world() for event in _said(fact))
    while some := list(islice(events, AT_ONCE)):
        station.books.append(some)


def _said(fact: Fact) -> Iterator[Event]:
    """A fact as the log tells it."""
    match fact:
        case Clip():
            number = int(fact.acquisition.rpartition("-")[2], 16)
            names = ("recorder", "session", "officer", "path", "sequence", "started", "ended", "stored_at")
            yield secured(
                number, acquisition=fact.acquisition, **{name: getattr(fact, name) for name in names}
            )
            if fact.link is not None:
                yield _link(fact.acquisition, fact.link.act)
        case Recorder():
            yield RecorderAssigned(recorder=RecorderId(fact.recorder), officer=fact.officer, mode="permanent")
        case _:
            made: Any = _EVENTS[type(fact)]
            yield made(**{field.name: getattr(fact, field.name) for field in fields(fact)})


def _link(acquisition: str, act: str | None) -> ClipLinked:
    return ClipLinked(
        acquisition=AcquisitionId(acquisition), act=act, case=None, by="machine", score=None, reasons=()
    )


def _events(station: Station, desk: LawDesk, now: Millis) -> list[Row]:
    """One event each, in turns; every one changes something."""
    chance = random.Random(3)
    facts = list(world())
    clips = [one.acquisition for one in facts if isinstance(one, Clip)]
    of: dict[type[Any], list[Any]] = {
        kind: [one for one in facts if isinstance(one, kind)] for kind in (Act, Case, Officer)
    }
    del facts

    def noted() -> Event:
        return ClipNoted(acquisition=AcquisitionId(chance.choice(clips)), note_value="ab" * 32)

    def linked() -> Event:
        return _link(chance.choice(clips), chance.choice(of[Act]).act)

    def ended() -> Event:
        act = chance.choice(of[Act])
        (event,) = _said(replace(act, ended_at=Millis(act.ended_at + chance.randrange(1, HOUR))))
        return event

    def concluded() -> Event:
        moment = Millis(now - chance.randrange(90 * DAY))
        (event,) = _said(replace(chance.choice(of[Case]), concluded_at=moment))
        return event

    def certified() -> Event:
        moment = Millis(T0 + chance.randrange(900 * DAY))
        (event,) = _said(replace(chance.choice(of[Officer]), valid_until=moment))
        return event

    made: tuple[tuple[str, int, Callable[[], Event]], ...] = (
        ("a clip's note", ROUNDS, noted),
        ("a clip linked to another act", ROUNDS, linked),
        ("an act corrected", ROUNDS, ended),
        ("a case concluded", ROUNDS, concluded),
        ("an officer's certificate (300 acts each)", ROUNDS // 10, certified),
    )
    return [_timed(station, desk, what, rounds, make) for what, rounds, make in made]


def _timed(station: Station, desk: LawDesk, what: str, rounds: int, make: Callable[[], Event]) -> Row:
    samples, stop = [], threading.Event()
    for _ in range(rounds):
        station.books.append([make()])
        begun = time.process_time()
        desk.look(stop)
        samples.append((time.process_time() - begun) * 1000)
    samples.sort()
    return Row(
        part=PART,
        what=f"event: {what}",
        value=statistics.median(samples),
        unit="ms CPU",
        spread=(samples[0], samples[-1]),
        note=f"99 in 100 below {samples[len(samples) * 99 // 100]:.2f} ms",
    )

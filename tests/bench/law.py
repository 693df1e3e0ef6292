"""The law at size: 100 000 clips and 20 000 cases judged whole and by one event; policy load."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.law.base import Base
from ingestd.law.coverage import Stretch
from ingestd.law.engine import Engine, evaluate
from ingestd.law.facts import Analysis, Clip, Fact, Link, Recorder
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Kind, Millis
from ingestd.policy import catalog
from tests.bench.report import Row

PART = "law"
CLIPS, CASES, ACTS, OFFICERS, RECORDERS = 100_000, 20_000, 30_000, 200, 40
T0 = 1_772_416_800_000
"""2026-03-02T10:00:00+08:00."""
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KINDS = ("seizure", "impounding", "forced-demolition", "inspection", "hearing", "service", "sampling")
POLICIES = ("baseline", "tongling-jiaoqu", "lingchuan-gongxin", "wujin-yingji")
ROUNDS = 300
POLICY_LOADS = 5


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
    base = Base()
    base.fill(world())
    rows.append(
        Row(part=PART, what="facts made and taken in", value=time.process_time() - begun, unit="s CPU")
    )
    now = Millis(T0 + 200 * DAY)
    for key in POLICIES:
        rows += _evaluated(base, key, now)
    gc.collect()
    engine = Engine(base, Rulebook(catalog.load(POLICIES[0]), commissioned_at=Millis(T0 - DAY)), now)
    gc.collect()
    held = _megabytes() - before
    rows.append(
        Row(
            part=PART,
            what="memory of facts, findings and engine",
            value=held,
            unit="MB",
            note=f"{CLIPS} clips",
        )
    )
    return rows + _events(engine, now)


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


def _events(engine: Engine, now: Millis) -> list[Row]:
    """One event each, in turns; every one changes its fact."""
    base, chance = engine.base, random.Random(3)
    clips, acts, cases = list(base.clips), list(base.acts), list(base.cases)

    def noted() -> Fact:
        return replace(base.clips[chance.choice(clips)], note_at=Millis(now + chance.randrange(DAY)))

    def linked() -> Fact:
        link = Link(act=chance.choice(acts), case=None, by_person=True)
        return replace(base.clips[chance.choice(clips)], link=link)

    def ended() -> Fact:
        act = base.acts[chance.choice(acts)]
        return replace(act, ended_at=Millis((act.ended_at or 0) + chance.randrange(1, HOUR)))

    def concluded() -> Fact:
        case = base.cases[chance.choice(cases)]
        return replace(case, concluded_at=Millis(now - chance.randrange(90 * DAY)))

    def certified() -> Fact:
        officer = base.officers[f"o{chance.randrange(OFFICERS)}"]
        return replace(officer, valid_until=Millis(T0 + chance.randrange(900 * DAY)))

    made: tuple[tuple[str, Callable[[], Fact]], ...] = (
        ("a clip's note", noted),
        ("a clip linked to another act", linked),
        ("an act corrected", ended),
        ("a case concluded", concluded),
        ("an officer's certificate (150 acts each)", certified),
    )
    rows = []
    for what, make in made:
        samples = []
        for _ in range(ROUNDS):
            fact = make()
            begun = time.process_time()
            engine.put([fact], now)
            samples.append((time.process_time() - begun) * 1000)
        samples.sort()
        spread = (samples[0], samples[-1])
        note = f"99 in 100 below {samples[ROUNDS * 99 // 100]:.2f} ms"
        median = statistics.median(samples)
        rows.append(Row(part=PART, what=f"event: {what}", value=median, unit="ms", spread=spread, note=note))
    return rows

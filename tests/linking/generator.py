"""Months of an invented agency, with the truth known: officers, recorders, acts, clips, and what is told of them.

Nothing here knows how links are scored. The truth is made first (who carried what where, what was filmed),
then what each recorder, person and platform says of it, with their errors; the clips' intervals come from the
product's own `docking_times`, with previous dockings, clocks that can mostly not be read, and resets.

How hostile a month is (all shares are of what they name; fixed before any tuning):
- 200 officers in 10 units, 40 recorders (4 a unit; 24 have an owner who lends them, 16 are shared);
- about 900 acts on 22 working days, 20 % of them placed so that they overlap another act of the unit: half
  of these by the same team close by, half by colleagues up to 2 km away;
- about 3 000 clips: 10 % of acts have no footage, 15 % two recorders, a quarter several recordings; recordings
  are split into segments of 10 to 60 minutes, the chain of 5 % of the joints is lost;
- 8 % of recordings belong to no act: tests before setting out, accidents, and a fifth of them within
  25 minutes of an act of the very carrier;
- one recorder of forty is registered with a wrong unit; units lend recorders to their neighbours;
- clocks are wrong by up to 10 minutes either way and drift 3 s a day; 2 % of dockings bring a reset clock;
  a quarter of the recorders can be asked for their clock; 15 % of days nobody docks;
- 5 % of assignments are missing and 5 % wrong (the owner, the carrier before, or a colleague on duty);
  half the recorders write an officer's number on card or name, on shared ones it is mostly a stale one;
- 30 % of clips have a track (half with the satellites' time, else the recorder's); 3 % of tracks are 200 to
  600 m off; 15 % of acts have no coordinates and 3 % the registered office's instead of the place;
- 15 % of recordings show a QR code, of these 4 % another case's; 35 % have a note, 3 % of them with a wrong
  number (the officer's other case, or a typing error);
- acts are written down on 5 minutes with an error of 4 minutes (standard deviation); 4 % are off by up to an
  hour, 1 % by a day or by twelve hours, 3 % have no end; on 3 % the carrier is not among the officers named.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from ingestd.linking.facts import ActFact, ClipFact
from ingestd.model import Interval, Millis

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
LOCAL = 8 * HOUR
MONTH = 1_772_380_800_000 - LOCAL
"""2026-03-02 00:00 local time, a Monday."""
DAYS = [day for day in range(30) if day % 7 < 5][:22]
UNITS, PER_UNIT, RECORDERS_PER_UNIT, OWNED_PER_UNIT = 10, 20, 4, (3, 2)
ACTS = 900
GPS_RECORDERS = 17
"""Three quarters of what they record has a track: 30 % of all."""
STATED_SPAN_MS = 10 * MINUTE
"""How exact the platform says that begins and ends of acts are."""


@dataclass(kw_only=True)
class Act:
    """One act as it was, and as it is told."""

    name: str
    case: str
    unit: int
    start: int
    end: int
    team: tuple[str, ...]
    x: float
    y: float
    premises: bool
    fact: ActFact | None = None


@dataclass(kw_only=True)
class Recorder:
    """One recorder, its habits and its clock."""

    name: str
    unit: int
    owner: str | None
    offset: int
    readable: bool
    segment: int
    gps: bool
    timed_by: str
    registered: str
    """The unit it is registered with."""
    card: str | None
    """Officer's number that it is set to."""
    named: bool
    """The number stands in the clips' names as well."""
    uses: list[Use] = field(default_factory=list)


@dataclass(kw_only=True)
class Use:
    """One recording, whole, as it was."""

    start: int
    end: int
    carrier: str
    act: Act | None
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What really was, of one clip."""

    act: str | None
    carrier: str
    recording: int
    assignment: str
    """right, wrong or missing."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """What the linker is given, and the truth that it is not."""

    clips: tuple[ClipFact, ...]
    acts: tuple[ActFact, ...]
    truth: dict[str, Truth]


def place(x: float, y: float) -> tuple[float, float]:
    """Metres of the town's plan as degrees."""
    return 31.8 + y / 111_195.0, 119.9 + x / (111_195.0 * math.cos(math.radians(31.8)))


def stations(unit: int) -> tuple[float, float]:
    """Where a unit has its office."""
    return (unit % 5) * 4_000.0, (unit // 5) * 5_000.0


def team_of(rng: random.Random, officers: list[str], unit: int) -> tuple[str, ...]:
    people = officers[unit * PER_UNIT : (unit + 1) * PER_UNIT]
    return tuple(rng.sample(people, rng.choices((1, 2, 3), (5, 80, 15))[0]))


def make_acts(rng: random.Random, officers: list[str]) -> list[Act]:
    """The acts as they were."""
    acts: list[Act] = []
    markets = [(rng.gauss(0, 1500), rng.gauss(0, 1500)) for _ in range(UNITS)]
    for number in range(ACTS):
        if number >= ACTS * 8 // 10:
            acts.append(_overlapping(rng, officers, acts, number))
            continue
        unit = rng.randrange(UNITS)
        length = int(min(180, max(10, rng.lognormvariate(math.log(40), 0.6))) * MINUTE)
        for _ in range(20):
            late = rng.random() < 0.05
            hour = rng.uniform(17, 21.5) if late else rng.uniform(8.5, 16.8)
            start = MONTH + rng.choice(DAYS) * DAY + int(hour * HOUR)
            team = team_of(rng, officers, unit)
            if not any(set(team) & set(o.team) and o.start < start + length + 20 * MINUTE
                       and start < o.end + 20 * MINUTE for o in acts):  # fmt: skip
                break
        sx, sy = stations(unit)
        kind = rng.random()
        premises = kind < 0.08
        dx, dy = (0.0, 0.0) if premises else markets[unit] if kind < 0.18 else (
            rng.gauss(0, 1800), rng.gauss(0, 1800))  # fmt: skip
        acts.append(Act(name=f"A{number:04d}", case="", unit=unit, start=start, end=start + length, team=team,
                        x=sx + dx, y=sy + dy, premises=premises))  # fmt: skip
    _cases(rng, acts)
    return acts


def _overlapping(rng: random.Random, officers: list[str], acts: list[Act], number: int) -> Act:
    """An act that overlaps another: the same team next door, or colleagues not far off."""
    other = rng.choice(acts)
    length = int(min(150, max(10, rng.lognormvariate(math.log(40), 0.6))) * MINUTE)
    start = rng.randint(other.start - length + 5 * MINUTE, other.end - 5 * MINUTE)
    same = rng.random() < 0.5
    if same:
        team, far = other.team, 150.0
    else:
        rest = [o for o in team_of(rng, officers, other.unit) if o not in other.team]
        people = officers[other.unit * PER_UNIT : (other.unit + 1) * PER_UNIT]
        team, far = tuple(rest) or (next(o for o in people if o not in other.team),), 1000.0
    return Act(name=f"A{number:04d}", case="", unit=other.unit, start=start, end=start + length, team=team,
               x=other.x + rng.gauss(0, far), y=other.y + rng.gauss(0, far), premises=other.premises)  # fmt: skip


def _cases(rng: random.Random, acts: list[Act]) -> None:
    """About three acts in two cases; further acts of a case are by the same unit, some on the same day."""
    by_unit: dict[int, list[Act]] = {}
    for act in sorted(acts, key=lambda a: a.start):
        made = by_unit.setdefault(act.unit, [])
        earlier = [o for o in made[-12:] if set(o.team) & set(act.team)] or made[-12:]
        act.case = rng.choice(earlier).case if earlier and rng.random() < 0.33 else f"C{len(made)}-{act.unit}"
        made.append(act)


def tell_acts(rng: random.Random, acts: list[Act]) -> None:
    """What the platform says of the acts."""
    for act in acts:
        shift = 0
        fault = rng.random()
        if fault < 0.04:
            shift = rng.randint(-60, 60) * MINUTE
        elif fault < 0.05:
            shift = rng.choice((-DAY, DAY, 12 * HOUR, -12 * HOUR))
        begin = _written(rng, act.start + shift)
        end = max(_written(rng, act.end + shift), begin + 5 * MINUTE)
        no_end = rng.random() < 0.03
        lat, lon = _told_place(rng, act)
        act.fact = ActFact(
            act=act.name, case=act.case, kind="inspection", started=_around(begin),
            ended=Interval(earliest=None, latest=None, basis="none") if no_end else _around(end), officers=act.team,
            units=(f"U{act.unit}",),
            lat=lat, lon=lon, radius_m=rng.choice((50.0, 100.0, 200.0, 300.0)), premises=act.premises,
        )  # fmt: skip


def _written(rng: random.Random, true: int) -> int:
    at = true + int(rng.gauss(0, 4) * MINUTE)
    step = 5 * MINUTE if rng.random() < 0.7 else MINUTE
    return round(at / step) * step


def _around(at: int) -> Interval:
    return Interval(
        earliest=Millis(at - STATED_SPAN_MS), latest=Millis(at + STATED_SPAN_MS), basis="platform"
    )


def _told_place(rng: random.Random, act: Act) -> tuple[float | None, float | None]:
    kind = rng.random()
    if kind < 0.15:
        return None, None
    if kind < 0.18:
        return place(act.x + rng.uniform(-8000, 8000), act.y + rng.uniform(-8000, 8000))
    return place(act.x + rng.gauss(0, 30), act.y + rng.gauss(0, 30))


def make_recorders(rng: random.Random, officers: list[str]) -> list[Recorder]:
    """Forty recorders of several makes."""
    made = []
    satellites = set(rng.sample(range(UNITS * RECORDERS_PER_UNIT), GPS_RECORDERS))
    for unit in range(UNITS):
        people = officers[unit * PER_UNIT : (unit + 1) * PER_UNIT]
        owners = rng.sample(people, RECORDERS_PER_UNIT)
        for at in range(RECORDERS_PER_UNIT):
            owner = owners[at] if at < OWNED_PER_UNIT[unit % 2] else None
            if owner is None and at < 2:
                owner = owners[at]
            writes = rng.random() < 0.5
            stale = rng.choice(people)
            made.append(
                Recorder(
                    name=f"R{unit}{at}", unit=unit, owner=owner,
                    offset=int(rng.uniform(-10, 10) * MINUTE), readable=rng.random() < 0.25,
                    segment=rng.choices((10, 15, 20, 30, 60), (22, 27, 20, 19, 12))[0] * MINUTE,
                    registered=f"U{unit if (unit, at) != (3, 1) else unit + 3}",
                    gps=len(made) in satellites, timed_by=rng.choice(("satellite", "recorder")),
                    card=(owner if owner and rng.random() < 0.95 else stale) if writes else None,
                    named=rng.random() < 0.5,
                )
            )  # fmt: skip
    return made


def film(rng: random.Random, acts: list[Act], recorders: list[Recorder]) -> None:
    """Who filmed which act with what."""
    for act in sorted(acts, key=lambda a: (a.start, a.name)):
        if rng.random() < 0.10:
            continue
        carriers = list(act.team)
        rng.shuffle(carriers)
        for carrier in carriers[: 2 if rng.random() < 0.15 else 1]:
            by = carrier
            if rng.random() < 0.03:  # an auxiliary or driver holds it, whom the platform does not name
                by = f"H{rng.randrange(10)}-{act.unit}"
            recorder = _free_recorder(rng, recorders, act, carrier)
            if recorder is not None:
                _record(rng, recorder, act, by)


def _free_recorder(rng: random.Random, recorders: list[Recorder], act: Act, carrier: str) -> Recorder | None:
    def is_free(one: Recorder) -> bool:
        return all(use.end < act.start - 8 * MINUTE or use.start > act.end + 8 * MINUTE for use in one.uses)

    busy = [r for r in recorders for u in r.uses if u.carrier == carrier
            and u.start < act.end and act.start < u.end]  # fmt: skip
    free = [one for one in recorders if is_free(one)] if not busy else []
    own = [one for one in free if one.owner == carrier]
    unit = [one for one in free if one.unit == act.unit]
    rest = sorted(unit, key=lambda one: (one.owner is not None, rng.random()))
    pool = own or rest or [one for one in free if abs(one.unit - act.unit) == 1]
    return pool[0] if pool else None


def _record(rng: random.Random, recorder: Recorder, act: Act, carrier: str) -> None:
    begin = act.start + int(rng.gauss(-2, 3) * MINUTE)
    end = max(act.end + int(rng.gauss(1, 3) * MINUTE), begin + 4 * MINUTE)
    shape = rng.random()
    if shape < 0.15:  # only a part
        begin += int((end - begin) * rng.uniform(0.1, 0.6))
    elif shape < 0.23:  # a snippet
        begin = rng.randint(begin, end)
        end = begin + rng.randint(15, 90) * SECOND
    parts = rng.choices((1, 2, 3), (75, 20, 5))[0] if end - begin > 12 * MINUTE else 1
    cuts = sorted(rng.randint(begin, end) for _ in range(parts - 1))
    x, y = act.x + rng.gauss(0, 40), act.y + rng.gauss(0, 40)
    for low, high in zip([begin, *cuts], [*cuts, end], strict=True):
        start = low if low == begin else low + rng.randint(30, 240) * SECOND
        if high - start >= 15 * SECOND:
            recorder.uses.append(Use(start=start, end=high, carrier=carrier, act=act, x=x, y=y))


def film_nothing(rng: random.Random, recorders: list[Recorder], officers: list[str]) -> None:
    """Recordings that belong to no act."""
    total = sum(len(one.uses) for one in recorders)
    for _ in range(round(total * 0.08 / 0.92)):
        recorder = rng.choice(recorders)
        before = [use for use in recorder.uses if use.act]
        kind = rng.random()
        length = rng.randint(5, 60) * SECOND if rng.random() < 0.6 else rng.randint(60, 900) * SECOND
        people = officers[recorder.unit * PER_UNIT : (recorder.unit + 1) * PER_UNIT]
        x, y = stations(recorder.unit)
        carrier = recorder.owner or rng.choice(people)
        start = MONTH + rng.choice(DAYS) * DAY + int(rng.uniform(8, 18) * HOUR)
        if kind < 0.7 and before:
            near = rng.choice(before)
            carrier = near.carrier
            away = rng.randint(25, 90) if kind < 0.5 else rng.randint(3, 25)
            start = near.start - away * MINUTE - length
            if kind >= 0.5:
                x, y = near.x + rng.gauss(0, 500), near.y + rng.gauss(0, 500)
                if rng.random() < 0.5:
                    start = near.end + away * MINUTE
        else:
            x, y = x + rng.gauss(0, 2500), y + rng.gauss(0, 2500)
        if all(start + length + 20 * SECOND < use.start or use.end + 20 * SECOND < start
               for use in recorder.uses):  # fmt: skip
            recorder.uses.append(Use(start=start, end=start + length, carrier=carrier, act=None, x=x, y=y))

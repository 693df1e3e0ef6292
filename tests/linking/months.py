"""From what was filmed to what a station knows: dockings, intervals, claims, tracks, codes, notes."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

from ingestd.device.api import ClockReading, NamedTime
from ingestd.intake.habits import FileClaims
from ingestd.intake.times import ClipTimes, Docking, docking_times
from ingestd.linking.facts import ClipFact, OfficerClaim, Track, TrackPoint
from ingestd.model import AcquisitionId, Flag, Kind, Millis, RecorderId, SessionId
from tests.linking.generator import (
    DAY,
    HOUR,
    LOCAL,
    MINUTE,
    MONTH,
    PER_UNIT,
    SECOND,
    UNITS,
    Act,
    Month,
    Recorder,
    Truth,
    Use,
    film,
    film_nothing,
    make_acts,
    make_recorders,
    place,
    tell_acts,
)

DRIFT_MS_PER_DAY = 3_000
RESET = 946_684_800_000 - LOCAL
"""2000-01-01 00:00 local time: where a clock starts that lost its battery."""


@dataclass(kw_only=True)
class Stint:
    """One person's time with one recorder, and what the station was told of it."""

    carrier: str
    since: int
    until: int
    told: str | None
    how: str


@dataclass(kw_only=True)
class Segment:
    """One file."""

    name: AcquisitionId
    use: Use
    recording: int
    start: int
    end: int
    sequence: int
    first: bool
    last: bool


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one recording says of its case."""

    code: str | None
    note: str | None
    track: bool
    error: tuple[float, float]


@functools.lru_cache(maxsize=2)
def month(seed: int) -> Month:
    """A whole month."""
    rng = random.Random(seed)
    officers = [f"{unit:02d}{at:03d}" for unit in range(UNITS) for at in range(PER_UNIT)]
    acts = make_acts(rng, officers)
    tell_acts(rng, acts)
    recorders = make_recorders(rng, officers)
    film(rng, acts, recorders)
    film_nothing(rng, recorders, officers)
    clips: list[ClipFact] = []
    truth: dict[str, Truth] = {}
    for recorder in recorders:
        _bring(rng, recorder, acts, officers, clips, truth)
    rng.shuffle(clips)
    facts = tuple(act.fact for act in acts if act.fact is not None)
    return Month(clips=tuple(clips), acts=facts, truth=truth)


def _bring(  # noqa: PLR0917 - what a docking is made of
    rng, recorder: Recorder, acts: list[Act], officers: list[str], clips, truth
) -> None:
    """All dockings of one recorder in the month."""
    recorder.uses.sort(key=lambda use: use.start)
    stints = _stints(rng, recorder, officers)
    previous: int | None = MONTH - 3 * DAY + 17 * HOUR
    waiting: list[Segment] = []
    serial, counter = 0, rng.randrange(1, 500)
    for day in range(31):
        today = [use for use in recorder.uses if MONTH + day * DAY <= use.start < MONTH + (day + 1) * DAY]
        for use in today:
            serial += 1
            counter = _segments(recorder, use, serial, counter, waiting)
        if not waiting or (day != 30 and rng.random() < 0.15):
            continue
        evening = MONTH + day * DAY + int(rng.uniform(17.3, 19.5) * HOUR)
        now = max(evening, waiting[-1].end + rng.randint(5, 60) * MINUTE)
        middle = [s for s in waiting if s.end < MONTH + day * DAY + int(12.5 * HOUR)]
        noon = MONTH + day * DAY + int(13 * HOUR)
        if rng.random() < 0.15 and middle and all(s.end < noon or s.start > noon for s in waiting):
            early = [s for s in waiting if s.end < noon]
            _dock(rng, recorder, early, previous, noon, stints, acts, clips, truth)
            previous, waiting = noon, [s for s in waiting if s.end >= noon]
            if not waiting:
                continue
        _dock(rng, recorder, waiting, previous, now, stints, acts, clips, truth)
        previous, waiting = now, []


def _segments(recorder: Recorder, use: Use, serial: int, counter: int, into: list[Segment]) -> int:
    starts = list(range(use.start, use.end, recorder.segment))
    if len(starts) > 1 and use.end - starts[-1] < 10 * SECOND:
        starts.pop()
    for at, start in enumerate(starts):
        counter += 1
        last = at == len(starts) - 1
        into.append(
            Segment(
                name=AcquisitionId(f"{recorder.name}-{counter:05d}"), use=use,
                recording=int(recorder.name[1:]) * 100_000 + serial, start=start,
                end=use.end if last else starts[at + 1], sequence=counter, first=at == 0, last=last,
            )
        )  # fmt: skip
    return counter


def _stints(rng, recorder: Recorder, officers: list[str]) -> list[Stint]:
    """Who had it from when to when, with what was said of it."""
    made: list[Stint] = []
    people = officers[recorder.unit * PER_UNIT : (recorder.unit + 1) * PER_UNIT]
    for use in recorder.uses:
        day = (use.start - MONTH) // DAY
        is_same = made and made[-1].carrier == use.carrier and (made[-1].since - MONTH) // DAY == day
        if is_same:
            continue
        since = use.start - rng.randint(10, 40) * MINUTE
        if made and made[-1].until > since:
            since = max(made[-1].since, (_last_end(recorder, use) + use.start) // 2)
            made[-1].until = since
        told, how = _assigned(rng, recorder, use.carrier, made, people)
        until = MONTH + day * DAY + 23 * HOUR
        made.append(Stint(carrier=use.carrier, since=since, until=until, told=told, how=how))
    return made


def _last_end(recorder: Recorder, use: Use) -> int:
    return max((one.end for one in recorder.uses if one.start < use.start), default=use.start)


def _assigned(rng, recorder: Recorder, carrier: str, made: list[Stint], people) -> tuple[str | None, str]:
    kind = rng.random()
    if kind < 0.05:
        return None, "missing"
    if kind >= 0.10:
        return carrier, "right"
    wrong = [recorder.owner, made[-1].carrier if made else None, rng.choice(people)]
    others = [one for one in wrong if one not in (None, carrier)] or [p for p in people if p != carrier]
    return rng.choice(others), "wrong"


def _dock(  # noqa: PLR0917 - what a docking is made of
    rng, recorder: Recorder, files: list[Segment], previous, now: int, stints, acts, clips, truth
) -> None:
    """One docking: what the station makes of the clocks, and each clip."""
    reset = rng.random() < 0.02
    zero = files[0].start - rng.randint(1, 300) * MINUTE

    def shown(true: int) -> int:
        if reset:
            return RESET + true - zero
        return true + recorder.offset + (true - MONTH) * DRIFT_MS_PER_DAY // DAY

    claims = [
        FileClaims(
            kind=Kind.VIDEO,
            named=NamedTime(wall=Millis((shown(s.start) + LOCAL) // 1000 * 1000), zone="local"),
            mtime_us=(shown(s.end + 1500) + LOCAL) // 2000 * 2000 * 1000,
            duration_ms=s.end - s.start,
            sequence=s.sequence,
        )
        for s in files
    ]
    clock = None
    if recorder.readable:
        wall = Millis((shown(now) + LOCAL) // 1000 * 1000)
        clock = ClockReading(wall=wall, zone="local", resolution_ms=1000)
    told = docking_times(
        Docking(
            now=Millis(now), clock_asked=Millis(now), clock_told=Millis(now), uncertainty_ms=50,
            local_offset_minutes=480, previous=previous, clock=clock, file_times="fat-local",
        ),
        claims,
    )  # fmt: skip
    said: dict[int, Shown] = {}
    for at, (segment, times) in enumerate(zip(files, told.clips, strict=True)):
        if segment.recording not in said:
            said[segment.recording] = _show(rng, recorder, segment.use, acts)
        joined = [rng.random() >= 0.05 for _ in range(2)]
        fact = _fact(rng, recorder, files, at, times, shown, said[segment.recording], stints, now, joined)
        clips.append(fact)
        stint = _stint_at(stints, segment.start)
        truth[segment.name] = Truth(
            act=segment.use.act.name if segment.use.act else None, carrier=segment.use.carrier,
            recording=segment.recording, assignment=stint.how if stint else "missing",
        )  # fmt: skip


def _stint_at(stints: list[Stint], at: int) -> Stint | None:
    return next((one for one in reversed(stints) if one.since <= at), None)


def _show(rng, recorder: Recorder, use: Use, acts: list[Act]) -> Shown:
    """Code, note and track of one recording."""
    code = note = None
    theirs = [
        act for act in acts if use.carrier in act.team and act.case != (use.act.case if use.act else "")
    ]
    if use.act is not None:
        if rng.random() < 0.15:
            code = use.act.case
            if rng.random() < 0.04 and theirs:
                code = min(theirs, key=lambda act: (abs(act.start - use.start), act.name)).case
        if rng.random() < 0.35:
            note = use.act.case
            kind = rng.random()
            if kind < 0.015 and theirs:
                note = min(theirs, key=lambda act: (abs(act.start - use.start), act.name)).case
            elif kind < 0.03:
                note = rng.choice(acts).case if rng.random() < 0.5 else f"{note}7"
    elif rng.random() < 0.03 and theirs:
        note = rng.choice(theirs).case
    off = rng.random() < 0.03
    error = (rng.uniform(200, 600) * rng.choice((-1, 1)), rng.uniform(-300, 300)) if off else (0.0, 0.0)
    return Shown(code=code, note=note, track=recorder.gps and rng.random() < 0.75, error=error)


def _fact(  # noqa: PLR0917 - what a clip is made of
    rng, recorder: Recorder, files: list[Segment], at: int, times: ClipTimes, shown, said: Shown, stints, now: int,
    joined: list[bool],
) -> ClipFact:  # fmt: skip
    segment = files[at]
    before = files[at - 1].name if at and not segment.first and joined[0] else None
    after = files[at + 1].name if at + 1 < len(files) and not segment.last and joined[1] else None
    return ClipFact(
        acquisition=segment.name,
        recorder=RecorderId(recorder.name),
        session=SessionId(f"{recorder.name}@{now}"),
        started=times.started,
        ended=times.ended,
        claimed=None if times.claimed is None else Millis(times.claimed - LOCAL),
        clock_doubtful=bool({Flag.CLOCK_RESET, Flag.CLOCK_DOUBTFUL} & set(times.flags)),
        unit=recorder.registered,
        sequence=segment.sequence,
        previous=before,
        following=after,
        officers=_officers(recorder, times, stints),
        track=_track(rng, recorder, segment, shown, said) if said.track else None,
        codes=(said.code,) if said.code and segment.first else (),
        note=said.note if segment.last else None,
    )


def _officers(recorder: Recorder, times: ClipTimes, stints: list[Stint]) -> tuple[OfficerClaim, ...]:
    found = []
    if recorder.card is not None:
        found.append(OfficerClaim(officer=recorder.card, basis="card"))
        if recorder.named:
            found.append(OfficerClaim(officer=recorder.card, basis="file-name"))
    low, high = times.started.earliest, times.ended.latest
    for stint in stints:
        if (
            stint.told is None
            or (low is not None and stint.until <= low)
            or (high is not None and stint.since > high)
        ):
            continue
        found.append(
            OfficerClaim(
                officer=stint.told, basis="assignment", since=Millis(stint.since), until=Millis(stint.until)
            )
        )
    return tuple(found)


def _track(rng, recorder: Recorder, segment: Segment, shown, said: Shown) -> Track:
    points = []
    accuracy = rng.choice((5.0, 10.0, 20.0, 50.0))
    for part in range(4):
        at = segment.start + (segment.end - segment.start) * part // 4
        lat, lon = place(
            segment.use.x + said.error[0] + rng.gauss(0, accuracy),
            segment.use.y + said.error[1] + rng.gauss(0, accuracy),
        )
        told = at if recorder.timed_by == "satellite" else shown(at)
        points.append(TrackPoint(at=Millis(told // 1000 * 1000), lat=lat, lon=lon, accuracy_m=accuracy))
    return Track(points=tuple(points), timed_by=recorder.timed_by)

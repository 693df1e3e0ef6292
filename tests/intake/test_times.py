"""Intervals of recording: the truth is always inside, and no wider than the evidence leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.api import ClockReading, NamedTime
from ingestd.intake.habits import FileClaims
from ingestd.intake.runs import FIRST_POSSIBLE_MS
from ingestd.intake.times import ClipTimes, Docking, docking_times
from ingestd.model import Flag, Interval, Kind, Millis

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
NOW = Millis(1_795_255_200_123)  # 2026-11-21T10:00:00Z, a moment of no meaning
LOCAL = 8 * HOUR


@dataclass(frozen=True, kw_only=True)
class World:
    """A recorder whose truth is known: what it shows is made by `claims` and `docking`."""

    offset: int = 0
    """Its clock minus true time."""
    zone: int = LOCAL
    """The zone it is set to."""
    container: str = "utc"
    """utc, local (mislabelled as UTC), end (UTC, written at the end) or none."""
    mount: str = "fat-local"
    named: str = "local"
    reading: str | None = "local"
    finalise: int = 1500
    declared: str | None = None
    """Zone that the family states for names, where it does not state the right one: unknown."""
    durations: bool = True

    def wall(self, true: int) -> int:
        return true + self.offset + self.zone

    def claims(self, start: int, length: int, *, sequence: int | None = None, kind: Kind = Kind.VIDEO):
        end = start + length
        created = {
            "utc": start + self.offset,
            "local": self.wall(start),
            "end": end + self.finalise + self.offset,
        }.get(self.container)
        if kind is Kind.PHOTO and created is not None:
            created = self.wall(start)  # EXIF
        mtime = {"fat-local": self.wall(end + self.finalise) // 2000 * 2000}.get(
            self.mount, end + self.finalise + self.offset
        )
        shown = self.wall(start) if self.named == "local" else start + self.offset
        named = NamedTime(wall=Millis(shown // 1000 * 1000), zone=self.declared or self.named)
        return FileClaims(
            kind=kind,
            named=None if self.named == "none" else named,
            mtime_us=None if self.mount == "none" else mtime * 1000,
            created=None if created is None else Millis(created // 1000 * 1000),
            created_zone="local" if kind is Kind.PHOTO else "utc",
            duration_ms=length if self.durations else None,
            sequence=sequence,
        )

    def docking(self, *, previous: int | None = None, now: int = NOW, **changes: object) -> Docking:
        shown = {"local": self.wall(now), "utc": now + self.offset, "unknown": self.wall(now)}
        clock = None
        if self.reading is not None:
            clock = ClockReading(
                wall=Millis(shown[self.reading] // 1000 * 1000), zone=self.reading, resolution_ms=1000
            )
        values = {
            "now": Millis(now),
            "clock_asked": Millis(now),
            "clock_told": Millis(now),
            "uncertainty_ms": 50,
            "local_offset_minutes": 480,
            "previous": None if previous is None else Millis(previous),
            "clock": clock,
            "file_times": self.mount if self.mount != "none" else "unknown",
        }
        return Docking(**{**values, **changes})


def holds(interval: Interval, true: int) -> bool:
    return (interval.earliest is None or interval.earliest <= true) and (
        interval.latest is None or true <= interval.latest
    )


def width(interval: Interval) -> int:
    assert interval.earliest is not None
    assert interval.latest is not None
    return interval.latest - interval.earliest


def assert_true(times: ClipTimes, start: int, length: int) -> None:
    assert holds(times.started, start), (times, start)
    assert holds(times.ended, start + length), (times, start + length)


clips = st.lists(st.tuples(st.integers(10, 3 * HOUR), st.integers(1000, 40 * MINUTE)), min_size=1, max_size=8)


def placed(shape: list[tuple[int, int]], *, end: int) -> list[tuple[int, int]]:
    """True (start, length) of clips one after the other, the last ended a moment before `end`."""
    at, made = end - 5 * SECOND, []
    for gap, length in reversed(shape):
        made.append((at - length - 3 * SECOND, length))
        at -= length + gap + 3 * SECOND
    return made[::-1]


worlds = st.builds(
    World,
    offset=st.integers(-3 * DAY, 3 * DAY),
    zone=st.sampled_from([LOCAL, 0, 9 * HOUR, 5 * HOUR + 30 * MINUTE]),
    container=st.sampled_from(["utc", "local", "end", "none"]),
    mount=st.sampled_from(["fat-local", "utc", "unknown", "none"]),
    named=st.sampled_from(["local", "none"]),
    declared=st.sampled_from([None, "unknown"]),
    reading=st.sampled_from([None, "local"]),
    finalise=st.integers(0, 9000),
    durations=st.booleans(),
)


@given(world=worlds, shape=clips, spare=st.one_of(st.none(), st.integers(0, 2 * DAY)), ordered=st.booleans())
def test_truth_is_inside_whatever_the_habits_and_the_error(world, shape, spare, ordered):
    """Whatever the recorder's error, zone and habits: start and end lie in their intervals."""
    if world.zone != LOCAL and (world.mount == "utc" or world.container != "local" or world.named == "none"):
        return  # a wrong zone beside true UTC times has tests of its own
    truth = placed(shape, end=NOW)
    previous = None if spare is None else truth[0][0] - spare
    files = [world.claims(s, d, sequence=n if ordered else None) for n, (s, d) in enumerate(truth, 7)]
    times = docking_times(world.docking(previous=previous), files)
    for one, (start, length) in zip(times.clips, truth, strict=True):
        assert_true(one, start, length)
    if world.zone == LOCAL:
        assert holds(times.clock_offset, world.offset)


@given(world=worlds, shape=clips)
def test_a_clock_read_and_names_give_seconds(world, shape):
    """The ordinary case: clock readable, names in local time: no wider than a few seconds."""
    world = World(offset=world.offset, container=world.container, mount=world.mount, finalise=world.finalise)
    truth = placed(shape, end=NOW)
    files = [world.claims(s, d) for s, d in truth]
    times = docking_times(world.docking(previous=truth[0][0] - DAY), files)
    assert width(times.clock_offset) <= 1100
    for one, (start, _) in zip(times.clips, truth, strict=True):
        drift = 2 * (NOW - start) * 3000 // DAY + 10
        assert width(one.started) <= 2500 + drift
        assert width(one.ended) <= 2500 + drift
        assert one.flags == ()


@given(
    shape=clips,
    after=clips,
    epoch=st.sampled_from([0, 315_532_800_000, 946_684_800_000, 1_420_070_400_000]),
    reading=st.sampled_from([None, "local"]),
    ordered=st.booleans(),
    previous=st.booleans(),
)
def test_reset_clock_keeps_the_truth_inside_and_is_flagged(  # noqa: PLR0917 - hypothesis names them
    shape, after, epoch, reading, ordered, previous
):
    """A clock that fell back to a default: earlier clips keep sense, later ones are flagged."""
    later = placed(after, end=NOW)
    moment = later[0][0] - MINUTE
    earlier = placed(shape, end=moment - MINUTE)
    good = World(reading=reading)
    bad = World(offset=epoch - LOCAL - moment, reading=reading)
    number = iter(range(40, 99)) if ordered else iter([None] * 99)
    files = [good.claims(s, d, sequence=next(number)) for s, d in earlier]
    files += [bad.claims(s, d, sequence=next(number)) for s, d in later]
    times = docking_times(bad.docking(previous=earlier[0][0] - HOUR if previous else None), files)
    for one, (start, length) in zip(times.clips, earlier + later, strict=True):
        assert_true(one, start, length)
    for one in times.clips[len(earlier) :]:
        assert Flag.CLOCK_RESET in one.flags
        assert one.reasons
    if reading:
        assert holds(times.clock_offset, bad.offset)
        for one, (start, _) in zip(times.clips[len(earlier) :], later, strict=True):
            assert one.started.latest < start + MINUTE


def test_reset_between_good_numbers_is_bounded_by_its_neighbours():
    """Clips 12 and 13 claim 2000, 11 and 14 are sane: 12 and 13 lie between 11's end and 14's start."""
    good, bad = World(), World(offset=946_684_800_000 - LOCAL - NOW)
    truth = placed([(HOUR, 10 * MINUTE)] * 4, end=NOW)
    files = [
        (bad if n in (12, 13) else good).claims(s, d, sequence=n)
        for n, (s, d) in zip((11, 12, 13, 14), truth, strict=True)
    ]
    times = docking_times(good.docking(previous=NOW - 20 * DAY), files)
    for one, (start, length) in zip(times.clips, truth, strict=True):
        assert_true(one, start, length)
    twelve, last = times.clips[1], times.clips[3]
    assert Flag.CLOCK_RESET in twelve.flags
    assert twelve.started.latest <= last.started.latest
    assert width(last.started) < 3 * SECOND


def test_counter_roll_over_is_no_reset():
    """9998, 9999, 1, 2 in the order of time: nothing is flagged."""
    world = World()
    truth = placed([(HOUR, 10 * MINUTE)] * 4, end=NOW)
    files = [world.claims(s, d, sequence=n) for n, (s, d) in zip((9998, 9999, 1, 2), truth, strict=True)]
    times = docking_times(world.docking(previous=NOW - DAY), files)
    assert all(one.flags == () for one in times.clips)
    assert all(width(one.started) < 4 * SECOND for one in times.clips)


def test_nine_minutes_slow_is_told_and_kept_beside():
    """The claim stays as it was told; the interval holds the true moment."""
    world = World(offset=-9 * MINUTE)
    start = NOW - 3 * HOUR
    [one] = docking_times(world.docking(), [world.claims(start, MINUTE)]).clips
    assert one.claimed == (start - 9 * MINUTE + LOCAL) // 1000 * 1000
    assert one.started.basis == "name+container+file-time"
    assert_true(one, start, MINUTE)


def test_unreadable_clock_is_bounded_by_the_newest_file_and_the_previous_docking():
    """No clock to read: newest file <= now and oldest new clip >= previous docking bound the offset."""
    world = World(reading=None, offset=5 * MINUTE)
    truth = [(NOW - 8 * HOUR, HOUR), (NOW - 2 * HOUR, HOUR)]
    files = [world.claims(s, d) for s, d in truth]
    times = docking_times(world.docking(previous=NOW - 9 * HOUR), files)
    assert times.clock_offset.basis == "newest-file+previous-docking"
    assert holds(times.clock_offset, 5 * MINUTE)
    assert width(times.clock_offset) <= 2 * HOUR + MINUTE
    without = docking_times(world.docking(), files)
    assert without.clock_offset.basis == "newest-file"
    assert without.clock_offset.latest is None
    assert without.clips[0].started.earliest is None
    assert_true(without.clips[0], *truth[0])


def test_a_clock_that_took_long_to_answer_is_known_less_well():
    """The answer may be of any moment between question and answer: the offset spans that much more."""
    world = World(offset=5 * MINUTE)
    files = [world.claims(NOW - HOUR, MINUTE)]
    at_once = docking_times(world.docking(), files).clock_offset
    slow = docking_times(
        world.docking(clock_asked=NOW - 3 * SECOND, clock_told=NOW + SECOND, now=NOW), files
    ).clock_offset
    assert holds(slow, 5 * MINUTE)
    assert (slow.earliest, slow.latest) == (at_once.earliest - SECOND, at_once.latest + 3 * SECOND)


def test_names_of_unknown_zone_are_told_by_the_container():
    """Name and container differ by the local offset: the name is local, and one zone is left."""
    world = World(declared="unknown")
    start = NOW - 5 * HOUR
    [one] = docking_times(world.docking(), [world.claims(start, 10 * MINUTE)]).clips
    assert_true(one, start, 10 * MINUTE)
    assert width(one.started) < 4 * SECOND


def test_undecidable_zone_spans_both():
    """Only a name of unknown zone: the interval holds both readings."""
    world = World(declared="unknown", container="none", mount="none")
    start = NOW - 20 * HOUR
    [one] = docking_times(world.docking(previous=NOW - 40 * HOUR), [world.claims(start, MINUTE)]).clips
    assert_true(one, start, MINUTE)
    assert 8 * HOUR <= width(one.started) < 9 * HOUR


def test_the_docking_itself_decides_a_zone():
    """Read as UTC the clip would end after the docking: so it is local."""
    world = World(declared="unknown", container="none", mount="none")
    start = NOW - HOUR
    [one] = docking_times(world.docking(), [world.claims(start, MINUTE)]).clips
    assert_true(one, start, MINUTE)
    assert width(one.started) < 4 * SECOND


def test_wrong_zone_is_flagged_and_the_wall_clock_counts():
    """A recorder set to UTC+9 whose wall clock is right: names hold, the zone is doubted."""
    world = World(zone=9 * HOUR, offset=-HOUR)
    truth = [(NOW - 5 * HOUR, MINUTE), (NOW - 4 * HOUR, MINUTE)]
    times = docking_times(world.docking(), [world.claims(s, d) for s, d in truth])
    for one, (start, length) in zip(times.clips, truth, strict=True):
        assert_true(one, start, length)
        assert Flag.CLOCK_DOUBTFUL in one.flags
        assert "zone" in one.reasons[0].en


@pytest.mark.parametrize("zone", [LOCAL, 9 * HOUR])
def test_clock_read_in_utc_dates_local_names(zone):
    """The container shows which zone the recorder is in: the UTC reading then dates the names."""
    world = World(reading="utc", offset=42 * SECOND, zone=zone)
    truth = [(NOW - 5 * HOUR, MINUTE), (NOW - 4 * HOUR, MINUTE)]
    times = docking_times(world.docking(), [world.claims(s, d) for s, d in truth])
    for one, (start, length) in zip(times.clips, truth, strict=True):
        assert_true(one, start, length)
        assert width(one.started) < 4 * SECOND


def test_unfinalised_clip_ends_by_its_file_time():
    """No duration: the end lies between the start and the last write; without a file time, before now."""
    world = World(durations=False, container="none")
    start, length = NOW - 3 * HOUR, 20 * MINUTE
    [one] = docking_times(world.docking(), [world.claims(start, length)]).clips
    assert_true(one, start, length)
    assert one.ended.latest <= start + length + 10 * SECOND
    bare = World(durations=False, container="none", mount="none")
    [one] = docking_times(bare.docking(), [bare.claims(start, length)]).clips
    assert one.ended.latest == NOW + 50


def test_file_time_alone_gives_the_end():
    """A DCIM card without times in names or containers: the last write dates the end."""
    world = World(named="none", container="none")
    start, length = NOW - 3 * HOUR, 20 * MINUTE
    [one] = docking_times(world.docking(), [world.claims(start, length)]).clips
    assert one.started.basis == "file-time"
    assert_true(one, start, length)
    assert width(one.ended) < 20 * SECOND


def test_pause_and_pre_record_widen_only_what_they_touch():
    """Written minutes after name and duration say: the end spans both, the start stays; and the reverse."""
    world = World(container="none", finalise=5 * MINUTE)
    start, length = NOW - 3 * HOUR, 10 * MINUTE
    [one] = docking_times(world.docking(), [world.claims(start, length)]).clips
    assert holds(one.ended, start + length)
    assert holds(one.ended, start + length + 5 * MINUTE)
    assert width(one.started) < 4 * SECOND
    early = World(container="none", finalise=-30 * SECOND)
    [one] = docking_times(early.docking(), [early.claims(start, length)]).clips
    assert holds(one.started, start - 30 * SECOND)
    assert holds(one.started, start)


def test_disagreeing_container_is_doubted_and_both_are_held():
    """A container of another day than the name: flagged, the interval spans both."""
    world = World(mount="none")
    start = NOW - 3 * HOUR
    claims = world.claims(start, MINUTE)
    other = FileClaims(
        kind=Kind.VIDEO, named=claims.named, created=Millis(start - 2 * DAY - 7 * MINUTE), duration_ms=MINUTE
    )
    [one] = docking_times(world.docking(), [other]).clips
    assert Flag.CLOCK_DOUBTFUL in one.flags
    assert holds(one.started, start)
    assert holds(one.started, start - 2 * DAY - 7 * MINUTE)


def test_container_time_shared_by_different_clips_is_no_clock():
    """A firmware's constant (2014-11-14 in real dash cams) says nothing of any clip."""
    world = World(container="none")
    truth = [(NOW - 5 * HOUR, MINUTE), (NOW - 4 * HOUR, MINUTE)]
    files = [
        FileClaims(
            kind=c.kind, named=c.named, mtime_us=c.mtime_us, created=Millis(10**12), duration_ms=MINUTE
        )
        for c in (world.claims(s, d) for s, d in truth)
    ]
    for one, (start, length) in zip(docking_times(world.docking(), files).clips, truth, strict=True):
        assert_true(one, start, length)
        assert one.flags == ()
        assert "container" not in one.started.basis


def test_claim_that_no_clock_explains_is_bounded_by_the_dockings():
    """A clip dated after now by a clock that was read: its claim is not believed, nor corrected."""
    world = World()
    claims = World(offset=30 * DAY).claims(NOW - HOUR, MINUTE)
    [one] = docking_times(world.docking(previous=NOW - DAY), [claims]).clips
    assert one.flags == (Flag.CLOCK_DOUBTFUL,)
    assert "previous-docking" in one.started.basis
    assert_true(one, NOW - HOUR, MINUTE)


def test_photos_logs_and_files_without_any_time():
    """A photo is a moment; a log may be older than the docking; what claims nothing lies between dockings."""
    world = World(container="none")
    photo = world.claims(NOW - HOUR, 0, kind=Kind.PHOTO)
    log = FileClaims(kind=Kind.LOG, mtime_us=(NOW - HOUR + LOCAL) * 1000)
    bare = FileClaims(kind=Kind.VIDEO)
    docking = world.docking(previous=NOW - DAY)
    first, second, third = docking_times(docking, [photo, log, bare]).clips
    assert_true(first, NOW - HOUR, 0)
    assert second.started.earliest is None
    assert holds(second.ended, NOW - HOUR)
    assert third.started == Interval(earliest=NOW - DAY - 50, latest=NOW + 50, basis="previous-docking")
    assert third.claimed is None


def test_nothing_is_known_of_an_empty_card():
    """No file, no clock: no offset."""
    times = docking_times(World(reading=None).docking(), [])
    assert times.clock_offset == Interval(earliest=None, latest=None, basis="none")


times_of_anything = st.one_of(st.none(), st.integers(-(10**13), 10**13))
hostile = st.lists(
    st.builds(
        FileClaims,
        kind=st.sampled_from(list(Kind)),
        named=st.one_of(
            st.none(),
            st.builds(
                NamedTime,
                wall=st.integers(-(10**13), 10**13),
                zone=st.sampled_from(["utc", "local", "unknown"]),
            ),
        ),
        mtime_us=st.one_of(st.none(), st.integers(-(10**16), 10**16)),
        created=times_of_anything,
        created_zone=st.sampled_from(["utc", "local"]),
        duration_ms=st.one_of(st.none(), st.integers(0, 10**12)),
        sequence=st.one_of(st.none(), st.integers(0, 12)),
        new=st.booleans(),
    ),
    max_size=8,
)


@given(files=hostile, world=worlds, previous=st.one_of(st.none(), st.just(NOW - DAY)))
def test_any_claims_give_ordered_intervals(files, world, previous):
    """Whatever a card claims: an answer for each file, its bounds in order, none after the docking."""
    times = docking_times(world.docking(previous=previous), files)
    assert len(times.clips) == len(files)
    for one in times.clips:
        for interval in (one.started, one.ended):
            assert interval.latest is not None
            assert interval.latest <= NOW + 50
            assert interval.earliest is None or interval.earliest <= interval.latest
            assert interval.latest >= FIRST_POSSIBLE_MS  # there were no recorders yet


@given(
    files=hostile,
    others=st.lists(st.tuples(st.integers(0, 8), hostile), max_size=4),
    world=worlds,
    previous=st.one_of(st.none(), st.just(NOW - DAY)),
)
def test_what_is_no_recording_dates_no_recording(files, others, world, previous):
    """Logs, settings, what a computer left: whatever they claim, no recording's interval changes by it."""
    recordings = [one for one in files if one.kind.is_recording]
    mixed: list[FileClaims] = list(recordings)
    for at, some in others:
        mixed[at:at] = [one for one in some if not one.kind.is_recording]
    docking = world.docking(previous=previous)
    alone, beside = docking_times(docking, recordings), docking_times(docking, mixed)
    told = [times for one, times in zip(mixed, beside.clips, strict=True) if one.kind.is_recording]
    assert tuple(told) == alone.clips
    assert beside.clock_offset == alone.clock_offset


@given(
    shape=clips,
    previous=st.booleans(),
    reading=st.sampled_from([None, "local"]),
    ordered=st.booleans(),
    ahead=st.integers(2 * DAY, 80 * 365 * DAY),
    at=st.integers(0, 8),
)
def test_a_claim_of_the_future_shifts_nobody(shape, previous, reading, ordered, ahead, at):  # noqa: PLR0917
    """One file dated days or decades ahead is doubted; what it lies beside is told as without it."""
    world, truth = World(reading=reading), placed(shape, end=NOW)
    files = [world.claims(s, d, sequence=n if ordered else None) for n, (s, d) in enumerate(truth, 20)]
    start, length = truth[0]
    rogue = World(offset=ahead + NOW - start, container="none").claims(
        start, length, sequence=19 if ordered else None
    )
    docking = world.docking(previous=start - DAY if previous else None)
    clean = docking_times(docking, files)
    times = docking_times(docking, [*files[:at], rogue, *files[at:]])
    told = list(times.clips)
    doubted = told.pop(min(at, len(files)))
    assert tuple(told) == clean.clips
    assert times.clock_offset == clean.clock_offset
    assert doubted.flags == (Flag.CLOCK_DOUBTFUL,)
    assert doubted.reasons
    assert_true(doubted, start, length)


def test_a_clock_that_dates_all_clips_ahead_is_one_clock():
    """Set twelve years ahead and not readable: no leap between its clips, so they date each other."""
    world = World(reading=None, offset=12 * 365 * DAY)
    truth = [(NOW - 8 * DAY, HOUR), (NOW - 2 * HOUR, HOUR)]
    times = docking_times(world.docking(), [world.claims(s, d) for s, d in truth])
    assert times.clock_offset.earliest > 11 * 365 * DAY
    for one, (start, length) in zip(times.clips, truth, strict=True):
        assert_true(one, start, length)
        assert one.flags == ()
    assert times.clips[0].ended.latest < NOW - 6 * DAY


def test_claims_that_put_a_clip_before_all_recorders_bound_nothing():
    """2038 and 2099 cannot be of one clock that runs on: the clip of 2038 would be of 1965."""
    claims = [
        FileClaims(kind=Kind.VIDEO, named=NamedTime(wall=Millis(wall), zone="local"), duration_ms=MINUTE)
        for wall in (2_147_483_647_000, 4_102_444_799_000)
    ]
    first, second = docking_times(World(reading=None).docking(), claims).clips
    for one in (first, second):
        assert one.started.earliest is None
        assert NOW - HOUR < one.ended.latest <= NOW + 50
    assert second.flags == (Flag.CLOCK_DOUBTFUL,)

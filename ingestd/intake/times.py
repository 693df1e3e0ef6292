"""What is known of when each clip of a docking was recorded (issue 2 item 2, design 3.7). PURE.

Nothing is corrected: what the recorder claims is kept beside, and true time is an interval: the claim less
the interval of the recorder's clock offset. The offset comes from the clock as read at the docking; where it
cannot be read, the newest file was written before now and the oldest new clip started after the previous
docking, which bounds it. A clock that was reset on the way shows by impossible claims or by going back in
the order of sequence numbers: such files form runs of the clock of their own, each bounded in the same way.
A claim that leaps into the future of the docking, or comes out before there were recorders, bounds nothing.
Recordings are dated by recordings alone: a log, or what a computer left on the card, has other clocks.

What is relied on: a clock runs on unless something contradicts it, by no more than `DRIFT_MS_PER_DAY`; a
file's last write is the end of its recording (`alignment.FINALISE_MS`); a family's counter runs on unless
`Docking.sequence_runs_on` denies it. Where evidence does not tell, the interval spans what is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from ingestd.device.api import ClockReading
from ingestd.intake.alignment import Claimed, claimed
from ingestd.intake.habits import NAME_STEP_MS, FileClaims, FileTimeHabit, Habits, habits
from ingestd.intake.runs import DEFAULT_MS, FIRST_POSSIBLE_MS, Run, Span, ahead_of, runs_of
from ingestd.model import Flag, Interval, Millis
from ingestd.words import Text

DRIFT_MS_PER_DAY = 3_000
"""GA/T 947-2015: a recorder's clock errs by 3 s a day at most."""
DAY_MS = 86_400_000
ZONE_CERTAIN_MS = 450_000
"""Half a quarter of an hour: a clock of unknown zone that shows local time so closely shows local time."""

_RESET = Text(
    "记录仪时钟曾被重置: 声称的时间不可能, 录制时间仅由前后事实限定",
    "the recorder's clock was reset: the time it claims is impossible, only surrounding facts bound it",
)
_RESET_RUNNING = Text(
    "记录仪时钟曾被重置并仍在运行: 按读取的偏差换算为最晚时间, 若多次重置则更早",
    "the recorder's clock was reset and still runs so: its offset as read gives the latest possible time",
)
_IMPOSSIBLE = Text(
    "声称的时间与对接时刻矛盾, 录制时间仅由前后事实限定",
    "the claimed time contradicts the dockings; only surrounding facts bound it",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Docking:
    """What the station knows at one docking."""

    now: Millis
    """Station time at which the card was listed."""
    clock_asked: Millis
    """Station time just before the recorder's clock was asked."""
    clock_told: Millis
    """Station time just after its answer came."""
    uncertainty_ms: int
    """Of the station's clock."""
    local_offset_minutes: int
    """The station's zone, minutes east of UTC."""
    previous: Millis | None
    """The previous docking of this recorder at which its card was listed in full."""
    clock: ClockReading | None
    file_times: FileTimeHabit
    sequence_runs_on: bool = True
    """The family's counter does not start anew by day, folder or after a reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTimes:
    """When one file was recorded, in true time, and what it claimed."""

    started: Interval
    ended: Interval
    claimed: Millis | None
    """As told by the first source of the basis, milliseconds as if UTC, never corrected."""
    flags: tuple[Flag, ...] = ()
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DockingTimes:
    """What a docking tells of the recorder's clock and of each file, in the order given."""

    clock_offset: Interval
    """Recorder minus true time in milliseconds (bounds are durations); basis ``clock-read``,
    ``newest-file+previous-docking``, ``newest-file`` or ``none``."""
    clips: tuple[ClipTimes, ...]


@dataclass(frozen=True, slots=True)
class _Window:
    """True time in which all that is new must lie."""

    low: int | None
    high: int


def docking_times(docking: Docking, files: Sequence[FileClaims]) -> DockingTimes:
    """Intervals for the recorder's clock and for every file of one docking."""
    recordings = [one for one in files if one.kind.is_recording]
    told = _docking_times(docking, recordings)
    if len(recordings) == len(files):
        return told
    of_recordings = iter(told.clips)
    beside = _docking_times(docking, files)
    return DockingTimes(
        clock_offset=told.clock_offset,
        clips=tuple(
            next(of_recordings) if one.kind.is_recording else times
            for one, times in zip(files, beside.clips, strict=True)
        ),
    )


def _docking_times(docking: Docking, files: Sequence[FileClaims]) -> DockingTimes:
    zone = docking.clock.zone if docking.clock else None
    local_ms = docking.local_offset_minutes * 60_000
    habit = habits(files, local_ms=local_ms, file_times=docking.file_times, clock_zone=zone)
    low = None if docking.previous is None else docking.previous - docking.uncertainty_ms
    window = _Window(low, docking.now + docking.uncertainty_ms)
    offsets = _offsets_read(docking, habit)
    found: list[ClipTimes | None] = [None] * len(files)
    pools: dict[str, list[Claimed]] = {}
    for index, one in enumerate(files):
        claim = claimed(index, one, habit)
        if claim is None:
            found[index] = _unclaimed(one, window)
        else:
            pools.setdefault(claim.pool, []).append(claim)
    derived: list[tuple[int, Interval]] = []
    shown = window.high + max((0, *(high for _, high in offsets)))
    span = Span(
        low=window.low,
        high=window.high,
        slow=min((0, *(low for low, _ in offsets))),
        ahead=ahead_of(shown, chain.from_iterable(pools.values())),
    )
    for claims in pools.values():
        runs = runs_of(claims, files, span, runs_on=docking.sequence_runs_on)
        derived.append((len(claims), _settle(runs, offsets, window, found)))
    return DockingTimes(
        clock_offset=_offset(offsets, [interval for _, interval in sorted(derived, key=lambda d: d[0])]),
        clips=tuple(times for times in found if times is not None),
    )


def _offsets_read(docking: Docking, habit: Habits) -> tuple[tuple[int, int], ...]:
    """The clock's offset as read: one interval, two where its zone is not told; none if not read."""
    clock, local = docking.clock, habit.local_ms
    if clock is None:
        return ()
    shifts: tuple[int, ...] = {"utc": (0,), "local": (local,)}.get(clock.zone, (local, 0))
    if len(shifts) > 1 and abs(clock.wall - local - docking.clock_told) <= ZONE_CERTAIN_MS:
        shifts = (local,)
    low = clock.wall - docking.clock_told - docking.uncertainty_ms
    high = clock.wall + clock.resolution_ms - docking.clock_asked + docking.uncertainty_ms
    return tuple((low - shift, high - shift) for shift in dict.fromkeys(shifts))


def _offset(read: tuple[tuple[int, int], ...], derived: list[Interval]) -> Interval:
    if read:
        return Interval(
            earliest=Millis(min(low for low, _ in read)),
            latest=Millis(max(high for _, high in read)),
            basis="clock-read",
        )
    return derived[-1] if derived else Interval(earliest=None, latest=None, basis="none")


def _unclaimed(one: FileClaims, window: _Window) -> ClipTimes:
    """A file of which nothing claims a time: it lies between the dockings."""
    low = window.low if one.new and one.kind.is_recording else None
    basis = "none" if low is None else "previous-docking"
    between = Interval(earliest=_millis(low), latest=Millis(window.high), basis=basis)
    return ClipTimes(started=between, ended=between, claimed=None)


def _millis(value: int | None) -> Millis | None:
    return None if value is None else Millis(value)


# --- runs of the recorder's clock ------------------------------------------------------------------


def _settle(
    runs: list[Run], read: tuple[tuple[int, int], ...], window: _Window, found: list[ClipTimes | None]
) -> Interval:
    """Find every file's times, run by run; the offset that the newest run derives."""
    offset = Interval(earliest=None, latest=None, basis="none")
    for run in runs:
        run.low, run.high = window.low, window.high
    last = runs[-1]
    after = window.high
    for at in range(len(runs) - 1, -1, -1):
        run = runs[at]
        if run.ordered and at + 1 < len(runs) and runs[at + 1].follows:
            run.high = min(run.high, after) if run.low is None or after >= run.low else run.high
        left = (
            _by_reading(run, read, window, found) if read and (run is last or not run.ordered) else run.claims
        )
        for claim in left if read else ():
            if claim.e0 > window.high:
                claim.doubtful = True
                claim.reasons.append(_IMPOSSIBLE)
        if left:
            low, high = _by_bounds(run, left, found)
            if run is last:
                offset = _derived(low, high, left)
        after = min((t for c in run.claims if (t := _latest(found, c)) is not None), default=run.high)
    _after_earlier(runs, found)
    return offset


def _latest(found: list[ClipTimes | None], claim: Claimed) -> int | None:
    times = found[claim.index]
    return times.started.latest if times else None


def _after_earlier(runs: list[Run], found: list[ClipTimes | None]) -> None:
    """A run that follows another by number starts after what that one certainly ended with."""
    bound: int | None = None
    for run in runs:
        if not (run.ordered and run.follows):
            bound = None
        if bound is not None and (run.low is None or bound > run.low):
            run.low = bound
            for claim in run.claims:
                found[claim.index] = _not_before(found[claim.index], bound, claim)
        ends = [
            t.ended.earliest for c in run.claims if (t := found[c.index]) and t.ended.earliest is not None
        ]
        bound = max([*ends, *([] if bound is None else [bound])], default=None)


def _not_before(times: ClipTimes | None, bound: int, claim: Claimed) -> ClipTimes | None:
    assert times is not None
    started, ended = times.started, times.ended
    if started.earliest is None or started.earliest < bound <= (started.latest or bound):
        started = Interval(earliest=Millis(bound), latest=started.latest, basis=started.basis)
    floor = bound + claim.length
    if ended.earliest is None or ended.earliest < floor <= (ended.latest or floor):
        ended = Interval(earliest=Millis(floor), latest=ended.latest, basis=ended.basis)
    return ClipTimes(
        started=started, ended=ended, claimed=times.claimed, flags=times.flags, reasons=times.reasons
    )


def _derived(low: int | None, high: int | None, claims: Iterable[Claimed]) -> Interval:
    frames = next(iter(claims)).frames
    low = None if low is None else low - max(frames)
    high = None if high is None else high - min(frames)
    basis = "none" if low is None else "newest-file" if high is None else "newest-file+previous-docking"
    return Interval(earliest=_millis(low), latest=_millis(high), basis=basis)


def _by_reading(
    run: Run, read: tuple[tuple[int, int], ...], window: _Window, found: list[ClipTimes | None]
) -> list[Claimed]:
    """Times by the clock as read; the claims that contradict it come back."""
    errors = [(low + frame, high + frame) for frame in run.claims[0].frames for low, high in read]
    fits: dict[int, list[Claimed]] = {at: [] for at in range(len(errors))}
    for at, error in enumerate(errors):
        fits[at] = [claim for claim in run.claims if _is_possible(claim, error, window, run)]
    most = max(len(claims) for claims in fits.values())
    # a frame in which most files are impossible is not the recorder's
    kept = [at for at, claims in fits.items() if claims and len(claims) * 2 >= most]
    possible: dict[int, list[tuple[int, int]]] = {}
    for at in kept:
        for claim in fits[at]:
            possible.setdefault(claim.index, []).append(errors[at])
    left = []
    for claim in run.claims:
        if claim.index not in possible:
            left.append(claim)
            continue
        those = possible[claim.index]
        drift = _drift(claim, those, window)
        low = min(low for low, _ in those) - drift
        # a clock that was reset once may have been so again since: then the clip is older than it seems
        high = None if run.reset else max(high for _, high in those) + drift
        found[claim.index] = _times(claim, low, high, run, reset=_RESET_RUNNING)
    return left


def _drift(claim: Claimed, errors: list[tuple[int, int]], window: _Window) -> int:
    """How far the clock may have drifted between the clip and its reading."""
    start = claim.e0 if claim.s0 is None else claim.s0
    age = max(window.high - start + errors[0][1], 0)
    return age * DRIFT_MS_PER_DAY // DAY_MS + 1


def _is_possible(claim: Claimed, error: tuple[int, int], window: _Window, run: Run) -> bool:
    """Whether this offset puts the clip between the dockings, after a reset no longer ago than one lasts."""
    if run.reset and window.high - claim.s1 + error[0] > DEFAULT_MS:
        return False
    drift = _drift(claim, [error], window)
    if claim.e0 - error[1] - drift > window.high:
        return False
    return not claim.bounded or window.low is None or claim.s1 - error[0] + drift >= window.low


def _by_bounds(
    run: Run, claims: list[Claimed], found: list[ClipTimes | None]
) -> tuple[int | None, int | None]:
    """Times where the clock was not read in this run: the newest file and the dockings bound its offset."""
    if run.alone or len(claims) != len(run.claims):
        for claim in claims:
            found[claim.index] = _alone(claim, run)
        return None, None
    sure = [claim for claim in claims if not claim.doubtful] or claims
    # two resets to one default may show as clips within one second: not told apart by whole seconds
    low = max(claim.e0 for claim in sure) - run.high - (NAME_STEP_MS + 1 if run.reset else 0)
    bounded = [claim.s1 for claim in sure if claim.bounded]
    high = min(bounded) - run.low if bounded and run.low is not None else None
    for claim in claims:
        found[claim.index] = _times(claim, low, high, run, reset=_RESET)
    return low, high


def _alone(claim: Claimed, run: Run) -> ClipTimes:
    """A claim that no run of the clock explains: only the dockings and its neighbours bound the file."""
    low = run.low if claim.bounded else None
    basis = "none" if low is None else "previous-docking"
    flag = Flag.CLOCK_RESET if run.reset else Flag.CLOCK_DOUBTFUL
    length = claim.length if (FIRST_POSSIBLE_MS if low is None else low) + claim.length <= run.high else 0
    end_low = None if low is None else low + length
    return ClipTimes(
        started=Interval(earliest=_millis(low), latest=Millis(run.high - length), basis=basis),
        ended=Interval(earliest=_millis(end_low), latest=Millis(run.high), basis=basis),
        claimed=claim.wall,
        flags=(flag,),
        reasons=tuple(dict.fromkeys((*claim.reasons, _RESET if run.reset else _IMPOSSIBLE))),
    )


def _times(claim: Claimed, low: int, high: int | None, run: Run, *, reset: Text) -> ClipTimes:
    """The claim less the offset low..high, held between the dockings."""
    by_docking = reset is _RESET and high is not None
    started = None if high is None or claim.s0 is None else claim.s0 - high
    ended = None if high is None else claim.e0 - high
    floor = run.low if claim.bounded else None
    basis = claim.basis
    if floor is not None and (started is None or started < floor):
        started, by_docking = floor, True
    if floor is not None and (ended is None or ended < floor + claim.length):
        ended, by_docking = floor + claim.length, True
    if by_docking:
        basis += "+previous-docking"
    ceiling = run.high
    last_start = min(claim.s1 - low, ceiling - claim.length)
    last_end = ceiling if claim.e1 is None else min(claim.e1 - low, ceiling)
    is_contradiction = (started is not None and started > last_start) or (
        ended is not None and ended > last_end
    )
    if is_contradiction or min(last_start, last_end) < FIRST_POSSIBLE_MS:
        return _alone(claim, run)
    flags = (Flag.CLOCK_RESET,) * run.reset + (Flag.CLOCK_DOUBTFUL,) * claim.doubtful
    reasons = (*claim.reasons, reset) if run.reset else tuple(claim.reasons)
    return ClipTimes(
        started=Interval(earliest=_millis(started), latest=Millis(last_start), basis=basis),
        ended=Interval(earliest=_millis(ended), latest=Millis(last_end), basis=basis),
        claimed=claim.wall,
        flags=flags,
        reasons=reasons,
    )

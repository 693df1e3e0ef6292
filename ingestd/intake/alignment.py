"""What the names, containers and file times of one docking say, brought into one frame. PURE.

A recorder states times in several ways: in a file's name, in the container, as the file's time. They come
from one clock, but in the recorder's local time or in UTC, and not always as their label says. Here they are
aligned by evidence (they differ by whole quarters of an hour), so that `times` can treat each file as one
claim: its start and its end between two bounds, in milliseconds of the recorder's own idea of UTC.
Nothing is corrected here: the recorder's clock itself may be wrong by any amount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingestd.device.api import NamedTime, Zone
from ingestd.model import Kind, Millis
from ingestd.words import Text

FileTimeHabit = Literal["fat-local", "utc", "unknown"]
"""How a mount tells file times: FAT's local time taken for UTC in steps of 2 s; UTC; not known."""

_ZONE_OF_FILE_TIMES: dict[FileTimeHabit, Zone] = {"fat-local": "local", "utc": "utc", "unknown": "unknown"}
QUARTER_MS = 900_000
"""All zones of the world differ from UTC by whole quarters of an hour."""
HOUR_MS = 3_600_000
LARGEST_ZONE_MS = 14 * HOUR_MS
NEAR_MS = 120_000
"""Two sources of one file that differ by no more than this, but for the zone, tell of one moment."""
FINALISE_MS = 10_000
"""A recorder may write the index of a clip for so long after its end: the file's time is then later."""
NAME_STEP_MS = 999
"""Names and containers tell whole seconds, cut off."""
LENGTH_STEP_MS = 100
"""Durations as containers tell them: streams of one clip end some frames apart."""
FAT_STEP_MS = 2_000
"""FAT tells even seconds, cut off or rounded up by the firmware."""
UTC_STEP_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileClaims:
    """What is claimed of one file's time, by whom; nothing of it is believed yet."""

    kind: Kind
    named: NamedTime | None = None
    mtime_us: int | None = None
    created: Millis | None = None
    """The container's creation time, milliseconds as if UTC (`media.probe`)."""
    created_zone: Zone = "utc"
    """As labelled: containers say UTC (and often mean local time), EXIF says local."""
    duration_ms: int | None = None
    sequence: int | None = None
    new: bool = True
    """Not on the card at the previous docking: so a recording did not start before it."""


@dataclass(slots=True, kw_only=True)
class Claimed:
    """One file's start (s0..s1) and end (e0..e1) by the recorder's clock, in the docking's frame.

    ``frames`` are the errors that the frame may have (0, or a zone's width where evidence does not tell);
    files with equal ``pool`` share them, so that differences within a pool are sure. s0, e1 None: not told.
    """

    index: int
    s0: int | None
    s1: int
    e0: int
    e1: int | None
    basis: str
    pool: str
    frames: tuple[int, ...]
    wall: Millis
    """The anchor exactly as told, milliseconds as if UTC."""
    length: int
    """Known duration in milliseconds, 0 where unknown."""
    bounded: bool
    """A recording new since the previous docking."""
    doubtful: bool = False
    reasons: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What holds for all files of one docking."""

    local_ms: int
    file_times: FileTimeHabit
    name_zone: Zone
    """Of the names: as their family says, else as far as evidence tells."""
    clock_zone: Zone | None
    """Of the recorder's clock as read, None where it was not read."""
    created_step: int | None
    """Container minus name (whole quarters), None where no file tells."""
    created_is_end: bool | None
    file_step: int | None
    """File time minus name's end, None where no file tells."""
    created_file_step: int | None
    """Container minus file time, where no names tell."""
    not_a_clock: frozenset[int]
    """Container times that files of different times share: a constant of the firmware."""


_SOURCES_DISAGREE = Text(
    "时间来源不一致: {one} 与 {other} 相差 {seconds} 秒, 区间包含两者",
    "sources of time disagree: {one} and {other} differ by {seconds} s; the interval spans both",
)
_WRONG_ZONE = Text(
    "记录仪时区设置可疑: 文件名与容器相差 {minutes} 分钟, 本地时区为 {local} 分钟",
    "wrong zone on the recorder: name and container differ by {minutes} min, the local zone is {local} min",
)
NAME, CONTAINER, FILE_TIME = (
    Text("文件名", "name"),
    Text("容器", "container"),
    Text("文件时间", "file time"),
)


def zone_step(difference: int) -> int | None:
    """The whole quarters of an hour in a difference, None where a rest of more than `NEAR_MS` stays."""
    step = (difference + QUARTER_MS // 2) // QUARTER_MS * QUARTER_MS
    if abs(difference - step) > NEAR_MS or abs(step) > LARGEST_ZONE_MS:
        return None
    return step


def _end_step(difference: int, local_ms: int) -> int | None:
    """As `zone_step`, but clips are often cut into whole quarters: only whole hours and the zone count."""
    step = zone_step(difference)
    return step if step is None or step % HOUR_MS == 0 or abs(step) == abs(local_ms) else None


def _length(claims: FileClaims) -> int | None:
    return 0 if claims.kind is Kind.PHOTO else claims.duration_ms


def _winner(votes: Counter[tuple[int, bool]], usual: tuple[int, ...]) -> tuple[int, bool] | None:
    """What most files say; an unusual step needs two files, one may be chance."""
    for (step, is_end), count in votes.most_common():
        if step in usual or count > 1:
            return step, is_end
    return None


def _constants(files: Sequence[FileClaims]) -> frozenset[int]:
    seen: dict[int, tuple[int, int]] = {}
    for one in files:
        other = one.named.wall if one.named else one.mtime_us and one.mtime_us // 1000
        if one.created is None or other is None:
            continue
        low, high = seen.get(one.created, (other, other))
        seen[one.created] = (min(low, other), max(high, other))
    return frozenset(created for created, (low, high) in seen.items() if high - low > NEAR_MS)


def habits(
    files: Sequence[FileClaims], *, local_ms: int, file_times: FileTimeHabit, clock_zone: Zone | None
) -> Habits:
    """What all files of a docking together tell of the zones their times are in."""
    constants = _constants(files)
    declared: Counter[Zone] = Counter(one.named.zone for one in files if one.named is not None)
    created: Counter[tuple[int, bool]] = Counter()
    by_file: Counter[int] = Counter()
    created_file: Counter[tuple[int, bool]] = Counter()
    for one in files:
        length = _length(one)
        made = one.created if one.created not in constants else None
        end = None if one.mtime_us is None else one.mtime_us // 1000
        if one.named is not None:
            if made is not None:
                _vote(created, made - one.named.wall, length, local_ms)
            if end is not None and length is not None:
                step = _end_step(end - one.named.wall - length, local_ms)
                if step is not None:
                    by_file[step] += 1
        elif made is not None and end is not None and length is not None:
            _vote(created_file, made - end + length, length, local_ms)
    usual = (0, local_ms, -local_ms)
    made_habit, made_file = _winner(created, usual), _winner(created_file, usual)
    by_name = by_file.most_common(1)[0][0] if by_file else None
    created_step = made_habit[0] if made_habit else None
    zone = declared.most_common(1)[0][0] if declared else "unknown"
    if zone == "unknown":
        zone = _name_zone(created_step, by_name, local_ms, file_times)
    return Habits(
        local_ms=local_ms,
        file_times=file_times,
        name_zone=zone,
        clock_zone=clock_zone,
        created_step=created_step,
        created_is_end=made_habit[1] if made_habit else made_file[1] if made_file else None,
        file_step=by_name,
        created_file_step=made_file[0] if made_file else None,
        not_a_clock=constants,
    )


def _vote(votes: Counter[tuple[int, bool]], difference: int, length: int | None, local_ms: int) -> None:
    """Count for a container time what it may be: start or end, how many quarters off."""
    if abs(difference) > LARGEST_ZONE_MS + 86_400_000:
        return
    step = zone_step(difference)
    if step is not None:
        votes[step, False] += 1
    if length and length > NEAR_MS // 60:
        step = _end_step(difference - length, local_ms)
        if step is not None and abs(difference - length - step) < abs(
            difference - (zone_step(difference) or 0)
        ):
            votes[step, True] += 1


def _name_zone(created_step: int | None, file_step: int | None, local_ms: int, habit: FileTimeHabit) -> Zone:
    if local_ms == 0:
        return "utc"
    if created_step == -local_ms:
        return "local"
    if habit == "unknown" or file_step is None:
        return "unknown"
    shift = (local_ms if habit == "fat-local" else 0) - file_step
    return "local" if shift == local_ms else "utc" if shift == 0 else "unknown"


def claimed(index: int, claims: FileClaims, habit: Habits) -> Claimed | None:
    """One file's claim in the docking's frame; None where nothing claims a time."""
    made = claims.created if claims.created not in habit.not_a_clock else None
    if claims.named is not None:
        return _by_name(index, claims, claims.named, made, habit)
    if made is not None:
        return _by_container(index, claims, made, habit)
    if claims.mtime_us is not None:
        return _by_file_time(index, claims, claims.mtime_us // 1000, habit)
    return None


def _frame(zone: Zone, local_ms: int, pool: str) -> tuple[int, str, tuple[int, ...]]:
    """Shift to the frame, pool and possible errors of a time in a zone."""
    if zone == "utc":
        return 0, "sure", (0,)
    if zone == "local":
        return local_ms, "sure", (0,)
    return local_ms, pool, (0, -local_ms)


def _name_frame(zone: Zone, habit: Habits) -> tuple[int, str, tuple[int, ...]]:
    """A name's frame. Local names beside a clock read in UTC: the recorder's own zone is what counts."""
    if zone == "local" and habit.clock_zone == "utc" and habit.created_step not in (None, -habit.local_ms):
        if habit.created_step == 0:  # a container that says local time, or a recorder set to UTC
            return habit.local_ms, "name", (0, -habit.local_ms)
        assert habit.created_step is not None
        return -habit.created_step, "sure", (0,)
    return _frame(zone, habit.local_ms, "name")


def _new(
    index: int, claims: FileClaims, basis: str, wall: int, at: tuple[int, str, tuple[int, ...]]
) -> Claimed:
    shift, pool, frames = at
    length = _length(claims) or 0
    start = wall - shift
    return Claimed(
        index=index,
        s0=start,
        s1=start + NAME_STEP_MS,
        e0=start + max(length - LENGTH_STEP_MS, 0),
        e1=None
        if _length(claims) is None
        else start + NAME_STEP_MS + length + (LENGTH_STEP_MS if length else 0),
        basis=basis,
        pool=pool,
        frames=frames,
        wall=Millis(wall),
        length=length,
        bounded=claims.new and claims.kind.is_recording,
    )


def _by_name(index: int, claims: FileClaims, named: NamedTime, made: int | None, habit: Habits) -> Claimed:
    at = _name_frame(named.zone if named.zone != "unknown" else habit.name_zone, habit)
    claim = _new(index, claims, "name", named.wall, at)
    if made is not None:
        _with_container(claim, made - named.wall, habit)
    if claims.mtime_us is not None and claims.kind is not Kind.PHOTO:
        _with_file_time(claim, claims, at[0], habit)
    return claim


def _with_container(claim: Claimed, difference: int, habit: Habits) -> None:
    """Set the container's time beside the name's: it confirms, names another zone, or contradicts."""
    usual = (0, -habit.local_ms, habit.local_ms)
    step = next(
        (
            step
            for rest in (difference, difference - claim.length)
            for step in (habit.created_step, *usual)
            if step is not None and abs(rest - step) <= NEAR_MS
        ),
        None,
    )
    if step is None:
        shift = (
            difference if abs(difference) < abs(difference + habit.local_ms) else difference + habit.local_ms
        )
        _span(claim, shift)
        _doubt(claim, NAME, CONTAINER, shift)
    claim.basis += "+container"
    if step is not None and step not in usual:
        claim.doubtful = True
        claim.reasons.append(_WRONG_ZONE.format(minutes=-step // 60_000, local=habit.local_ms // 60_000))


def _span(claim: Claimed, shift: int) -> None:
    """Widen a claim so that it holds both what it says and what another source says, `shift` away."""
    low, high = min(shift, 0), max(shift, 0)
    claim.s0 = None if claim.s0 is None else claim.s0 + low
    claim.e0 += low
    claim.s1 += high
    claim.e1 = None if claim.e1 is None else claim.e1 + high


def _doubt(claim: Claimed, one: Text, other: Text, difference: int) -> None:
    claim.doubtful = True
    claim.reasons.append(_SOURCES_DISAGREE.format(one=one, other=other, seconds=abs(difference) // 1000))


def _with_file_time(claim: Claimed, claims: FileClaims, shift: int, habit: Habits) -> None:
    """Set the file's time beside the name's: the last write is the end, or soon after it."""
    assert claims.mtime_us is not None
    step = habit.file_step
    if step is None:
        if habit.file_times == "unknown":
            return
        step = (habit.local_ms if habit.file_times == "fat-local" else 0) - shift
    coarse = UTC_STEP_MS if habit.file_times == "utc" else FAT_STEP_MS
    written = claims.mtime_us // 1000 - step - shift
    low, high = written - coarse - FINALISE_MS, written + coarse
    if claim.e1 is None:
        if high >= claim.e0:
            claim.e1 = high
            claim.basis += "+file-time"
        return
    if low > claim.e1:
        _written_late(claim, low, high, habit)
    elif high < claim.e0:
        if claim.e0 - high > NEAR_MS:
            _doubt(claim, NAME, FILE_TIME, claim.e0 - high)
        claim.s0, claim.e0 = low - claim.length, low
        claim.basis += "+file-time"
    else:
        claim.e0, claim.e1 = max(claim.e0, low), min(claim.e1, high)
        claim.s0, claim.s1 = claim.e0 - claim.length, claim.e1 - claim.length
        claim.basis += "+file-time"


def _written_late(claim: Claimed, low: int, high: int, habit: Habits) -> None:
    """Written long after name and duration say: a pause in the clip, or a copy's time."""
    assert claim.e1 is not None
    if low - claim.e1 > NEAR_MS:
        if habit.file_times == "unknown":
            return
        _doubt(claim, NAME, FILE_TIME, low - claim.e1)
    claim.e1 = high
    claim.basis += "+file-time"


def _by_container(index: int, claims: FileClaims, made: int, habit: Habits) -> Claimed:
    basis, at = "container", _frame("unknown", habit.local_ms, "container")
    if habit.created_step is not None:
        at = _name_frame(habit.name_zone, habit)
        at = (at[0] + habit.created_step, at[1], at[2])
    elif claims.created_zone == "local":
        at = _frame("local", habit.local_ms, "container")
    elif habit.created_file_step is not None and habit.file_times != "unknown":
        at = (
            habit.created_file_step + (habit.local_ms if habit.file_times == "fat-local" else 0),
            "sure",
            (0,),
        )
        basis = "container+file-time"
    claim = _new(index, claims, basis, made, at)
    if claims.kind is Kind.PHOTO:
        return claim
    if habit.created_is_end is not False:
        claim.e0 = made - at[0] - FINALISE_MS
        claim.s0 = None if claim.e1 is None else claim.e0 - claim.length
    if habit.created_is_end:
        claim.s1, claim.e1 = claim.s1 - claim.length, made - at[0] + NAME_STEP_MS
    return claim


def _by_file_time(index: int, claims: FileClaims, written: int, habit: Habits) -> Claimed:
    zone = _ZONE_OF_FILE_TIMES[habit.file_times]
    at = _frame(zone, habit.local_ms, "file")
    if habit.file_step is not None:
        at = _name_frame(habit.name_zone, habit)
        at = (at[0] + habit.file_step, at[1], at[2])
    claim = _new(index, claims, "file-time", written, at)
    coarse = UTC_STEP_MS if habit.file_times == "utc" else FAT_STEP_MS
    claim.e0, claim.e1 = written - at[0] - coarse - FINALISE_MS, written - at[0] + coarse
    claim.s0 = None if _length(claims) is None else claim.e0 - claim.length
    claim.s1 = claim.e1 - claim.length
    return claim

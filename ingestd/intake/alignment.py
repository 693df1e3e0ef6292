"""What the names, containers and file times of one docking say, brought into one frame. PURE.

A recorder states times in several ways: in a file's name, in the container, as the file's time. They come
from one clock, but in the recorder's local time or in UTC, and not always as their label says. Here they are
aligned by evidence (they differ by whole quarters of an hour), so that `times` can treat each file as one
claim: its start and its end between two bounds, in milliseconds of the recorder's own idea of UTC.
Nothing is corrected here: the recorder's clock itself may be wrong by any amount.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestd.device.api import NamedTime, Zone
from ingestd.intake.habits import (
    FAT_STEP_MS,
    FINALISE_MS,
    LENGTH_STEP_MS,
    NAME_STEP_MS,
    NEAR_MS,
    UTC_STEP_MS,
    FileClaims,
    FileTimeHabit,
    Habits,
    length_of,
)
from ingestd.model import Kind, Millis
from ingestd.words import Text

_ZONE_OF_FILE_TIMES: dict[FileTimeHabit, Zone] = {"fat-local": "local", "utc": "utc", "unknown": "unknown"}


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
    length = length_of(claims) or 0
    start = wall - shift
    return Claimed(
        index=index,
        s0=start,
        s1=start + NAME_STEP_MS,
        e0=start + max(length - LENGTH_STEP_MS, 0),
        e1=None
        if length_of(claims) is None
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
    if claims.created_zone == "local":
        at = _frame("local", habit.local_ms, "container")
    elif habit.created_step is not None:
        at = _name_frame(habit.name_zone, habit)
        at = (at[0] + habit.created_step, at[1], at[2])
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
    claim.s0 = None if length_of(claims) is None else claim.e0 - claim.length
    claim.s1 = claim.e1 - claim.length
    return claim

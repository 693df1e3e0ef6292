"""How well a recording's time fits an act, under the clock errors that are possible. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, exp, hypot, log, pi, sqrt
from typing import NamedTuple

from ingestd.linking.facts import ActFact
from ingestd.linking.recordings import Recording, act_span
from ingestd.linking.weights import (
    ACT_LENGTHS,
    APART,
    APART_MS,
    ASIDE_MS,
    FIRST,
    HOUR_MS,
    LAST,
    LATE,
    LEAD_MS,
    LOG_LENGTHS,
    MIDDLE,
    MINUTE_MS,
    MISTAKEN,
    REACH_MS,
    SNIPPET,
    SNIPPETS,
    START_MS,
    STEP_MS,
    STEPS,
    TURNS_MS,
    UNLIKELY,
    USUAL_MS,
    WHOLE,
    WORKING_DAY_MS,
)
from ingestd.words import Text

_TIME = Text(
    "{error}, 录制{start}开始, {end}结束, {share}% 落在所述时段内",
    "{error}, it begins {start} and ends {end}; {share}% of it lies within",
)
_OPEN = Text(
    "{error}, 录制{start}开始; 未说明结束时间",
    "{error}, it begins {start}; no end is stated",
)
_NO_TIME = Text("执法行为未说明时间", "the act states no time")
_FAR = Text(
    "录制与所述时段相差超过 {minutes} 分钟", "it lies more than {minutes} min from the act's stated span"
)
_TURNED = Text(
    "若所述日期或上午下午有误 (差 {hours} 小时), 则时间可能相符",
    "it may fit if the act's stated day, or half of the day, is wrong (by {hours} h)",
)
_BEFORE = Text("在{stated}前 {minutes} 分钟", "{minutes} min before {stated}")
_AFTER = Text("在{stated}后 {minutes} 分钟", "{minutes} min after {stated}")
_WITH = Text("与{stated}同时", "with {stated}")
_START = Text("执法行为所述开始", "the act's stated start")
_END = Text("所述结束", "its stated end")
_EXACTLY = Text("以时钟偏差 {low} 分钟计", "with a clock error of {low} min")
_BETWEEN = Text("以时钟偏差 {low} 至 {high} 分钟计", "with a clock error of {low} to {high} min")
_UNBOUNDED = Text("时钟偏差不详", "with a clock error that nobody knows")


NORMAL = 1 / sqrt(2 * pi)
SQRT_HALF = sqrt(0.5)
MANY = 8
"""Standard deviations beyond which a density is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """An act's span, prepared: middle of its stated start and end, and how exact they are."""

    low: int
    high: int
    begin: float
    end: float
    is_open: bool
    scale: float
    """How far a recording's ends are from the stated ends that it kept to (standard deviation)."""


def timed(act: ActFact) -> Timed | None:
    """An act's span; None where nothing is stated. Stated bounds are two standard deviations from the middle."""
    span = act_span(act.started, act.ended)
    if span is None:
        return None
    begins = [at for at in (act.started.earliest, act.started.latest) if at is not None]
    ends = [at for at in (act.ended.earliest, act.ended.latest) if at is not None]
    begin = sum(begins) / len(begins) if begins else sum(ends) / len(ends) - USUAL_MS
    end = sum(ends) / len(ends) if ends else begin + USUAL_MS
    spread = (begins[-1] - begins[0]) / 2 if len(begins) == 2 else 0.0  # noqa: PLR2004 - both bounds
    return Timed(
        low=span[0], high=span[1], begin=begin, end=max(begin, end), is_open=not ends,
        scale=hypot(START_MS, spread / 2),
    )  # fmt: skip


def errors(low: int, high: int) -> tuple[float, ...]:
    """Clock errors to be weighed, evenly from the smallest to the largest."""
    count = min(max((high - low) // STEP_MS + 1, 1), STEPS)
    if count == 1:
        return ((low + high) / 2,)
    return tuple(low + (high - low) * at / (count - 1) for at in range(count))


def is_near(recording: Recording, act: Timed) -> bool:
    """Whether an act can be of a recording's time at all."""
    return _is_near(recording, act, 0)


def is_turned(recording: Recording, act: Timed) -> bool:
    """Whether an act would be of a recording's time on another day, or in the other half of the day."""
    return not recording.is_wide and any(_is_near(recording, act, turn) for turn in TURNS_MS)


def _is_near(recording: Recording, act: Timed, turn: int) -> bool:
    low, high = recording.window
    return low - REACH_MS <= act.high - turn and act.low - turn <= high + REACH_MS


def is_possible(recording: Recording, act: Timed | None) -> bool:
    """Whether some clock error within bounds puts the recording into the act's stated span."""
    low, high = recording.window
    return act is not None and low <= act.high and act.low <= high


class Fit(NamedTuple):
    """How many times likelier a recording's times are, with one clock error, than at any time of a working day."""

    whole: float
    """If it is the recorder's only one of the act."""
    part: float
    """If others right before or after show the act too."""
    aside: float
    """If it shows no act, and was made on the way to this one or from it."""


def fits(recording: Recording, act: Timed | None, grid: Sequence[float]) -> list[Fit]:
    """The fit to an act by clock error; beyond reach, as if the act's day or half-day had been mistaken."""
    low, high = recording.error[0] - STEP_MS, recording.error[1] + STEP_MS
    never = Fit(UNLIKELY / 2, UNLIKELY / 2, 0.0)
    if act is None:
        return [never] * len(grid)
    by_error = _near if is_near(recording, act) else _mistaken
    sizes = _sizes(recording, act)
    return [
        by_error(recording.clock_start - error, act, sizes) if low <= error <= high else never
        for error in grid
    ]


class _Sizes(NamedTuple):
    """What a recording's length alone says."""

    length: int
    some: float
    """Density of its length among recordings of acts."""
    brief: float
    """The same among snippets of acts."""
    matching: float
    """The same among whole recordings of acts as long as this one."""


def _sizes(recording: Recording, act: Timed) -> _Sizes:
    length = max(recording.length, 1000)
    return _Sizes(
        length=length,
        some=lengths(length, ACT_LENGTHS),
        brief=lengths(length, SNIPPETS),
        matching=_normal(length - (act.end - act.begin) - LEAD_MS, hypot(act.scale, act.scale)),
    )


def _mistaken(start: float, act: Timed, sizes: _Sizes) -> Fit:
    turned = [_near(start + turn, act, sizes) for turn in TURNS_MS]
    whole, part = (
        MISTAKEN / 4 * sum(column) + UNLIKELY / 2 for column in list(zip(*turned, strict=True))[:2]
    )
    return Fit(whole, part, 0.0)


def _near(start: float, act: Timed, sizes: _Sizes) -> Fit:
    """A recording has its act from beginning to end, from its beginning, to its end, or something in between.

    All of that may be apart from the stated span, where that was written down wrongly.
    """
    end, scale = start + sizes.length, act.scale
    with_start = _normal(start - act.begin + LEAD_MS, scale)
    after = _past(start - act.end, scale)
    span = act.end - act.begin + scale
    inside = _past(start - act.begin, scale) * (1 - after) / span
    with_end = until = sizes.some
    before = _past(act.begin - end, scale)
    if not act.is_open:
        with_end = _normal(end - act.end - LEAD_MS / 2, scale)
        until = (1 - _past(end - act.end, scale)) / span
    whole = WHOLE * with_start * with_end + LATE * inside * with_end + SNIPPET * inside * sizes.brief
    part = FIRST * with_start * until + LAST * inside * with_end + MIDDLE * inside * until
    away = max(start - act.end, act.begin - end, 0.0)
    astray = APART / 2 * 0.5 / APART_MS * exp(-min(away / APART_MS, 50.0))
    unit = WORKING_DAY_MS * sizes.length * LOG_LENGTHS
    return Fit(
        whole=unit * ((1 - APART) * whole + astray * (sizes.some + sizes.matching) / 2),
        part=unit * ((1 - APART) * part + astray * sizes.some),
        aside=WORKING_DAY_MS * 0.5 / ASIDE_MS * exp(-min(away / ASIDE_MS, 50.0)) * max(after, before),
    )


def _normal(away: float, scale: float) -> float:
    far = away / scale
    return NORMAL / scale * exp(-far * far / 2) if -MANY < far < MANY else 0.0


def _past(away: float, scale: float) -> float:
    return 0.5 + 0.5 * erf(away / scale * SQRT_HALF)


def lengths(length: float, shares: Sequence[tuple[float, float, float]]) -> float:
    """Density of a recording's length."""
    return sum(share * _log_normal(length, median, spread) for share, median, spread in shares)


def _log_normal(length: float, median: float, spread: float) -> float:
    length = max(length, 1000)
    far = log(length / median) / spread
    return NORMAL / (spread * length) * exp(-far * far / 2)


def explain(
    recording: Recording,
    act: Timed | None,
    grid: Sequence[float],
    belief: Sequence[float],
    fits: Sequence[float],
) -> Text:
    """The facts of time, at the likeliest error."""
    if act is None:
        return _NO_TIME
    if not is_near(recording, act):
        turn = next((turn for turn in TURNS_MS if _is_near(recording, act, turn)), None)
        if turn is None:
            return _FAR.format(minutes=REACH_MS // MINUTE_MS)
        return _TURNED.format(hours=abs(turn) // HOUR_MS)
    best = grid[max(range(len(grid)), key=lambda at: (belief[at] * fits[at], -at))]
    start, end = recording.clock_start - best, recording.clock_end - best
    fields = {"error": _error(recording), "start": _relative(start - act.begin, _START)}
    if act.is_open:
        return _OPEN.format(**fields)
    inside = max(min(end, act.end) - max(start, act.begin), 0.0)
    share = (
        round(100 * inside / (end - start)) if end > start else round(100 * (act.begin <= start <= act.end))
    )
    return _TIME.format(**fields, end=_relative(end - act.end, _END), share=share)


def _error(recording: Recording) -> Text:
    """Under which error of the clock, or between which bounds of it."""
    if not recording.shares_clock:
        return _UNBOUNDED
    low, high = (round(bound / MINUTE_MS) for bound in recording.error)
    return (_EXACTLY if low == high else _BETWEEN).format(low=low, high=high)


def _relative(milliseconds: float, stated: Text) -> Text:
    minutes = round(milliseconds / MINUTE_MS)
    told = _BEFORE if minutes < 0 else _AFTER if minutes else _WITH
    return told.format(minutes=abs(minutes), stated=stated)

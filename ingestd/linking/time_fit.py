"""How well a recording's time fits an act, under the clock errors that are possible. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, pi, sqrt

from ingestd.linking.facts import ActFact
from ingestd.linking.recordings import Recording, act_span
from ingestd.linking.weights import (
    APART,
    APART_MS,
    AT_START,
    MINUTE_MS,
    OUTLAST_MS,
    REACH_MS,
    START_MS,
    STEP_MS,
    STEPS,
    USUAL_MS,
    WITHIN,
    WORKING_DAY_MS,
)
from ingestd.words import Text

_TIME = Text(
    "以时钟偏差 {error} 计, 录制在执法行为所述开始{start}开始, 在所述结束{end}结束, {share}% 落在所述时段内",
    "with a clock error of {error}, it begins {start} the act's stated start and ends {end} its stated end; "
    "{share}% of it lies within",
)
_OPEN = Text(
    "以时钟偏差 {error} 计, 录制在执法行为所述开始{start}开始; 未说明结束时间",
    "with a clock error of {error}, it begins {start} the act's stated start; no end is stated",
)
_NO_TIME = Text("执法行为未说明时间", "the act states no time")
_FAR = Text(
    "录制与所述时段相差超过 {minutes} 分钟", "it lies more than {minutes} min from the act's stated span"
)
_BEFORE = Text("前 {minutes} 分钟", "{minutes} min before")
_AFTER = Text("后 {minutes} 分钟", "{minutes} min after")
_BETWEEN = Text("{low} 至 {high} 分钟", "{low} to {high} min")


NORMAL = 1 / sqrt(2 * pi)
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
    """How far recordings' starts are from the stated start (standard deviation): stated bounds are two of these."""


def timed(act: ActFact) -> Timed | None:
    """An act's span; None where nothing is stated."""
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
    low, high = recording.window
    return low - REACH_MS <= act.high and act.low <= high + REACH_MS


def is_possible(recording: Recording, act: Timed | None) -> bool:
    """Whether some clock error within bounds puts the recording into the act's stated span."""
    low, high = recording.window
    return act is not None and low <= act.high and act.low <= high


def fit(recording: Recording, act: Timed, error: float) -> float:
    """How many times likelier this time is for a recording of the act than for any other."""
    start, end = recording.clock_start - error, recording.clock_end - error
    scale = act.scale
    away = (start - act.begin) / scale
    at_start = NORMAL / scale * exp(-away * away / 2) if -MANY < away < MANY else 0.0
    low, high = act.begin - scale, act.end + scale
    within = 1 / (high - low) if low <= start <= high else 0.0
    density = AT_START * at_start + WITHIN * within
    if not act.is_open and end > act.end + scale:
        density *= exp(-min((end - act.end - scale) / OUTLAST_MS, 50.0))
    gap = max(start - act.end, act.begin - end, 0.0)
    density += APART * 0.5 / APART_MS * exp(-min(gap / APART_MS, 50.0))
    return WORKING_DAY_MS * density


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
        return _FAR.format(minutes=REACH_MS // MINUTE_MS)
    best = grid[max(range(len(grid)), key=lambda at: (belief[at] * fits[at], -at))]
    start, end = recording.clock_start - best, recording.clock_end - best
    span = _BETWEEN.format(
        low=round(recording.error[0] / MINUTE_MS) if recording.shares_clock else "?",
        high=round(recording.error[1] / MINUTE_MS) if recording.shares_clock else "?",
    )
    fields = {"error": span, "start": _relative(start - act.begin)}
    if act.is_open:
        return _OPEN.format(**fields)
    inside = max(min(end, act.end) - max(start, act.begin), 0.0)
    share = (
        round(100 * inside / (end - start)) if end > start else round(100 * (act.begin <= start <= act.end))
    )
    return _TIME.format(**fields, end=_relative(end - act.end), share=share)


def _relative(milliseconds: float) -> Text:
    minutes = round(milliseconds / MINUTE_MS)
    return (_BEFORE if minutes < 0 else _AFTER).format(minutes=abs(minutes))

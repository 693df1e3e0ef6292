"""The time line of a case: its recorders as lanes on corrected time, with what is doubtful as doubt. PURE.

Everything is placed in percent of the drawing's width, so that it takes any. Hours in which nothing was recorded are
folded: a case of three days is read at one glance. A clip lies at the middle of what its clock allows; what is sure
whatever the clock was is solid, the rest hatched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from ingestd.law import spans
from ingestd.law.coverage import Coverage
from ingestd.law.spans import Span
from ingestd.model import Interval, Kind
from ingestd.web import drawing
from ingestd.web.coverage import Bar
from ingestd.words import Text

FOLD_MS = 10 * 60_000
"""Nothing for longer than this is folded."""
PARTS = 5
"""Of a folded line so many are drawn, those around the clip that is shown."""
FOLD_WIDTH = 2.5
_LEAST_WIDTH = 8.0
_HUNDRED = 100.0
_MARGIN_MS = 15_000
_TICK_WIDTH = 7.0
"""Labels of hours stand no closer."""
_STEPS_S = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
_SECOND_MS, _MINUTE_S = 1000, 60
ROW_PX, ACT_PX, AXIS_PX = 30, 40, 22
"""Heights, in pixels: a lane, an act's bracket with its strip, the hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One clip as it lies in time, by milliseconds."""

    acquisition: str
    recorder: str
    officer: str | None
    kind: Kind
    started: Interval
    ended: Interval
    length_ms: int
    is_marked: bool = False
    stretches: tuple[tuple[str, int, int], ...] = ()
    """black, frozen, silent: from when to when of the clip."""
    speech_ms: int | None = None
    """When somebody speaks first."""

    @property
    def begin(self) -> int | None:
        """Where it is drawn: the middle of what its clock allows; None: nobody can say."""
        known = [at for at in (self.started.earliest, self.started.latest) if at is not None]
        return sum(known) // len(known) if known else None

    @property
    def doubt_ms(self) -> int | None:
        """It may lie so much earlier or later; None: without a bound."""
        if self.started.earliest is None or self.started.latest is None:
            return None
        return (self.started.latest - self.started.earliest + 1) // 2

    def frame(self) -> Span | None:
        """All of the time in which it may lie."""
        if self.begin is None:
            return None
        doubt = self.doubt_ms or 0
        return self.begin - doubt, self.begin + max(self.length_ms, 1) + doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of the line between two folds."""

    begin: int
    end: int
    left: float
    width: float
    day: str
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Something on a lane or a strip; percent of the width."""

    state: str
    """recorded, doubtful, gap; black, frozen, silent."""
    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One clip on its lane."""

    acquisition: str
    kind: Kind
    begin: int
    length_ms: int
    left: float
    width: float
    stretches: tuple[Stretch, ...]
    marks: tuple[tuple[str, float], ...]
    """marked, speech: where."""
    told: Text
    is_shown: bool
    """It is on a screen of this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One recorder."""

    number: int
    """The key that leads to it."""
    recorder: str
    officer: str | None
    top: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The span of an act, and what of it is on film."""

    act: str
    left: float
    width: float
    top: int
    told: Text
    tone: str
    shape: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """All of it."""

    parts: tuple[Part, ...]
    brackets: tuple[Bracket, ...]
    act_rows: int
    lanes: tuple[Lane, ...]
    height: int
    more: int
    """Clips of parts that are not drawn."""
    unplaced: tuple[str, ...]
    """Acquisitions of which nobody can say when they were recorded."""
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """An act with its coverage, as it is to be drawn."""

    bar: Bar
    coverage: Coverage


def time_line(shots: Sequence[Shot], acts: Sequence[Acted], shown: Sequence[str], zone: tzinfo) -> TimeLine:
    """The line around the clips that are shown."""
    frames = {one.acquisition: frame for one in shots if (frame := one.frame()) is not None}
    known = [*frames.values(), *((one.bar.begin, one.bar.end) for one in acts)]
    around = next((frames[one] for one in shown if one in frames), next(iter(known), None))
    axis = Axis(known, around, zone)
    drawn = [one for one in shots if one.acquisition in frames and axis.holds(frames[one.acquisition])]
    brackets = _brackets(acts, axis)
    rows = 1 + max((one.top for one in brackets), default=-ACT_PX) // ACT_PX
    top = AXIS_PX + rows * ACT_PX
    lanes = _lanes(drawn, axis, shown, top, zone)
    return TimeLine(
        parts=axis.parts,
        brackets=tuple(_lowered(brackets)),
        act_rows=rows,
        lanes=lanes,
        height=top + len(lanes) * ROW_PX + 2,
        more=len(frames) - len(drawn),
        unplaced=tuple(one.acquisition for one in shots if one.acquisition not in frames),
        zone=_zone_name(zone),
    )


class Axis:
    """Corrected time across the drawing, what is empty folded."""

    def __init__(self, known: Iterable[Span], around: Span | None, zone: tzinfo) -> None:
        """``around`` is what is looked at; None: there is no moment that is known, and so no axis."""
        self.parts: tuple[Part, ...] = ()
        if around is None:
            return
        wide = [(begin - _MARGIN_MS, end + _MARGIN_MS) for begin, end in known]
        found = spans.union(wide, joining=FOLD_MS) or ((around[0], around[1] + 1),)
        at = next((i for i, (b, e) in enumerate(found) if b <= around[0] < e), 0)
        first = max(0, min(at - PARTS // 2, len(found) - PARTS))
        some = found[first : first + PARTS]
        room = _HUNDRED - FOLD_WIDTH * (len(some) - 1)
        widths = _shares([end - begin for begin, end in some], room)
        self.parts = tuple(self._placed(some, widths, zone))

    def _placed(self, some: Sequence[Span], widths: Sequence[float], zone: tzinfo) -> Iterable[Part]:
        left = 0.0
        for (begin, end), width in zip(some, widths, strict=True):
            there = datetime.fromtimestamp(begin / _SECOND_MS, zone)
            ticks = tuple(_ticks(begin, end, left, width, zone))
            yield Part(
                begin=begin, end=end, left=left, width=width, day=f"{there.month}-{there.day}", ticks=ticks
            )
            left += width + FOLD_WIDTH

    def holds(self, span: Span) -> bool:
        """Whether some of a span is drawn."""
        return any(span[0] < part.end and span[1] > part.begin for part in self.parts)

    def at(self, moment: int) -> float:
        """Where a moment lies; what is folded or beyond, at the nearest end."""
        for part in self.parts:
            if moment <= part.end:
                inside = max(0, moment - part.begin) / (part.end - part.begin)
                return round(part.left + inside * part.width, 3)
        return _HUNDRED

    def stretch(self, state: str, span: Span) -> Stretch:
        """A span as it is drawn."""
        left = self.at(span[0])
        return Stretch(state=state, left=left, width=round(max(self.at(span[1]) - left, 0.0), 3))


def _shares(lengths: Sequence[int], room: float) -> list[float]:
    """Widths by length, none too narrow to be read."""
    least = min(_LEAST_WIDTH, room / len(lengths))
    spare, whole = room - least * len(lengths), sum(lengths)
    return [round(least + spare * length / whole, 3) for length in lengths]


def _ticks(begin: int, end: int, left: float, width: float, zone: tzinfo) -> Iterable[tuple[float, str]]:
    fitting = (s for s in _STEPS_S if s * _SECOND_MS / (end - begin) * width >= _TICK_WIDTH)
    step = next(fitting, _STEPS_S[-1]) * _SECOND_MS
    offset = datetime.fromtimestamp(begin / _SECOND_MS, zone).utcoffset()
    shift = 0 if offset is None else int(offset.total_seconds()) * _SECOND_MS
    at = -(-(begin + shift) // step) * step - shift
    form = "%H:%M" if step >= _MINUTE_S * _SECOND_MS else "%H:%M:%S"
    while at < end:
        there = datetime.fromtimestamp(at / _SECOND_MS, zone)
        yield round(left + (at - begin) / (end - begin) * width, 3), f"{there:{form}}"
        at += step


def _lanes(
    drawn: Sequence[Shot], axis: Axis, shown: Sequence[str], top: int, zone: tzinfo
) -> tuple[Lane, ...]:
    """A lane a recorder, that of the clip on the screen first, the others by their first clip."""
    by_recorder: dict[str, list[Shot]] = {}
    for one in sorted(drawn, key=lambda shot: (shot.begin or 0, shot.acquisition)):
        by_recorder.setdefault(one.recorder, []).append(one)
    lanes = []
    for number, (recorder, theirs) in enumerate(by_recorder.items(), 1):
        blocks = tuple(_block(one, axis, shown, zone) for one in theirs)
        officers = dict.fromkeys(one.officer for one in theirs if one.officer is not None)
        lanes.append(
            Lane(
                number=number,
                recorder=recorder,
                officer="、".join(officers) or None,
                top=top + (number - 1) * ROW_PX,
                blocks=blocks,
            )
        )
    return tuple(lanes)


def _block(shot: Shot, axis: Axis, shown: Sequence[str], zone: tzinfo) -> Block:
    begin, frame = shot.begin, shot.frame()
    assert begin is not None
    assert frame is not None
    end = begin + max(shot.length_ms, 1)
    doubt = shot.doubt_ms
    sure = () if doubt is None else spans.union([(begin + doubt, end - doubt)])
    found = [axis.stretch("doubtful", one) for one in spans.without([frame], sure)]
    found += [axis.stretch("recorded", one) for one in sure]
    for state, low, high in shot.stretches:
        found += [axis.stretch(state, (begin + low, begin + high))]
    marks = [("marked", axis.at(begin))] if shot.is_marked else []
    marks += [] if shot.speech_ms is None else [("speech", axis.at(begin + shot.speech_ms))]
    left = axis.at(begin)
    return Block(
        acquisition=shot.acquisition,
        kind=shot.kind,
        begin=begin,
        length_ms=shot.length_ms,
        left=left,
        width=round(max(axis.at(end) - left, 0.35), 3),
        stretches=tuple(found),
        marks=tuple(marks),
        told=_told(shot, begin, end, zone),
        is_shown=shot.acquisition in shown,
    )


_KINDS = {
    Kind.VIDEO: Text("录像", "film"),
    Kind.AUDIO: Text("录音", "sound"),
    Kind.PHOTO: Text("照片", "photo"),
}


def _told(shot: Shot, begin: int, end: int, zone: tzinfo) -> Text:
    kind = _KINDS.get(shot.kind, Text("文件", "file"))
    when = clock_text(begin, zone)
    if shot.kind is not Kind.PHOTO:
        when = f"{when}–{clock_text(end, zone)}"
    doubt = doubt_text(shot.doubt_ms)
    return Text(
        f"{kind.zh} {shot.recorder} {when}（{doubt.zh}）", f"{kind.en} {shot.recorder} {when} ({doubt.en})"
    )


def doubt_text(doubt_ms: int | None) -> Text:
    """How sure the time of a clip is: ``± 17 s``."""
    if doubt_ms is None:
        return Text("时间不能确定", "its time cannot be told")
    seconds = -(-doubt_ms // _SECOND_MS)
    return Text(f"± {seconds} 秒", f"± {seconds} s")


def clock_text(at: int, zone: tzinfo) -> str:
    """``14:03:17``."""
    return f"{datetime.fromtimestamp(at / _SECOND_MS, zone):%H:%M:%S}"


def _brackets(acts: Sequence[Acted], axis: Axis) -> list[Bracket]:
    """The acts that are drawn, such that overlap in rows of their own; ``top`` counts from the first row."""
    found, ends = [], list[float]()
    for one in sorted(acts, key=lambda acted: acted.bar.begin):
        span = (int(one.bar.begin), int(one.bar.end))
        if not axis.holds(span):
            continue
        drawn = axis.stretch("act", span)
        row = next((i for i, end in enumerate(ends) if end <= drawn.left), len(ends))
        ends[row : row + 1] = [max(drawn.left + drawn.width, drawn.left + 2 * _LEAST_WIDTH)]
        found.append(
            Bracket(
                act=one.bar.act,
                left=drawn.left,
                width=drawn.width,
                top=row * ACT_PX,
                told=one.bar.told,
                tone=drawing.tone(one.bar.sign.colour),
                shape=one.bar.sign.shape,
                stretches=tuple(_strip(one.coverage, span, axis)),
            )
        )
    return found


def _strip(told: Coverage, act: Span, axis: Axis) -> Iterable[Stretch]:
    gaps = tuple((gap.begin_earliest, gap.begin_latest + gap.length) for gap in told.gaps)
    for state, some in (("recorded", told.covered), ("doubtful", told.doubtful), ("gap", gaps)):
        yield from (axis.stretch(state, one) for one in spans.within(some, act))


def _lowered(brackets: Iterable[Bracket]) -> Iterable[Bracket]:
    """Below the hours."""
    return (replace(one, top=one.top + AXIS_PX) for one in brackets)


def _zone_name(zone: tzinfo) -> str:
    return str(datetime.fromtimestamp(0, zone).tzname())

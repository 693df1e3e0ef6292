"""The time line and the track as arithmetic: folds, doubt, rows, scale."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.model import Interval, Kind, Millis
from ingestd.web.lanes import FOLD_MS, PARTS, Axis, Shot, time_line
from ingestd.web.trace import trace_of

CHINA = timezone(timedelta(hours=8))
HOUR = 3_600_000
NOON = 1_795_233_600_000


def shot(name: str, at: int, *, minutes: float = 5, doubt_s: int = 10, recorder: str = "KD01234") -> Shot:
    length = round(minutes * 60_000)
    early, late = Millis(at - doubt_s * 1000), Millis(at + doubt_s * 1000)
    return Shot(
        acquisition=name,
        recorder=recorder,
        officer="104233",
        kind=Kind.VIDEO,
        started=Interval(earliest=early, latest=late, basis="name"),
        ended=Interval(earliest=Millis(early + length), latest=Millis(late + length), basis="name"),
        length_ms=length,
    )


def test_sure_is_solid_and_the_rest_is_doubtful():
    """A clip lies at the middle of what its clock allows; only what holds for every error is solid."""
    line = time_line([shot("a", NOON)], [], ["a"], CHINA)
    (block,) = line.lanes[0].blocks
    assert block.begin == NOON
    states = [one.state for one in sorted(block.stretches, key=lambda one: one.left)]
    assert states == ["doubtful", "recorded", "doubtful"]
    assert "± 10 s" in block.told.en


def test_nothing_sure_of_a_short_clip():
    """Where the doubt is longer than the clip, none of it is solid."""
    line = time_line([shot("a", NOON, minutes=0.1, doubt_s=60)], [], ["a"], CHINA)
    assert {one.state for one in line.lanes[0].blocks[0].stretches} == {"doubtful"}


def test_empty_hours_are_folded_and_what_is_far_is_counted():
    """Seven mornings: five of them are drawn, around the one that is shown; a lane a recorder."""
    shots = [shot(str(day), NOON + day * 24 * HOUR, recorder=f"KD{day % 2}") for day in range(7)]
    line = time_line(shots, [], ["6"], CHINA)
    assert len(line.parts) == PARTS
    assert line.more == 2
    assert [lane.number for lane in line.lanes] == [1, 2]
    assert any(block.is_shown for lane in line.lanes for block in lane.blocks)


def test_a_clip_without_any_time_is_named_and_not_drawn():
    nowhere = Interval(earliest=None, latest=None, basis="none")
    lost = Shot(
        acquisition="x",
        recorder="r",
        officer=None,
        kind=Kind.VIDEO,
        started=nowhere,
        ended=nowhere,
        length_ms=0,
    )
    line = time_line([shot("a", NOON), lost], [], ["a"], CHINA)
    assert line.unplaced == ("x",)
    alone = time_line([lost], [], ["x"], CHINA)
    assert (alone.parts, alone.lanes, alone.unplaced) == (
        (),
        (),
        ("x",),
    )  # no axis: least of all one from 1970


@given(st.lists(st.tuples(st.integers(0, 40 * HOUR), st.integers(1, HOUR)), min_size=1, max_size=20))
def test_time_runs_from_left_to_right(some):
    """Whatever there is: parts in order within the width, moments never run backwards, what is close is one part."""
    spans = [(NOON + begin, NOON + begin + length) for begin, length in some]
    axis = Axis(spans, spans[0], CHINA)
    assert axis.parts[0].left == 0
    assert axis.parts[-1].left + axis.parts[-1].width == pytest.approx(100, abs=0.1)
    for before, after in zip(axis.parts, axis.parts[1:], strict=False):
        assert after.begin - before.end > FOLD_MS
        assert after.left > before.left + before.width
    moments = sorted(at for span in spans for at in span)
    places = [axis.at(at) for at in moments]
    assert places == sorted(places)
    assert axis.holds(spans[0])


def test_a_track_as_a_drawing():
    """North is up, the scale bar is true, speed by its times; without times it is spread evenly."""
    points = [[NOON, 30_000_000, 117_000_000, 50], [NOON + 10_000, 30_001_000, 117_000_000, 80]]
    trace = trace_of({"timed_by": "satellite", "points": points}, 60_000)
    assert trace.points[1].y < trace.points[0].y
    assert trace.points[1].x == trace.points[0].x
    metres = (trace.points[0].y - trace.points[1].y) / (trace.bar_px / trace.bar_m)
    assert metres == pytest.approx(111.3, rel=0.03)
    assert trace.points[1].kmh == 40
    assert (trace.accuracy_m, trace.is_timed) == (8, True)
    bare = trace_of({"timed_by": "recorder", "points": [[None, *one[1:]] for one in points]}, 60_000)
    assert ([one.at_ms for one in bare.points], bare.is_timed) == ([0, 60_000], False)
    assert trace_of(None, 1) is None

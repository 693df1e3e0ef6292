"""What *linkable* means, fixed before any tuning: by the truth one act fits, and no other within what is stated.

An act **fits** a recording (all its segments, as they really belong together) if

- time: the recording's stated time meets the act's stated span. The stated time of a recording is the interval
  of the dockings (first segment's earliest start to last segment's latest end), narrowed to the recorder's own
  clock give or take `CLOCK_MS` unless the clock was reset or contradicted. The act's is its start's earliest to
  its end's latest; an act without an end lasts `OPEN_MS` at most;
- person: who **really** carried the recorder is among the act's officers, whatever card or assignment say.
  So a clip with a wrong or missing assignment is as linkable as any other;
- place: if a segment has a track and the act a place: some point lies within the act's radius and three times
  the point's accuracy.

A clip is **linkable** if it really belongs to an act, that act fits, and no other act does. It is **ambiguous**
if it really belongs to an act and is not linkable. The rest belongs to no act.
"""

from __future__ import annotations

import math
from collections import defaultdict

from ingestd.linking.facts import ActFact, ClipFact
from tests.linking.generator import HOUR, MINUTE, Month

TUNING_SEEDS = (*range(1, 11), *range(101, 121), *range(201, 241))
"""Months that were looked at while the score was made; the later parts were the test months of its earlier forms."""
TEST_SEEDS = tuple(range(241, 261))
"""Months that were not: run once, with the score as committed before."""
CLOCK_MS = 10 * MINUTE
OPEN_MS = 8 * HOUR


def linkable(month: Month) -> frozenset[str]:
    """The clips that should be linked by themselves."""
    recordings: dict[int, list[ClipFact]] = defaultdict(list)
    for clip in month.clips:
        recordings[month.truth[clip.acquisition].recording].append(clip)
    by_officer: dict[str, list[ActFact]] = defaultdict(list)
    for act in month.acts:
        for officer in act.officers:
            by_officer[officer].append(act)
    found: set[str] = set()
    for clips in recordings.values():
        true = month.truth[clips[0].acquisition]
        fitting = [act.act for act in by_officer[true.carrier] if fits(clips, act)]
        if true.act is not None and fitting == [true.act]:
            found.update(clip.acquisition for clip in clips)
    return frozenset(found)


def fits(clips: list[ClipFact], act: ActFact) -> bool:
    """Whether a recording may be of an act, the person apart."""
    low, high = stated(clips)
    begin, end = act.started.earliest, act.ended.latest
    assert begin is not None
    end = begin + OPEN_MS if end is None else end
    return low <= end and begin <= high and _near(clips, act)


def stated(clips: list[ClipFact]) -> tuple[float, float]:
    """When it was recorded, as far as is stated."""
    clips = sorted(clips, key=lambda clip: clip.sequence or 0)
    first, last = clips[0], clips[-1]
    low = -math.inf if first.started.earliest is None else first.started.earliest
    high = math.inf if last.ended.latest is None else last.ended.latest
    if (
        not any(clip.clock_doubtful for clip in clips)
        and first.claimed is not None
        and last.claimed is not None
    ):
        assert last.ended.latest is not None
        assert last.started.latest is not None
        length = last.ended.latest - last.started.latest
        low = max(low, first.claimed - CLOCK_MS)
        high = min(high, last.claimed + length + CLOCK_MS)
    return low, high


def _near(clips: list[ClipFact], act: ActFact) -> bool:
    points = [point for clip in clips if clip.track for point in clip.track.points]
    if not points or act.lat is None or act.lon is None:
        return True
    metres = 111_195.0
    return any(
        math.hypot((p.lat - act.lat) * metres, (p.lon - act.lon) * metres * math.cos(math.radians(act.lat)))
        <= act.radius_m + 3 * p.accuracy_m
        for p in points
    )

"""Clips of a docking as recordings: segments joined, and when each can have been made. PURE.

The time of a recording is its clock's reading less the clock's error: ``clock_start - error``. The error lies
between bounds that the dockings, the satellites and the usual drift set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ingestd.linking.facts import ClipFact, Decision, OfficerClaim, TrackPoint
from ingestd.linking.weights import (
    CLOCK_MS,
    OPEN_MS,
    REACH_MS,
    SATELLITE_SLACK_MS,
    TURNS_MS,
    UNBOUNDED_MS,
    WIDE_MS,
)
from ingestd.model import AcquisitionId, Interval, RecorderId, SessionId, length_between

JOIN_MS = 3_000
"""A file with the next number that begins so soon after the end of another goes on with its recording."""


class DockingKey(NamedTuple):
    """One docking of one recorder: what is weighed together."""

    recorder: RecorderId
    session: SessionId

    @classmethod
    def of(cls, clip: ClipFact) -> DockingKey:
        """The docking that brought a clip."""
        return cls(clip.recorder, clip.session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Segments that belong together, in order."""

    clips: tuple[ClipFact, ...]
    clock_start: int
    clock_end: int
    error: tuple[int, int]
    """Smallest and largest error of the clock, milliseconds."""
    shares_clock: bool
    """Its clock is that of the docking's other recordings: not reset, and telling a time."""
    officers: tuple[OfficerClaim, ...]
    """Claims that may hold at its time."""
    unit: str | None
    codes: tuple[str, ...]
    notes: tuple[str, ...]
    points: tuple[TrackPoint, ...]

    @property
    def window(self) -> tuple[int, int]:
        """True time in which it can lie."""
        return self.clock_start - self.error[1], self.clock_end - self.error[0]

    @property
    def begins(self) -> tuple[int, int]:
        """True time in which it can begin."""
        return self.clock_start - self.error[1], self.clock_start - self.error[0]

    @property
    def is_wide(self) -> bool:
        """Whether its time tells nearly nothing."""
        return self.error[1] - self.error[0] > WIDE_MS

    @property
    def length(self) -> int:
        return self.clock_end - self.clock_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which acts can matter to a docking: those that meet a window, and those that are named."""

    windows: tuple[tuple[int, int], ...]
    cases: frozenset[str]
    acts: frozenset[str]

    def has(self, act: str, case: str, span: tuple[int, int] | None) -> bool:
        """Whether an act can matter."""
        if act in self.acts or case in self.cases:
            return True
        return span is not None and any(low <= span[1] and span[0] <= high for low, high in self.windows)


def by_docking(clips: Iterable[ClipFact]) -> dict[DockingKey, tuple[ClipFact, ...]]:
    """Clips of each docking, in an order that does not depend on the order given."""
    found: dict[DockingKey, list[ClipFact]] = {}
    for clip in clips:
        found.setdefault(DockingKey.of(clip), []).append(clip)
    return {key: tuple(sorted(found[key], key=lambda clip: clip.acquisition)) for key in sorted(found)}


def act_span(started: Interval, ended: Interval) -> tuple[int, int] | None:
    """The time that an act may take; None where nothing is told."""
    low: int | None = started.earliest
    high: int | None = ended.latest
    if low is None:
        low = started.latest if started.latest is not None else ended.earliest
    if low is None and high is not None:
        low = high - OPEN_MS
    if low is None:
        return None
    return low, low + OPEN_MS if high is None else max(low, high)


def reach_of(recordings: Iterable[Recording], decisions: Iterable[Decision]) -> Reach:
    """What acts can matter to these recordings."""
    recordings = tuple(recordings)
    merged: list[tuple[int, int]] = []
    windows = [
        (r.window[0] + turn - REACH_MS, r.window[1] + turn + REACH_MS)
        for r in recordings
        for turn in ((0,) if r.is_wide else (0, *TURNS_MS))
    ]
    for low, high in sorted(windows):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Reach(
        windows=tuple(merged),
        cases=frozenset(case for r in recordings for case in (*r.codes, *r.notes)),
        acts=frozenset(one.act for one in decisions if one.act is not None),
    )


def recordings_of(clips: Sequence[ClipFact]) -> tuple[Recording, ...]:
    """The recordings of one docking."""
    return tuple(_recording(group) for group in _joined(clips))


def _joined(clips: Sequence[ClipFact]) -> list[list[ClipFact]]:
    """Clips by recording: as told, and where a file goes on with the one before it."""
    leader: dict[AcquisitionId, AcquisitionId] = {clip.acquisition: clip.acquisition for clip in clips}

    def find(one: AcquisitionId) -> AcquisitionId:
        while leader[one] != one:
            one = leader[one]
        return one

    for clip in clips:
        for other in (clip.previous, clip.following):
            if other in leader:
                leader[find(clip.acquisition)] = find(other)
    numbered = sorted((c for c in clips if c.sequence is not None), key=lambda c: (c.sequence, c.acquisition))
    for before, after in pairwise(numbered):
        if _goes_on(before, after):
            leader[find(after.acquisition)] = find(before.acquisition)
    groups: dict[AcquisitionId, list[ClipFact]] = {}
    for clip in sorted(clips, key=_order):
        groups.setdefault(find(clip.acquisition), []).append(clip)
    return sorted(groups.values(), key=lambda group: group[0].acquisition)


def _order(clip: ClipFact) -> tuple[int, int, str]:
    when = clip.claimed if clip.claimed is not None else clip.started.latest
    return when or 0, clip.sequence or 0, clip.acquisition


def _goes_on(before: ClipFact, after: ClipFact) -> bool:
    if before.sequence is None or after.sequence != before.sequence + 1:
        return False
    if before.claimed is None or after.claimed is None:
        return False
    length = length_of(before)
    return length > 0 and abs(before.claimed + length - after.claimed) <= JOIN_MS


def length_of(clip: ClipFact) -> int:
    """How long a clip is, as far as its bounds tell."""
    return length_between(clip.started, clip.ended) or 0


def _recording(clips: list[ClipFact]) -> Recording:
    first, last = clips[0], clips[-1]
    told = not any(clip.claimed is None for clip in clips)
    start = _clock(first, told=told)
    end = max(_clock(last, told=told) + length_of(last), start)
    sure = told and not any(clip.clock_doubtful for clip in clips)
    error = _error(clips, told=told, sure=sure)
    window = start - error[1], end - error[0]
    return Recording(
        clips=tuple(clips),
        clock_start=start,
        clock_end=end,
        error=error,
        shares_clock=sure,
        officers=_claims(clips, window),
        unit=first.unit,
        codes=tuple(sorted({code for clip in clips for code in clip.codes})),
        notes=tuple(sorted({clip.note for clip in clips if clip.note})),
        points=tuple(point for clip in clips if clip.track for point in clip.track.points),
    )


def _clock(clip: ClipFact, *, told: bool) -> int:
    """The clock's reading at the clip's start; where it tells none, the latest possible start stands for it."""
    if told and clip.claimed is not None:
        return clip.claimed
    return next(
        (at for at in (clip.started.latest, clip.ended.latest, clip.started.earliest) if at is not None), 0
    )


def _error(clips: list[ClipFact], *, told: bool, sure: bool) -> tuple[int, int]:
    """Bounds of the clock's error that all segments share."""
    bounds = [_by_docking(clip, told=told) for clip in clips]
    low, high = max(one[0] for one in bounds), min(one[1] for one in bounds)
    if low > high:  # its segments contradict each other
        low, high = min(one[0] for one in bounds), max(one[1] for one in bounds)
    if sure and low <= CLOCK_MS and high >= -CLOCK_MS:  # else it runs worse than usual: the dockings tell
        low, high = max(low, -CLOCK_MS), min(high, CLOCK_MS)
    close = [(low, high), *(true for clip in clips if (true := _by_satellites(clip, told=told)))]
    near = max(one[0] for one in close), min(one[1] for one in close)
    return near if near[0] <= near[1] else (low, high)


def _by_docking(clip: ClipFact, *, told: bool) -> tuple[int, int]:
    """The error by the interval that the dockings give."""
    at = _clock(clip, told=told)
    latest = at if clip.started.latest is None else clip.started.latest
    earliest = latest - UNBOUNDED_MS if clip.started.earliest is None else clip.started.earliest
    return at - latest, at - min(earliest, latest)


def _by_satellites(clip: ClipFact, *, told: bool) -> tuple[int, int] | None:
    """The error by a track with true times: the clip began before its first point and ended after its last."""
    if clip.track is None or clip.track.timed_by != "satellite":
        return None
    times = [point.at for point in clip.track.points if point.at is not None]
    if not times:
        return None
    at = _clock(clip, told=told)
    spare = max(length_of(clip) - (max(times) - min(times)), 0)
    return at - min(times) - SATELLITE_SLACK_MS, at - min(times) + spare + SATELLITE_SLACK_MS


def _claims(clips: list[ClipFact], window: tuple[int, int]) -> tuple[OfficerClaim, ...]:
    found = {
        claim
        for clip in clips
        for claim in clip.officers
        if (claim.since is None or claim.since <= window[1])
        and (claim.until is None or window[0] < claim.until)
    }
    return tuple(sorted(found, key=lambda c: (c.basis, c.officer, c.since or 0, c.until or 0)))

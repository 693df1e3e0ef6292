"""Clips, acts and decisions in; proposals out: in full, by docking, and for what a change can touch. PURE.

A docking is weighed on its own, from its clips, the acts within its `Reach` and the decisions on its clips, and
from nothing else. That is what makes re-linking exact: a change touches the dockings that bring the clip, or in
whose reach the act was or is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingestd.linking.facts import ActFact, Candidate, ClipFact, Decision, Proposal
from ingestd.linking.recordings import (
    DockingKey,
    Reach,
    Recording,
    act_span,
    by_docking,
    reach_of,
    recordings_of,
)
from ingestd.linking.verdicts import Verdict, verdicts
from ingestd.linking.weigh import weigh
from ingestd.linking.weights import DAY_MS, DECIDED, HOUR_MS, MARGIN, MARGIN_NONE
from ingestd.model import AcquisitionId
from ingestd.words import Text

LONG_MS = 3 * DAY_MS
"""Acts with longer stated spans are kept in a list of their own: a wrong year is not spread over all hours."""

_WINS = Text(
    "明显优于其他可能: 比次优 {second}, 比不属于任何行为 {none}",
    "it clearly wins: over the second {second}, over no act {none}",
)
_TIMES = Text("可能 {factor} 倍以上", "{factor} times likelier or more")
_ALONE = Text("(无其他候选)", "(there is none)")
_QUEUED_SECOND = Text("前两项候选相差不足, 需由人员选择", "the first two candidates are too close: a person chooses")
_QUEUED_NONE = Text("证据不足以排除不属于任何行为, 需由人员确认", "it may be of no act at all: a person confirms")
_QUEUED_TIME = Text(
    "所述时间互不相符, 需由人员确认: 行为或记录仪的时间可能有误",
    "the stated times exclude it, though other facts speak for it: the act's or the recorder's may be wrong",
)
_QUEUED_EMPTY = Text("没有任何执法行为与之相符", "no act fits it")
_QUEUED_SPLIT = Text("人员对同一录制的各段作了不同决定", "people decided differently for segments of its recording")
_DECIDED = Text("由人员决定", "decided by a person")
_DECIDED_MANY = Text("由人员关联到多项行为: {acts}", "people linked it to several acts: {acts}")
_FOLLOWS = Text("同一录制的另一段已由人员决定", "a person decided another segment of the recording")
_AGAINST = Text(
    "{decided}; 与证据不符: 其他证据更支持 {other}", "{decided}; the facts contradict it: they speak for {other}"
)
_NO_ACT = Text("不属于任何行为", "no act")


@dataclass(frozen=True, slots=True)
class ActIndex:
    """Acts by hour, by case and by id: what lies in a reach is found without looking at all of them."""

    acts: Mapping[str, ActFact]
    by_hour: Mapping[int, tuple[str, ...]]
    by_case: Mapping[str, tuple[str, ...]]
    long: tuple[str, ...]

    @classmethod
    def of(cls, acts: Iterable[ActFact]) -> ActIndex:
        """An index of these acts."""
        found = {act.act: act for act in acts}
        hours: dict[int, list[str]] = {}
        cases: dict[str, list[str]] = {}
        long: list[str] = []
        for name, act in found.items():
            cases.setdefault(act.case, []).append(name)
            span = act_span(act.started, act.ended)
            if span is not None and span[1] - span[0] > LONG_MS:
                long.append(name)
            elif span is not None:
                for hour in range(span[0] // HOUR_MS, span[1] // HOUR_MS + 1):
                    hours.setdefault(hour, []).append(name)
        return cls(
            found,
            {hour: tuple(names) for hour, names in hours.items()},
            {case: tuple(names) for case, names in cases.items()},
            tuple(long),
        )

    def within(self, reach: Reach) -> tuple[ActFact, ...]:
        """The acts that can matter, by id."""
        names = {*reach.acts, *self.long}
        for case in reach.cases:
            names.update(self.by_case.get(case, ()))
        for low, high in reach.windows:
            for hour in range(low // HOUR_MS, high // HOUR_MS + 1):
                names.update(self.by_hour.get(hour, ()))
        acts = (self.acts[name] for name in sorted(names) if name in self.acts)
        return tuple(act for act in acts if is_in(act, reach))


def is_in(act: ActFact, reach: Reach) -> bool:
    """Whether an act can matter to a docking of this reach."""
    return reach.has(act.act, act.case, act_span(act.started, act.ended))


def reach(clips: Sequence[ClipFact], decisions: Iterable[Decision] = ()) -> Reach:
    """Which acts can matter to the clips of one docking: to ask a database for no others."""
    names = {clip.acquisition for clip in clips}
    return reach_of(recordings_of(clips), (one for one in decisions if one.acquisition in names))


def link(
    clips: Iterable[ClipFact], acts: Iterable[ActFact], decisions: Iterable[Decision] = ()
) -> tuple[Proposal, ...]:
    """Proposals for all clips, by acquisition."""
    index = ActIndex.of(acts)
    decided = _by_clip(decisions)
    found: list[Proposal] = []
    for docking in by_docking(clips).values():
        found.extend(_docking(docking, index, decided))
    return tuple(sorted(found, key=lambda one: one.acquisition))


def propose(
    clips: Sequence[ClipFact], acts: Iterable[ActFact], decisions: Iterable[Decision] = ()
) -> tuple[Proposal, ...]:
    """Proposals for all clips of one docking; acts beyond its reach change nothing."""
    return tuple(
        sorted(_docking(clips, ActIndex.of(acts), _by_clip(decisions)), key=lambda one: one.acquisition)
    )


def touched_by_clips(changed: Iterable[ClipFact]) -> frozenset[DockingKey]:
    """Dockings to be weighed anew when these clips came, went or changed (before and after, where both are)."""
    return frozenset(DockingKey(clip.recorder, clip.session) for clip in changed)


def touched_by_acts(
    changed: Iterable[ActFact], reaches: Mapping[DockingKey, Reach]
) -> frozenset[DockingKey]:
    """Dockings to be weighed anew when these acts came, went or changed (before and after, where both are)."""
    changed = tuple(changed)
    return frozenset(key for key, one in reaches.items() if any(is_in(act, one) for act in changed))


def _by_clip(decisions: Iterable[Decision]) -> dict[AcquisitionId, list[Decision]]:
    found: dict[AcquisitionId, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.acquisition, []).append(one)
    return found


def _docking(
    clips: Sequence[ClipFact], index: ActIndex, decided: Mapping[AcquisitionId, Sequence[Decision]]
) -> list[Proposal]:
    clips = sorted(clips, key=lambda clip: clip.acquisition)
    recordings = recordings_of(clips)
    theirs = [one for clip in clips for one in decided.get(clip.acquisition, ())]
    by_recording = verdicts(recordings, theirs)
    acts = index.within(reach_of(recordings, theirs))
    return [
        proposal
        for recording, candidates, none in weigh(recordings, acts, by_recording)
        for proposal in _proposals(recording, candidates, none, by_recording[recording])
    ]


def _proposals(
    recording: Recording, candidates: tuple[Candidate, ...], none: Candidate, verdict: Verdict
) -> Iterable[Proposal]:
    segments = tuple(clip.acquisition for clip in recording.clips)
    winner, why = _judge(candidates, none, verdict)
    for acquisition in segments:
        theirs = verdict.of(acquisition)
        mine, reason = winner, why
        if len(theirs) > 1:
            mine, reason = None, _DECIDED_MANY.format(acts=", ".join(act or _NO_ACT.en for act in theirs))
        elif theirs:
            mine, reason = theirs[0], _decided(theirs[0], candidates, none, _DECIDED)
        yield Proposal(
            acquisition=acquisition,
            recording=segments,
            winner=mine,
            decided=bool(theirs),
            candidates=candidates,
            none=none,
            why=reason,
        )


def _judge(
    candidates: tuple[Candidate, ...], none: Candidate, verdict: Verdict
) -> tuple[str | None, Text]:
    """The answer for segments of which nobody decided."""
    if verdict.is_split:
        return None, _QUEUED_SPLIT
    if verdict.act is not None or verdict.is_none:
        return verdict.act, _decided(verdict.act, candidates, none, _FOLLOWS)
    open_to = [one for one in candidates if one.act not in verdict.refused]
    if not open_to:
        return None, _QUEUED_EMPTY
    best, second = open_to[0], open_to[1] if len(open_to) > 1 else None
    if best.score - none.score < MARGIN_NONE:
        return None, _QUEUED_NONE
    if not best.is_possible:
        return None, _QUEUED_TIME
    if second is not None and best.score - second.score < MARGIN:
        return None, _QUEUED_SECOND
    over = _ALONE if second is None else _factor(best.score - second.score)
    return best.act, _WINS.format(second=over, none=_factor(best.score - none.score))


def _factor(margin: float) -> Text:
    """A margin of scores as a number for people, in powers of ten."""
    return _TIMES.format(factor=10 ** min(int(margin / 2.302585), 9))


def _decided(
    act: str | None, candidates: tuple[Candidate, ...], none: Candidate, decided: Text
) -> Text:
    """Why it stands, and what the facts say against it."""

    def by_facts(one: Candidate) -> float:
        return sum(reason.weight for reason in one.reasons if abs(reason.weight) < DECIDED)

    best = max((none, *candidates), key=lambda one: (by_facts(one), one.act or ""))
    mine = next((one for one in (none, *candidates) if one.act == act), None)
    if best.act == act or (mine is not None and by_facts(best) - by_facts(mine) < MARGIN):
        return decided
    return _AGAINST.format(decided=decided, other=best.act or _NO_ACT)

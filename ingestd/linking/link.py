"""Clips, acts and decisions in; proposals out: everything at once, or only what a change can touch. PURE.

A docking is weighed in three steps: by its own clips, the acts within its `Reach` and the decisions on its
clips; then with what the recorder's other dockings told of its clock in their first step (`clocks.ClockWord`);
then with what other recorders' recordings say of the same acts, as they stand after their second step
(`elsewhere.Stand`). So a change reaches the dockings that bring the clip or have the act in reach, the same
recorder's if the clock's word changes, and those that may be of an act of which these now say something
else: no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingestd.linking import judge, weigh
from ingestd.linking.act_index import ActIndex, is_in
from ingestd.linking.clocks import ClockWord
from ingestd.linking.elsewhere import Stand, by_act
from ingestd.linking.facts import ActFact, ClipFact, Decision, Proposal
from ingestd.linking.options import Weighing
from ingestd.linking.recordings import DockingKey, Reach, by_docking, reach_of, recordings_of
from ingestd.linking.verdicts import verdicts
from ingestd.model import AcquisitionId, RecorderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Everything linked, with what re-linking needs. Nothing in it is changed: `relink` makes another."""

    dockings: Mapping[DockingKey, tuple[ClipFact, ...]]
    acts: ActIndex
    decisions: Mapping[AcquisitionId, tuple[Decision, ...]]
    reaches: Mapping[DockingKey, Reach]
    heeds: Mapping[DockingKey, frozenset[str]]
    """Acts that a docking's recordings may be of: of these it hears what others say."""
    clocks: Mapping[DockingKey, ClockWord]
    stands: Mapping[DockingKey, tuple[Stand, ...]]
    proposals: Mapping[DockingKey, tuple[Proposal, ...]]

    def all(self) -> tuple[Proposal, ...]:
        """Every clip's proposal, by acquisition."""
        found = (one for proposals in self.proposals.values() for one in proposals)
        return tuple(sorted(found, key=lambda one: one.acquisition))


def link(clips: Iterable[ClipFact], acts: Iterable[ActFact], decisions: Iterable[Decision] = ()) -> Linked:
    """Everything at once."""
    decided: dict[AcquisitionId, list[Decision]] = {}
    for one in decisions:
        decided.setdefault(one.acquisition, []).append(one)
    dockings = by_docking(clips)
    state = Linked(
        dockings=dockings,
        acts=ActIndex.of(acts),
        decisions={key: tuple(theirs) for key, theirs in decided.items()},
        reaches={},
        heeds={},
        clocks={},
        stands={},
        proposals={},
    )
    return _settled(state, frozenset(dockings))[0]


def relink(
    linked: Linked,
    *,
    clips: Iterable[ClipFact] = (),
    clips_gone: Iterable[ClipFact] = (),
    acts: Iterable[ActFact] = (),
    acts_gone: Iterable[str] = (),
    decisions: Mapping[AcquisitionId, tuple[Decision, ...]] | None = None,
) -> tuple[Linked, frozenset[DockingKey]]:
    """What `link` would make of everything after a change, by weighing only the dockings that it can touch.

    ``clips`` and ``acts`` are new or changed, ``clips_gone`` are as they were; ``decisions`` holds all that now
    stand, by clip. Also returned: the dockings whose proposals were made anew.
    """
    dockings, decided = dict(linked.dockings), dict(linked.decisions)
    touched: set[DockingKey] = set()
    for clip in clips_gone:
        touched.add(_put(dockings, clip, gone=True))
    for clip in clips:
        touched.add(_put(dockings, clip, gone=False))
    if decisions:
        decided.update(decisions)
        touched |= {key for key, those in dockings.items() if any(c.acquisition in decisions for c in those)}
    acts, gone = tuple(acts), frozenset(acts_gone)
    names = sorted({*gone, *(act.act for act in acts)})
    before = [linked.acts.acts[name] for name in names if name in linked.acts.acts]
    touched |= touched_by_acts([*before, *acts], linked.reaches)
    index = linked.acts.changed(acts, gone) if names else linked.acts
    return _settled(replace(linked, dockings=dockings, acts=index, decisions=decided), frozenset(touched))


def touched_by_acts(changed: Sequence[ActFact], reaches: Mapping[DockingKey, Reach]) -> frozenset[DockingKey]:
    """Dockings that have one of these acts in reach (give them as before and as after, where both are)."""
    if not changed:
        return frozenset()
    return frozenset(key for key, one in reaches.items() if any(is_in(act, one) for act in changed))


def _put(dockings: dict[DockingKey, tuple[ClipFact, ...]], clip: ClipFact, *, gone: bool) -> DockingKey:
    """Put one clip in or out."""
    key = DockingKey.of(clip)
    rest = [one for one in dockings.get(key, ()) if one.acquisition != clip.acquisition]
    dockings[key] = tuple(sorted(rest if gone else [*rest, clip], key=lambda one: one.acquisition))
    if not dockings[key]:
        del dockings[key]
    return key


def _settled(state: Linked, touched: frozenset[DockingKey]) -> tuple[Linked, frozenset[DockingKey]]:
    """Weigh the touched anew, then whoever hears something else of them than before."""
    reaches, heeds, clocks = dict(state.reaches), dict(state.heeds), dict(state.clocks)
    stands, proposals = dict(state.stands), dict(state.proposals)
    for key in touched:
        for each in (reaches, heeds, clocks, proposals):
            each.pop(key, None)
    weighed: dict[DockingKey, tuple[Weighing, ...]] = {}
    for key in sorted(touched & state.dockings.keys()):
        reaches[key], weighed[key] = _weighed(state, key)
        heeds[key] = frozenset(option.act.act for one in weighed[key] for option in one.options)
        if (word := weigh.clock_word(weighed[key])) is not None:
            clocks[key] = word
    others: dict[RecorderId, list[DockingKey]] = {}
    for key in sorted(reaches):
        others.setdefault(key.recorder, []).append(key)
    told = {key.recorder for key in touched if clocks.get(key) != state.clocks.get(key)}
    dated = touched | {key for recorder in told for key in others.get(recorder, ())}
    for key in sorted(dated):
        stands.pop(key, None)
        if key in state.dockings:
            weighed[key] = weighed[key] if key in weighed else _weighed(state, key)[1]
            weigh.settle(weighed[key], _words(key, others, clocks))
            stands[key] = weigh.stands(weighed[key])
    said = Counter(one for key in dated for one in state.stands.get(key, ()))
    says = Counter(one for key in dated for one in stands.get(key, ()))
    acts = {one.act for one in (said - says) + (says - said)}  # counted: two recordings may say the same
    hearing = dated | {key for key, mine in heeds.items() if not acts.isdisjoint(mine)}
    heard = by_act(one for key in stands for one in stands[key])
    for key in sorted(hearing & state.dockings.keys()):
        if key not in weighed:
            weighed[key] = _weighed(state, key)[1]
            weigh.settle(weighed[key], _words(key, others, clocks))
        proposals[key] = _proposed(weighed[key], heard)
    done = replace(state, reaches=reaches, heeds=heeds, clocks=clocks, stands=stands, proposals=proposals)
    return done, frozenset(hearing)


def _proposed(weighings: Sequence[Weighing], heard: Mapping[str, Sequence[Stand]]) -> tuple[Proposal, ...]:
    """One docking's proposals."""
    return tuple(
        proposal
        for one in weighings
        for proposal in judge.proposals(one.recording, *weigh.candidates(one, weighings, heard), one.verdict)
    )


def _words(
    key: DockingKey, others: Mapping[RecorderId, Sequence[DockingKey]], clocks: Mapping[DockingKey, ClockWord]
) -> list[ClockWord]:
    """What the recorder's other dockings told of its clock."""
    return [clocks[other] for other in others.get(key.recorder, ()) if other != key and other in clocks]


def _weighed(state: Linked, key: DockingKey) -> tuple[Reach, tuple[Weighing, ...]]:
    clips = state.dockings[key]
    recordings = recordings_of(clips)
    theirs = [one for clip in clips for one in state.decisions.get(clip.acquisition, ())]
    reach = reach_of(recordings, theirs)
    return reach, weigh.weigh(recordings, state.acts.within(reach), verdicts(recordings, theirs))

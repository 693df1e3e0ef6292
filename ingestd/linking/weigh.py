"""The recordings of one docking weighed together: one clock, mostly one carrier. PURE.

Each recording is first weighed alone; what it then tells of the docking's clock error and of the carrier is
handed to the other recordings, never back to itself. So a recording with a track or a case number dates its
silent neighbours, and names their carrier. The score of an act is the sum of its reasons: the time term is
what the errors still possible say of the act's span, the officer term what is believed of the carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log

from ingestd.linking import clocks, elsewhere, evidence, holders, sequence, time_fit
from ingestd.linking.clocks import ClockWord, with_width
from ingestd.linking.elsewhere import Stand
from ingestd.linking.facts import ActFact, Candidate, OfficerClaim, Reason
from ingestd.linking.options import SMALLEST, Option, Weighing
from ingestd.linking.recordings import DockingKey, Recording
from ingestd.linking.time_fit import Timed
from ingestd.linking.verdicts import Verdict
from ingestd.linking.weights import CLOCK_MS, DECIDED, FLOOR, LEAST, SHOWN
from ingestd.words import Text

_DECIDED = Text("由人员决定属于此行为", "a person decided that it belongs to this act")
_DECIDED_NONE = Text("由人员决定不属于任何执法行为", "a person decided that it belongs to no act")
_UNLINKED = Text("由人员决定不属于此行为", "a person decided that it does not belong to this act")
_BETTER_CLOCK = Text(
    "{time}; 时钟偏差由该记录仪的其他录制限定",
    "{time}; other recordings of the recorder bound the clock error",
)
DATED = 0.7
"""Others make a clock's error clearer, where it leaves so much of the possible."""


def weigh(
    recordings: Sequence[Recording], acts: Sequence[ActFact], verdicts: Mapping[Recording, Verdict]
) -> tuple[Weighing, ...]:
    """The recordings of a docking, weighed by what the docking itself tells."""
    acts = sorted(acts, key=lambda act: act.act)
    spans = [(act, time_fit.timed(act)) for act in acts]
    shared = [one for one in recordings if one.shares_clock]
    low = min((one.error[0] for one in shared), default=-CLOCK_MS)
    high = max((one.error[1] for one in shared), default=CLOCK_MS)
    grid = time_fit.errors(low, high)
    named = frozenset(case for one in recordings for case in (*one.codes, *one.notes))
    weighings = [_weighing(one, spans, verdicts[one], grid, named) for one in recordings]
    _tell_clock([one for one in weighings if one.recording.shares_clock])
    return tuple(weighings)


def clock_word(weighings: Sequence[Weighing]) -> ClockWord | None:
    """What a docking tells of its recorder's clock; None where its clips share none."""
    shared = [one for one in weighings if one.recording.shares_clock]
    if not shared:
        return None
    total = [sum(column) for column in zip(*(one.told for one in shared), strict=True)]
    top = max(total)
    weights = [exp(value - top) for value in total]
    grid = shared[0].grid
    return ClockWord(
        at=max(one.recording.clock_end for one in shared),
        errors=grid,
        weights=with_width(grid, weights, 2 * CLOCK_MS),
    )


def settle(weighings: Sequence[Weighing], words: Sequence[ClockWord]) -> None:
    """Finish the weighing, with what other dockings of the recorder told of its clock."""
    _share_clock([one for one in weighings if one.recording.shares_clock], words)
    for one in weighings:
        for option in one.options:
            option.whole, option.part, option.aside = (
                sum(chance * fit for chance, fit in zip(one.clock, by_error, strict=True))
                for by_error in zip(*option.fits, strict=True)
            )
    _share_holder(weighings)
    for one in weighings:
        one.shares = one.share_out()
    for one in weighings:
        one.add_to_none(evidence.on_the_way(one.options, sequence.filmed_beside(one, weighings)))
    sequence.hear_neighbours(weighings)


def stands(weighings: Sequence[Weighing]) -> tuple[Stand, ...]:
    """What a docking's recordings say of the acts that they may be of, for other dockings to hear."""
    return tuple(
        Stand(
            docking=DockingKey.of(one.recording.clips[0]),
            act=option.act.act,
            probability=round(chance, 3),
            carriers=holders.carriers(option.act, option.belief),
        )
        for one in weighings
        for option in one.options
        if (chance := one.shares.get(option.act.act, 0.0)) >= LEAST
    )


def candidates(
    one: Weighing, weighings: Sequence[Weighing], others: Mapping[str, Sequence[Stand]]
) -> tuple[tuple[Candidate, ...], Candidate]:
    """Acts by score, best first, and no act, with what other recorders filmed."""
    docking = DockingKey.of(one.recording.clips[0])
    filmed = sequence.filmed_beside(one, weighings)
    for option in one.options:
        heard = elsewhere.reason(
            [stand for stand in others.get(option.act.act, ()) if _tells(stand, docking, one, option)],
            dict(holders.carriers(option.act, option.belief)),
            filmed=filmed[option.act.act],
            is_busy=one.is_busy(option),
        )
        option.add(heard)
    return _candidates(one)


def _tells(stand: Stand, docking: DockingKey, one: Weighing, option: Option) -> bool:
    """Whether another docking explains an act: another recorder's; this one's, for an act of another day."""
    if stand.docking.recorder != docking.recorder:
        return True
    is_apart = option.timed is not None and not time_fit.is_near(one.recording, option.timed)
    return is_apart and stand.docking != docking


def _weighing(
    recording: Recording,
    spans: Sequence[tuple[ActFact, Timed | None]],
    verdict: Verdict,
    shared: tuple[float, ...],
    named: frozenset[str],
) -> Weighing:
    grid = shared if recording.shares_clock else time_fit.errors(*recording.error)
    stated = holders.stated(recording.officers, recording.begins)
    said = {*recording.codes, *recording.notes}
    officers_of = {
        case: frozenset(officer for act, _ in spans if act.case == case for officer in act.officers)
        for case in sorted(said)
    }
    options = [
        _option(recording, act, span, grid=grid, stated=stated, officers_of=officers_of)
        for act, span in spans
        if act.act in verdict.named or _is_worth(recording, act, span, named)
    ]
    _place_teams(options)
    none = evidence.of_none(recording)
    return Weighing(
        recording=recording,
        verdict=verdict,
        grid=grid,
        stated=stated,
        options=options,
        none=none,
        base_none=exp(sum(reason.weight for reason in none)),
        clock=_own_clock(recording, grid),
    )


def _is_worth(recording: Recording, act: ActFact, span: Timed | None, named: frozenset[str]) -> bool:
    """Whether an act is looked at: its case is named in the docking, or it is near in time and not elsewhere.

    Where time tells nearly nothing, its unit alone is not enough: officers or place must speak for it. On another
    day, or in the other half of the day, those of its officers are looked at: times are mistaken so.
    """
    if act.case in named:
        return True
    if span is None:
        return False
    if not time_fit.is_near(recording, span):
        return time_fit.is_turned(recording, span) and _names(recording, act)
    if not recording.is_wide and (recording.unit is None or not act.units or recording.unit in act.units):
        return True
    if _names(recording, act):
        return True
    near = evidence.place(recording, act)
    return near is not None and near.weight > 0


def _names(recording: Recording, act: ActFact) -> bool:
    return any(claim.officer in act.officers for claim in recording.officers)


def _option(
    recording: Recording,
    act: ActFact,
    span: Timed | None,
    *,
    grid: Sequence[float],
    stated: holders.Belief,
    officers_of: Mapping[str, frozenset[str]],
) -> Option:
    return Option(
        act=act,
        timed=span,
        reasons=evidence.of_act(recording, act, officers_of),
        fits=time_fit.fits(recording, span, grid),
        officer=holders.fit(act, stated),
    )


def _place_teams(options: Sequence[Option]) -> None:
    """Acts without a place are where their officers' other acts are, perhaps."""
    placed = [
        (option.act, reason) for option in options for reason in option.reasons if reason.what == "place"
    ]
    for option in options:
        if placed and (option.act.lat is None or option.act.lon is None):
            near = evidence.same_team(placed, option.act)
            option.reasons.extend([] if near is None else [near])
        option.base = exp(sum(reason.weight for reason in option.reasons))


def _own_clock(recording: Recording, grid: Sequence[float]) -> list[float]:
    """Its own bounds on the clock's error, over the docking's errors."""
    step = (grid[-1] - grid[0]) / max(len(grid) - 1, 1) / 2
    low, high = recording.error[0] - step - 1, recording.error[1] + step + 1
    own = [1.0 if low <= error <= high else SMALLEST for error in grid]
    return [one / sum(own) for one in own]


def _tell_clock(weighings: Sequence[Weighing]) -> None:
    """What each recording tells of the docking's clock."""
    for one in weighings:
        answers, none = one.weights((option, option.base * option.officer) for option in one.options)
        by_error = [
            own
            * (none + sum(weight * (option.fits[at][0] + option.fits[at][1]) for option, weight in answers))
            for at, own in enumerate(one.clock)
        ]
        mean = sum(by_error) / len(by_error)
        one.told = [log((1 - FLOOR) * value / mean + FLOOR) for value in by_error]


def _share_clock(weighings: Sequence[Weighing], words: Sequence[ClockWord]) -> None:
    """Each recording's clock, by what the others of the docking tell of it, and other dockings."""
    if not weighings:
        return
    total = [sum(column) for column in zip(*(one.told for one in weighings), strict=True)]
    at = max(one.recording.clock_end for one in weighings)
    elsewhere_told = clocks.heard(weighings[0].grid, at, words)
    for one in weighings:
        others = [both - own for both, own in zip(total, one.told, strict=True)]
        top = max(others)
        clock = [
            own * max(exp(other - top) * word, SMALLEST)
            for own, other, word in zip(one.clock, others, elsewhere_told, strict=True)
        ]
        one.is_dated = _spread(clock) < DATED * _spread(one.clock)
        one.clock = [value / sum(clock) for value in clock]


def _spread(belief: Sequence[float]) -> float:
    """How many errors are possible, in effect."""
    total = sum(belief)
    return exp(-sum(one / total * log(one / total) for one in belief if one > 0))


def _share_holder(weighings: Sequence[Weighing]) -> None:
    """Each option's carrier, by what is stated and what other recordings of equal statements tell."""
    groups: dict[tuple[OfficerClaim, ...], list[Weighing]] = {}
    for one in weighings:
        groups.setdefault(one.recording.officers, []).append(one)
    for group in groups.values():
        told = []
        for one in group:
            answers, none = one.weights((option, option.base * option.time) for option in one.options)
            told.append(holders.told_by([(option.act, weight) for option, weight in answers], none))
        for at, one in enumerate(group):
            belief = holders.together([one.stated, *told[:at], *told[at + 1 :]])
            for option in one.options:
                option.belief = belief
                option.holder = holders.fit(option.act, belief)


def _candidates(one: Weighing) -> tuple[tuple[Candidate, ...], Candidate]:
    by_weight = sorted(one.options, key=lambda option: (-option.weight, option.act.act))
    shown = [
        option for at, option in enumerate(by_weight) if at < SHOWN or option.act.act in one.verdict.named
    ]
    found = [_candidate(one, option) for option in shown]
    found.sort(key=lambda candidate: (-candidate.score, candidate.act))
    none = list(one.none)
    if one.verdict.is_none:
        none.append(Reason(what="decision", weight=DECIDED, text=_DECIDED_NONE))
    return tuple(found), Candidate(
        act=None,
        case=None,
        is_possible=True,
        score=sum(reason.weight for reason in none),
        reasons=tuple(none),
    )


def _candidate(one: Weighing, option: Option) -> Candidate:
    text = time_fit.explain(
        one.recording, option.timed, one.grid, one.clock, [sum(fit[:2]) for fit in option.fits]
    )
    if one.is_dated:
        text = _BETTER_CLOCK.format(time=text)
    by_others = log(max(option.holder, SMALLEST)) - log(max(option.officer, SMALLEST))
    reasons = [
        *option.reasons,
        Reason(what="time", weight=log(option.time), text=text),
        Reason(
            what="officer",
            weight=log(max(option.holder, SMALLEST)),
            text=holders.explain(option.act, one.recording.officers, by_others),
        ),
    ]
    if option.act.act == one.verdict.act:
        reasons.append(Reason(what="decision", weight=DECIDED, text=_DECIDED))
    elif option.act.act in one.verdict.refused:
        reasons.append(Reason(what="decision", weight=-DECIDED, text=_UNLINKED))
    return Candidate(
        act=option.act.act,
        case=option.act.case,
        score=sum(reason.weight for reason in reasons),
        is_possible=time_fit.is_possible(one.recording, option.timed),
        reasons=tuple(reasons),
    )

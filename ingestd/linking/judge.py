"""From scores to proposals: what clearly wins, what is queued and why, what people decided. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingestd.linking.facts import Candidate, Proposal
from ingestd.linking.recordings import Recording
from ingestd.linking.verdicts import Verdict
from ingestd.linking.weights import DECIDED, LEAST_TIME, MARGINS
from ingestd.words import Text

_WINS = Text(
    "明显优于其他可能: 比次优 {second}, 比不属于任何行为 {none}",
    "it clearly wins: over the second {second}, over no act {none}",
)
_TIMES = Text("可能 {factor} 倍以上", "{factor} times likelier or more")
_ALONE = Text("(无其他候选)", "(there is none)")
_QUEUED_SECOND = Text(
    "前两项候选相差不足, 需由人员选择", "the first two candidates are too close: a person chooses"
)
_QUEUED_NONE = Text(
    "证据不足以排除不属于任何行为, 需由人员确认", "it may be of no act at all: a person confirms"
)
_QUEUED_TIME = Text(
    "所述时间互不相符, 需由人员确认: 行为或记录仪的时间可能有误",
    "the stated times exclude it, though other facts speak for it: the act's or the recorder's may be wrong",
)
_QUEUED_EMPTY = Text("没有任何执法行为与之相符", "no act fits it")
_QUEUED_SPLIT = Text(
    "人员对同一录制的各段作了不同决定", "people decided differently for segments of its recording"
)
_DECIDED = Text("由人员决定", "decided by a person")
_DECIDED_MANY = Text("由人员关联到多项行为: {acts}", "people linked it to several acts: {acts}")
_FOLLOWS = Text("同一录制的另一段已由人员决定", "a person decided another segment of the recording")
_AGAINST = Text(
    "{decided}; 与证据不符: 其他证据更支持 {other}",
    "{decided}; the facts contradict it: they speak for {other}",
)
_NO_ACT = Text("不属于任何行为", "no act")


def proposals(
    recording: Recording, candidates: tuple[Candidate, ...], none: Candidate, verdict: Verdict
) -> Iterable[Proposal]:
    """One proposal for each segment of a recording."""
    segments = tuple(clip.acquisition for clip in recording.clips)
    winner, why = _judge(recording, candidates, none, verdict)
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
    recording: Recording, candidates: tuple[Candidate, ...], none: Candidate, verdict: Verdict
) -> tuple[str | None, Text]:
    """The answer for segments of which nobody decided."""
    if verdict.is_split:
        return None, _QUEUED_SPLIT
    if verdict.act is not None or verdict.is_none:
        return verdict.act, _decided(verdict.act, candidates, none, _FOLLOWS)
    return _by_facts(recording, [one for one in candidates if one.act not in verdict.refused], none)


def _by_facts(recording: Recording, open_to: Sequence[Candidate], none: Candidate) -> tuple[str | None, Text]:
    """What clearly wins; else None, and why it is queued."""
    if not open_to:
        return None, _QUEUED_EMPTY
    best, second = open_to[0], open_to[1] if len(open_to) > 1 else None
    over_second, over_none = _margins(recording)
    if best.score - none.score < over_none:
        return None, _QUEUED_NONE
    if not best.is_possible or _time(best) < LEAST_TIME:
        return None, _QUEUED_TIME
    if second is not None and best.score - second.score < over_second:
        return None, _QUEUED_SECOND
    over = _ALONE if second is None else _factor(best.score - second.score)
    return best.act, _WINS.format(second=over, none=_factor(best.score - none.score))


def _margins(recording: Recording) -> tuple[float, float]:
    """What a winner needs over the second and over no act, by the recording's length."""
    return next(
        (second, none) for limit, second, none in MARGINS if limit is None or recording.length < limit
    )


def _time(candidate: Candidate) -> float:
    return sum(reason.weight for reason in candidate.reasons if reason.what == "time")


def _factor(margin: float) -> Text:
    """A margin of scores as a number for people, in powers of ten."""
    return _TIMES.format(factor=10 ** min(int(margin / 2.302585), 9))


def _decided(act: str | None, candidates: tuple[Candidate, ...], none: Candidate, decided: Text) -> Text:
    """Why it stands, and what the facts say against it."""

    def by_facts(one: Candidate) -> float:
        return sum(reason.weight for reason in one.reasons if abs(reason.weight) < DECIDED)

    best = max((none, *candidates), key=lambda one: (by_facts(one), one.act or ""))
    mine = next((one for one in (none, *candidates) if one.act == act), None)
    if best.act == act or (mine is not None and by_facts(best) - by_facts(mine) < MARGINS[-1][1]):
        return decided
    return _AGAINST.format(decided=decided, other=best.act or _NO_ACT)

"""Recordings of one docking in their order: what one shows says something of those before and after it. PURE.

A recorder stopped and started again within minutes goes on with its act; after a long pause it hardly ever
comes back to one. Both are what the order alone tells: who carried it and what its clock says is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log

from ingestd.linking.facts import Reason
from ingestd.linking.options import SMALLEST, Weighing
from ingestd.linking.weights import (
    ACTS_A_DAY,
    AGAIN,
    FIRST,
    GOES_ON,
    LAST,
    LEAST,
    LONELY,
    MIDDLE,
    NEIGHBOUR_MS,
    NO_ACT,
    PAUSE_MS,
    STRAY,
)
from ingestd.words import Text

_NEIGHBOUR = Text(
    "同一记录仪紧邻的录制多属同一行为",
    "its recorder's recordings right before and after mostly show the same act",
)
_ALONE = Text(
    "前后无紧邻录制: 应为其行为的唯一录制",
    "none of its recorder's recordings is right before or after: it should be the only one of its act",
)
_STRAY = Text(
    "紧邻其他录制者很少不属于任何行为",
    "a recording right before or after another is rarely of no act",
)
_AGAIN = Text(
    "该记录仪在长时间间隔之外已录制此行为 ({percent}%)",
    "its recorder has filmed this act already, a long pause away ({percent}%)",
)


def hear_neighbours(weighings: Sequence[Weighing]) -> None:
    """Add what the order tells to each recording's reasons; afterwards all `Weighing.shares` are set."""
    in_order = sorted(
        (one for one in weighings if one.recording.shares_clock),
        key=lambda one: (one.recording.clock_start, one.recording.clips[0].acquisition),
    )
    sides: list[list[int]] = [[] for _ in in_order]
    runs: list[list[Weighing]] = [in_order[:1]]
    for at, (before, after) in enumerate(pairwise(in_order)):
        pause = after.recording.clock_start - before.recording.clock_end
        if pause <= NEIGHBOUR_MS:
            sides[at].append(at + 1)
            sides[at + 1].append(at)
        if pause <= PAUSE_MS:
            runs[-1].append(after)
        else:
            runs.append([after])
    told = [_parts(one) for one in in_order]
    for one, beside in zip(in_order, sides, strict=True):
        _go_on(one, [told[at] for at in beside])
    _come_back(runs)
    for one in weighings:
        one.shares = one.share_out()


def _parts(one: Weighing) -> dict[str, float]:
    """How probably a recording is one of several of each act, without regard to people.

    That it is far from an act's stated place is not told: a place stated wrongly would speak twice.
    """
    parts, none = one.weights((option, option.base_but_far * option.part) for option in one.options)
    wholes, _ = one.weights((option, option.base_but_far * option.whole) for option in one.options)
    total = none + sum(weight for _, weight in (*parts, *wholes))
    return {option.act.act: weight / total for option, weight in parts}


def _go_on(one: Weighing, sides: Sequence[Mapping[str, float]]) -> None:
    """Weigh what those right before and after are of: with none there, it is probably the only one of its act."""
    if not sides:
        for option in one.options:
            ratio = (option.whole + LONELY * option.part) / option.time
            option.add(Reason(what="neighbour", weight=log(max(ratio, SMALLEST)), text=_ALONE))
        return
    joined = GOES_ON * ACTS_A_DAY / (1 - NO_ACT) / (FIRST + LAST + MIDDLE)
    for option in one.options:
        same = max(acts.get(option.act.act, 0.0) for acts in sides)
        ratio = (STRAY["act"] * option.whole + (joined * same + STRAY["act"]) * option.part) / option.time
        option.add(Reason(what="neighbour", weight=log(max(ratio, SMALLEST)), text=_NEIGHBOUR))
    one.add_to_none(Reason(what="neighbour", weight=log(STRAY["none"]), text=_STRAY))


def _come_back(runs: Sequence[Sequence[Weighing]]) -> None:
    """An act that a recording long before or after shows is hardly this one's."""
    told = [[one.share_out() for one in run] for run in runs]
    for at, run in enumerate(runs):
        others = [shares for other, theirs in enumerate(told) if other != at for shares in theirs]
        for option in (option for one in run for option in one.options):
            filmed = any_of(shares.get(option.act.act, 0.0) for shares in others)
            if filmed > LEAST:
                text = _AGAIN.format(percent=round(100 * filmed))
                option.add(Reason(what="neighbour", weight=log(AGAIN * filmed + 1 - filmed), text=text))


def filmed_beside(one: Weighing, weighings: Iterable[Weighing]) -> dict[str, float]:
    """How probably another recording of the docking shows each act that this one may be of."""
    others = [other.shares for other in weighings if other is not one]
    return {
        option.act.act: any_of(shares.get(option.act.act, 0.0) for shares in others) for option in one.options
    }


def any_of(chances: Iterable[float]) -> float:
    """The chance of one at least, each by itself."""
    none = 1.0
    for chance in chances:
        none *= 1 - chance
    return 1 - none

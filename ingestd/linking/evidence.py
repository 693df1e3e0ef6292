"""What place, case numbers and length of a recording say for or against an act. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import cos, exp, hypot, log, radians

from ingestd.linking.facts import ActFact, Reason
from ingestd.linking.recordings import Recording
from ingestd.linking.weights import (
    CHANCE_NEAR,
    CHANCE_NEAR_PREMISES,
    LENGTHS,
    MIXED_UP,
    NUMBER_CHANCE,
    NUMBER_OF_NONE,
    NUMBER_RIGHT,
    OTHER_UNIT,
    PLACE_RIGHT,
    PLACE_SLACK_M,
    PRIOR_ACT,
    PRIOR_NONE,
    SAME_TEAM_NEAR,
)
from ingestd.words import Text

METRES_A_DEGREE = 111_195.0

_PRIOR = Text("事先: 当日执法行为之一", "beforehand: one of a day's acts")
_PRIOR_NONE = Text("事先: 少数录制不属于任何执法行为", "beforehand: few recordings show no act")
_SHORT = Text("录制仅 {seconds} 秒", "the recording is only {seconds} s long")
_LONG = Text("录制长 {minutes} 分钟", "the recording is {minutes} min long")
_NEAR = Text(
    "轨迹最近处距所述地点 {metres} 米 (精度 {accuracy} 米, 地点半径 {radius} 米)",
    "its track comes within {metres} m of the stated place (accuracy {accuracy} m, the place's radius {radius} m)",
)
_PREMISES = Text(
    "{near}; 为本机关办案场所, 多项行为同在一处", "{near}; the agency's own premises, shared by many acts"
)
_OTHER_UNIT = Text("记录仪属于 {mine}, 行为属于 {theirs}", "the recorder is of {mine}, the act of {theirs}")
_SAME_TEAM = Text(
    "未说明地点; 同一执法人员的行为 {act} 在录制地点附近",
    "no place is stated; {act}, by the same officers, is near where it was recorded",
)
_SAID = {
    "code": Text("录制中出示的二维码", "a QR code shown in it"),
    "note": Text("执法人员的备注", "the officer's note"),
}
_THIS = Text("{said}为本案 {case}", "{said} names its case {case}")
_OTHER = Text("{said}为其他案件 {case}", "{said} names another case, {case}")
_COLLEAGUES = Text(
    "{said}为同一执法人员的其他案件 {case}, 可能混淆",
    "{said} names another case of the same officers, {case}: it may be a mix-up",
)
_HAS = Text("{said}含案件号 {case}", "{said} gives a case number: {case}")


def of_act(recording: Recording, act: ActFact, officers_of: Mapping[str, frozenset[str]]) -> list[Reason]:
    """All terms that rest on this recording alone, but for time and officer.

    ``officers_of``: who has to do with each case that the recording's codes and notes name.
    """
    reasons = [Reason(what="prior", weight=PRIOR_ACT, text=_PRIOR), length(recording, is_act=True)]
    reasons.extend(one for one in (unit(recording, act), place(recording, act)) if one is not None)
    reasons.extend(
        _number(what, said, act, officers_of)
        for what, said in (("code", recording.codes), ("note", recording.notes))
        if said
    )
    return reasons


def _number(
    what: str, said: tuple[str, ...], act: ActFact, officers_of: Mapping[str, frozenset[str]]
) -> Reason:
    """What a case number says of an act: of its case, of its officers' other case, or of another one."""
    right = NUMBER_RIGHT[what]
    if act.case in said:
        weight, text, case = right / NUMBER_CHANCE, _THIS, act.case
    elif any(officers_of.get(case, frozenset()).intersection(act.officers) for case in said):
        weight, text, case = (1 - right) * MIXED_UP / NUMBER_CHANCE, _COLLEAGUES, ", ".join(said)
    else:
        weight, text, case = (1 - right) * (1 - MIXED_UP), _OTHER, ", ".join(said)
    return Reason(what=what, weight=log(weight), text=text.format(said=_SAID[what], case=case))


def of_none(recording: Recording) -> list[Reason]:
    """What speaks for and against its showing no act at all."""
    reasons = [Reason(what="prior", weight=PRIOR_NONE, text=_PRIOR_NONE), length(recording, is_act=False)]
    for what, said in (("code", recording.codes), ("note", recording.notes)):
        if said:
            text = _HAS.format(said=_SAID[what], case=", ".join(said))
            reasons.append(Reason(what=what, weight=log(NUMBER_OF_NONE[what]), text=text))
    return reasons


def length(recording: Recording, *, is_act: bool) -> Reason:
    """Short recordings are mostly tests and accidents, long ones acts."""
    share = next(
        of_act if is_act else none
        for limit, of_act, none in LENGTHS
        if limit is None or recording.length < limit
    )
    if recording.length < 60_000:  # noqa: PLR2004 - a minute, to say it in seconds
        return Reason(what="length", weight=log(share), text=_SHORT.format(seconds=recording.length // 1000))
    text = _LONG.format(minutes=round(recording.length / 60_000))
    return Reason(what="length", weight=log(share), text=text)


def unit(recording: Recording, act: ActFact) -> Reason | None:
    """Whether recorder and act are of one unit; None where either is not told, or they are."""
    if recording.unit is None or not act.units or recording.unit in act.units:
        return None
    text = _OTHER_UNIT.format(mine=recording.unit, theirs=", ".join(act.units))
    return Reason(what="unit", weight=log(OTHER_UNIT), text=text)


def same_team(placed: Iterable[tuple[ActFact, Reason]], act: ActFact) -> Reason | None:
    """For an act without a place: where other acts of its officers are, it may be as well."""
    theirs = [
        (near.weight + log(SAME_TEAM_NEAR), other.act)
        for other, near in placed
        if set(other.officers).intersection(act.officers)
    ]
    weight, other = max(theirs, default=(0.0, ""))
    if weight <= 0:
        return None
    return Reason(what="place", weight=weight, text=_SAME_TEAM.format(act=other))


def place(recording: Recording, act: ActFact) -> Reason | None:
    """How near the recording's track comes to the act's place; None where either is not told."""
    if not recording.points or act.lat is None or act.lon is None:
        return None
    across = METRES_A_DEGREE * cos(radians(act.lat))
    gap, metres, accuracy = min(
        (max(far - act.radius_m, 0.0) / hypot(point.accuracy_m, PLACE_SLACK_M), far, point.accuracy_m)
        for point in recording.points
        for far in (hypot((point.lat - act.lat) * METRES_A_DEGREE, (point.lon - act.lon) * across),)
    )
    chance = CHANCE_NEAR_PREMISES if act.premises else CHANCE_NEAR
    weight = log((PLACE_RIGHT * exp(-min(gap * gap / 2, 500.0)) + (1 - PLACE_RIGHT) * chance) / chance)
    weight = max(weight, log(1 - PLACE_RIGHT))
    text = _NEAR.format(metres=round(metres), accuracy=round(accuracy), radius=round(act.radius_m))
    return Reason(what="place", weight=weight, text=_PREMISES.format(near=text) if act.premises else text)

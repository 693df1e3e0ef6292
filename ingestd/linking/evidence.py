"""What place, case numbers and length of a recording say for or against an act. PURE."""

from __future__ import annotations

from math import cos, exp, hypot, log, radians

from ingestd.linking.facts import ActFact, Reason
from ingestd.linking.recordings import Recording
from ingestd.linking.weights import (
    CHANCE_NEAR,
    CHANCE_NEAR_PREMISES,
    CODE_CHANCE,
    CODE_OF_NONE,
    CODE_RIGHT,
    NOTE_CHANCE,
    NOTE_OF_NONE,
    NOTE_RIGHT,
    PLACE_RIGHT,
    PLACE_SLACK_M,
    PRIOR_ACT,
    PRIOR_NONE,
    SHORT_MS,
    SHORT_OF_ACT,
    SHORT_OF_NONE,
)
from ingestd.words import Text

METRES_A_DEGREE = 111_195.0

_PRIOR = Text("事先: 当日众多执法行为之一", "beforehand: one of many acts of a day")
_PRIOR_NONE = Text("事先: 少数录制不属于任何执法行为", "beforehand: few recordings show no act")
_SHORT = Text("录制仅 {seconds} 秒", "the recording is only {seconds} s long")
_LONG = Text("录制长 {minutes} 分钟", "the recording is {minutes} min long")
_NEAR = Text(
    "轨迹最近处距所述地点 {metres} 米 (精度 {accuracy} 米, 地点半径 {radius} 米)",
    "its track comes within {metres} m of the stated place (accuracy {accuracy} m, the place's radius {radius} m)",
)
_PREMISES = Text("{near}; 为本机关办案场所, 多项行为同在一处", "{near}; the agency's own premises, shared by many acts")
_CODE = Text("录制中出示的二维码为案件 {case}", "a QR code shown in it names case {case}")
_OTHER_CODE = Text("录制中出示的二维码为其他案件 {case}", "a QR code shown in it names another case, {case}")
_NOTE = Text("执法人员备注的案件为 {case}", "the officer's note names case {case}")
_OTHER_NOTE = Text("执法人员备注的是其他案件 {case}", "the officer's note names another case, {case}")
_HAS_CODE = Text("出示了二维码 {case}", "a QR code was shown: {case}")
_HAS_NOTE = Text("备注中有案件号 {case}", "the note gives a case number: {case}")


def of_act(recording: Recording, act: ActFact) -> list[Reason]:
    """All terms that rest on this recording alone, but for time and officer."""
    reasons = [Reason(what="prior", weight=PRIOR_ACT, text=_PRIOR), length(recording, is_act=True)]
    if (near := place(recording, act)) is not None:
        reasons.append(near)
    if recording.codes:
        agrees = act.case in recording.codes
        chance = (CODE_RIGHT, CODE_CHANCE) if agrees else (1 - CODE_RIGHT, 1 - CODE_CHANCE)
        text = (_CODE if agrees else _OTHER_CODE).format(case=act.case if agrees else ", ".join(recording.codes))
        reasons.append(Reason(what="code", weight=log(chance[0] / chance[1]), text=text))
    if recording.notes:
        agrees = act.case in recording.notes
        chance = (NOTE_RIGHT, NOTE_CHANCE) if agrees else (1 - NOTE_RIGHT, 1 - NOTE_CHANCE)
        text = (_NOTE if agrees else _OTHER_NOTE).format(case=act.case if agrees else ", ".join(recording.notes))
        reasons.append(Reason(what="note", weight=log(chance[0] / chance[1]), text=text))
    return reasons


def of_none(recording: Recording) -> list[Reason]:
    """What speaks for and against its showing no act at all."""
    reasons = [Reason(what="prior", weight=PRIOR_NONE, text=_PRIOR_NONE), length(recording, is_act=False)]
    for what, weight, text, said in (
        ("code", CODE_OF_NONE, _HAS_CODE, recording.codes),
        ("note", NOTE_OF_NONE, _HAS_NOTE, recording.notes),
    ):
        if said:
            reasons.append(Reason(what=what, weight=log(weight), text=text.format(case=", ".join(said))))
    return reasons


def length(recording: Recording, *, is_act: bool) -> Reason:
    """Short recordings are mostly tests and accidents."""
    share = SHORT_OF_ACT if is_act else SHORT_OF_NONE
    if 0 < recording.length < SHORT_MS:
        return Reason(what="length", weight=log(share), text=_SHORT.format(seconds=recording.length // 1000))
    text = _LONG.format(minutes=round(recording.length / 60_000))
    return Reason(what="length", weight=log(1 - share), text=text)


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

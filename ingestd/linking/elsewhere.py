"""Who else filmed an act: recordings of other recorders explain it, and nobody carries two recorders. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from ingestd.linking.facts import Reason
from ingestd.linking.weights import EXPLAINED, EXPLAINED_BY_CARRIER, UNEXPLAINED
from ingestd.model import RecorderId
from ingestd.words import Text

_FILMED = Text(
    "记录仪 {recorder} 已可能录制此行为 ({percent}%)",
    "recorder {recorder} has probably filmed this act already ({percent}%)",
)
_SAME = Text("{filmed}, 且很可能由同一人携带", "{filmed}, and probably the same person carried it")
_OPEN = Text("没有其他记录仪录制此行为", "no other recorder has filmed this act")
LEAST = 0.02
"""Less probable than this, a recording explains nothing."""
OFTEN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What one docking's recordings, by themselves, say of an act: how probably its recorder filmed it."""

    recorder: RecorderId
    act: str
    probability: float
    carriers: tuple[tuple[str, float], ...]
    """Who carried it then, each with a share; they sum to 1 or less."""


def by_act(stands: Iterable[Stand]) -> dict[str, tuple[Stand, ...]]:
    """Stands by act, in an order of their own."""
    found: dict[str, list[Stand]] = {}
    for stand in stands:
        found.setdefault(stand.act, []).append(stand)
    return {act: tuple(sorted(found[act], key=lambda s: (s.recorder, s.probability))) for act in found}


def reason(
    act: str, recorder: RecorderId, carriers: Mapping[str, float], stands: Mapping[str, Sequence[Stand]]
) -> Reason:
    """What others' recordings of the act say about this recorder's."""
    others = [stand for stand in stands.get(act, ()) if stand.recorder != recorder]
    free, clash = 1.0, 1.0
    for stand in others:
        same = sum(share * carriers.get(officer, 0.0) for officer, share in stand.carriers)
        free *= 1 - stand.probability
        clash *= 1 - stand.probability * min(same, 1.0)
    explained = 1 - free
    both = min(1 - clash, explained)
    weight = log(free * UNEXPLAINED + (explained - both) * EXPLAINED + both * EXPLAINED_BY_CARRIER)
    if explained < LEAST:
        return Reason(what="elsewhere", weight=weight, text=_OPEN)
    most = max(others, key=lambda stand: (stand.probability, stand.recorder))
    text = _FILMED.format(recorder=most.recorder, percent=round(100 * explained))
    if both > explained * OFTEN:
        text = _SAME.format(filmed=text)
    return Reason(what="elsewhere", weight=weight, text=text)

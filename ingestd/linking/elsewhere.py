"""Who else filmed an act: recordings of other recorders explain it, and nobody carries two recorders. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from ingestd.linking.facts import Reason
from ingestd.linking.recordings import DockingKey
from ingestd.linking.weights import EXPLAINED, EXPLAINED_BY_CARRIER, LEAST, UNEXPLAINED, UNEXPLAINED_BUSY
from ingestd.words import Text

_FILMED = Text(
    "记录仪 {recorder} 已可能录制此行为 ({percent}%)",
    "recorder {recorder} has probably filmed this act already ({percent}%)",
)
_SAME = Text("{filmed}, 且很可能由同一人携带", "{filmed}, and probably the same person carried it")
_OPEN = Text("没有其他记录仪录制此行为", "no other recorder has filmed this act")
OFTEN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What one docking's recordings, by themselves, say of an act: how probably its recorder filmed it."""

    docking: DockingKey
    act: str
    probability: float
    carriers: tuple[tuple[str, float], ...]
    """Who carried it then, each with a share; they sum to 1 or less."""


def by_act(stands: Iterable[Stand]) -> dict[str, tuple[Stand, ...]]:
    """Stands by act, in an order of their own."""
    found: dict[str, list[Stand]] = {}
    for stand in stands:
        found.setdefault(stand.act, []).append(stand)
    return {act: tuple(sorted(found[act], key=lambda s: (s.docking, s.probability))) for act in found}


def reason(others: Sequence[Stand], carriers: Mapping[str, float], *, filmed: float, is_busy: bool) -> Reason:
    """What others' recordings of an act say about this recorder's.

    ``carriers``: who carried this recorder, if it filmed the act.
    ``filmed``: how probably other recordings of this recorder show the act: then the others are explained.
    ``is_busy``: its officers had another act meanwhile, so that it may well have remained unfilmed.
    """
    free, clash = 1.0, 1.0
    for stand in others:
        same = sum(share * carriers.get(officer, 0.0) for officer, share in stand.carriers)
        free *= 1 - stand.probability
        clash *= 1 - stand.probability * min(same, 1.0)
    explained = 1 - free
    both = min(1 - clash, explained)
    by_another = explained - both
    if len(carriers) > 1:
        by_another /= 1 - 1 / len(carriers)
    ratio = free * (UNEXPLAINED_BUSY if is_busy else UNEXPLAINED)
    ratio += max(by_another * EXPLAINED, explained * EXPLAINED_BY_CARRIER)
    weight = log(ratio / (filmed * ratio + 1 - filmed))
    if explained < LEAST:
        return Reason(what="elsewhere", weight=weight, text=_OPEN)
    most = max(others, key=lambda stand: (stand.probability, stand.docking))
    text = _FILMED.format(recorder=most.docking.recorder, percent=round(100 * explained))
    if both > explained * OFTEN:
        text = _SAME.format(filmed=text)
    return Reason(what="elsewhere", weight=weight, text=text)

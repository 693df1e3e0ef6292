"""Which family's card is this? Evidence is weighed: paths, and the content of small identity files. PURE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingestd.canon import path_text
from ingestd.device import idfiles
from ingestd.device.api import Identity
from ingestd.device.families import Common, Family, Rules
from ingestd.device.templates import union
from ingestd.model import CardPath, Claim

ReadSmall = Callable[[CardPath], bytes | None]
"""The start of a file (at least `idfiles.LIMIT_BYTES` where it has so many), None where there is none."""
_CERTAIN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """All families that are known, over what is common to all cards."""

    common: Common
    families: tuple[Family, ...]

    def __post_init__(self) -> None:
        keys = [family.key for family in self.families]
        if len(keys) != len(set(keys)):
            raise ValueError(f"a family stands twice: {sorted(keys)}")

    def recognise(self, paths: Sequence[CardPath], read_small: ReadSmall) -> Recognised:
        """Weigh a sample of a card's paths; identity files of every family are read, whichever wins.

        ``read_small`` may raise OSError: it passes through.
        """
        judged = [_judge(family, paths, read_small) for family in self.families]
        judged.sort(key=lambda j: (-j.weight, j.family.key))
        known = [j for j in judged if j.weight >= self.common.threshold]
        family = known[0].family if known else None
        stays = tuple(rule for each in self.families for rule in each.stays)
        claims = dict.fromkeys(claim for j in judged for claim in j.claims)
        return Recognised(
            identity=Identity(
                family=family.key if family else None,
                evidence=tuple(line for j in judged if j.weight for line in j.evidence),
                claims=tuple(claims),
                counter_runs_on=family is not None and family.counter_runs_on,
                counter_per=None if family is None else family.counter_per,
            ),
            rules=Rules(
                common=self.common,
                family=family,
                stays=stays,
                special=union([*(r.template for r in stays), *(r.template for r in self.common.litter)]),
            ),
            score=min(known[0].weight, _CERTAIN) if known else 0,
            battery=family.battery if family else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a card was taken for, why, and how its files are read from now on."""

    identity: Identity
    rules: Rules
    score: int
    """0-100: weight of the winning family's evidence, 0 where none is known."""
    battery: idfiles.BatteryFile | None

    def battery_charge(self, paths: Sequence[CardPath], read_small: ReadSmall) -> int | None:
        """Percent as the card's battery log last stated it, None where there is none."""
        if self.battery is None:
            return None
        for path in paths:
            if self.battery.template.match(path) is not None:
                data = read_small(path)
                return None if data is None else idfiles.battery(self.battery, data)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    family: Family
    weight: int
    evidence: tuple[str, ...]
    claims: tuple[Claim, ...]


def _judge(family: Family, paths: Sequence[CardPath], read_small: ReadSmall) -> _Judged:
    weight = 0
    evidence: list[str] = []
    claims: list[Claim] = []
    for sign in family.signs:
        count = sum(sign.template.match(path) is not None for path in paths)
        if count:
            weight += sign.weight
            evidence.append(f"{family.key} +{sign.weight}: {count} x {sign.template.text}")
    for file in family.identity:
        for path in paths:
            if file.template.match(path) is None:
                continue
            name = path_text(path)
            said = idfiles.read(file, name, read_small(path) or b"")
            claims += said.claims
            if said.shaped:
                weight += file.weight
                evidence.append(f"{family.key} +{file.weight}: {name}")
    return _Judged(family=family, weight=weight, evidence=tuple(evidence), claims=tuple(claims))

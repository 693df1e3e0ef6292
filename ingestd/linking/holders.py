"""Who may have carried a recorder, and what that says for an act. PURE.

What is stated of a carrier names one of about `COLLEAGUES` people, rightly or not, by how far its basis is
trusted. Other recordings of the docking of which the same is stated add what they tell of the carrier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestd.linking.facts import ActFact, OfficerClaim
from ingestd.linking.weights import COLLEAGUES, ON_ROSTER, SAME_HOLDER, TRUST
from ingestd.words import Text

_AGREE = Text("{who} 在执法人员之列", "{who}, among the act's officers")
_DIFFER = Text("{who} 不在执法人员之列 ({officers})", "{who}, not among the act's officers ({officers})")
_UNKNOWN = Text("未说明记录仪由谁携带 ({officers})", "nothing says who carried the recorder ({officers})")
_OTHERS = Text("{said}; 同次对接的其他录制{how}", "{said}; other recordings of the docking {how}")
_FOR, _AGAINST = Text("支持", "agree"), Text("不支持", "disagree")
_NAMES = {
    "assignment": Text("按分配为 {officer}", "by assignment {officer}"),
    "card": Text("记录仪自称 {officer}", "the recorder's setting says {officer}"),
    "file-name": Text("文件名称 {officer}", "the file's name says {officer}"),
}
LITTLE = 0.02
"""Share of a claim that holds only while the recording was running on."""
OTHER_MATTERS = 0.1
"""What other recordings tell is mentioned from this weight on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How much likelier each person is than one of whom nothing is said."""

    named: Mapping[str, float]
    other: float

    def of(self, officer: str) -> float:
        """The weight of one person."""
        return self.named.get(officer, self.other)

    @property
    def mean(self) -> float:
        """Over all colleagues."""
        rest = max(COLLEAGUES - len(self.named), 1)
        return (sum(self.named.values()) + rest * self.other) / (len(self.named) + rest)


NOTHING = Belief(named={}, other=1.0)


def stated(claims: Iterable[OfficerClaim], begins: tuple[int, int]) -> Belief:
    """What claims say of the carrier of a recording that begins within two bounds.

    Several names of one basis share its trust, by how much of that time each is said of.
    """
    by_basis: dict[str, dict[str, float]] = {}
    for claim in claims:
        shares = by_basis.setdefault(claim.basis, {})
        shares[claim.officer] = shares.get(claim.officer, 0.0) + _share(claim, begins)
    if by_basis.get("file-name") == by_basis.get("card"):
        by_basis.pop("file-name", None)
    named = dict.fromkeys(sorted({officer for shares in by_basis.values() for officer in shares}), 1.0)
    for basis, shares in sorted(by_basis.items()):
        wrong = (1 - TRUST[basis]) / COLLEAGUES
        total = sum(shares.values())
        for officer in named:
            right = TRUST[basis] * shares.get(officer, 0.0) / total
            named[officer] *= (right + wrong) / wrong
    return Belief(named=named, other=1.0)


def _share(claim: OfficerClaim, begins: tuple[int, int]) -> float:
    """How much of the time in which the recording may have begun a claim is said of."""
    low, high = begins[0], max(begins[1], begins[0] + 1)
    since = low if claim.since is None else max(claim.since, low)
    until = high if claim.until is None else min(claim.until, high)
    return max((until - since) / (high - low), LITTLE)


def together(beliefs: Iterable[Belief]) -> Belief:
    """Independent beliefs as one."""
    beliefs = tuple(beliefs)
    people = sorted({officer for belief in beliefs for officer in belief.named})
    named, other = dict.fromkeys(people, 1.0), 1.0
    for belief in beliefs:
        other *= belief.other
        for officer in people:
            named[officer] *= belief.of(officer)
    return Belief(named=named, other=other)


def fit(act: ActFact, belief: Belief) -> float:
    """How many times likelier what is believed of the carrier is if the recording is of this act."""
    mean = belief.mean
    if not act.officers:
        return 1.0
    on_it = sum(belief.of(officer) for officer in act.officers) / len(act.officers)
    return (ON_ROSTER * on_it + (1 - ON_ROSTER) * mean) / mean


def carriers(act: ActFact, belief: Belief) -> dict[str, float]:
    """Who carried the recorder if it was at this act: its officers by what is believed of each."""
    total = sum(belief.of(officer) for officer in act.officers)
    return {officer: belief.of(officer) / total for officer in act.officers} if total else {}


def told_by(answers: Iterable[tuple[ActFact, float]], none: float) -> Belief:
    """What a recording tells of its carrier, by how likely each act is without regard to people."""
    answers = tuple(answers)
    other = none + sum(weight * (1 - ON_ROSTER if act.officers else 1.0) for act, weight in answers)
    named: dict[str, float] = {}
    for act, weight in answers:
        for officer in act.officers:
            share = weight * ON_ROSTER * COLLEAGUES / len(act.officers)
            named[officer] = named.get(officer, other) + share
    total = none + sum(weight for _, weight in answers)
    keep, lose = SAME_HOLDER / total, 1 - SAME_HOLDER
    return Belief(
        named={officer: keep * named[officer] + lose for officer in sorted(named)}, other=keep * other + lose
    )


def explain(act: ActFact, claims: Iterable[OfficerClaim], by_others: float) -> Text:
    """Who is named by whom, and whether the act names them too."""
    officers = ", ".join(act.officers) or "-"
    seen: dict[tuple[str, str], Text] = {}
    for claim in claims:
        who = _NAMES[claim.basis].format(officer=claim.officer)
        agrees = claim.officer in act.officers
        text = _AGREE.format(who=who) if agrees else _DIFFER.format(who=who, officers=officers)
        seen[claim.basis, claim.officer] = text
    parts = list(seen.values()) or [_UNKNOWN.format(officers=officers)]
    said = Text("; ".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    if abs(by_others) < OTHER_MATTERS:
        return said
    return _OTHERS.format(said=said, how=_FOR if by_others > 0 else _AGAINST)

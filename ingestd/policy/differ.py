"""What is different between two policies, rule by rule, act by act, label by label. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.policy.merge import order
from ingestd.policy.model import Act, Label, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One rule, act or label that is not the same; a side that lacks it has None."""

    kind: str
    """rule, act, label."""
    id: str
    field: str
    """``stated`` where one side lacks it."""
    one: str | None
    other: str | None


def differences(one: Policy, other: Policy) -> tuple[Difference, ...]:
    """All differences, in the order in which people read a policy."""
    rules = _compared("rule", _rules(one), _rules(other))
    acts = _compared("act", _acts(one), _acts(other))
    labels = _compared("label", _labels(one), _labels(other))
    return (*sorted(rules, key=lambda found: order(found.id)), *acts, *labels)


def _compared(
    kind: str, one: dict[str, dict[str, str]], other: dict[str, dict[str, str]]
) -> list[Difference]:
    found = []
    for key in dict.fromkeys((*one, *other)):
        if key not in one or key not in other:
            sides = [None if key not in side else side[key]["layer"] for side in (one, other)]
            found.append(Difference(kind=kind, id=key, field="stated", one=sides[0], other=sides[1]))
            continue
        found += [
            Difference(kind=kind, id=key, field=field, one=value, other=other[key][field])
            for field, value in one[key].items()
            if value != other[key][field]
        ]
    return found


def _rules(policy: Policy) -> dict[str, dict[str, str]]:
    return {rule.id: _rule(rule) for rule in policy.rules}


def _rule(rule: Rule) -> dict[str, str]:
    return {
        "layer": rule.layer,
        "strength": " ".join(filter(None, (rule.strength, rule.qualifier))),
        "effect": rule.effect.value,
        "section": rule.section,
        "effective": rule.effective,
        "numbers": ", ".join(f"{name}={value}" for name, value in sorted((*rule.numbers, *rule.dates))),
        "terms": " ".join(sorted(rule.all_terms)),
        "open": " ".join(one.name for one in rule.lists if one.is_open),
        "acts": " ".join(sorted(rule.acts)),
        "filming": rule.filming or "",
        "bears_on": " ".join(rule.bears_on),
        "requires": " ".join(rule.requires),
        "parts": "; ".join(f"{part.strength}: {part.words.en}" for part in rule.parts),
        "message": rule.said.zh,
    }


def _acts(policy: Policy) -> dict[str, dict[str, str]]:
    return {act.key: _act(act) for act in policy.acts}


def _act(act: Act) -> dict[str, str]:
    return {
        "layer": act.layer,
        "name": act.name.zh,
        "also": "、".join(act.also),
        "stage": act.stage,
        "begin": act.begin.zh,
        "end": act.end.zh,
        "direct": " ".join(act.direct),
        "documents": "、".join(act.documents),
        "retention_days": "" if act.retention_days is None else str(act.retention_days),
    }


def _labels(policy: Policy) -> dict[str, dict[str, str]]:
    return {label.key: _label(label) for label in policy.labels}


def _label(label: Label) -> dict[str, str]:
    return {
        "layer": label.layer,
        "look": " ".join(label.look),
        "preview": str(label.preview).lower(),
        "export": label.export,
    }

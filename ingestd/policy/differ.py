"""What is different between two policies, rule by rule, act by act, label by label. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestd.policy import annex
from ingestd.policy.merge import order
from ingestd.policy.model import HOUSE, Act, Label, Policy, Rule, english
from ingestd.policy.schema import DIRECT, EXPORTS, REQUIREMENTS, STAGES
from ingestd.words import Text

STATED = "stated"
FIELDS = {
    STATED: Text("由谁规定", "stated by"),
    "layer": Text("来源", "source"),
    "strength": Text("强度", "strength"),
    "effect": Text("按何对待", "treated as"),
    "section": Text("位置", "section"),
    "effective": Text("生效日期", "effective"),
    "numbers": Text("数值", "numbers"),
    "terms": Text("原文用语", "terms of the text"),
    "open": Text("可增加的列表", "open lists"),
    "acts": Text("行为", "acts"),
    "filming": Text("音像记录", "filming"),
    "bears_on": Text("涉及", "bears on"),
    "requires": Text("须先", "first"),
    "parts": Text("部分内容", "parts"),
    "message": Text("规则", "rule"),
    "name": Text("名称", "name"),
    "stage": Text("阶段", "stage"),
    "begin": Text("何时算开始", "begins"),
    "end": Text("何时算结束", "ends"),
    "direct": Text("直接涉及", "bears directly on"),
    "also": Text("又称", "also called"),
    "documents": Text("文书", "documents"),
    "retention_days": Text("保存期限", "retention"),
    "look": Text("谁能打开", "opened by"),
    "preview": Text("列表", "lists"),
    "export": Text("取走原件、截图或文书", "to take the original, a snapshot or a document away"),
}
"""What is compared, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One side of a difference."""

    key: str
    """For programs; it alone is compared."""
    said: Text
    """The same for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One rule, act or label that is not the same; a side that lacks it has None."""

    kind: str
    """rule, act, label."""
    id: str
    field: str
    """``stated`` where one side lacks it."""
    one: Value | None
    other: Value | None


Fields = dict[str, Value]


def differences(one: Policy, other: Policy) -> tuple[Difference, ...]:
    """All differences, in the order in which people read a policy."""
    rules = _compared("rule", _rules(one), _rules(other))
    acts = _compared("act", _acts(one), _acts(other))
    labels = _compared("label", _labels(one), _labels(other))
    return (*sorted(rules, key=lambda found: order(found.id)), *acts, *labels)


def _compared(kind: str, one: dict[str, Fields], other: dict[str, Fields]) -> list[Difference]:
    found = []
    for key in dict.fromkeys((*one, *other)):
        if key not in one or key not in other:
            sides = [None if key not in side else side[key]["layer"] for side in (one, other)]
            found.append(Difference(kind=kind, id=key, field=STATED, one=sides[0], other=sides[1]))
            continue
        found += [
            Difference(kind=kind, id=key, field=field, one=value, other=other[key][field])
            for field, value in one[key].items()
            if value.key != other[key][field].key
        ]
    return found


def _plain(told: str) -> Value:
    """What is said in its own words in either language."""
    return Value(key=told, said=Text(told, told))


def _each(keys: Iterable[str], words: Mapping[str, Text]) -> Value:
    """Several, each by its word; one that has none by its key."""
    told = tuple(keys)
    return Value(key=" ".join(told), said=annex.listed(words.get(one, Text(one, one)) for one in told))


def _layers(policy: Policy) -> dict[str, Value]:
    return {
        layer.key: Value(key=layer.key, said=HOUSE.get(layer.key, layer.title)) for layer in policy.layers
    }


def _rules(policy: Policy) -> dict[str, Fields]:
    layers, acts = _layers(policy), {act.key: act.name for act in policy.acts}
    return {rule.id: {"layer": layers[rule.layer], **_rule(rule, acts)} for rule in policy.rules}


def _rule(rule: Rule, acts: Mapping[str, Text]) -> Fields:
    section = "—" if rule.document is None else rule.section
    wanted = Text("", "") if rule.filming is None else annex.FILMING[rule.filming]
    parts = [Text(f"{one.strength.words.zh}：{one.words.zh}", f"{one.strength.words.en}: {one.words.en}")
             for one in rule.parts]  # fmt: skip
    return {
        "strength": Value(
            key=" ".join(filter(None, (rule.strength, rule.qualifier))), said=annex.strength(rule)
        ),
        "effect": Value(key=rule.effect.value, said=rule.effect.words),
        "section": Value(key=rule.section, said=Text(section, english(section))),
        "effective": Value(key=rule.effective, said=annex.date(rule.effective)),
        "numbers": _plain(
            ", ".join(f"{name}={value}" for name, value in sorted((*rule.numbers, *rule.dates)))
        ),
        "terms": _each(sorted(rule.all_terms), {}),
        "open": _each((one.name for one in rule.lists if one.is_open), annex.LISTS),
        "acts": _each(sorted(rule.acts), acts),
        "filming": Value(key=rule.filming or "", said=wanted),
        "bears_on": _each(rule.bears_on, DIRECT),
        "requires": _each(rule.requires, REQUIREMENTS),
        "parts": Value(
            key="; ".join(f"{part.strength}: {part.words.en}" for part in rule.parts),
            said=annex.listed(parts),
        ),
        "message": Value(key=rule.said.zh, said=rule.said),
    }


def _acts(policy: Policy) -> dict[str, Fields]:
    layers = _layers(policy)
    return {act.key: {"layer": layers[act.layer], **_act(act)} for act in policy.acts}


def _act(act: Act) -> Fields:
    days = "" if act.retention_days is None else str(act.retention_days)
    return {
        "name": Value(key=act.name.zh, said=act.name),
        "also": _plain("、".join(act.also)),
        "stage": Value(key=act.stage, said=STAGES[act.stage]),
        "begin": Value(key=act.begin.zh, said=act.begin),
        "end": Value(key=act.end.zh, said=act.end),
        "direct": _each(act.direct, DIRECT),
        "documents": _plain("、".join(act.documents)),
        "retention_days": Value(key=days, said=annex.retention(act)),
    }


def _labels(policy: Policy) -> dict[str, Fields]:
    layers = _layers(policy)
    return {label.key: {"layer": layers[label.layer], **_label(label)} for label in policy.labels}


def _label(label: Label) -> Fields:
    return {
        "look": Value(key=" ".join(label.look), said=annex.openers(label)),
        "preview": Value(key=str(label.preview).lower(), said=annex.PREVIEWS[label.preview]),
        "export": Value(key=label.export, said=EXPORTS[label.export]),
    }

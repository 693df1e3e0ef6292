"""Layers to the policy in force: which of them speaks on each rule. PURE.

A rule comes whole from the highest layer that states it: the jurisdiction's own where it has one, with nothing of the
baseline's left in it, else the baseline's. The agency's file changes numbers of the baseline, switches rules of it
off and adds; what it changed stays written on the rule.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from ingestd.model import Sha256
from ingestd.policy.agency import AgencyFile, Extension
from ingestd.policy.model import Act, Change, Label, Layer, Policy, Rule

CHAPTERS = ("REC", "DIS", "REV", "REG", "INF", "OWN")
"""In the order in which people read a policy."""


def digest(layers: Iterable[Layer]) -> Sha256:
    """SHA-256 over ``<key> <SHA-256 of its file>`` of each layer, a line each, lowest layer first."""
    lines = "".join(f"{layer.key} {layer.sha256}\n" for layer in layers)
    return Sha256(hashlib.sha256(lines.encode()).hexdigest())


def order(rule_id: str) -> tuple[int, int, str]:
    """Where a rule stands in its policy: by chapter, number, letter."""
    chapter, number, letter = re.fullmatch(r"([A-Z]+)-(\d+)([a-z]?)", rule_id).groups()  # type: ignore[union-attr]  # checked by the schema
    return CHAPTERS.index(chapter), int(number), letter


def merged(baseline: Layer, jurisdiction: Layer | None, agency: AgencyFile | None = None) -> Policy:
    """The policy that the layers make."""
    below = (baseline,) if jurisdiction is None else (baseline, jurisdiction)
    layers = below if agency is None else (*below, agency.layer)
    rules = {rule.id: rule for layer in layers for rule in layer.rules}
    acts: dict[str, Act] = {act.key: act for layer in layers for act in layer.acts}
    labels: dict[str, Label] = {label.key: label for layer in layers for label in layer.labels}
    off: list[Rule] = []
    if agency is not None:
        for change in agency.overrides:
            rules[change.rule] = _overridden(rules[change.rule], change)
        for extension in agency.extensions:
            rules[extension.rule] = _extended(rules[extension.rule], extension)
        off = [_marked(rules.pop(change.rule), change) for change in agency.off]
    top = below[-1]
    return Policy(
        key=top.key,
        title=top.title,
        document=top.document,
        layers=layers,
        rules=tuple(sorted(rules.values(), key=lambda rule: order(rule.id))),
        acts=tuple(acts.values()),
        labels=tuple(labels.values()),
        off=tuple(off),
        sha256=digest(layers),
        agency_sha256=None if agency is None else agency.layer.sha256,
    )


def _marked(rule: Rule, change: Change) -> Rule:
    return replace(rule, changes=(*rule.changes, change))


def _overridden(rule: Rule, change: Change) -> Rule:
    numbers = dict(rule.numbers) | dict(change.numbers)
    return replace(_marked(rule, change), numbers=tuple(numbers.items()))


def _extended(rule: Rule, extension: Extension) -> Rule:
    lists = tuple(
        replace(one, items=(*one.items, *extension.items), keys=(*one.keys, *extension.keys))
        if one.name == extension.listing
        else one
        for one in rule.lists
    )
    listed = {item for one in rule.lists if one.name == extension.listing for item in one.items}
    told = (
        *(f"{extension.listing}: {item}" for item in extension.items if item not in listed),
        *(f"act: {act}" for act in extension.acts if act not in rule.acts),
    )
    change = Change(
        rule=rule.id, what="extend", numbers=(), items=told, by=extension.by, reason=extension.reason
    )
    acts = tuple(dict.fromkeys((*rule.acts, *extension.acts)))
    return replace(_marked(rule, change), lists=lists, acts=acts)

"""Which rule keeps a person from a deed on an item, by the index: the daemon refuses by it, pages show by it.

In this order: the administrator sees no evidence, scope, ties of the person to the item (invariant 5), labels of
the item (OWN-24). What role a deed takes, and whether a second factor is fresh, stands with the action.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from sqlalchemy import Connection

from ingestd.index import registers
from ingestd.index.tie_lists import Items
from ingestd.law import labels
from ingestd.people.separation import (
    ADMINISTRATOR,
    ADMINISTRATOR_RULE,
    EVIDENCE,
    LABEL_RULE,
    OPENED,
    RULES,
    SCOPE_RULE,
    SEEN,
    Deed,
    barred,
    sees,
)
from ingestd.policy.model import Label, Policy
from ingestd.words import Text


class Bar(NamedTuple):
    """What stands against a deed."""

    rule: str
    text: Text
    layer: str | None = None
    """Of the policy, where that says it; None: `people.separation`, or the policy's whatever its layer."""


def against(
    connection: Connection,
    deed: Deed,
    about: str,
    *,
    person: str | None,
    roles: AbstractSet[str],
    unit: str | None,
    policy: Policy,
    items: Items | None = None,
) -> Bar | None:
    """The first rule that forbids it; None where none does.

    ``unit`` is the top of the units whose matters the person sees; None: the whole agency. ``items``: what is known
    of many, for whom asks of many.
    """
    if deed in EVIDENCE and ADMINISTRATOR in roles:
        return _told(ADMINISTRATOR_RULE)
    items = items or Items(connection)
    ties = items.ties(about, person)
    if not ties and not items.is_within(about, unit, or_unknown=deed not in EVIDENCE):
        return _told(SCOPE_RULE)
    bar = barred(deed, ties)
    if bar is not None:
        return Bar(bar.rule, bar.text)
    if deed in SEEN and not sees(roles, ties):
        return _told(SCOPE_RULE)
    if deed not in OPENED:
        return None
    label = labels.barring(policy.borne(items.labels(about)), deed, roles, ties)
    return None if label is None else _by(label, labels.bar_text(label, deed))


def guard(about: str, *, policy: Policy, items: Items) -> Bar | None:
    """The rule by which taking an item away takes a fresh second factor; None: there is none."""
    label = labels.guarding(policy.borne(items.labels(about)))
    return None if label is None else _by(label, labels.guard_text(label))


def within(connection: Connection, units: AbstractSet[str], top: str | None, *, or_unknown: bool) -> bool:
    """Whether some of these units are at or below another; ``or_unknown``: what none is known of is too."""
    if top is None or (or_unknown and not units):
        return True
    return bool(units & registers.below(registers.units(connection), top))


def _told(rule: str) -> Bar:
    return Bar(rule, RULES[rule])


def _by(label: Label, text: Text) -> Bar:
    return Bar(LABEL_RULE, text, label.layer)

"""Which rule keeps a person from a deed on an item, by the index: the daemon refuses by it, pages show by it.

In this order: the administrator sees no evidence, scope, ties of the person to the item (invariant 5). What role
a deed takes, and whether a second factor is fresh, stands with the action.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sqlalchemy import Connection

from ingestd.index import registers
from ingestd.index.tie_lists import Items
from ingestd.people.separation import (
    ADMINISTRATOR,
    ADMINISTRATOR_RULE,
    EVIDENCE,
    RULES,
    SCOPE_RULE,
    Deed,
    barred,
    sees,
)
from ingestd.words import Text


def against(
    connection: Connection,
    deed: Deed,
    about: str,
    *,
    person: str | None,
    roles: AbstractSet[str],
    unit: str | None,
    items: Items | None = None,
) -> tuple[str, Text] | None:
    """The first rule that forbids it, by its id and words; None where none does.

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
        return bar.rule, bar.text
    if deed is Deed.LOOK and not sees(roles, ties):
        return _told(SCOPE_RULE)
    return None


def within(connection: Connection, units: AbstractSet[str], top: str | None, *, or_unknown: bool) -> bool:
    """Whether some of these units are at or below another; ``or_unknown``: what none is known of is too."""
    if top is None or (or_unknown and not units):
        return True
    return bool(units & registers.below(registers.units(connection), top))


def _told(rule: str) -> tuple[str, Text]:
    return rule, RULES[rule]

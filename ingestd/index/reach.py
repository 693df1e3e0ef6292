"""Who could ever have touched an item: every account in every standing that it had, with what the rules left it.

By roles and scope as they were stated, by ties, units and labels as they are known now (a correction of a register
is about the past too). Who stands under `[people]` of a configuration is not in the log, and so not here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.index import accounts, registers
from ingestd.index.accounts import Standing
from ingestd.index.tie_lists import Items
from ingestd.index.ties import item
from ingestd.law.labels import barring
from ingestd.people.separation import ADMINISTRATOR, EVIDENCE, LABEL_RULE, OPENED, Deed, Tie, barred, sees
from ingestd.policy.model import Label, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One account in one standing, before which the item was open."""

    standing: Standing
    ties: frozenset[Tie]
    barred: tuple[tuple[Deed, str], ...]
    """What was kept from it, and by which rule; all else its roles decided."""


def reach(connection: Connection, subject: str, policy: Policy) -> tuple[Reach, ...]:
    """Whoever could see an item, in the order of account and time."""
    known, tree = item(connection, subject), registers.units(connection)
    borne = policy.borne(Items(connection).labels(subject))
    found = []
    for standing in accounts.standings(connection):
        ties = known.ties_of(standing.account)
        within = standing.unit is None or bool(known.units & registers.below(tree, standing.unit))
        if standing.active and (within or ties) and _sees(standing, ties):
            found.append(Reach(standing=standing, ties=ties, barred=_barred(standing, ties, borne)))
    return tuple(found)


def _sees(standing: Standing, ties: frozenset[Tie]) -> bool:
    return ADMINISTRATOR not in standing.roles and sees(standing.roles, ties)


def _barred(
    standing: Standing, ties: frozenset[Tie], borne: tuple[Label, ...]
) -> tuple[tuple[Deed, str], ...]:
    found = []
    for deed in Deed:
        bar = barred(deed, ties) if deed in EVIDENCE else None
        if bar is not None:
            found.append((deed, bar.rule))
        elif deed in OPENED and barring(borne, deed, standing.roles, ties) is not None:
            found.append((deed, LABEL_RULE))
    return tuple(found)

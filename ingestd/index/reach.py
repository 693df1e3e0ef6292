"""Who could ever have touched an item: every account in every standing that it had, with what the rules left it.

By roles and scope as they were stated, by ties and units as they are known now (a correction of a register is
about the past too). Who stands under `[people]` of a configuration is not in the log, and so not here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.index import accounts, registers
from ingestd.index.accounts import Standing
from ingestd.index.ties import item
from ingestd.people.separation import ADMINISTRATOR, EVIDENCE, Deed, Tie, barred, sees


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One account in one standing, before which the item was open."""

    standing: Standing
    ties: frozenset[Tie]
    barred: tuple[tuple[Deed, str], ...]
    """What was kept from it, and by which rule; all else its roles decided."""


def reach(connection: Connection, subject: str) -> tuple[Reach, ...]:
    """Whoever could see an item, in the order of account and time."""
    known, tree = item(connection, subject), registers.units(connection)
    found = []
    for standing in accounts.standings(connection):
        ties = known.ties_of(standing.account)
        within = standing.unit is None or bool(known.units & registers.below(tree, standing.unit))
        if standing.active and (within or ties) and _sees(standing, ties):
            found.append(Reach(standing=standing, ties=ties, barred=_barred(ties)))
    return tuple(found)


def _sees(standing: Standing, ties: frozenset[Tie]) -> bool:
    return ADMINISTRATOR not in standing.roles and sees(standing.roles, ties)


def _barred(ties: frozenset[Tie]) -> tuple[tuple[Deed, str], ...]:
    bars = ((deed, barred(deed, ties)) for deed in Deed if deed in EVIDENCE)
    return tuple((deed, bar.rule) for deed, bar in bars if bar is not None)

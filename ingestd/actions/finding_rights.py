"""Who may take which step on a finding: the daemon refuses by it, pages show by it.

First the role, then scope (SEP-7), then whom the finding judges and ties of the person to the item (OWN-15).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from sqlalchemy import Connection

from ingestd.config import ROLES
from ingestd.index import registers
from ingestd.index.authority import against
from ingestd.index.law_queries import Told, concerned_by
from ingestd.index.tie_lists import Items
from ingestd.people.separation import RULES, SCOPE_RULE, Deed
from ingestd.policy.catalog import Policy
from ingestd.telling import terms
from ingestd.words import Text

Step = Literal["acknowledge", "explain", "waive", "determine", "urge"]
ACKNOWLEDGE: Final = "acknowledge"
EXPLAIN: Final = "explain"
WAIVE: Final = "waive"
DETERMINE: Final = "determine"
URGE: Final = "urge"
ANYBODY = tuple(role for role in ROLES if role != "outside-supervisor")
"""Everybody of the agency itself."""
WAIVERS = ("supervisor",)
"""Where the agency switched OWN-15 off: who may waive does not become open to all by that."""
URGERS = ("supervisor", "dock-keeper")
WAIVE_RULE = "OWN-15"
_ROLES = {
    ACKNOWLEDGE: ANYBODY,
    EXPLAIN: ("officer", "dock-keeper", "case-officer", "supervisor"),
    DETERMINE: ("case-officer", "supervisor"),
    URGE: URGERS,
}
WORDS = {
    ACKNOWLEDGE: Text("受理", "acknowledge"),
    EXPLAIN: Text("说明", "explain"),
    WAIVE: Text("免除", "waive"),
    DETERMINE: Text("认定", "determine"),
    URGE: Text("催交", "urge"),
}
"""The steps as verbs."""


class Person(Protocol):
    """Whoever wants to take a step."""

    @property
    def person(self) -> str | None: ...

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def unit(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Why a person may not take a step."""

    text: Text
    rule: str | None


def roles_of(step: str, policy: Policy) -> tuple[str, ...]:
    """The roles that a step takes; who waives is the policy's to say (OWN-15)."""
    if step != WAIVE:
        return _ROLES[step]
    rule = policy.find(WAIVE_RULE)
    return WAIVERS if rule is None else rule.listing("roles").keys


def bar(
    connection: Connection,
    policy: Policy,
    step: str,
    told: Told,
    who: Person,
    *,
    needed: bool = False,
    items: Items | None = None,
) -> Barred | None:
    """What keeps a person from a step; None where nothing does.

    ``needed``: of `DETERMINE`, whether the act is said to have to be filmed, which anybody of its roles may say.
    ``items``: what is known of many, for whom asks of many.
    """
    items = items or Items(connection)
    roles = roles_of(step, policy)
    if not who.roles & set(roles):
        return _barred_by_role(step, roles)
    if not items.is_within(told.about, who.unit, or_unknown=True):
        return _barred(SCOPE_RULE)
    if step == EXPLAIN and not _is_of_the_unit(connection, who, told, items):
        return Barred(
            text=Text(
                "说明须由当事人员、其所在单位或监督人员作出",
                "it is explained by those concerned, their unit or a supervisor",
            ),
            rule=None,
        )
    if step == WAIVE or (step == DETERMINE and not needed):
        return _barred_by_tie(connection, step, told, who, items, policy=policy)
    return None


def _barred_by_role(step: str, roles: tuple[str, ...]) -> Barred:
    by, does = terms.words(terms.ROLES, roles), WORDS[step]
    return Barred(text=Text(f"{does.zh}须由{by.zh}执行", f"to {does.en} takes: {by.en}"), rule=None)


def _barred_by_tie(
    connection: Connection, step: str, told: Told, who: Person, items: Items, *, policy: Policy
) -> Barred | None:
    """OWN-15: nobody judges his own matter."""
    if who.person is not None and who.person in concerned_by(told):
        return Barred(
            text=Text(
                "当事人员不得处置与自己有关的异常",
                "who is concerned by a finding can't let it be",
            ),
            rule=WAIVE_RULE,
        )
    deed = Deed.WAIVE if step == WAIVE else Deed.DETERMINE
    found = against(
        connection,
        deed,
        told.about,
        person=who.person,
        roles=who.roles,
        unit=who.unit,
        policy=policy,
        items=items,
    )
    return None if found is None else Barred(text=found.text, rule=found.rule)


def _barred(rule: str) -> Barred:
    return Barred(text=RULES[rule], rule=rule)


def _is_of_the_unit(connection: Connection, who: Person, told: Told, items: Items) -> bool:
    """Whether a person is of the unit of those whom it concerns (or above it), or supervises.

    Their unit is what the register says, or the account that they act with.
    """
    concerned = concerned_by(told)
    if not concerned or who.person in concerned or "supervisor" in who.roles:
        return True
    known = registers.stated(connection, "officer", [*concerned, who.person or ""])
    own = known.get(who.person or "")
    theirs = {known[one].row.unit for one in concerned if one in known} - {None}
    mine = {None if own is None else own.row.unit, who.unit} - {None}
    return any(theirs & items.below(unit) for unit in mine if unit is not None)

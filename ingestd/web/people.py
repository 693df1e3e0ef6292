"""Accounts as their page shows them: by unit, with what state each is in, and what keeps roles apart (SEP-8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from ingestd.config import ROLES
from ingestd.errors import NotFoundError
from ingestd.index import queries, registers
from ingestd.model import Millis
from ingestd.people.separation import ADMINISTRATOR, READERS, RULES, TOGETHER_RULE, go_together
from ingestd.telling import chain, terms
from ingestd.telling.chain_words import Line
from ingestd.telling.signs import Sign, made
from ingestd.telling.terms import word
from ingestd.web.desk import Desk
from ingestd.words import Text

RECENT = 30
"""Entries of an account's history on its page; its custody page has all."""

HELP: dict[str, Text] = {
    "officer": Text("只看自己的录像，写说明", "sees their own recordings, writes notes"),
    "dock-keeper": Text(
        "管采集站：登记、分配、放行记录仪", "keeps the dock: recorders known, assigned, handed out"
    ),
    "case-officer": Text("看本单位案件，决定录像归属", "sees the unit's cases, says where recordings belong"),
    "supervisor": Text("值守、处理异常、抽查、提取", "watches, deals with findings, judges audits, extracts"),
    "legal-reviewer": Text("审核案件并提出意见", "reviews cases, gives opinions"),
    "archivist": Text("归档、核验、处置", "archives, checks, disposes"),
    ADMINISTRATOR: Text(
        "管账户和设置，看不到任何证据", "looks after accounts and settings, sees no evidence"
    ),
    "outside-supervisor": Text("外部监督，只读", "supervises from outside, reads only"),
}
"""What each role is for, beside its box."""

_STATES: dict[str, Sign] = {
    "open": made("●", "green", "启用", "open"),
    "first": made("◔", "yellow", "首次密码未改", "first password"),
    "none": made("◌", "default", "无密码", "no password"),
    "locked": made("▲", "red", "锁定", "locked"),
    "closed": made("○", "default", "停用", "closed"),
}
TONES = {"open": "good", "first": "warn", "none": "quiet", "locked": "bad", "closed": "quiet"}
"""Classes of the style sheet by state."""


DEEDS: dict[str, tuple[str, dict[str, Any]]] = {
    "lock": ("account.lock", {}),
    "unlock": ("account.unlock", {}),
    "close": ("account.state", {"active": False}),
    "open": ("account.state", {"active": True}),
    "end-totp": ("account.end-factor", {"kind": "totp"}),
    "end-pin": ("account.end-factor", {"kind": "pin"}),
    "end-logins": ("account.end-logins", {}),
}
"""Deeds on an account that take nothing but a press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One account in a list."""

    account: str
    name: str | None
    roles: tuple[Text, ...]
    state: str
    """A key of `TONES`."""
    sign: Sign
    has_totp: bool
    has_pin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Those whose matters end at one unit; id None: the whole agency."""

    id: str | None
    name: str | None
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A role that may be given, or why not."""

    role: str
    word: Text
    help: Text
    is_given: bool
    reads: bool
    """It goes not with the administrator's."""
    bar: Text | None
    """Why it cannot be given here."""


def by_unit(
    told: Iterable[Mapping[str, Any]], names: Mapping[str, str], *, words: str, role: str
) -> tuple[Unit, ...]:
    """The accounts that fit, the agency's first, then unit by unit."""
    return tuple(
        Unit(id=unit, name=names.get(unit or ""), people=tuple(map(_person, some)))
        for unit, some in groupby(fitting(told, words=words, role=role), key=lambda one: one["unit"])
    )


def fitting(told: Iterable[Mapping[str, Any]], *, words: str, role: str) -> list[Mapping[str, Any]]:
    """Those of the accounts (`account.list`) that fit, by unit, the agency's first."""
    fit = [one for one in told if _fits(one, words.casefold()) and (not role or role in one["roles"])]
    return sorted(fit, key=lambda one: (one["unit"] or "", one["account"]))


def _fits(one: Mapping[str, Any], words: str) -> bool:
    return words in f"{one['account']} {one['name'] or ''} {one['unit'] or ''}".casefold()


def _person(one: Mapping[str, Any]) -> Person:
    state = state_of(one)
    return Person(
        account=one["account"],
        name=one["name"],
        roles=tuple(word(terms.ROLES, role) for role in one["roles"]),
        state=state,
        sign=_STATES[state],
        has_totp=one["totp_at"] is not None,
        has_pin=one["pin_at"] is not None,
    )


def pressed(deed: str) -> tuple[str, dict[str, Any]]:
    """The daemon's verb of a deed of `DEEDS`, and what it is asked with. Raises NotFoundError."""
    if deed not in DEEDS:
        raise NotFoundError(Text("没有这个操作。", "there is no such deed."))
    return DEEDS[deed]


def state_of(one: Mapping[str, Any]) -> str:
    """In which state an account is: a key of `TONES`."""
    if not one["active"]:
        return "closed"
    if one["locked"] is not None:
        return "locked"
    if one["password_at"] is None:
        return "none"
    return "first" if one["must_change"] else "open"


def sign_of(one: Mapping[str, Any]) -> Sign:
    """The same as a sign."""
    return _STATES[state_of(one)]


def unit_names(connection: Connection) -> dict[str, str]:
    """Units of the register by id, with their names."""
    return {id_: unit.name or id_ for id_, unit in sorted(registers.units(connection).items())}


def choices(given: Collection[str], *, is_own: bool) -> tuple[Choice, ...]:
    """All roles for a form; nobody gives himself another one."""
    own = Text("不得给自己增加角色（SEP-8）", "nobody gives himself a role (SEP-8)")
    return tuple(
        Choice(
            role=role,
            word=word(terms.ROLES, role),
            help=HELP[role],
            is_given=role in given,
            reads=role in READERS or role == "officer",
            bar=own if is_own and role not in given else None,
        )
        for role in ROLES
    )


def conflict(roles: Collection[str]) -> Text | None:
    """What is wrong with these roles together; None where nothing is."""
    if go_together(roles):
        return None
    rule = RULES[TOGETHER_RULE]
    return Text(f"{rule.zh}（{TOGETHER_RULE}）", f"{rule.en} ({TOGETHER_RULE})")


def history(desk: Desk, connection: Connection, account: str) -> tuple[Sequence[Line], int]:
    """The newest of what happened to an account, newest first, and how many entries there are in all."""
    positions = queries.history(connection, f"account:{account}")
    links = chain.links(desk.watch.home, connection, positions[-RECENT:])
    return chain.lines(links, desk.zone)[::-1], len(positions)


def lock_end(one: Mapping[str, Any]) -> Millis | None:
    """Until when a lock holds; None: until somebody ends it, or there is none."""
    return one["locked_until"] if one["locked"] is not None else None

"""The demonstration's accounts: one for each kind of person at the pages, made by the product's own doors.

Everybody has changed the password that the administrator gave, as the first log-in asks. All is invented.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.clock import Clock
from ingestd.station import Station
from ingestd.words import Text

PASSWORD = "yanshi-mima-2026"  # noqa: S105 - of an invented station, printed on the terminal
PIN = "582914"
_FIRST = "linshi-mima-2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One of them, and what to try as them."""

    account: str
    name: str
    roles: tuple[str, ...]
    unit: str | None
    try_: Text


PEOPLE: tuple[Person, ...] = (
    Person(
        account="104288",
        name="陈立（虚构）",
        roles=("supervisor",),
        unit=None,
        try_=Text(
            "看正在入库的录像和待处理的异常，播放一段，抽查评定",
            "see what comes in and what is wrong, play a clip, judge an audit",
        ),
    ),
    Person(
        account="104333",
        name="孙莉（虚构）",
        roles=("legal-reviewer",),
        unit=None,
        try_=Text(
            "打开待审核的案件，看依据是否充分，提出意见",
            "open a case that waits for review, see what it rests on, give an opinion",
        ),
    ),
    Person(
        account="204102",
        name="马超（虚构）",
        roles=("case-officer",),
        unit="34079903",
        try_=Text(
            "打开本队的案件，决定一段录像属于哪个执法行为",
            "open a case of the unit, say which act a clip belongs to",
        ),
    ),
    Person(
        account="204101",
        name="何静（虚构）",
        roles=("archivist",),
        unit=None,
        try_=Text(
            "查一段录像的保管链，现场核验，看谁可能接触过它",
            "follow a clip's chain of custody, check it now, see who could have touched it",
        ),
    ),
    Person(
        account="104233",
        name="张建国（虚构）",
        roles=("officer",),
        unit="34079903",
        try_=Text(
            "看自己的录像；在自助终端用 PIN 补写说明",
            "see one's own clips; at the kiosk, by PIN, write notes",
        ),
    ),
    Person(
        account="204001",
        name="罗敏（虚构）",
        roles=("administrator",),
        unit=None,
        try_=Text("管理账户；看不到任何证据", "look after accounts; sees no evidence at all"),
    ),
)


def settle(station: Station, clock: Clock) -> None:
    """Make the accounts, with passwords of their own and the officer's PIN."""
    verbs = AccountVerbs(station, Refusals(station.books, clock))
    actions, local = (
        verbs.actions(),
        Caller(uid=os.getuid(), person="keeper-1", roles=frozenset(("administrator",))),
    )
    try:
        for one in PEOPLE:
            told = {"account": one.account, "name": one.name, "roles": list(one.roles), "unit": one.unit}
            actions["account.state"](local, told)
            actions["account.password"](local, {"account": one.account, "password": _FIRST})
            opened = actions["session.open"](local, {"user": one.account, "password": _FIRST})
            shown = {"session": opened["session"]}
            who = verbs.logins.who(os.getuid(), {"verb": "password.change", **shown})
            changed = actions["password.change"](who, {**shown, "old": _FIRST, "new": PASSWORD})
            who = verbs.logins.who(os.getuid(), {"verb": "pin.set", "session": changed["session"]})
            if "officer" in one.roles:
                actions["pin.set"](who, {"pin": PIN})
            actions["session.end"](who, {})
    finally:
        verbs.close()

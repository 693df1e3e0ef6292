"""The gate before a major decision (REV-1, 2, 5): what people state by hand is held against the case's review.

It is opened by the opinion of a legal reviewer of the register (OWN-21), whoever states it, never by one dated ahead.

A file of the case platform is not asked: it tells what has happened, and the engine finds what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingestd.actions.caller import Caller
from ingestd.errors import RefusedError
from ingestd.facts import Case
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.law.base import Base
from ingestd.law.rules import review
from ingestd.model import Millis
from ingestd.policy.model import Rule
from ingestd.policy.schema import REQUIREMENTS
from ingestd.registers.columns import CASE, DECISION, Register
from ingestd.station import Station
from ingestd.words import Text

TAKES_BACK = ("legal-reviewer", "supervisor")
"""Who may say that a decision which was called major is none."""


class Gate:
    """Asks the rules before a decision is stated by hand."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def check(self, register: Register, said: Mapping[str, object], who: Caller) -> None:
        """Raises RefusedError, with the rule, where what is said would decide a case that may not be decided."""
        if register is CASE:
            self._case(said, who)
        elif register is DECISION:
            self._decision(said)

    def _facts(self, case_id: str) -> tuple[Base, Case]:
        """A case as the rules of review see it; one that no register has is known by its id alone."""
        with reading(self._station.engine) as connection:
            case = registers.case(connection, case_id) or Case(case=case_id)
            acts = registers.acts_of(connection, case_id)
            rounds = registers.reviews_of(connection, case_id)
            reviewers = registers.stated(
                connection, "officer", [one.reviewer for one in rounds if one.reviewer]
            )
        if self._station.in_force.book().find("OWN-21") is not None:
            known = {number for number, one in reviewers.items() if one.row.reviewer}
            rounds = tuple(one if one.reviewer in known else replace(one, opinion=None) for one in rounds)
        return Base([case, *acts, *rounds]), case

    def _case(self, said: Mapping[str, object], who: Caller) -> None:
        base, case = self._facts(str(said["case"]))
        if case.major and "major" in said and not said["major"]:
            who.require(*TAKES_BACK)
        decided_at = said.get("decided_at")
        if isinstance(decided_at, int) and decided_at != case.decided_at:
            told: dict[str, Any] = {name: said[name] for name in ("kind", "major") if name in said}
            self._opens(base, replace(case, **told), Millis(decided_at))

    def _decision(self, said: Mapping[str, object]) -> None:
        base, case = self._facts(str(said["case"]))
        with reading(self._station.engine) as connection:
            before = registers.one(connection, DECISION.name, str(said["decision"]))
        at = said.get("at")
        is_told = before is not None and at in (None, before.row.at)
        if not is_told:
            self._opens(base, case, Millis(at) if isinstance(at, int) else None)

    def _opens(self, base: Base, case: Case, at: Millis | None) -> None:
        """Raises RefusedError unless the case may be decided at this moment (None: now)."""
        book, now = self._station.in_force.book(), self._station.clock.now()
        if all(book.find(rule_id) is None for rule_id in review.GATES):
            return
        is_major = review.major(base, case, book)
        if is_major is None and (rule := book.find("REV-2")) is not None:
            raise self._refused(rule, Text(
                "未认定是否重大执法决定，不得作出：先用 case add {case} --major yes 或 no 认定",
                "whether it is a major decision is not determined: case add {case} --major yes, or no, first",
            ).format(case=case.case))  # fmt: skip
        barring = (
            review.barring(base, case.case, book, now if at is None else min(at, now)) if is_major else ()
        )
        for rule, missing in barring:
            lacking = [REQUIREMENTS[one] for one in missing]
            raise self._refused(rule, Text(
                "重大执法决定缺少{zh}，不得作出：请先送审并取得审核意见（review open、review opinion）",
                "a major decision may not be taken without {en}: it is reviewed first (review open, review opinion)",
            ).format(zh="、".join(one.zh for one in lacking), en=", ".join(one.en for one in lacking)))  # fmt: skip

    def _refused(self, rule: Rule, text: Text) -> RefusedError:
        return refusal(self._station, rule, text)


def refusal(station: Station, rule: Rule | None, text: Text) -> RefusedError:
    """A refusal by a rule of the policy in force, with its source; None: of the program itself."""
    if rule is None:
        return RefusedError(Text("{t}。", "{t}.").format(t=text))
    told = Text(
        f"{text.zh}（{rule.id}，{rule.source().zh}）。", f"{text.en} ({rule.id}, {rule.source().en})."
    )
    return RefusedError(told, cited=station.policy.cite(rule.id))

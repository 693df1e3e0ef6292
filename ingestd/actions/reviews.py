"""Legal review by its people (REV-4, 5, 8, 9, 10): rounds are submitted, get an opinion, are taken further.

One round is open at a time; the newest opinion counts (REV-1). What was corrected is submitted again as another
round. Each step states the round's row, so that what a platform tells of rounds is the same kind of statement.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ingestd import canon
from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.gate import refusal
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.errors import NotFoundError, UsageError
from ingestd.facts import Officer, Review
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.index.registers import Stated
from ingestd.law.rules import review
from ingestd.model import Millis
from ingestd.people.separation import Deed
from ingestd.registers.columns import REVIEW
from ingestd.registers.words import OPINIONS, key_of
from ingestd.station import Station
from ingestd.words import Text

SUBMITS = ("case-officer", "administrator")
REVIEWS = ("legal-reviewer",)
_SUBMISSION = ("self_checked_at", "submitted_at", "due_at")


class ReviewActions:
    """The steps of a legal review. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals, stated: RegisterActions) -> None:
        self._station = station
        self._refusals = refusals
        self._registers = stated
        self._authority = Authority(station, refusals)

    def open(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Submit a case: a new round, or a correction of the one that is open. Moments as `submitted_at`, ...

        REV-5 where it binds: the unit's own check comes first. Without a limit OWN-20's is set.
        """
        case, rounds = self._case(arguments)
        cells = {name: arguments[name] for name in _SUBMISSION if arguments.get(name) is not None}
        said = self._registers.read(REVIEW, cells)
        now = self._station.clock.now()
        self._possible(said, now)
        before = next((one.row for one in rounds if one.row.opinion is None), None)
        told: dict[str, Any] = {"case": case} | said
        if before is None:
            number = max((one.row.round for one in rounds), default=0) + 1
            told |= {"review": canon.new_id(now, os.urandom(10)), "round": number}
            told.setdefault("submitted_at", now)
        else:
            told |= {"review": before.review, "round": before.round}
        with self._refusals.watch(who, "review.open", f"case:{case}"):
            who.require(*SUBMITS)
            self._authority.check_scope(who, f"case:{case}")
            self._self_checked(told, before)
        if "due_at" not in told:
            submitted = told.get("submitted_at") or (before and before.submitted_at)
            fresh = Review(review=told["review"], submitted_at=submitted)
            due = review.limit(fresh, self._station.in_force.book())
            told["due_at"] = None if due is None else due.at
        return self._registers.state(REVIEW, told, who) | {"round": told["round"]}

    def opinion(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The reviewer's word on the round that is open: ``opinion`` with its ``reason``, now.

        Raises RefusedError for who is no reviewer of the register, is on the case, or submitted it (OWN-21).
        """
        case, rounds = self._case(arguments)
        reason, opinion = reason_of(arguments["reason"]), self._outcome(arguments["opinion"])
        open_ = next((one for one in rounds if one.row.opinion is None), None)
        if open_ is None:
            raise UsageError(
                Text(
                    "案件 {c} 没有待审核的轮次，请先送审（命令 review open）。",
                    "no round of case {c} waits for an opinion: submit it first (review open).",
                ).format(c=case)
            )
        with self._refusals.watch(who, "review.opinion", f"case:{case}"):
            who.require(*REVIEWS)
            officer = self._reviewer(who, case, open_)
            self._authority.check(who, Deed.OPINION, f"case:{case}")
        told = {
            "review": open_.row.review,
            "reviewer": who.person,
            "opinion": opinion,
            "opinion_at": self._station.clock.now(),
            "reason": reason,
        }
        answer = self._registers.state(REVIEW, told, who) | {"round": open_.row.round}
        return answer | {"unqualified": self._is_short_of_qualification(officer)}

    def escalate(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """REV-9: the unit disagrees with the newest opinion, and it is taken further."""
        case, rounds = self._case(arguments)
        given = [one.row for one in rounds if one.row.opinion is not None]
        if not given:
            raise UsageError(
                Text("案件 {c} 还没有审核意见。", "there is no opinion on case {c} yet.").format(c=case)
            )
        with self._refusals.watch(who, "review.escalate", f"case:{case}"):
            who.require(*SUBMITS)
            self._authority.check_scope(who, f"case:{case}")
        told = {"review": given[-1].review, "escalated_at": self._station.clock.now()}
        return self._registers.state(REVIEW, told, who) | {"round": given[-1].round}

    # --- what is asked first ------------------------------------------------------------------

    def _case(self, arguments: Mapping[str, Any]) -> tuple[str, list[Stated]]:
        """The case and its rounds in their order. Raises NotFoundError."""
        case = str(arguments["case"])
        with reading(self._station.engine) as connection:
            if registers.case(connection, case) is None:
                raise NotFoundError(Text("没有案件 {c}。", "there is no case {c}.").format(c=case[:80]))
            keys = [one.review for one in registers.reviews_of(connection, case)]
            found = registers.stated(connection, REVIEW.name, keys)
        return case, [found[key] for key in keys]

    @staticmethod
    def _possible(said: Mapping[str, Any], now: Millis) -> None:
        """Raises UsageError for a check or submission that is still to come, and a limit that is over."""
        words = {
            "self_checked_at": Text("合法性自查不能在将来。", "the unit's own check can't be in the future."),
            "submitted_at": Text("送审时间不能在将来。", "the submission can't be in the future."),
        }
        for name, told in words.items():
            if said.get(name) is not None and said[name] > now:
                raise UsageError(told)
        if said.get("due_at") is not None and said["due_at"] <= now:
            raise UsageError(
                Text("审核期限已过，请填今天或以后的日期。", "the limit is over: give today or later.")
            )

    def _self_checked(self, told: Mapping[str, Any], before: Review | None) -> None:
        rule = self._station.in_force.book().find("REV-5")
        checked = told.get("self_checked_at") or (before and before.self_checked_at)
        if rule is not None and checked is None:
            raise refusal(
                self._station,
                rule,
                Text(
                    "送审前应先作合法性自查：请填自查日期（命令 --self-checked-at）",
                    "the unit's own check of lawfulness comes first: state its day (--self-checked-at)",
                ),
            )

    def _outcome(self, text: Any) -> str:
        """The key of an opinion that the jurisdiction has (REV-4). Raises UsageError."""
        known = review.opinions(self._station.in_force.book())
        key = key_of(OPINIONS, str(text))
        if key not in known:
            words = known.values()
            raise UsageError(
                Text("审核意见为{zh}之一。", "an opinion is one of {en}.").format(
                    zh="、".join(one.zh for one in words), en=", ".join(one.en for one in words)
                )
            )
        return str(key)

    def _reviewer(self, who: Caller, case: str, open_: Stated) -> Officer | None:
        """Who reviews, as the register has them. Raises RefusedError."""
        rule = self._station.in_force.book().find("OWN-21")
        person = who.person or ""
        with reading(self._station.engine) as connection:
            found = registers.one(connection, "officer", person)
            acts = registers.acts_of(connection, case)
        if any(person in act.officers for act in acts) or open_.by == who.actor:
            text = Text(
                "{who} 是本案的执法人员或送审人，不能审核本案；请由他人审核",
                "{who} is on the acts of this case or submitted it and can't review it: let others do it",
            )
            raise refusal(self._station, rule, text.format(who=who.actor))
        officer = None if found is None else found.row
        is_reviewer = officer is not None and officer.active and officer.reviewer
        if rule is not None and not is_reviewer:
            text = Text(
                "{who} 未登记为法制审核人员，请在人员登记中登记（命令 officer add {p} --reviewer yes）",
                "{who} is no legal reviewer of the register: enter that there (officer add {p} --reviewer yes)",
            )
            raise refusal(self._station, rule, text.format(who=who.actor, p=person))
        return officer

    def _is_short_of_qualification(self, officer: Officer | None) -> bool:
        """REV-11, told and not refused: no text says that an opinion without it is none."""
        asked = self._station.in_force.book().find("REV-11") is not None
        return asked and (officer is None or not officer.qualified)

"""What people do about findings: acknowledge, explain, waive, determine. Each step is an event, and so is a refusal.

Facts alone end a finding. A step that was taken already appends nothing; one that is behind a later step neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import require_fresh
from ingestd.actions.caller import Caller
from ingestd.actions.finding_rights import ACKNOWLEDGE, DETERMINE, EXPLAIN, WAIVE, bar
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import (
    Event,
    FilmingDetermined,
    FindingAcknowledged,
    FindingExplained,
    FindingWaived,
)
from ingestd.index import law_queries
from ingestd.index.database import reading
from ingestd.index.law_queries import Told
from ingestd.index.law_rows import ACKNOWLEDGED, ORDER, WAIVED
from ingestd.law.finding import Level
from ingestd.station import Station
from ingestd.telling.plain import typed
from ingestd.words import Text

REASON_LIMIT = 2000
NOTE_LIMIT = 1000


class FindingActions:
    """The steps on findings. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals

    def acknowledge(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Somebody of the agency looks into it."""
        told = self._open(arguments)
        with self._refusals.watch(who, "finding.acknowledge", told.about):
            self._check(who, ACKNOWLEDGE, told)
        return self._step(
            who, told, ACKNOWLEDGED, FindingAcknowledged(finding=told.finding, about=told.about)
        )

    def explain(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The officer, the unit or a supervisor says how it came about. Said again, it is said in addition."""
        told, reason = self._open(arguments), reason_of(arguments["reason"])
        with self._refusals.watch(who, "finding.explain", told.about):
            self._check(who, EXPLAIN, told)
        digest = self._station.services.put_value({"reason": reason})
        event = FindingExplained(finding=told.finding, about=told.about, reason_value=digest)
        return {"finding": told.finding, "seq": self._append(event, who), "changed": True}

    def waive(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A role that OWN-15 names lets it be; never the person concerned."""
        told, reason = self._open(arguments), reason_of(arguments["reason"])
        with self._refusals.watch(who, "finding.waive", told.about):
            self._check(who, WAIVE, told)
            require_fresh(who, self._station.clock)
        if told.level == Level.PROPOSAL:
            raise UsageError(
                Text(
                    "待认定的事项不能免除，请用 finding determine 认定。",
                    "a proposal is not waived but determined: finding determine.",
                )
            )
        if told.state == WAIVED:
            return {"finding": told.finding, "seq": None, "changed": False}
        digest = self._station.services.put_value({"reason": reason})
        event = FindingWaived(finding=told.finding, about=told.about, reason_value=digest)
        return self._step(who, told, WAIVED, event)

    def determine(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Whether the act of a proposal has to be filmed whole; who is on it can't say that it need not."""
        told, reason = self._open(arguments), reason_of(arguments["reason"])
        needed = arguments["needed"]
        sort, _, act = told.about.partition(":")
        if told.level != Level.PROPOSAL or sort != "act" or not isinstance(needed, bool):
            raise UsageError(
                Text("此异常没有待认定的事项。", "there is nothing to determine about this finding.")
            )
        with self._refusals.watch(who, "finding.determine", told.about):
            self._check(who, DETERMINE, told, needed=needed)
        digest = self._station.services.put_value({"reason": reason})
        event = FilmingDetermined(act=act, needed=needed, reason_value=digest)
        return {"finding": told.finding, "act": act, "seq": self._append(event, who), "changed": True}

    def _step(self, who: Caller, told: Told, step: str, event: Event) -> dict[str, Any]:
        if ORDER.index(told.state) >= ORDER.index(step):
            return {"finding": told.finding, "seq": None, "changed": False}
        return {"finding": told.finding, "seq": self._append(event, who), "changed": True}

    def _append(self, event: Event, who: Caller) -> int:
        return self._station.books.append([event], actor=who.actor)[0]

    def _open(self, arguments: Mapping[str, Any]) -> Told:
        id_ = str(arguments["finding"])
        with reading(self._station.engine) as connection:
            told = law_queries.finding(connection, id_)
        if told is None or told.closed_at is not None:
            raise NotFoundError(
                Text(
                    "没有编号为 {id} 的未结异常（可能已由事实消除）；用 ingestd findings 查看。",
                    "no finding {id} is open (facts may have ended it); see ingestd findings.",
                ).format(id=id_[:40])
            )
        return told

    def _check(self, who: Caller, step: str, told: Told, *, needed: bool = False) -> None:
        """Raises RefusedError for whom a rule keeps from a step."""
        with reading(self._station.engine) as connection:
            found = bar(connection, self._station.policy, step, told, who, needed=needed)
        if found is not None:
            raise RefusedError(
                Text("{who}：{zh}；请由有权的人执行。", "{who}: {en}; let somebody do it who may.").format(
                    who=who.actor, zh=found.text.zh, en=found.text.en
                ),
                rule=found.rule,
            )


def reason_of(text: Any) -> str:
    """A reason as a person gives it. Raises UsageError."""
    asked = Text("请写明理由（不超过 {n} 字）。", "give a reason of at most {n} characters.")
    return _typed(text, REASON_LIMIT, asked)


def note_of(text: Any) -> str:
    """The note of a recording as a person writes it. Raises UsageError."""
    asked = Text("请写文字说明（不超过 {n} 字）。", "write a note of at most {n} characters.")
    return _typed(text, NOTE_LIMIT, asked)


def _typed(text: Any, limit: int, asked: Text) -> str:
    said = typed(str(text))
    if not 0 < len(said) <= limit:
        raise UsageError(asked.format(n=limit))
    return said

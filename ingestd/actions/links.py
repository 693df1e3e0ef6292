"""Where a clip belongs, by a person: linked to an act or a case, or to none. Each is an event, and so is a refusal.

Invariant 5: nobody decides this of a clip that he may have recorded himself, or of an act that he took part in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import ClipLinked, ClipUnlinked, Event
from ingestd.index import link_queries, registers
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.items import one_clip
from ingestd.index.link_queries import PERSON, Link
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.words import Text

LINKS = ("case-officer", "supervisor")
"""Who may say where a clip belongs."""


class LinkActions:
    """Links by people. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def set(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """It belongs to this act, or to this case; away from another one only with a reason."""
        with reading(self._station.engine) as connection:
            clip = one_clip(connection, str(arguments["clip"]))
            link = link_queries.link_of(connection, clip.acquisition)
            act, case = _target(connection, arguments.get("act"), arguments.get("case"))
        moves = link is not None and bool(link.act or link.case) and (link.act, link.case) != (act, case)
        with self._refusals.watch(who, "link.set", f"clip:{clip.acquisition}"):
            who.require(*LINKS)
            self._authority.check(who, Deed.LINK, f"case:{case}" if act is None else f"act:{act}")
            self._authority.check(who, Deed.UNLINK if moves else Deed.LINK, f"clip:{clip.acquisition}")
        answer = {"clip": clip.acquisition, "act": act, "case": case}
        if link is not None and (link.act, link.case, link.by) == (act, case, PERSON):
            return answer | {"seq": None, "changed": False}
        events: list[Event] = []
        if moves:
            events.append(self._unlinked(clip, link, arguments.get("reason")))
        events.append(
            ClipLinked(acquisition=clip.acquisition, act=act, case=case, by=PERSON, score=None, reasons=())
        )
        return answer | {"seq": self._append(events, who), "changed": True}

    def remove(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """It belongs to no act and no case, until a person says otherwise."""
        with reading(self._station.engine) as connection:
            clip = one_clip(connection, str(arguments["clip"]))
            link = link_queries.link_of(connection, clip.acquisition)
        with self._refusals.watch(who, "link.remove", f"clip:{clip.acquisition}"):
            who.require(*LINKS)
            self._authority.check(who, Deed.UNLINK, f"clip:{clip.acquisition}")
        answer = {"clip": clip.acquisition, "act": None, "case": None}
        if link is not None and (link.act, link.case, link.by) == (None, None, PERSON):
            return answer | {"seq": None, "changed": False}
        event = self._unlinked(clip, link, arguments.get("reason"))
        return answer | {"seq": self._append([event], who), "changed": True}

    def _unlinked(self, clip: Clip, link: Link | None, reason: Any) -> ClipUnlinked:
        if reason is None:
            raise UsageError(
                Text(
                    "该录像已有归属；改变归属须写明理由（--reason）。",
                    "the clip is linked already; to take it away needs a reason (--reason).",
                )
            )
        digest = self._station.services.put_value({"reason": reason_of(reason)})
        return ClipUnlinked(
            acquisition=clip.acquisition,
            act=None if link is None else link.act,
            case=None if link is None else link.case,
            by=PERSON,
            reason_value=digest,
        )

    def _append(self, events: Sequence[Event], who: Caller) -> int:
        return self._station.books.append(events, actor=who.actor)[-1]


def _target(connection: Connection, act: Any, case: Any) -> tuple[str | None, str | None]:
    """Act and case that a clip is to belong to. Raises NotFoundError."""
    if act is not None:
        found = registers.one(connection, "act", str(act))
        if found is None:
            raise NotFoundError(Text("没有执法行为 {a}。", "there is no act {a}.").format(a=str(act)[:80]))
        return found.row.act, found.row.case
    if registers.case(connection, str(case)) is None:
        raise NotFoundError(Text("没有案件 {c}。", "there is no case {c}.").format(c=str(case)[:80]))
    return None, str(case)

"""What one person proposes and another must confirm: the proposal, and who may be the second.

A proposal waits as an event (`action.proposed`) until a second person confirms it by its id; what the deed is,
who may take part and what then happens is said by the module whose deed it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestd import canon
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, RefusedError
from ingestd.events import ActionProposed
from ingestd.index import queries
from ingestd.index.database import reading
from ingestd.index.facts import PendingAction
from ingestd.station import Station
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPersonDeed:
    """A deed that takes two people."""

    verb: str
    require: Callable[[Caller, str], None]
    """Raises RefusedError for who may not take part in it on this subject, first or second."""
    done: Callable[[Caller, PendingAction], dict[str, Any]]
    """Does it, when the second person confirmed; the JSON answer."""


def propose(station: Station, who: Caller, deed: TwoPersonDeed, about: str, reason: str) -> dict[str, Any]:
    """The first person's half; answers with the id that `confirm` takes. Raises NoSpaceError."""
    action = canon.new_id(station.clock.now(), os.urandom(10))
    digest = station.services.put_value({"reason": reason})
    event = ActionProposed(action=action, verb=deed.verb, about=about, reason_value=digest)
    (seq,) = station.books.append([event], actor=who.actor)
    return {"action": action, "seq": seq, "changed": True, "needs": "confirm"}


class SecondPerson:
    """`confirm`, for every deed that takes two people."""

    def __init__(self, station: Station, refusals: Refusals, deeds: Iterable[TwoPersonDeed]) -> None:
        self._station = station
        self._refusals = refusals
        self._deeds = {deed.verb: deed for deed in deeds}

    def confirm(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The second person's half, and the deed. Raises NotFoundError, RefusedError."""
        pending = self._pending(str(arguments["action"]))
        deed = self._deeds[pending.verb]
        with self._refusals.watch(who, pending.verb, pending.about):
            deed.require(who, pending.about)
            if pending.proposed_by == who.actor:
                raise RefusedError(
                    Text(
                        "提出者本人不能确认；需要另一个人执行 ingestd confirm {id}。",
                        "whoever proposed it cannot confirm it; a second person runs: ingestd confirm {id}",
                    ).format(id=pending.action)
                )
        return deed.done(who, pending)

    def _pending(self, action: str) -> PendingAction:
        with reading(self._station.engine) as connection:
            for pending in queries.pending_actions(connection):
                if pending.action == action:
                    return pending
        raise NotFoundError(
            Text(
                "没有待确认的操作 {id}（可能已经确认）。",
                "no action {id} waits for confirmation (it may have been confirmed already).",
            ).format(id=action)
        )

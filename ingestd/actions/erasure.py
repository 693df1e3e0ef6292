"""Erasing a personal value: two people, a reason, an event; then the text leaves the vault (design 5).

The digest stays in the log and tells nothing. Erasing cannot be undone, so the event is published before the file
goes; what a crash leaves between, or a restored backup brings back, goes with the next sweep (`jobs.leftovers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.actions.second_person import TwoPersonDeed, propose
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import ValueErased
from ingestd.index import erasures, queries
from ingestd.index.database import reading
from ingestd.index.erasures import ERASE, MISSING
from ingestd.index.facts import PendingAction
from ingestd.intake import findings
from ingestd.ledger import table
from ingestd.ledger.entry import parse
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.vault.layout import is_digest
from ingestd.vault.values import Values
from ingestd.words import Text

_SORT = "value:"
_ROLES = ("archivist", "supervisor")
_SHOWN = 80


class ErasureActions:
    """What archivists and supervisors may ask about personal values."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def erase(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`value.erase`: propose to erase a value (``digest``); a second person confirms.

        Raises UsageError, NotFoundError where no event refers to it, RefusedError.
        """
        digest, reason = _digest(arguments["digest"]), reason_of(arguments["reason"])
        with self._refusals.watch(who, ERASE, _SORT + digest):
            self._require(who, _SORT + digest)
        with reading(self._station.engine) as connection:
            before = erasures.erasure(connection, digest)
        if before is not None:
            return {"digest": digest, "seq": before.seq, "changed": False}
        return {"digest": digest} | propose(self._station, who, self.erasing, _SORT + digest, reason)

    @property
    def erasing(self) -> TwoPersonDeed:
        """Erasing takes two people."""
        return TwoPersonDeed(verb=ERASE, require=self._require, done=self._erased)

    def _require(self, who: Caller, about: str) -> None:
        """Both have the role, a fresh second factor, and no tie to anything that the value is of (SEP-4)."""
        who.require(*_ROLES)
        for item in self._items(about):
            self._authority.check(who, Deed.DISPOSE, item)

    def _items(self, about: str) -> list[str]:
        with reading(self._station.engine) as connection:
            named = table.some(connection, queries.history(connection, about))
        found = dict.fromkeys(parse(entry).subject for entry in named)
        if not found:
            raise NotFoundError(
                Text(
                    "日志中没有提到个人信息 {d}；用 ingestd value list 查看一个事项有哪些。",
                    "no entry of the log refers to the value {d}: ingestd value list tells which an item has.",
                ).format(d=about.removeprefix(_SORT))
            )
        return [subject for subject in found if subject != about]

    def _erased(self, who: Caller, pending: PendingAction) -> dict[str, Any]:
        digest = pending.about.removeprefix(_SORT)
        event = ValueErased(
            digest=digest,
            reason_value=pending.reason_value or "",
            proposed_by=pending.proposed_by,
            confirmed_by=who.actor,
        )
        with reading(self._station.engine) as connection:
            is_missed = pending.about in erasures.missed(connection)
        ended = [findings.closed(MISSING, pending.about, "erased")] if is_missed else []
        seq = self._station.books.append([event, *ended], actor=who.actor)[0]
        self._station.books.ensure_published(seq)
        Values(self._station.home).erase(digest)
        return {"digest": digest, "seq": seq, "changed": True}


def _digest(text: Any) -> str:
    digest = str(text).strip().lower()
    if not is_digest(digest):
        raise UsageError(
            Text(
                "“{t}”不是个人信息的摘要（64 位十六进制）。", "{t!r} is no digest of a value (64 hex digits)."
            ).format(t=digest[:_SHOWN])
        )
    return digest

"""Classification labels of clips and text records (REC-17): which there are says the policy, what for says its text.

A label says what an item holds; who opens it then, sees its frames in lists and takes it away says the policy
(`law.labels`). What was said before stays in the item's chain. Whom a label keeps out takes none off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import ClipLabelled, Event, TextRecordLabelled
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.index.items import the_clip
from ingestd.index.labels import borne_by
from ingestd.law.labels import labels_known
from ingestd.model import AcquisitionId
from ingestd.people.separation import Deed
from ingestd.registers.words import LABELS
from ingestd.station import Station
from ingestd.words import Text

LABELLERS = ("case-officer", "supervisor", "archivist")
"""Who labels: whoever handles the evidence, never who recorded it by that role alone."""
_NO_RECORD = Text("没有文字记录 {r}。", "there is no text record {r}.")
_SHOWN = 80


class LabelActions:
    """`clip.label`, `record.label`."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def label_clip(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All ``labels`` of a ``clip`` from now on; to take one away takes a ``reason``."""
        key = AcquisitionId(str(arguments["clip"]))
        with reading(self._station.engine) as connection:
            the_clip(connection, key)
        made = partial(ClipLabelled, acquisition=key)
        return {"clip": key} | self._label(who, arguments, "clip.label", f"clip:{key}", made)

    def label_record(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All ``labels`` of a text ``record`` from now on; to take one away takes a ``reason``."""
        key = str(arguments["record"])
        with reading(self._station.engine) as connection:
            if registers.one(connection, "record", key) is None:
                raise NotFoundError(_NO_RECORD.format(r=key[:_SHOWN]))
        made = partial(TextRecordLabelled, record=key)
        return {"record": key} | self._label(who, arguments, "record.label", f"text-record:{key}", made)

    def _label(
        self,
        who: Caller,
        arguments: Mapping[str, Any],
        verb: str,
        about: str,
        made: Callable[..., Event],
    ) -> dict[str, Any]:
        wanted, known = arguments["labels"], labels_known(self._station.in_force.book())
        if not isinstance(wanted, list) or set(wanted) - set(known):
            words = [LABELS[one].text for one in known]
            raise UsageError(
                Text("标识为 {zh} 之中的。", "labels are of {en}.").format(
                    zh="、".join(one.zh for one in words), en=", ".join(one.en for one in words)
                )
            )
        told = tuple(one for one in LABELS if one in wanted)
        with reading(self._station.engine) as connection:
            had = borne_by(connection, about)
        goes = bool(set(had) - set(told))
        with self._refusals.watch(who, verb, about):
            who.require(*LABELLERS)
            self._authority.check(who, Deed.OPEN if goes else Deed.LOOK, about)
        if told == had:
            return {"labels": list(told), "seq": None, "changed": False}
        event = made(labels=told, reason_value=self._why(arguments, must=goes))
        seq = self._station.books.append([event], actor=who.actor)[-1]
        return {"labels": list(told), "seq": seq, "changed": True}

    def _why(self, arguments: Mapping[str, Any], *, must: bool) -> str | None:
        """The reason, as a personal value; there must be one where a label goes. Raises UsageError."""
        reason = arguments.get("reason")
        if not must and not reason:
            return None
        return self._station.services.put_value({"reason": reason_of(reason or "")})

"""Classification labels of clips (REC-17): which there are says the policy, who they are for says its text.

A label says what a clip holds; who opens it then, sees its frames in lists and takes it away says the policy
(`law.labels`). What was said before stays in the clip's chain. Whom a label keeps out takes none off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.errors import UsageError
from ingestd.events import ClipLabelled
from ingestd.index import papers
from ingestd.index.database import reading
from ingestd.index.items import the_clip
from ingestd.law.labels import labels_known
from ingestd.people.separation import Deed
from ingestd.registers.words import LABELS
from ingestd.station import Station
from ingestd.words import Text

LABELLERS = ("case-officer", "supervisor", "archivist")
"""Who labels: whoever handles the evidence, never who recorded it by that role alone."""


class LabelActions:
    """`clip.label`."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def label(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All ``labels`` of a ``clip`` from now on; to take one away takes a ``reason``."""
        key, wanted = str(arguments["clip"]), arguments["labels"]
        known = labels_known(self._station.in_force.book())
        if not isinstance(wanted, list) or set(wanted) - set(known):
            words = [LABELS[one].text for one in known]
            raise UsageError(
                Text("标识为 {zh} 之中的。", "labels are of {en}.").format(
                    zh="、".join(one.zh for one in words), en=", ".join(one.en for one in words)
                )
            )
        with reading(self._station.engine) as connection:
            clip = the_clip(connection, key)
            before = papers.labels_of(connection, [key]).get(key)
        had = () if before is None else before.labels
        with self._refusals.watch(who, "clip.label", f"clip:{key}"):
            who.require(*LABELLERS)
            goes = bool(set(had) - set(wanted))
            self._authority.check(who, Deed.OPEN if goes else Deed.LOOK, f"clip:{key}")
        told = tuple(one for one in LABELS if one in wanted)
        if told == had:
            return {"clip": key, "labels": list(told), "seq": None, "changed": False}
        why = self._why(had, told, arguments)
        event = ClipLabelled(acquisition=clip.acquisition, labels=told, reason_value=why)
        seq = self._station.books.append([event], actor=who.actor)[-1]
        return {"clip": key, "labels": list(told), "seq": seq, "changed": True}

    def _why(self, had: tuple[str, ...], told: tuple[str, ...], arguments: Mapping[str, Any]) -> str | None:
        """The reason, as a personal value; there must be one where a label goes. Raises UsageError."""
        reason = arguments.get("reason")
        if not set(had) - set(told) and not reason:
            return None
        return self._station.services.put_value({"reason": reason_of(reason or "")})

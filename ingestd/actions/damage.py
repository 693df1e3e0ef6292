"""Stored bytes that somebody doubts: the daemon reads them itself, whoever tells, and says what it finds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.server import Action
from ingestd.actions.stored import Stored, StoredClip, StoredDocument
from ingestd.people.separation import Deed
from ingestd.station import Station


class DamageActions:
    """The verbs by which the pages tell that stored bytes were not what was signed."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._authority = Authority(station, refusals)
        self._one = threading.Lock()

    def verbs(self) -> dict[str, Action]:
        """By their names on the socket."""
        return {"clip.suspect": self.clip, "document.suspect": self.document}

    def clip(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`clip.suspect`: read a ``clip`` in full; whether it is damaged. Raises RefusedError, NotFoundError."""
        return self._read(who, StoredClip(self._station, str(arguments["clip"])))

    def document(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`document.suspect`: the same of a ``document``, its manifest and its signature."""
        return self._read(who, StoredDocument(self._station, str(arguments["document"])))

    def _read(self, who: Caller, stored: Stored) -> dict[str, Any]:
        """Damage becomes its event and finding, once; what is good after all (memory, cable) changes nothing.

        One at a time: reading is the disk's work, and playing goes on meanwhile.
        """
        self._authority.require(who, Deed.LOOK, stored.about)
        with self._one:
            if stored.is_damaged():
                return {"damaged": True, "seq": None}
            seq = stored.report(stored.manifest_faults(), stored.byte_faults(), found_by="look")
        return {"damaged": stored.is_damaged(), "seq": seq}

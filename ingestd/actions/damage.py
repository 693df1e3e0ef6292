"""Stored bytes that somebody doubts: the daemon reads them itself, whoever tells, and says what it finds."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.checks import report_damage
from ingestd.actions.refusals import Refusals
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.items import the_clip
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.vault import check
from ingestd.vault.manifest import ManifestError, parse


class DamageActions:
    """The verb by which the pages tell that a chunk was not what was signed."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._authority = Authority(station, refusals)
        self._one = threading.Lock()

    def suspect(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`clip.suspect`: read a ``clip`` in full; whether it is damaged. Raises RefusedError, NotFoundError.

        Damage becomes `clip.damaged` and a finding, once; what is good after all (a fault of memory or cable)
        changes nothing. One at a time: reading is the disk's work, and playing goes on meanwhile.
        """
        id_ = str(arguments["clip"])
        self._authority.require(who, Deed.LOOK, f"clip:{id_}")
        with reading(self._station.engine) as connection:
            clip = the_clip(connection, id_)
        with self._one:
            if self._station.books.is_damaged(clip.sha256):
                return {"damaged": True, "seq": None}
            faults = check.check_bytes(
                self._station.home, clip.sha256, size=clip.size, chunks_root=self._root(clip)
            )
            seq = report_damage(self._station.books, clip.sha256, faults, found_by="look")
        return {"damaged": bool(faults), "seq": seq}

    def _root(self, clip: Clip) -> str | None:
        """Of the signed manifest; None where that itself cannot be read."""
        try:
            return parse(self._station.home.manifest_named(clip.manifest).read_bytes()).chunks_root
        except (OSError, ManifestError):
            return None

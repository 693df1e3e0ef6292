"""Checking a clip or document now, for who asks at a page: bytes, manifest, signature, place in the log.

What is said is read from the disk while it is asked; nothing is believed of what was known before. Damage that is
found becomes the same event and finding as if the periodic verification had found it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.server import Report, Verb
from ingestd.actions.stored import Stored, StoredClip, StoredDocument
from ingestd.errors import BusyError, KeyMaterialError, LogError
from ingestd.index.inclusion import LogReader
from ingestd.people.separation import READERS, Deed
from ingestd.station import Station
from ingestd.vault.check import VaultFault
from ingestd.words import Text

AT_ONCE = 2
"""Contents that are read at a time: a check for a page never takes the disk from intake."""
EVERY_S = 0.15
"""How often what was read so far is told."""
BYTES, MANIFEST, LOG = "bytes", "manifest", "log"
"""Parts of a check."""

_BUSY = Text("已有 {n} 件正在核验，请稍后再试。", "{n} are being checked already; try again in a moment.")


class CheckActions:
    """The verbs `clip.check` and `document.check`."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def verbs(self) -> dict[str, Verb]:
        """By their names on the socket."""
        return {"clip.check": self.clip, "document.check": self.document}

    def clip(self, who: Caller, arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
        """Everything that can be checked of one ``clip``; without ``whole`` all but its bytes, at once.

        Answers ``ok`` and ``parts``, each with its faults; progress is ``done`` of ``size`` bytes and the SHA-256
        of those. Raises NotFoundError, RefusedError, BusyError.
        """
        stored = StoredClip(self._station, str(arguments["clip"]))
        return self._check(who, "clip.check", stored, report if arguments.get("whole") else None)

    def document(self, who: Caller, arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
        """The same of one ``document``: also that it is good again becomes an event (`document.repaired`)."""
        stored = StoredDocument(self._station, str(arguments["document"]))
        return self._check(who, "document.check", stored, report if arguments.get("whole") else None)

    def _check(self, who: Caller, verb: str, stored: Stored, report: Report | None) -> dict[str, Any]:
        """``report`` None: without the bytes."""
        with self._refusals.watch(who, verb, stored.about):
            self._authority.check(who, Deed.LOOK, stored.about)
            if report is not None:
                who.require(*READERS)
        manifest = stored.manifest_faults()
        parts = {MANIFEST: [_json(fault) for fault in manifest], LOG: self._inclusion(stored)}
        told: dict[str, Any] = {**stored.names, "sha256": stored.row.sha256, "size": stored.row.size}
        if report is not None:
            started = time.monotonic()
            faults, digest = self._bytes(stored, report)
            seq = stored.report(manifest, faults, found_by="person", actor=who.actor)
            parts[BYTES] = [_json(fault) for fault in faults]
            told |= {"digest": digest, "seq": seq, "ms": round((time.monotonic() - started) * 1000)}
        told["at"] = self._station.clock.now()
        return told | {"parts": parts, "ok": not any(parts.values())}

    def _inclusion(self, stored: Stored) -> list[dict[str, Any]]:
        try:
            fault = LogReader(self._station.home).inclusion_fault(stored.row)
        except (KeyMaterialError, LogError) as error:
            fault = error.text
        return [] if fault is None else [{"kind": "inclusion", "zh": fault.zh, "en": fault.en}]

    def _bytes(self, stored: Stored, report: Report) -> tuple[tuple[VaultFault, ...], str]:
        """Faults of the bytes, and their digest as they are."""
        if not self._room.acquire(blocking=False):
            raise BusyError(_BUSY.format(n=AT_ONCE))
        try:
            watched = _Watched(stored.row.size, report)
            faults = stored.byte_faults(watched.seen)
        finally:
            self._room.release()
        return faults, watched.digest


class _Watched:
    """Tells how far the reading is, not more often than anybody can see."""

    def __init__(self, size: int, report: Report) -> None:
        self._size, self._report, self._told_s = size, report, 0.0
        self.digest = ""

    def seen(self, done: int, digest: str) -> None:
        """After each piece."""
        self.digest, now = digest, time.monotonic()
        if now - self._told_s >= EVERY_S:
            self._told_s = now
            self._report({"done": done, "size": self._size, "digest": digest})


def _json(fault: VaultFault) -> dict[str, Any]:
    text = fault.text
    return {
        "kind": fault.kind.value,
        "zh": text.zh,
        "en": text.en,
        "offset": fault.offset,
        "length": fault.length,
    }

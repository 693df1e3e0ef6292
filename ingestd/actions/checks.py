"""Checking one clip now, for who asks at a page: bytes, pieces, manifest, signature, place in the log.

What is said is read from the disk while it is asked; nothing is believed of what was known before. Damage that is
found becomes the same event and finding as if the periodic verification had found it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.errors import BusyError, LogError
from ingestd.events import ClipDamaged, DocumentDamaged, DocumentRepaired
from ingestd.index import papers
from ingestd.index.books import StationBooks
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.inclusion import LogReader
from ingestd.index.items import the_clip
from ingestd.index.papers import Document
from ingestd.intake import findings
from ingestd.model import Sha256
from ingestd.people.separation import READERS, Deed
from ingestd.proving import expected
from ingestd.sign import Certificates
from ingestd.station import Station
from ingestd.vault import check
from ingestd.vault.check import VaultFault
from ingestd.words import Text

AT_ONCE = 2
"""Clips that are read at a time: a check for a page never takes the disk from intake."""
EVERY_S = 0.15
"""How often what was read so far is told."""
BYTES, MANIFEST, LOG = "bytes", "manifest", "log"
"""Parts of a check."""
_TOLD = 5
"""Faults that a damage's event names."""
Report = Callable[[Mapping[str, Any]], None]

_BUSY = Text(
    "已有 {n} 件正在核验，请稍后再试。", "{n} clips are being checked already; try again in a moment."
)


class CheckActions:
    """The verb `clip.check`."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def check(self, who: Caller, arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
        """Everything that can be checked of one clip; without ``whole`` all but its bytes, at once.

        Answers ``ok`` and ``parts``, each with its faults; progress is ``done`` of ``size`` bytes and the SHA-256
        of those. Raises NotFoundError, RefusedError, BusyError.
        """
        clip = self._clip(str(arguments["clip"]))
        about = f"clip:{clip.acquisition}"
        with self._refusals.watch(who, "clip.check", about):
            self._authority.check(who, Deed.LOOK, about)
            if arguments.get("whole"):
                who.require(*READERS)
        parts = {MANIFEST: self._manifest(clip), LOG: self._inclusion(clip)}
        told: dict[str, Any] = {"clip": clip.acquisition, "sha256": clip.sha256, "size": clip.size}
        if arguments.get("whole"):
            started = time.monotonic()
            faults, digest = self._bytes(clip, report)
            seq = report_damage(self._station.books, clip.sha256, faults, found_by="person", actor=who.actor)
            parts[BYTES] = [_json(fault) for fault in faults]
            told |= {"digest": digest, "seq": seq, "ms": round((time.monotonic() - started) * 1000)}
        told["at"] = self._station.clock.now()
        return told | {"parts": parts, "ok": not any(parts.values())}

    def _clip(self, acquisition: str) -> Clip:
        with reading(self._station.engine) as connection:
            return the_clip(connection, acquisition)

    def _manifest(self, clip: Clip) -> list[dict[str, Any]]:
        certificates = Certificates.load(self._station.home.keys)
        _, faults = check.check_manifest(self._station.home, expected(clip), certificates)
        return [_json(fault) for fault in faults]

    def _inclusion(self, clip: Clip) -> list[dict[str, Any]]:
        try:
            fault = LogReader(self._station.home).inclusion_fault(clip)
        except LogError as error:
            fault = error.text
        return [] if fault is None else [{"kind": "inclusion", "zh": fault.zh, "en": fault.en}]

    def _bytes(self, clip: Clip, report: Report) -> tuple[tuple[VaultFault, ...], str]:
        """Faults of the bytes, and their digest as they are."""
        if not self._room.acquire(blocking=False):
            raise BusyError(_BUSY.format(n=AT_ONCE))
        try:
            watched = _Watched(clip.size, report)
            certificates = Certificates.load(self._station.home.keys)
            signed, _ = check.check_manifest(self._station.home, expected(clip), certificates)
            faults = check.check_bytes(
                self._station.home,
                clip.sha256,
                size=clip.size,
                chunks_root=None if signed is None else signed.chunks_root,
                seen=watched.seen,
            )
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


def report_damage(
    books: StationBooks,
    sha256: Sha256,
    faults: Sequence[VaultFault],
    *,
    found_by: str,
    actor: str = "daemon",
) -> int | None:
    """Say once that stored bytes are damaged: event and finding; the event's position, None where it is known."""
    if not faults or books.is_damaged(sha256):
        return None
    damaged = ClipDamaged(sha256=sha256, found_by=found_by, detail=_detail(faults))
    return books.append([damaged, findings.opened("clip-damaged", damaged.subject)], actor=actor)[-1]


def report_document(
    station: Station, document: Document, faults: Sequence[VaultFault], *, found_by: str
) -> int | None:
    """Say once that a document is damaged, and once that it is good again; the event's position, None: no news.

    The finding is of its text record, and ends with the last damage of that.
    """
    with reading(station.engine) as connection:
        bad = papers.damaged_of(connection, document.record)
    if bool(faults) == (document.document in bad):
        return None
    which, about = {"document": document.document, "record": document.record}, document.subject
    if faults:
        damaged = DocumentDamaged(**which, found_by=found_by, detail=_detail(faults))
        return station.books.append([damaged, findings.opened("document-damaged", about)])[-1]
    ended = [findings.closed("document-damaged", about, "repaired")] if len(bad) == 1 else []
    return station.books.append([DocumentRepaired(**which), *ended])[-1]


def _detail(faults: Sequence[VaultFault]) -> str:
    return "; ".join(fault.text.en for fault in faults[:_TOLD])


def _json(fault: VaultFault) -> dict[str, Any]:
    text = fault.text
    return {
        "kind": fault.kind.value,
        "zh": text.zh,
        "en": text.en,
        "offset": fault.offset,
        "length": fault.length,
    }

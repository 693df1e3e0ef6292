"""A clip or a document as checks of it ask: its faults by what lies on the disk now, and damage said once.

Whoever finds damage (verification, a look, a person), the same event and finding come of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ingestd.events import ClipDamaged, ClipRepaired, DocumentDamaged, DocumentRepaired, Event
from ingestd.index import papers
from ingestd.index.books import StationBooks
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.items import the_clip
from ingestd.index.papers import Document
from ingestd.intake import findings
from ingestd.model import Sha256
from ingestd.proving import expected, expected_document
from ingestd.sign import Certificates
from ingestd.station import Station
from ingestd.vault import check
from ingestd.vault.check import Seen, VaultFault
from ingestd.vault.manifest import ManifestError, parse

_DAEMON = "daemon"
_TOLD = 5
"""Faults that a damage's event names."""
_Faults = tuple[VaultFault, ...]


class Stored(Protocol):
    """What a check asks of stored bytes, whatever they are of."""

    @property
    def row(self) -> Clip | Document:
        """What the log says of them."""

    @property
    def about(self) -> str:
        """The item whose sight it takes to have them read."""

    @property
    def names(self) -> dict[str, str]:
        """Its ids, as answers have them."""

    def is_damaged(self) -> bool:
        """Whether damage is known already, and not repaired since."""

    def manifest_faults(self) -> _Faults:
        """Of manifest and signature. Raises KeyMaterialError."""

    def byte_faults(self, seen: Seen | None = None) -> _Faults:
        """Of the bytes, all of which are read."""

    def report(
        self, manifest: _Faults, bytes_: _Faults, *, found_by: str, actor: str = _DAEMON
    ) -> int | None:
        """Say once what was found; the event's position, None where it is no news."""


class StoredClip:
    """The bytes of an acquisition: `Stored`."""

    def __init__(self, station: Station, acquisition: str) -> None:
        """Raises NotFoundError."""
        self._station = station
        with reading(station.engine) as connection:
            self.row = the_clip(connection, acquisition)
        self.about = self.row.subject
        self.names: dict[str, str] = {"clip": self.row.acquisition}

    def is_damaged(self) -> bool:
        """By its digest: equal bytes are stored once."""
        return self._station.books.is_damaged(self.row.sha256)

    def manifest_faults(self) -> _Faults:
        """As `check.check_manifest` says."""
        home = self._station.home
        return check.check_manifest(home, expected(self.row), Certificates.load(home.keys))[1]

    def byte_faults(self, seen: Seen | None = None) -> _Faults:
        """The chunk list is held against the root in the manifest, where that can be read."""
        row, root = self.row, self._root()
        return check.check_bytes(self._station.home, row.sha256, size=row.size, chunks_root=root, seen=seen)

    def report(
        self, manifest: _Faults, bytes_: _Faults, *, found_by: str, actor: str = _DAEMON
    ) -> int | None:
        """Of the bytes alone: other acquisitions of the same have manifests of their own."""
        del manifest
        return report_damage(self._station.books, self.row.sha256, bytes_, found_by=found_by, actor=actor)

    def _root(self) -> str | None:
        try:
            return parse(self._station.home.manifest_named(self.row.manifest).read_bytes()).chunks_root
        except (OSError, ManifestError):
            return None


class StoredDocument:
    """The file of a text record: `Stored`."""

    def __init__(self, station: Station, document: str) -> None:
        """Raises NotFoundError."""
        self._station = station
        with reading(station.engine) as connection:
            self.row = papers.the_document(connection, document)
        self.about = self.row.subject
        self.names: dict[str, str] = {"document": self.row.document, "record": self.row.record}

    def is_damaged(self) -> bool:
        """By its manifest's digest, as `papers.document_damaged` has it."""
        return self._station.books.is_damaged(self.row.manifest_sha256)

    def manifest_faults(self) -> _Faults:
        """As `check.check_document_manifest` says."""
        home = self._station.home
        return check.check_document_manifest(home, expected_document(self.row), Certificates.load(home.keys))

    def byte_faults(self, seen: Seen | None = None) -> _Faults:
        """As `check.check_document_bytes` says."""
        return check.check_document_bytes(self._station.home, expected_document(self.row), seen=seen)

    def report(
        self, manifest: _Faults, bytes_: _Faults, *, found_by: str, actor: str = _DAEMON
    ) -> int | None:
        """Of all three blobs, as re-verification reads them."""
        return report_document(self._station, self.row, manifest + bytes_, found_by=found_by, actor=actor)


def report_damage(
    books: StationBooks,
    sha256: Sha256,
    faults: Sequence[VaultFault],
    *,
    found_by: str,
    actor: str = _DAEMON,
) -> int | None:
    """Say once that stored bytes are damaged, once that they are good again; its position, None: no news."""
    events: list[Event]
    if faults:
        damaged = ClipDamaged(sha256=sha256, found_by=found_by, detail=_detail(faults))
        events = [damaged, findings.opened("clip-damaged", damaged.subject)]
    else:
        repaired = ClipRepaired(sha256=sha256, acquisition=None)
        events = [repaired, findings.closed("clip-damaged", repaired.subject, "repaired")]
    told = books.append(events, actor=actor)
    return told[-1] if told else None


def report_document(
    station: Station,
    document: Document,
    faults: Sequence[VaultFault],
    *,
    found_by: str,
    actor: str = _DAEMON,
) -> int | None:
    """Say once that a document is damaged, and once that it is good again; the event's position, None: no news.

    The finding is of its text record, and ends with the last damage of that.
    """
    which, about = {"document": document.document, "record": document.record}, document.subject
    with station.books.deciding:
        with reading(station.engine) as connection:
            bad = papers.damaged_of(connection, (document.record,))
        if bool(faults) == (document.document in bad):
            return None
        if faults:
            damaged = DocumentDamaged(**which, found_by=found_by, detail=_detail(faults))
            opened = findings.opened("document-damaged", about)
            return station.books.append([damaged, opened], actor=actor)[-1]
        ended = [findings.closed("document-damaged", about, "repaired")] if len(bad) == 1 else []
        return station.books.append([DocumentRepaired(**which), *ended], actor=actor)[-1]


def _detail(faults: Sequence[VaultFault]) -> str:
    return "; ".join(fault.text.en for fault in faults[:_TOLD])

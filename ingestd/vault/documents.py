"""The manifest ``ingestd-document/1``: which file a text record was given, and when it was stored. PURE.

It is to a document what `manifest` is to a clip, by the same rules of form. Bytes, manifest and signature are blobs
by their digests; `document.stored` names all three.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.model import Millis, Sha256
from ingestd.vault.document_types import TYPES
from ingestd.vault.layout import is_acquisition, is_digest
from ingestd.vault.manifest import MAX_INTEGER, YEARS_1000_TO_9999, ManifestError, Station, decoded, encoded

FORMAT = "ingestd-document/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentManifest:
    """One document. An instance is consistent in itself: making one raises ManifestError otherwise."""

    format: str = FORMAT
    document: str
    """Its id, a UUID."""
    record: str
    """The text record whose file it is."""
    case: str | None
    sha256: Sha256
    size: int
    """Of the file, in bytes."""
    media: str
    """What the bytes are, a word of `document_types.TYPES`."""
    stored_at: Millis
    """Bytes durable and read back."""
    station: Station

    def __post_init__(self) -> None:
        rules = [
            (f"format is not {FORMAT}", self.format == FORMAT),
            ("document is no id", is_acquisition(self.document)),
            ("sha256 is no digest", is_digest(self.sha256)),
            ("size is out of range", 0 < self.size <= MAX_INTEGER),
            ("media is unknown", self.media in TYPES),
            ("stored_at is out of range", self.stored_at in YEARS_1000_TO_9999),
            ("station.certificate_sha256 is no digest", is_digest(self.station.certificate_sha256)),
        ]
        if faults := [message for message, holds in rules if not holds]:
            raise ManifestError("; ".join(faults))

    def to_bytes(self) -> bytes:
        """The canonical bytes: what is hashed, signed and stored. Raises ManifestError."""
        return encoded(self)


def parse(data: bytes) -> DocumentManifest:
    """The inverse of `DocumentManifest.to_bytes`; raises ManifestError for any other bytes."""
    return decoded(DocumentManifest, data)

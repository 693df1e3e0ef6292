"""What was signed and logged of a clip, checked anew: manifest, signature, its entry's place in the published log.

Read-only, no private key, no belief in an index: for the line under a picture that never lies. The bytes
themselves are `vault.check`'s, or are checked chunk by chunk as they are served.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ingestd.errors import KeyMaterialError, LogError
from ingestd.events import ClipQuarantined, ClipSecured, DocumentStored
from ingestd.index.facts import Clip
from ingestd.index.inclusion import LogReader
from ingestd.index.papers import Document
from ingestd.sign import Certificates
from ingestd.vault import check
from ingestd.vault.check import Expected, ExpectedDocument
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Manifest
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What can be said of a clip without reading its bytes."""

    manifest: Manifest | None
    """As it was signed; None where it cannot be read."""
    signature_faults: tuple[Text, ...]
    """What is wrong with manifest or signature; empty: signed, and what the log names."""
    log_fault: Text | None
    """What is wrong with its entry; None: it stands in the signed tree."""
    size: int | None
    """Entries of the checkpoint that covers it."""

    @property
    def is_good(self) -> bool:
        """Whether nothing contradicts."""
        return not self.signature_faults and self.log_fault is None


def expected(clip: Clip | ClipSecured | ClipQuarantined) -> Expected:
    """What the log says of a clip, as the vault's checks ask it."""
    return Expected(
        acquisition=clip.acquisition,
        manifest=clip.manifest,
        manifest_sha256=clip.manifest_sha256,
        sha256=clip.sha256,
        size=clip.size,
    )


def expected_document(document: Document | DocumentStored) -> ExpectedDocument:
    """What the log says of a document, likewise."""
    names = (field.name for field in fields(ExpectedDocument))
    return ExpectedDocument(**{name: getattr(document, name) for name in names})


def prove(home: Home, clip: Clip) -> Proved:
    """Manifest, signature and inclusion of one clip, by what lies on the disk now."""
    manifest, size = None, None
    signature_faults: tuple[Text, ...]
    log_fault: Text | None
    try:
        manifest, faults = check.check_manifest(home, expected(clip), Certificates.load(home.keys))
        signature_faults = tuple(one.text for one in faults)
    except KeyMaterialError as error:
        signature_faults = (error.text,)
    try:
        log = LogReader(home)
        log_fault, size = log.inclusion_fault(clip), log.checkpoint.size
    except (KeyMaterialError, LogError) as error:
        log_fault = error.text
    return Proved(manifest=manifest, signature_faults=signature_faults, log_fault=log_fault, size=size)

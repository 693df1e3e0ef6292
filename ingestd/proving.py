"""What was signed and logged of a clip, checked anew: manifest, signature, its entry's place in the published log.

Read-only, no private key, no belief in an index: for `ingestd verify` and for the line under a picture that never
lies. The bytes themselves are `vault.check`'s, or are checked chunk by chunk as they are served.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd import merkle
from ingestd.errors import KeyMaterialError, LogError
from ingestd.index.facts import Clip
from ingestd.ledger import checkpoint as checkpoints
from ingestd.ledger.entry import EntryError, parse
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.note import parse_verifier
from ingestd.ledger.proof import ProofError, Tree, verify_inclusion
from ingestd.ledger.tiles import WIDTH
from ingestd.sign import Certificates
from ingestd.vault import check
from ingestd.vault.check import Expected
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


def expected(clip: Clip) -> Expected:
    """What the log says of a clip, as the vault's checks ask it."""
    return Expected(
        acquisition=clip.acquisition,
        manifest=clip.manifest,
        manifest_sha256=clip.manifest_sha256,
        sha256=clip.sha256,
        size=clip.size,
    )


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
    except LogError as error:
        log_fault = error.text
    return Proved(manifest=manifest, signature_faults=signature_faults, log_fault=log_fault, size=size)


class LogReader:
    """The published log as files, its checkpoint checked once."""

    def __init__(self, home: Home) -> None:
        """Raises LogError where the checkpoint is missing or not signed by the log's key."""
        self._files = LogFiles(
            LogHome(log=home.log, checkpoints=home.checkpoints, aside=home.log_aside, staging=home.staging)
        )
        try:
            verifier = parse_verifier((home.keys / "log.vkey").read_text().strip())
            data = (home.log / "checkpoint").read_bytes()
            self.checkpoint = checkpoints.verify(data, verifier.name, [verifier])
        except (OSError, ValueError) as error:
            raise LogError(
                Text(
                    "日志检查点无效：{e}；证据本身未受影响，请从备份恢复日志。",
                    "the log's checkpoint is not valid: {e}; evidence itself is not touched, restore the log "
                    "from a backup.",
                ).format(e=error)
            ) from error
        self._tree = Tree(self.checkpoint.size, self._files.tile)

    def inclusion_fault(self, clip: Clip) -> Text | None:
        """What is wrong with the entry of this clip and its place in the signed tree; None where nothing is."""
        if clip.seq >= self.checkpoint.size:
            return Text("所在日志条目尚未公布", "its log entry is not published yet")
        try:
            index, width = clip.seq // WIDTH, min(WIDTH, self.checkpoint.size - clip.seq // WIDTH * WIDTH)
            data = self._files.bundle(index, width)[clip.seq % WIDTH]
            verify_inclusion(
                merkle.leaf_hash(data),
                clip.seq,
                self.checkpoint.size,
                self.checkpoint.root,
                self._tree.inclusion(clip.seq),
            )
            entry = parse(data)
        except (OSError, ProofError, EntryError, ValueError, LogError) as error:
            return Text(f"日志包含性证明不成立：{error}", f"not included in the signed log: {error}")
        if (
            entry.data.get("manifest_sha256") != clip.manifest_sha256
            or entry.subject != f"clip:{clip.acquisition}"
        ):
            return Text(
                "索引与日志条目不符，请运行 rebuild",
                "the index does not say what the log entry says: run rebuild",
            )
        return None

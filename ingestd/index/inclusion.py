"""The published log as files: whether an entry stands where the index says, proved by the signed root."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd import merkle
from ingestd.errors import LogError
from ingestd.index.facts import Clip
from ingestd.index.papers import Document
from ingestd.ledger import checkpoint as checkpoints
from ingestd.ledger.entry import EntryError, parse
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.note import parse_verifier
from ingestd.ledger.proof import ProofError, Tree, verify_inclusion
from ingestd.ledger.tiles import WIDTH
from ingestd.vault.layout import Home
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """One entry with what proves its place."""

    seq: int
    entry: bytes
    """Its exact bytes."""
    size: int
    root: bytes
    """Of the checkpoint."""
    path: tuple[bytes, ...]
    """RFC 9162: the hashes beside its way up."""


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

    def proof(self, seq: int) -> Inclusion:
        """An entry and its proof, which holds. Raises LogError where it does not, or is not published yet."""
        if seq >= self.checkpoint.size:
            raise LogError(_NOT_YET)
        try:
            index, width = seq // WIDTH, min(WIDTH, self.checkpoint.size - seq // WIDTH * WIDTH)
            data = self._files.bundle(index, width)[seq % WIDTH]
            path, root = self._tree.inclusion(seq), self.checkpoint.root
            verify_inclusion(merkle.leaf_hash(data), seq, self.checkpoint.size, root, path)
        except (OSError, ProofError, ValueError) as error:
            raise LogError(_NOT_PROVED.format(e=error)) from error
        return Inclusion(seq=seq, entry=data, size=self.checkpoint.size, root=root, path=tuple(path))

    def inclusion_fault(self, stored: Clip | Document) -> Text | None:
        """What is wrong with the entry of this clip or document and its place in the signed tree; None: nothing."""
        try:
            entry = parse(self.proof(stored.seq).entry)
        except LogError as error:
            return error.text
        except EntryError as error:
            return _NOT_PROVED.format(e=error)
        if entry.data.get("manifest_sha256") != stored.manifest_sha256 or entry.subject != stored.subject:
            return Text(
                "索引与日志条目不符，请运行 rebuild",
                "the index does not say what the log entry says: run rebuild",
            )
        return None


_NOT_YET = Text("所在日志条目尚未公布", "its log entry is not published yet")
_NOT_PROVED = Text("日志包含性证明不成立：{e}", "not included in the signed log: {e}")

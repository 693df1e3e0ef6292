"""The published log as files: whether an entry stands where the index says, proved by the signed root."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ingestd import merkle
from ingestd.errors import LogError, NotFoundError, VaultError
from ingestd.events import Event
from ingestd.index.facts import Clip
from ingestd.index.papers import Document
from ingestd.ledger import checkpoint as checkpoints
from ingestd.ledger.entry import EntryError, parse
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.note import parse_verifier
from ingestd.ledger.proof import ProofError, Tree, verify_inclusion
from ingestd.ledger.tiles import WIDTH
from ingestd.vault.blobs import Blobs
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
        self._blobs = Blobs(home)

    @property
    def bundles(self) -> int:
        """In how many bundles the entries lie that the checkpoint covers."""
        return -(-self.checkpoint.size // WIDTH)

    def events(self, bundle: int, types: Collection[str]) -> list[tuple[int, Event]]:
        """The events of these types in one bundle, each with its place; the whole bundle is proved first.

        Raises LogError where it does not hold what was signed, or an entry cannot be read.
        """
        first = bundle * WIDTH
        width = min(WIDTH, self.checkpoint.size - first)
        try:
            found = self._files.bundle(bundle, width)
            leaves = tuple(map(merkle.leaf_hash, found))
            if leaves != self._files.hashes(0, bundle, width):
                raise ProofError("the entries are not those that the tile above them names")
            self._require_included(leaves[0], first)  # the others stand beside it in the same tile
            entries = [(seq, parse(data)) for seq, data in enumerate(found, first)]
            return [(seq, entry.event(self._blobs)) for seq, entry in entries if entry.type in types]
        except (OSError, ValueError, NotFoundError, VaultError) as error:
            raise LogError(_UNREADABLE.format(first=first, last=first + width - 1, e=error)) from error

    def _require_included(self, leaf: bytes, seq: int) -> tuple[bytes, ...]:
        """The path that proves a leaf at its place. Raises ProofError."""
        size, root = self.checkpoint.size, self.checkpoint.root
        path = tuple(Tree(size, self._files.tile).inclusion(seq))
        verify_inclusion(leaf, seq, size, root, path)
        return path

    def proof(self, seq: int) -> Inclusion:
        """An entry and its proof, which holds. Raises LogError where it does not, or is not published yet."""
        if seq >= self.checkpoint.size:
            raise LogError(_NOT_YET)
        try:
            index, width = seq // WIDTH, min(WIDTH, self.checkpoint.size - seq // WIDTH * WIDTH)
            data = self._files.bundle(index, width)[seq % WIDTH]
            path = self._require_included(merkle.leaf_hash(data), seq)
        except (OSError, ProofError, ValueError) as error:
            raise LogError(_NOT_PROVED.format(e=error)) from error
        return Inclusion(seq=seq, entry=data, size=self.checkpoint.size, root=self.checkpoint.root, path=path)

    def inclusion_fault(self, stored: Clip | Document) -> Text | None:
        """What is wrong with the entry of this clip or document and its place in the signed tree; None: nothing."""
        try:
            entry = parse(self.proof(stored.seq).entry)
        except LogError as error:
            return error.text
        except EntryError as error:
            return _NOT_PROVED.format(e=error)
        if entry.data.get("manifest_sha256") != stored.manifest_sha256 or entry.subject != stored.subject:
            return CONTRADICTS
        return None


CONTRADICTS = Text(
    "索引与日志条目不符，请运行 rebuild", "the index does not say what the log entry says: run rebuild"
)

_UNREADABLE = Text(
    "日志第 {first} 至 {last} 条无法核实：{e}。所记证据只能按索引核验；"
    "请运行 ingestd log check，并从备份恢复日志",
    "entries {first} to {last} of the log cannot be proved: {e}. What evidence they name is checked by the index "
    "alone; run 'ingestd log check', and restore the log from a backup",
)
_NOT_YET = Text("所在日志条目尚未公布", "its log entry is not published yet")
_NOT_PROVED = Text("日志包含性证明不成立：{e}", "not included in the signed log: {e}")

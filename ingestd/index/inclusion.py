"""The published log as files: whether an entry stands where the index says, proved by the signed root."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ingestd import merkle
from ingestd.errors import KeyMaterialError, LogError, NotFoundError, VaultError
from ingestd.events import Event
from ingestd.index.facts import Clip
from ingestd.index.papers import Document
from ingestd.ledger import recovery
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.entry import EntryError, parse
from ingestd.ledger.faults import why
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.note import Verifier, parse_verifier
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


def log_verifier(home: Home) -> Verifier:
    """The log's public key, as it lies beside the others. Raises KeyMaterialError."""
    path = home.keys / "log.vkey"
    try:
        return parse_verifier(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyMaterialError(_NO_KEY.format(path=path, why=why(error))) from error


def newest(home: Home) -> Checkpoint:
    """The newest published checkpoint, its signature checked.

    Raises KeyMaterialError, LogError where it is missing or not signed by the log's key.
    """
    verifier = log_verifier(home)
    try:
        return recovery.newest(log_files(home), verifier.name, verifier)
    except (OSError, ValueError) as error:
        raise LogError(_NOT_VALID.format(path=home.log / "checkpoint", why=why(error))) from error


def log_files(home: Home) -> LogFiles:
    """The published log of a home, for reading."""
    return LogFiles(
        LogHome(log=home.log, checkpoints=home.checkpoints, aside=home.log_aside, staging=home.staging)
    )


class LogReader:
    """The published log as files, its checkpoint checked once."""

    def __init__(self, home: Home) -> None:
        """Raises KeyMaterialError, LogError where the checkpoint is missing or not signed by the log's key."""
        self._files = log_files(home)
        self.checkpoint = newest(home)
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
            raise LogError(_UNREADABLE.format(first=first, last=first + width - 1, e=why(error))) from error

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
            raise LogError(_NOT_PROVED.format(e=why(error))) from error
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

_NO_KEY = Text(
    "日志的验证公钥 {path} 不可用（{why}）：无法核验日志；日志和证据本身未受影响。请核对 --home，"
    "或从备份取回此公钥（init 时曾显示，监督部门也应留存）。",
    "the log's verifier key {path} cannot be used ({why}): the log cannot be checked; log and evidence themselves "
    "are not touched. See that --home is right, or put this public key back from a backup ('init' printed it, and "
    "the supervising office should hold it).",
)
_NOT_VALID = Text(
    "日志检查点 {path} 无效（{why}）：其后无法证明日志未被改动；证据本身未受影响。"
    "请保留现场，运行 ingestd log check，并从备份恢复日志。",
    "the log's checkpoint {path} is not valid ({why}): by it nobody can prove that the log is unchanged; evidence "
    "itself is not touched. Leave everything as it is, run 'ingestd log check', and restore the log from a backup.",
)
_UNREADABLE = Text(
    "日志第 {first} 至 {last} 条无法核实：{e}。所记证据只能按索引核验；"
    "请运行 ingestd log check，并从备份恢复日志",
    "entries {first} to {last} of the log cannot be proved: {e}. What evidence they name is checked by the index "
    "alone; run 'ingestd log check', and restore the log from a backup",
)
_NOT_YET = Text("所在日志条目尚未公布", "its log entry is not published yet")
_NOT_PROVED = Text("日志包含性证明不成立：{e}", "not included in the signed log: {e}")

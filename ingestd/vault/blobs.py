"""Data of log entries that is too large for the log, by its SHA-256 (design 5): durable before its event."""

from __future__ import annotations

from pathlib import Path

from ingestd import durable
from ingestd.canon import sha256
from ingestd.errors import NotFoundError, VaultError
from ingestd.model import Sha256
from ingestd.vault.layout import Home
from ingestd.words import Text


class Blobs:
    """The blobs of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def put(self, data: bytes) -> Sha256:
        """Store, durable, and give the digest; a blob that is held and good stays. Raises OSError."""
        digest = sha256(data)
        path = self._home.blob(digest)
        if _is_held(path, data):
            durable.settle([path, path.parent])  # an interrupted run may have left it unsettled
            return digest
        durable.settle(durable.make_folder(path.parent))
        durable.write(path, data)
        return digest

    def get(self, digest: Sha256) -> bytes:
        """The data of a digest. Raises NotFoundError, VaultError where it rotted."""
        path = self._home.blob(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(
                Text(
                    f"日志引用的数据 {digest} 不在库中：相应日志条目无法完整显示，请从备份恢复",
                    f"data {digest}, which the log names, is not stored: its entry cannot be shown in full;"
                    " restore it from a backup",
                )
            ) from error
        if sha256(data) != digest:
            raise VaultError(
                Text(
                    f"日志引用的数据 {path} 与其摘要不符：已损坏，请从备份恢复",
                    f"{path} does not match its digest in the log: it is damaged; restore it from a backup",
                )
            )
        return data


def _is_held(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False  # missing, or unreadable and about to be replaced

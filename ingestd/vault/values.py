"""Personal values: text that the log must not hold, behind salted digests that it may (design 5).

A value's digest is SHA-256(salt || canonical JSON of its fields). The file holds salt and fields: whoever is
given it can check it against the log, and once it is erased nobody can guess the text from the digest. A file
is durable before its event; files that no event came to refer to are orphans. Whether an absent value was
erased, is not held here or is missing only the log can tell.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingestd import canon, durable
from ingestd.errors import VaultError
from ingestd.model import Millis
from ingestd.vault.layout import Home, is_digest
from ingestd.words import Text

SALT_BYTES = 32
ERASED = Text("（已依规删除）", "(erased by decision)")
MISSING = Text("（此处没有这份个人信息）", "(this personal text is not held here)")

Fields = Mapping[str, canon.Json]


def new_salt() -> bytes:
    """32 random bytes; one salt a value, so that equal texts cannot be told."""
    return secrets.token_bytes(SALT_BYTES)


def digest_of(salt: bytes, fields: Fields) -> str:
    """What stands in the log for these fields. Raises canon.CanonError."""
    return hashlib.sha256(salt + canon.encode(dict(fields))).hexdigest()


class Values:
    """The personal values of one home."""

    def __init__(self, home: Home, is_erased: Callable[[str], bool] | None = None) -> None:
        """``is_erased``: whether the log says so of a digest, for whom shows values to people."""
        self._home = home
        self._is_erased = is_erased

    def put(self, batch: Sequence[tuple[bytes, Fields]]) -> tuple[str, ...]:
        """Store (salt, fields) pairs, durable at once, and give their digests in order.

        Raises canon.CanonError before anything is written; OSError, and then what was written is an orphan.
        """
        encoded = [
            (digest_of(salt, fields), canon.encode({"salt": salt.hex(), "fields": dict(fields)}))
            for salt, fields in batch
        ]
        touched: list[Path] = []
        for digest, data in encoded:
            path = self._home.value(digest)
            touched += durable.make_folder(path.parent)
            if not _is_held(path, data):
                path.unlink(missing_ok=True)  # half-written by an interrupted run
                durable.stage(path, data)
            touched += [path, path.parent]
        durable.settle(touched)
        return tuple(digest for digest, _ in encoded)

    def get(self, digest: str) -> dict[str, Any] | None:
        """The fields, or None where no file stands. Raises VaultError where they do not match the digest."""
        path = self._home.value(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            value = canon.decode(data)
            fields: dict[str, Any] = value["fields"]
            if digest_of(bytes.fromhex(value["salt"]), fields) == digest:
                return fields
        except (ValueError, KeyError, TypeError):
            pass  # damaged so that it cannot even be read: the same to the caller
        raise VaultError(
            Text(
                f"{path} 与日志中的摘要不符：内容不可信，请从备份恢复",
                f"{path} does not match the digest in the log: do not trust it; restore it from a backup",
            )
        )

    def absent(self, digest: str) -> Text:
        """What stands in the place of a value that is not here: it was erased, or it is missing."""
        return ERASED if self._is_erased is not None and self._is_erased(digest) else MISSING

    def holds(self, digest: str) -> bool:
        """Whether a value's file stands. Raises OSError where no values can be seen at all."""
        path = self._home.value(digest)
        if path.exists():
            return True
        self._home.values_root.stat()
        return False

    def erase(self, digest: str) -> None:
        """Unlink a value, durable, after its `value.erased` is committed. May be repeated. Raises OSError."""
        path = self._home.value(digest)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            durable.settle([path.parent])

    def sweep(self, is_referenced: Callable[[str], bool], *, between: tuple[Millis, Millis]) -> int:
        """Remove files that no event refers to; how many. Raises OSError.

        Looked at are files written between two moments: not the newest, whose event may just be coming, and
        not those that earlier sweeps have seen.
        """
        low, high = between
        orphans = [
            path
            for path in self._home.values_root.glob("??/*.json")
            if low <= path.stat().st_mtime_ns // 1_000_000 < high
            and not (is_digest(path.stem) and is_referenced(path.stem))
        ]
        for path in orphans:
            path.unlink()
        durable.settle({path.parent for path in orphans})
        return len(orphans)


def _is_held(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False

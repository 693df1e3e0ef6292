"""Blobs: what is put is got, once, and never in place of something else."""

from __future__ import annotations

import pytest

from ingestd.canon import sha256
from ingestd.errors import NotFoundError, VaultError
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home


def test_put_and_get(home: Home) -> None:
    """Content-addressed; put again is the same file."""
    blobs = Blobs(home)
    for data in (b"", b"x" * 70_000):
        digest = blobs.put(data)
        assert digest == sha256(data)
        inode = home.blob(digest).stat().st_ino
        assert blobs.put(data) == digest
        assert home.blob(digest).stat().st_ino == inode
        assert blobs.get(digest) == data


def test_rotten_blob_is_refused_and_healed(home: Home) -> None:
    """A blob that rotted is not given out; a new put of the same data puts it right."""
    blobs = Blobs(home)
    digest = blobs.put(b"data")
    home.blob(digest).chmod(0o644)
    home.blob(digest).write_bytes(b"date")
    with pytest.raises(VaultError, match="does not match its digest"):
        blobs.get(digest)
    blobs.put(b"data")
    assert blobs.get(digest) == b"data"


def test_absent_blob(home: Home) -> None:
    """What the log names and is not here is said to be missing."""
    with pytest.raises(NotFoundError, match="restore it from a backup"):
        Blobs(home).get(sha256(b"never"))

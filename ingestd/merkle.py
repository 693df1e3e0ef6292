"""RFC 6962 tree hashing (SHA-256), for the log and for a clip's chunk list. PURE."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 2.1)."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one leaf entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes: level by level, an odd one out moves up (equals RFC 6962 2.1's recursion)."""
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def root(entries: Sequence[bytes]) -> bytes:
    """Root over leaf entries."""
    return root_of_hashes([leaf_hash(entry) for entry in entries])

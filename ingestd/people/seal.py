"""Secrets at rest: AES-256-GCM under a key derived from the log's private key (HKDF-SHA256, RFC 5869).

Whoever has only `accounts.db` (a backup, a disk that was thrown away without the keys) has nothing to guess at.
The log's key is used because it never changes while the log lives. What is sealed is bound to its place: a row
that is moved to another account does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ingestd.errors import KeyMaterialError
from ingestd.words import Text

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Seal:
    """Seals and opens; and names short secrets by a keyed digest."""

    def __init__(self, seed: bytes) -> None:
        self._cipher = AESGCM(_derived(seed, b"ingestd accounts seal 1"))
        self._digests = _derived(seed, b"ingestd accounts digest 1")

    def seal(self, secret: bytes, *place: str) -> bytes:
        """Nonce and ciphertext, bound to a place (kind, account, id)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, _bound(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """Raises KeyMaterialError for what was sealed elsewhere, by other keys, or is damaged."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(place))
        except (InvalidTag, ValueError) as error:
            raise KeyMaterialError(
                Text(
                    "keys/private/accounts.db 中的一项无法用本站密钥打开：请从备份恢复，或重置此账户的密码与双因素。"
                    "证据不受影响。",
                    "an item of keys/private/accounts.db does not open with this station's keys: restore it from "
                    "the backup, or reset the account's password and second factor. Evidence is not affected.",
                )
            ) from error

    def digest(self, *parts: str) -> bytes:
        """A keyed digest (HMAC-SHA256): nothing can be tried against it without the key."""
        return hmac.digest(self._digests, _bound(parts), hashlib.sha256)


def _derived(seed: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(seed)


def _bound(parts: tuple[str, ...]) -> bytes:
    """Parts with their lengths: no two lists give the same bytes."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(one).to_bytes(4, "big") + one for one in encoded)

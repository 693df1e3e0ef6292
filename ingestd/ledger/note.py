"""C2SP signed notes with Ed25519: verifier keys, signing, opening. PURE but for the key itself.

A note is text and signature lines. A signature of a known name and key id must verify, or the whole note
is refused; one of an unknown key (a witness that this reader does not know) is kept and ignored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 0x01
"""Signature type of plain Ed25519 (C2SP signed-note)."""
MAX_SIGNATURES: Final = 100
"""More make a note malformed, as in golang.org/x/mod/sumdb/note."""
_KEY_BYTES = 32
_ID_BYTES = 4
_DASH = "\u2014 "


class NoteError(ValueError):
    """A note or key that is malformed, or a signature that does not verify."""


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"not base64: {text!r:.60}") from error
    if base64.b64encode(data).decode() != text:
        raise NoteError(f"not the canonical base64: {text!r:.60}")
    return data


def is_name(name: str) -> bool:
    """Whether this can name a key: no space of any kind, no plus sign, not empty."""
    return bool(name) and "+" not in name and not any(c.isspace() or not c.isprintable() for c in name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """An Ed25519 verifier key: what ``keys/log.vkey`` holds and outsiders are given."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name) or len(self.public) != _KEY_BYTES:
            raise NoteError(f"not a name and an Ed25519 key: {self.name!r:.60}")

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || LF || type || key)."""
        key = bytes((ED25519,)) + self.public
        return hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """``name+hex(key id)+base64(type || key)``."""
        key = base64.b64encode(bytes((ED25519,)) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def verify(self, text: str, signature: bytes) -> None:
        """Raises NoteError unless this key signed this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature as error:
            raise NoteError(f"the signature of {self.name} does not fit the text") from error


def parse_verifier(vkey: str) -> Verifier:
    """The inverse of `Verifier.text`; raises NoteError for other text, types, or a wrong key id."""
    parts = vkey.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, id, key
        raise NoteError("a verifier key is name+id+key")
    name, key_id, encoded = parts
    key = _unbase64(encoded)
    if key[:1] != bytes((ED25519,)):
        raise NoteError(f"the verifier key of {name} is not of type Ed25519")
    verifier = Verifier(name=name, public=key[1:])
    if verifier.key_id.hex() != key_id:
        raise NoteError(f"the verifier key of {name} does not have the id {key_id}")
    return verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """As it stands in the note, with its line feed."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


class NoteSigner:
    """The log's private key and its name."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.verifier = Verifier(name=name, public=key.public_key().public_bytes_raw())
        self._key = key

    def sign(self, text: str) -> Signature:
        """The signature line over a note's text (which ends with a line feed)."""
        value = self._key.sign(text.encode())
        return Signature(name=self.verifier.name, key_id=self.verifier.key_id, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Text with its signatures, in the order in which they stand."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note's bytes: text, blank line, signature lines."""
        return (self.text + "\n" + "".join(s.line for s in self.signatures)).encode()


def parse(data: bytes) -> Note:
    """The note of these bytes, nothing verified; raises NoteError for what is malformed."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("a note that is not UTF-8") from error
    if any(c < " " and c != "\n" for c in whole):
        raise NoteError("a note with control characters")
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n") or split + 2 == len(whole):
        raise NoteError("a note without signature lines")
    lines = whole[split + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"a note with {len(lines)} signatures, and {MAX_SIGNATURES} is the most")
    return Note(text=whole[: split + 1], signatures=tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_name(name):
        raise NoteError(f"not a signature line: {line!r:.80}")
    value = _unbase64(encoded)
    if len(value) <= _ID_BYTES:
        raise NoteError(f"a signature of {len(value)} bytes")
    return Signature(name=name, key_id=value[:_ID_BYTES], value=value[_ID_BYTES:])


def open_note(data: bytes, known: Collection[Verifier]) -> Note:
    """A note that at least one known key signed and that no known key contradicts; NoteError otherwise."""
    note = parse(data)
    verified = False
    for signature in note.signatures:
        for verifier in known:
            if (verifier.name, verifier.key_id) == (signature.name, signature.key_id):
                verifier.verify(note.text, signature.value)
                verified = True
    if not verified:
        raise NoteError(f"none of the known keys signed: {', '.join(v.name for v in known)}")
    return note

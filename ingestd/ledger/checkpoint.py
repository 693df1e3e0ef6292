"""A checkpoint: origin, size and root of the log as a signed note (C2SP tlog-checkpoint). PURE."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass

from ingestd.ledger import note
from ingestd.ledger.note import Note, NoteSigner, Verifier

_SIZE = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)
_LINES = 3
_ROOT_BYTES = 32


class CheckpointError(ValueError):
    """Text that is no checkpoint, or not one of this log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the log's key signed: the tree of ``size`` entries has this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Further lines: kept, never read (C2SP advises against them)."""
    note: Note
    """The signed note as it stands, cosignatures of witnesses with it."""

    @property
    def text(self) -> str:
        """The whole signed note: what is published, shown, exported."""
        return self.note.encode().decode()


def body(origin: str, size: int, root: bytes, extensions: tuple[str, ...] = ()) -> str:
    """The text that is signed."""
    return "".join(f"{s}\n" for s in (origin, size, base64.b64encode(root).decode(), *extensions))


def sign(origin: str, size: int, root: bytes, signer: NoteSigner) -> Checkpoint:
    """A new checkpoint, signed by the log's key."""
    text = body(origin, size, root)
    return Checkpoint(
        origin=origin, size=size, root=root, note=Note(text=text, signatures=(signer.sign(text),))
    )


def verify(data: bytes, origin: str, known: Collection[Verifier]) -> Checkpoint:
    """The checkpoint of a log by this origin; raises NoteError or CheckpointError."""
    opened = note.open_note(data, known)
    lines = opened.text[:-1].split("\n")
    if len(lines) < _LINES or not all(lines):
        raise CheckpointError("not the lines of a checkpoint: origin, size, root")
    if lines[0] != origin:
        raise CheckpointError(f"a checkpoint of {lines[0]!r}, not of {origin!r}")
    if not _SIZE.fullmatch(lines[1]):
        raise CheckpointError(f"not a size: {lines[1]!r:.40}")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointError(f"not a root hash: {lines[2]!r:.60}") from error
    if len(root) != _ROOT_BYTES or base64.b64encode(root).decode() != lines[2]:
        raise CheckpointError(f"not a root hash: {lines[2]!r:.60}")
    return Checkpoint(
        origin=origin, size=int(lines[1]), root=root, extensions=tuple(lines[_LINES:]), note=opened
    )

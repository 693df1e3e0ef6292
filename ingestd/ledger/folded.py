"""The first entries of a published log, one after the other, with the root that they give."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd import merkle
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.faults import contradiction, translated
from ingestd.ledger.files import LogFiles
from ingestd.ledger.tiles import ENTRIES, Edge, at_level, grow
from ingestd.words import Text


def proved(files: LogFiles, signed: Checkpoint) -> Iterator[bytes]:
    """The entries that a checkpoint covers, bundle by bundle, never all at once.

    After the last one: raises LogError unless they give the root that it signs. Whoever stops earlier has proved
    nothing.
    """
    edge = Edge()
    for tile in at_level(signed.size, ENTRIES):
        with translated():
            entries = files.bundle(tile.index, tile.width)
            edge, _ = grow(edge, tuple(map(merkle.leaf_hash, entries)))
        yield from entries
    if edge.root() != signed.root:
        raise contradiction(
            Text(
                f"前 {signed.size} 条条目算出的根与已签名的根不同",
                f"its first {signed.size} entries give another root than the signed one",
            )
        )

"""Inclusion and consistency proofs (RFC 6962 2.1): built from tiles, verified from hashes alone. PURE."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingestd import merkle
from ingestd.ledger.tiles import HASH_BYTES, WIDTH, Tile, hashes

TileReader = Callable[[Tile], bytes]
"""Gives the bytes of a tile, at least ``width`` hashes of them (a wider tile at its place will do)."""

Proof = tuple[bytes, ...]
_TILE_HEIGHT = 8


class ProofError(ValueError):
    """A proof that does not prove what it is for, or one that cannot exist."""


class Tree:
    """The tree of the first ``size`` entries, read tile by tile; for one proof, not to be kept."""

    def __init__(self, size: int, read: TileReader) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def _perfect(self, height: int, index: int) -> bytes:
        """Hash of the perfect subtree of ``2**height`` leaves that begins at leaf ``index * 2**height``."""
        level, above = divmod(height, _TILE_HEIGHT)
        first = index << above
        at = (level, first // WIDTH)
        if at not in self._tiles:
            held = self.size >> (_TILE_HEIGHT * level)
            width = min(WIDTH, held - at[1] * WIDTH)
            self._tiles[at] = hashes(self._read(Tile(level=level, index=at[1], width=width)))
        start = first % WIDTH
        return merkle.root_of_hashes(self._tiles[at][start : start + (1 << above)])

    def hash(self, low: int, high: int) -> bytes:
        """Tree hash over the leaves ``low`` to ``high``, where ``low`` begins a subtree that holds them."""
        if low == high:
            return merkle.EMPTY_ROOT
        parts = []
        while low < high:
            height = min((high - low).bit_length() - 1, _trailing_zeros(low))
            parts.append(self._perfect(height, low >> height))
            low += 1 << height
        result = parts.pop()
        while parts:
            result = merkle.node_hash(parts.pop(), result)
        return result

    def root(self) -> bytes:
        """Tree hash of all."""
        return self.hash(0, self.size)

    def inclusion(self, index: int) -> Proof:
        """The audit path of one entry, from the leaf's sibling up."""
        if not 0 <= index < self.size:
            raise ProofError(f"no entry {index} in a tree of {self.size}")
        path = []
        low, high = 0, self.size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self.hash(middle, high))
                high = middle
            else:
                path.append(self.hash(low, middle))
                low = middle
        return tuple(reversed(path))

    def consistency(self, older: int) -> Proof:
        """That the tree of ``older`` entries is this tree's beginning."""
        if not 0 < older <= self.size:
            raise ProofError(f"a tree of {older} is no beginning of a tree of {self.size}")
        path = []
        low, high, whole = 0, self.size, True
        while older != high:
            middle = low + _split(high - low)
            if older <= middle:
                path.append(self.hash(middle, high))
                high = middle
            else:
                path.append(self.hash(low, middle))
                low, whole = middle, False
        if not whole:
            path.append(self.hash(low, high))
        return tuple(reversed(path))


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1 if number else 64


def _split(count: int) -> int:
    """The largest power of two below ``count`` (RFC 6962 2.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _refuse_odd_lengths(*digests: bytes) -> None:
    """A node hash does not say where its left part ends: only the lengths keep proofs unambiguous."""
    if any(len(digest) != HASH_BYTES for digest in digests):
        raise ProofError(f"a hash that is not of {HASH_BYTES} bytes")


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Raises ProofError unless the leaf hash stands at ``index`` of the tree (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"no entry {index} in a tree of {size}")
    _refuse_odd_lengths(leaf, root, *path)
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("a proof that is too long")
        if node & 1 or node == last:
            found = merkle.node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = merkle.node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise ProofError(f"the entry is not number {index} of the tree with this root")


def verify_consistency(  # noqa: C901 - one algorithm, kept beside its source
    older: int, newer: int, older_root: bytes, newer_root: bytes, path: Sequence[bytes]
) -> None:
    """Raises ProofError unless the older tree is the newer one's beginning (RFC 9162 2.1.4.2)."""
    if not 0 < older <= newer:
        raise ProofError(f"a tree of {older} is no beginning of a tree of {newer}")
    if older == newer:
        if path or older_root != newer_root:
            raise ProofError("two roots for one size, or a proof where none is needed")
        return
    _refuse_odd_lengths(older_root, newer_root, *path)
    steps = list(path)
    if older & (older - 1) == 0:
        steps.insert(0, older_root)
    if not steps:
        raise ProofError("an empty proof")
    node, last = older - 1, newer - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    below = above = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("a proof that is too long")
        if node & 1 or node == last:
            below, above = merkle.node_hash(step, below), merkle.node_hash(step, above)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            above = merkle.node_hash(above, step)
        node, last = node >> 1, last >> 1
    if last or below != older_root or above != newer_root:
        raise ProofError(f"the tree of {older} is not the beginning of this tree of {newer}")

"""The log as C2SP tlog-tiles: paths, entry bundles, and what tiles a growth of the tree writes. PURE.

A tile of level ``l`` holds up to 256 hashes of perfect subtrees of ``256**l`` leaves; a bundle holds the
entries below one tile of level 0. A full tile never changes; a partial one is named by its width, and
every size that got a checkpoint keeps its partial tiles until the full one exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ingestd import merkle

WIDTH: Final = 256
HASH_BYTES: Final = 32
TILE_BYTES: Final = WIDTH * HASH_BYTES
MAX_ENTRY_BYTES: Final = 0xFFFF
"""An entry's length is a 16-bit number in its bundle."""
ENTRIES: Final = -1
"""The "level" of entry bundles: ``tile/entries/...``."""

_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_MAX_LEVEL = 63  # tlog-tiles


class TileError(ValueError):
    """A path or bytes that tlog-tiles does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """One tile, or with ``level == ENTRIES`` one bundle; ``width`` of 256 is full."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Below the log's folder; three digits a group, all but the last with an ``x`` before."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def full(self) -> Tile:
        """The full tile at the same place."""
        return Tile(level=self.level, index=self.index)


def parse_path(path: str) -> Tile:
    """The inverse of `Tile.path`; raises TileError for any other path."""
    match = _PATH.fullmatch(path)
    if match is None or not path.isascii():
        raise TileError(f"not a path of a tile: {path!r:.120}")
    level, index, width = match.groups()
    tile = Tile(
        level=ENTRIES if level == "entries" else int(level),
        index=int(index.replace("x", "").replace("/", "")),
        width=WIDTH if width is None else int(width),
    )
    if tile.level > _MAX_LEVEL or tile.path != path:
        raise TileError(f"not a path of a tile: {path!r:.120}")
    return tile


def count(size: int, level: int) -> int:
    """How many hashes (or entries) a tree of ``size`` leaves has at a level."""
    return size if level == ENTRIES else size >> (8 * level)


def height(size: int) -> int:
    """How many levels of tiles a tree of ``size`` leaves has."""
    levels = 0
    while count(size, levels):
        levels += 1
    return levels


def at_level(size: int, level: int) -> Iterator[Tile]:
    """The tiles of one level (or the bundles) of a tree of ``size`` leaves, the last perhaps partial."""
    full, rest = divmod(count(size, level), WIDTH)
    for index in range(full):
        yield Tile(level=level, index=index)
    if rest:
        yield Tile(level=level, index=full, width=rest)


def covers(size: int, tile: Tile) -> bool:
    """Whether all that this tile holds belongs to the tree of ``size`` leaves."""
    return tile.index * WIDTH + tile.width <= count(size, tile.level)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each with its length before it, 16 bits big-endian."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileError(f"an entry of {len(entry)} bytes, and {MAX_ENTRY_BYTES} is the most")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The inverse of `bundle` for exactly ``width`` entries; raises TileError for anything else."""
    entries, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise TileError("a bundle that ends within an entry")
        entries.append(data[start:at])
    if len(entries) != width:
        raise TileError(f"a bundle of {len(entries)} entries where {width} belong")
    return tuple(entries)


def hashes(data: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile's bytes; raises TileError for a length that no tile has."""
    if not data or len(data) % HASH_BYTES or len(data) > TILE_BYTES:
        raise TileError(f"a tile of {len(data)} bytes")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right edge of a tree: at each level the hashes that do not fill a tile yet."""

    size: int = 0
    levels: tuple[tuple[bytes, ...], ...] = ()

    def root(self) -> bytes:
        """Tree hash (RFC 6962). What a level lacks of a full subtree stands as its last, odd one."""
        below: bytes | None = None
        for level in self.levels:
            nodes = level if below is None else (*level, below)
            if nodes:
                below = merkle.root_of_hashes(nodes)
        return merkle.EMPTY_ROOT if below is None else below


def grow(edge: Edge, leaves: Sequence[bytes]) -> tuple[Edge, Mapping[Tile, bytes]]:
    """Append leaf hashes: the new edge, and the bytes of every tile that holds a hash more than before."""
    size = edge.size + len(leaves)
    written: dict[Tile, bytes] = {}
    levels: list[tuple[bytes, ...]] = []
    new = list(leaves)
    for level in range(max(height(size), len(edge.levels))):
        held = edge.levels[level] if level < len(edge.levels) else ()
        nodes = [*held, *new]
        first = count(edge.size, level) // WIDTH
        full = len(nodes) // WIDTH
        rest = tuple(nodes[full * WIDTH :])
        blocks = [nodes[at * WIDTH : (at + 1) * WIDTH] for at in range(full)]
        for at, block in enumerate(blocks):
            written[Tile(level=level, index=first + at)] = b"".join(block)
        if new and rest:
            written[Tile(level=level, index=first + full, width=len(rest))] = b"".join(rest)
        levels.append(rest)
        new = [merkle.root_of_hashes(block) for block in blocks]
    return Edge(size=size, levels=tuple(levels)), written

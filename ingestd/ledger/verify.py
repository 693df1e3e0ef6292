"""Offline check of a log folder: files and the verifier key, no database, no daemon. All faults are listed.

Checked are the checkpoint's signature, every bundle against its tiles, every tile against the tree, the
root, every kept checkpoint against the tree of its size, every entry's form, and that nothing else
lies there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ingestd import merkle
from ingestd.ledger import checkpoint
from ingestd.ledger.checkpoint import Checkpoint, CheckpointError
from ingestd.ledger.entry import EntryError, parse
from ingestd.ledger.note import NoteError, Verifier
from ingestd.ledger.tiles import (
    ENTRIES,
    HASH_BYTES,
    WIDTH,
    Edge,
    Tile,
    TileError,
    at_level,
    count,
    covers,
    grow,
    hashes,
    parse_bundle,
    parse_path,
)
from ingestd.words import Text


class Kind(StrEnum):
    """What is wrong with a log. Each has its test, made by damaging a log so."""

    CHECKPOINT = "checkpoint"
    """Missing, malformed, or not signed by the log's key."""
    BUNDLE = "bundle"
    """Entries are missing or malformed."""
    ENTRY = "entry"
    """A leaf that is no entry of this place."""
    TILE = "tile"
    """A tile is missing or does not hold the hashes of what lies below it."""
    ROOT = "root"
    """The entries do not give the signed root."""
    OLDER = "older-checkpoint"
    """A kept checkpoint is bad, or signs another history (a split view)."""
    UNCOVERED = "uncovered"
    """Tiles beyond the checkpoint: a publishing that runs just now, or one that the next start settles."""
    STRAY = "stray-file"
    """Something that does not belong to the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFault:
    """One fault, with the file it was found in."""

    kind: Kind
    path: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found; a log without faults is whole."""

    checkpoint: Checkpoint | None
    older: int
    """Kept checkpoints that were compared."""
    faults: tuple[LogFault, ...]


def _why(error: Exception) -> str:
    """What an error says; which file it was stands before it."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def examine_entry(seq: int, data: bytes) -> None:
    """Raises EntryError unless the leaf is an entry that names its own place."""
    entry = parse(data)
    if entry.seq != seq:
        raise EntryError(f"it says that it is number {entry.seq}")


def check(
    log: Path,
    checkpoints: Path | None,
    verifier: Verifier,
    *,
    origin: str,
    examine: Callable[[int, bytes], None] = examine_entry,
) -> Report:
    """Check a log folder and the checkpoints kept beside it. ``examine`` judges a single leaf."""
    run = _Check(log=log, checkpoints=checkpoints, verifier=verifier, origin=origin, examine=examine)
    signed = run.newest()
    older = run.older(signed)
    if signed is not None:
        run.tree(signed, older)
        run.strays(signed.size)
    return Report(checkpoint=signed, older=len(older), faults=tuple(run.faults))


@dataclass(slots=True, kw_only=True)
class _Check:
    log: Path
    checkpoints: Path | None
    verifier: Verifier
    origin: str
    examine: Callable[[int, bytes], None]
    faults: list[LogFault] = field(default_factory=list)

    def fault(self, kind: Kind, path: Path, zh: str, en: str) -> None:
        self.faults.append(LogFault(kind=kind, path=str(path), text=Text(zh, en)))

    def _verified(self, kind: Kind, path: Path) -> Checkpoint | None:
        try:
            return checkpoint.verify(path.read_bytes(), self.origin, (self.verifier,))
        except (OSError, NoteError, CheckpointError) as error:
            self.fault(
                kind, path, f"检查点不可信:{_why(error)}", f"the checkpoint cannot be trusted: {_why(error)}"
            )
            return None

    def newest(self) -> Checkpoint | None:
        return self._verified(Kind.CHECKPOINT, self.log / "checkpoint")

    def older(self, newest: Checkpoint | None) -> dict[int, bytes]:
        """Roots of the kept checkpoints by size, those that can be compared."""
        roots: dict[int, bytes] = {}
        if self.checkpoints is None or not self.checkpoints.is_dir():
            return roots
        for path in sorted(self.checkpoints.iterdir()):
            kept = self._verified(Kind.OLDER, path)
            if kept is None:
                continue
            if path.name != str(kept.size):
                self.fault(
                    Kind.OLDER,
                    path,
                    f"文件名与条数 {kept.size} 不符",
                    f"not the name of a tree of {kept.size}",
                )
            if newest is not None and kept.size > newest.size:
                self.fault(
                    Kind.OLDER,
                    path,
                    f"比当前日志({newest.size} 条)更新:日志被截短",
                    f"newer than the log ({newest.size} entries): the log was cut back",
                )
            roots[kept.size] = kept.root
        return roots

    def tree(self, signed: Checkpoint, older: dict[int, bytes]) -> None:
        """Fold all entries; compare every tile, every kept root and the signed one with what comes out."""
        edge = Edge()
        self._compare_older(edge, (), older)
        for tile in at_level(signed.size, ENTRIES):
            leaves = self._leaves(tile)
            self._compare_older(edge, leaves, older)
            edge, written = grow(edge, leaves)
            for full, data in written.items():
                if full.width == WIDTH:
                    self._compare(full, data)
        for level, nodes in enumerate(edge.levels):
            if nodes:
                index = count(edge.size, level) // WIDTH
                self._compare(Tile(level=level, index=index, width=len(nodes)), b"".join(nodes))
        if edge.size != signed.size or edge.root() != signed.root:
            self.fault(
                Kind.ROOT,
                self.log / "checkpoint",
                "条目算出的根与已签名的根不同:条目被改动",
                "the entries give another root than the signed one: entries were changed",
            )

    def _leaves(self, tile: Tile) -> tuple[bytes, ...]:
        """Leaf hashes of a bundle; of the tile above it where the bundle is not to be had."""
        path = self.log / tile.path
        try:
            entries = parse_bundle(path.read_bytes(), tile.width)
        except (OSError, TileError) as error:
            self.fault(
                Kind.BUNDLE,
                path,
                f"条目无法读取:{_why(error)}",
                f"the bundle of entries cannot be read: {_why(error)}",
            )
            return self._hashes_above(tile)
        for seq, data in enumerate(entries, tile.index * WIDTH):
            try:
                self.examine(seq, data)
            except EntryError as error:
                self.fault(
                    Kind.ENTRY, path, f"第 {seq} 条不是有效条目:{error}", f"entry {seq} is none: {error}"
                )
        return tuple(map(merkle.leaf_hash, entries))

    def _hashes_above(self, tile: Tile) -> tuple[bytes, ...]:
        try:
            found = hashes((self.log / Tile(level=0, index=tile.index, width=tile.width).path).read_bytes())
        except (OSError, TileError):
            return ()
        return found

    def _compare_older(self, edge: Edge, leaves: tuple[bytes, ...], older: dict[int, bytes]) -> None:
        """Compare the kept roots of sizes that the next leaves reach (size 0 before the first)."""
        for size in sorted(older):
            if edge.size < size <= edge.size + len(leaves) or size == len(leaves) == 0 == edge.size:
                reached, _ = grow(edge, leaves[: size - edge.size])
                if reached.root() != older[size]:
                    self.fault(
                        Kind.OLDER,
                        (self.checkpoints or self.log) / str(size),
                        f"{size} 条时已签名的根与现在的日志不同:历史被改写",
                        f"the root signed at {size} entries is not this log's: history was rewritten",
                    )

    def _compare(self, tile: Tile, expected: bytes) -> None:
        path = self.log / tile.path
        try:
            held = path.read_bytes()
        except OSError as error:
            self.fault(
                Kind.TILE, path, f"哈希块无法读取:{_why(error)}", f"the tile cannot be read: {_why(error)}"
            )
            return
        if held != expected:
            self.fault(
                Kind.TILE,
                path,
                "哈希块与下层内容不符",
                "the tile does not hold the hashes of what lies below it",
            )

    def strays(self, size: int) -> None:
        """Name every file that does not belong; compare narrower partial tiles with the wider ones."""
        for path in self._files():
            name = path.relative_to(self.log).as_posix()
            if name == "checkpoint":
                continue
            try:
                tile = parse_path(name)
            except TileError:
                tile = None
            if tile is None or path.is_symlink() or not path.is_file():
                self.fault(Kind.STRAY, path, "不属于日志的文件", "not a file of this log")
            elif not covers(size, tile):
                self.fault(Kind.UNCOVERED, path, "检查点尚未覆盖", "no checkpoint covers it yet")
            elif tile.width < WIDTH:
                self._compare_narrow(tile, size)

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.log):
            folders.sort()
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            yield from (Path(folder) / name for name in sorted([*names, *links]))

    def _compare_narrow(self, tile: Tile, size: int) -> None:
        width = min(WIDTH, count(size, tile.level) - tile.index * WIDTH)
        wide = Tile(level=tile.level, index=tile.index, width=width)
        try:
            held, whole = ((self.log / t.path).read_bytes() for t in (tile, wide))
            if tile.level == ENTRIES:
                parse_bundle(held, tile.width)
        except (OSError, TileError):
            held, whole = b"-", b""
        is_right_length = tile.level == ENTRIES or len(held) == tile.width * HASH_BYTES
        if not (is_right_length and whole.startswith(held)):
            kind = Kind.BUNDLE if tile.level == ENTRIES else Kind.TILE
            self.fault(
                kind,
                self.log / tile.path,
                "不是同一位置更宽文件的开头",
                "not the beginning of the wider file at its place",
            )

"""The log on disk: reads tiles and bundles, and puts new ones in place under a checkpoint.

What is promised: a checkpoint is in place only when all that it covers is durable; a full tile is never
changed; a partial one is removed only after the full one is durable and covered. ``log/`` holds finished
files and nothing else, at any instant: all is staged in a folder of its own and renamed.

System calls of one `put`: open O_EXCL, write, fchmod, close for each new file; one syncfs; rename each; one
settling of their folders; rename of the checkpoint; fsync of ``log/``.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestd import durable
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.faults import contradiction
from ingestd.ledger.tiles import ENTRIES, WIDTH, Edge, Tile, count, covers, hashes, height, parse_bundle
from ingestd.words import Text

STRIDE_TILES: Final = 64
"""A checkpoint covers at most so many new bundles: what an interrupted one can leave lies within them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHome:
    """The folders of one log. All on one file system; ``staging`` is the log's alone."""

    log: Path
    checkpoints: Path
    aside: Path
    staging: Path


def _numbers(folder: Path) -> list[int]:
    """The plain numbers among a folder's names, in order; none where there is no folder."""
    if not folder.is_dir():
        return []
    names = [path.name for path in folder.iterdir()]
    return sorted(int(name) for name in names if name.isascii() and name.isdigit() and str(int(name)) == name)


class LogFiles:
    """The files of one log. Raises OSError and TileError; translated by its callers."""

    def __init__(self, home: LogHome) -> None:
        self.home = home

    # --- reading ---------------------------------------------------------------------------------

    @property
    def checkpoint_path(self) -> Path:
        """Where the newest checkpoint lies."""
        return self.home.log / "checkpoint"

    def tile(self, tile: Tile) -> bytes:
        """Bytes of a tile or bundle; where it was superseded, those of a wider one at its place."""
        for found in (tile, tile.full):
            with suppress(FileNotFoundError):
                return (self.home.log / found.path).read_bytes()
        for found in sorted(self._at(tile.level, tile.index)):
            # One that vanishes here gave way to the full one, which sorts last.
            with suppress(FileNotFoundError):
                if found.width > tile.width:
                    return (self.home.log / found.path).read_bytes()
        return (self.home.log / tile.full.path).read_bytes()

    def hashes(self, level: int, index: int, width: int) -> tuple[bytes, ...]:
        """The first ``width`` hashes of a tile."""
        found = hashes(self.tile(Tile(level=level, index=index, width=width)))
        if len(found) < width:
            raise contradiction(
                Text(
                    f"第 {level} 层第 {index} 块过短",
                    f"tile {index} of level {level} is shorter than its name says",
                )
            )
        return found[:width]

    def bundle(self, index: int, width: int) -> tuple[bytes, ...]:
        """The first ``width`` entries of a bundle."""
        wanted = Tile(level=ENTRIES, index=index, width=width)
        for tile in (wanted, wanted.full, *sorted(self._at(ENTRIES, index))):
            with suppress(FileNotFoundError):
                if tile.width >= width:
                    return parse_bundle((self.home.log / tile.path).read_bytes(), tile.width)[:width]
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.home.log / wanted.path))

    def edge(self, size: int) -> Edge:
        """The right edge of the tree of the first ``size`` entries: one tile a level is read."""
        levels = []
        for level in range(height(size)):
            index, width = divmod(count(size, level), WIDTH)
            levels.append(self.hashes(level, index, width) if width else ())
        return Edge(size=size, levels=tuple(levels))

    def _at(self, level: int, index: int) -> Iterator[Tile]:
        """The tiles that lie at one place, full and partial."""
        full = Tile(level=level, index=index)
        if (self.home.log / full.path).exists():
            yield full
        for width in _numbers(self._partials(full)):
            if 0 < width < WIDTH:
                yield Tile(level=level, index=index, width=width)

    def _partials(self, tile: Tile) -> Path:
        return self.home.log / f"{tile.full.path}.p"

    def _levels(self) -> list[int]:
        return [ENTRIES, *_numbers(self.home.log / "tile")]

    def beyond(self, size: int) -> list[Tile]:
        """Tiles and bundles that hold more than the first ``size`` entries: left by an interrupted put."""
        found = []
        for level in self._levels():
            index, misses = count(size, level) // WIDTH, 0
            while misses <= STRIDE_TILES:
                here = sorted(tile for tile in self._at(level, index) if not covers(size, tile))
                found += here
                index, misses = index + 1, 0 if here else misses + 1
        return found

    def kept(self) -> list[int]:
        """Sizes of the checkpoints that were kept."""
        return _numbers(self.home.checkpoints)

    # --- writing ---------------------------------------------------------------------------------

    def make_folders(self) -> None:
        """Create the folders of a new log, durable."""
        home = self.home
        touched = []
        for folder in (home.log, home.checkpoints, home.aside, home.staging):
            touched += durable.make_folder(folder)
        durable.settle(touched)

    def clear_staging(self) -> None:
        """Remove what an interrupted put left staged: it was never part of the log."""
        for path in self.home.staging.iterdir():
            path.unlink()

    def put(self, new: Mapping[Tile, bytes], checkpoint: Checkpoint) -> None:
        """Put tiles and bundles in place, durable, then the checkpoint over them. May be run again."""
        try:
            self._put(new, checkpoint)
        finally:
            # A failed put (disk full) gives back the room that its staged files took.
            self.clear_staging()

    def _put(self, new: Mapping[Tile, bytes], checkpoint: Checkpoint) -> None:
        staged: dict[Path, Path] = {}
        folders: list[Path] = []
        for number, (tile, data) in enumerate(new.items()):
            target = self.home.log / tile.path
            if self._holds(target, data):
                # Renamed by a put that failed later: how far up its folders are durable is unknown.
                folders += target.parents[: len(Path(tile.path).parts)]
                continue
            staged[target] = self.home.staging / str(number)
            durable.stage(staged[target], data)
        signed = self.home.staging / "checkpoint"
        durable.stage(signed, checkpoint.note.encode())
        durable.settle([*staged.values(), signed])
        for target, source in staged.items():
            folders += [*durable.make_folder(target.parent), target.parent]
            source.rename(target)
        # With the log's own folder they are always more than a few: one call instead of one a folder.
        durable.settle([*folders, self.home.log] if folders else [])
        signed.rename(self.checkpoint_path)
        durable.settle([self.home.log])

    @staticmethod
    def _holds(target: Path, data: bytes) -> bool:
        """Whether this file is in place already; LogError where another one is."""
        try:
            held = target.read_bytes()
        except FileNotFoundError:
            return False
        if held != data:
            raise contradiction(
                Text(f"{target.name} 已存在且内容不同", f"{target} is there already, with other bytes")
            )
        return True

    def drop_partials(self, tiles: Sequence[Tile]) -> None:
        """Remove the partial tiles at the places of full ones that a checkpoint covers."""
        for tile in tiles:
            folder = self._partials(tile)
            if folder.is_dir():
                durable.remove_tree(folder, [path.name for path in folder.iterdir()])

    def sweep(self, size: int) -> None:
        """Remove partial tiles that a crash kept beside their full ones."""
        for level in self._levels():
            full = count(size, level) // WIDTH
            self.drop_partials(
                [Tile(level=level, index=i) for i in range(max(0, full - STRIDE_TILES - 1), full)]
            )

    def keep(self, checkpoint: Checkpoint) -> Path:
        """Copy a checkpoint into ``checkpoints/<size>``; one that is there stays."""
        path = self.home.checkpoints / str(checkpoint.size)
        if not path.exists():
            durable.write(path, checkpoint.note.encode(), temporary=self.home.staging / "kept")
        return path

    def aside_name(self, tile: Tile, size: int) -> str:
        """Where below ``log-aside/`` a file of the log with this checkpoint goes.

        Its content is in the name: a start that is interrupted and run again names the same place, and
        nothing there is ever replaced.
        """
        digest = hashlib.sha256((self.home.log / tile.path).read_bytes()).hexdigest()
        return f"{size}/{tile.path}.{digest[:16]}"

    def move_aside(self, names: Mapping[Tile, str]) -> None:
        """Move files out of the log to these names below ``log-aside/``, durable; never deleted there."""
        touched = []
        for tile, name in names.items():
            source, target = self.home.log / tile.path, self.home.aside / name
            touched += [*durable.make_folder(target.parent), target.parent, source.parent]
            source.rename(target)
            if tile.width < WIDTH and not any(source.parent.iterdir()):
                source.parent.rmdir()
                touched[-1] = source.parent.parent
        durable.settle(path for path in touched if path.exists())

"""What a start finds, and what it does about it (design 5): compare, replay, tell apart what lies beyond.

Only what the checkpoint covers is the log. Read are the checkpoint, the right edge of the tiles, the last
bundle, the database's entries beside it, and whatever lies beyond: never all entries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ingestd import merkle
from ingestd.errors import LogError
from ingestd.events import Event
from ingestd.ledger import checkpoint, table
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.entry import Blobs, Entry, EntryError, parse
from ingestd.ledger.faults import contradiction
from ingestd.ledger.files import STRIDE_TILES, LogFiles
from ingestd.ledger.note import Verifier
from ingestd.ledger.tiles import ENTRIES, HASH_BYTES, WIDTH, Edge, Tile, bundle, count, covers, grow
from ingestd.words import Text

Project = Callable[[Connection, Sequence[tuple[Entry, Event]]], None]
"""Updates the projection by entries in their order, in the transaction that holds them."""

DIFFERS = Text(
    "数据库中的条目与已签名的日志不同,两者的根不一致",
    "the database holds other entries than the signed log: their roots differ",
)
_MISSING = Text(
    "日志不存在:找不到 {path}。日志只由 ingestd init 建立,绝不因缺失而新建;请从备份恢复",
    "there is no log: {path} is missing. A log is created by 'ingestd init' only, never because it is "
    "missing; restore it from a backup",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The state of a log at its start, database replayed where it was behind."""

    checkpoint: Checkpoint
    edge: Edge
    size: int
    """Entries in the database; never fewer than the checkpoint covers."""
    replayed: bool
    stray: tuple[Tile, ...]
    """Files beyond the checkpoint that are not what the database holds."""


def newest(files: LogFiles, origin: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint on disk, verified; LogError where there is none."""
    try:
        data = files.checkpoint_path.read_bytes()
    except FileNotFoundError as error:
        raise LogError(_MISSING.format(path=files.checkpoint_path)) from error
    return checkpoint.verify(data, origin, (verifier,))


def look(
    files: LogFiles, engine: Engine, *, origin: str, verifier: Verifier, blobs: Blobs, project: Project
) -> Found:
    """Compare log and database, and replay what the database lacks."""
    signed = newest(files, origin, verifier)
    edge = proved_edge(files, signed)
    table.METADATA.create_all(engine)
    with engine.connect() as connection:
        size = table.size(connection)
        agree(files, connection, min(size, signed.size))
    replayed = size < signed.size
    if replayed:
        replay(files, engine, size, signed, blobs=blobs, project=project)
        size = signed.size
    with engine.connect() as connection:
        stray = _strangers(files, connection, edge, size)
    return Found(checkpoint=signed, edge=edge, size=size, replayed=replayed, stray=stray)


def proved_edge(files: LogFiles, signed: Checkpoint) -> Edge:
    """The right edge, once it gives the signed root and the last bundle fits it."""
    edge = files.edge(signed.size)
    if edge.root() != signed.root:
        raise contradiction(
            Text("树的根与已签名的检查点不符", "the tiles do not give the root that the checkpoint signs")
        )
    if signed.size:
        index = (signed.size - 1) // WIDTH
        width = signed.size - index * WIDTH
        leaves = tuple(map(merkle.leaf_hash, files.bundle(index, width)))
        if leaves != files.hashes(0, index, width):
            raise contradiction(
                Text("最后的条目与哈希不符", "the last bundle of entries does not fit the tile above it")
            )
    return edge


def agree(files: LogFiles, connection: Connection, size: int) -> None:
    """Raises LogError unless the database's last common entries are those of the log."""
    if not size:
        return
    index = (size - 1) // WIDTH
    held = table.rows(connection, index * WIDTH, size)
    if tuple(map(merkle.leaf_hash, held)) != files.hashes(0, index, len(held)):
        raise contradiction(DIFFERS)


def replay(
    files: LogFiles, engine: Engine, size: int, signed: Checkpoint, *, blobs: Blobs, project: Project
) -> None:
    """Bring the log's entries from ``size`` on into the database, after they were proved by the root."""
    places = [
        (index, min(WIDTH, signed.size - index * WIDTH), max(0, size - index * WIDTH))
        for index in range(size // WIDTH, -(-signed.size // WIDTH))
    ]
    edge = files.edge(size)
    for index, width, skip in places:
        edge, _ = grow(edge, list(map(merkle.leaf_hash, files.bundle(index, width)[skip:])))
    if edge.root() != signed.root:
        raise contradiction(
            Text("条目与已签名的根不符", "the bundles of entries do not give the root that is signed")
        )
    for index, width, skip in places:
        entries = files.bundle(index, width)[skip:]
        bring_in(engine, index * WIDTH + skip, entries, blobs=blobs, project=project)


def bring_in(engine: Engine, first: int, entries: Sequence[bytes], *, blobs: Blobs, project: Project) -> None:
    """Commit entries that exist already, with their effect on the projection."""
    with engine.begin() as connection:
        table.add(connection, first, entries)
        parsed = [parse(data) for data in entries]
        for seq, entry in enumerate(parsed, first):
            if entry.seq != seq:
                raise EntryError(f"entry {seq} says that it is number {entry.seq}")
        project(connection, [(entry, entry.event(blobs)) for entry in parsed])


def right_edge(files: LogFiles, edge: Edge) -> dict[Tile, bytes]:
    """The partial tiles and the partial bundle of a tree; where only wider ones are there, cut from them."""
    found = {}
    for level, nodes in enumerate(edge.levels):
        if nodes:
            index = count(edge.size, level) // WIDTH
            found[Tile(level=level, index=index, width=len(nodes))] = b"".join(nodes)
    index, width = divmod(edge.size, WIDTH)
    if width:
        found[Tile(level=ENTRIES, index=index, width=width)] = bundle(files.bundle(index, width))
    return found


def _strangers(files: LogFiles, connection: Connection, edge: Edge, size: int) -> tuple[Tile, ...]:
    """Of the files beyond the checkpoint those that differ from what the database holds."""
    beyond = files.beyond(edge.size)
    if not beyond:
        return ()
    known = _contents(connection, edge, size, {(t.level, t.index) for t in beyond})
    return tuple(t for t in beyond if not _is_known(files, t, size, known))


def _is_known(files: LogFiles, tile: Tile, size: int, known: dict[tuple[int, int], bytes]) -> bool:
    expected = known.get((tile.level, tile.index))
    if expected is None or not covers(size, tile):
        return False
    held = (files.home.log / tile.path).read_bytes()
    if tile.level == ENTRIES:
        return expected.startswith(held) and _entries_in(held) == tile.width
    return len(held) == tile.width * HASH_BYTES and expected.startswith(held)


def _entries_in(data: bytes) -> int:
    """How many entries a beginning of a good bundle holds; -1 where it ends within one."""
    at = found = 0
    while at < len(data):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        found += 1
    return found if at == len(data) else -1


def _contents(
    connection: Connection, edge: Edge, size: int, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """What the database says lies at these places of the tree of its ``size`` entries."""
    found: dict[tuple[int, int], bytes] = {}
    while edge.size < size:
        first = edge.size // WIDTH
        end = min(size, (first + STRIDE_TILES) * WIDTH)
        rows = table.rows(connection, first * WIDTH, end)
        for index in range(first, -(-end // WIDTH)):
            if (ENTRIES, index) in places:
                at = (index - first) * WIDTH
                found[ENTRIES, index] = bundle(rows[at : at + WIDTH])
        edge, written = grow(edge, list(map(merkle.leaf_hash, rows[edge.size - first * WIDTH :])))
        found |= {(t.level, t.index): data for t, data in written.items() if (t.level, t.index) in places}
    return found

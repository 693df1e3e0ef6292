"""The log: its single writer. An event is committed by `Log.append` and published by `Log.publish`.

*Committed* means that the entry and its effect on the projection are durable in the database, in one
transaction. *Published* means that a signed checkpoint on disk covers it: then it is evidence that cannot
be taken back. Only what a checkpoint covers is the log; `Log.open` brings both together after any crash.

One process writes (the caller holds the writer's lock); within it all methods may be called by any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ingestd import merkle
from ingestd.clock import Clock
from ingestd.errors import LogError, NotFoundError
from ingestd.events import Event, LogRecovered
from ingestd.ledger import checkpoint, recovery, table
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.entry import Blobs, Circumstances, Entry, parse, record
from ingestd.ledger.faults import contradiction, from_file, translated
from ingestd.ledger.files import STRIDE_TILES, LogFiles, LogHome
from ingestd.ledger.note import NoteSigner
from ingestd.ledger.proof import Proof, Tree, verify_inclusion
from ingestd.ledger.recovery import Found, Project
from ingestd.ledger.tiles import ENTRIES, WIDTH, Tile, bundle, grow
from ingestd.words import Text

if TYPE_CHECKING:
    from sqlalchemy import Engine

_DAY_MS: Final = 86_400_000
_READ_AT_ONCE: Final = 256

_EXISTS = Text(
    "{path} 中已有日志;不会覆盖,请选择其他目录",
    "there is a log in {path} already; it is never overwritten: choose another home",
)
_CLOSED = Text("日志已关闭,未写入任何内容", "the log is closed; nothing was written")
_NO_ENTRY = Text("日志中没有第 {seq} 条(共 {size} 条)", "the log has no entry {seq} (it has {size})")
_NO_TREE = Text(
    "没有 {size} 条的已公布日志(已公布 {published} 条)",
    "no tree of {size} entries is published (the published one has {published})",
)


class Log:
    """One station's log: the table of committed entries, the tiles, the checkpoint."""

    def __init__(
        self,
        home: LogHome,
        *,
        engine: Engine,
        signer: NoteSigner,
        origin: str,
        node: str,
        clock: Clock,
        blobs: Blobs,
        project: Project,
        found: Found,
    ) -> None:
        """Not for callers: `create` and `open` make logs."""
        self._files = LogFiles(home)
        self._engine = engine
        self._signer = signer
        self._origin = origin
        self._node = node
        self._clock = clock
        self._blobs = blobs
        self._project = project
        self._appending = threading.Lock()
        self._publishing = threading.RLock()
        self._size = found.size
        self._size_is_sure = True
        self._checkpoint = self._found = found.checkpoint
        self._edge = found.edge
        self._kept_day: int | None = None
        self._closed = False
        self._on_commit: tuple[Callable[[int], None], ...] = ()
        self._on_publish: tuple[Callable[[Checkpoint], None], ...] = ()

    # --- making one ------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        home: LogHome,
        *,
        engine: Engine,
        signer: NoteSigner,
        origin: str,
        node: str,
        clock: Clock,
        blobs: Blobs,
        project: Project,
    ) -> Self:
        """A new, empty log with a signed checkpoint of size 0. LogError where there is one already."""
        files = LogFiles(home)
        with translated():
            table.METADATA.create_all(engine)
            with engine.connect() as connection:
                if table.size(connection) or (home.log.is_dir() and any(home.log.iterdir())):
                    raise LogError(_EXISTS.format(path=home.log))
            files.make_folders()
            files.clear_staging()
            files.put({}, checkpoint.sign(origin, 0, merkle.EMPTY_ROOT, signer))
        return cls.open(
            home,
            engine=engine,
            signer=signer,
            origin=origin,
            node=node,
            clock=clock,
            blobs=blobs,
            project=project,
        )

    @classmethod
    def open(
        cls,
        home: LogHome,
        *,
        engine: Engine,
        signer: NoteSigner,
        origin: str,
        node: str,
        clock: Clock,
        blobs: Blobs,
        project: Project,
    ) -> Self:
        """The log of this home, recovered: afterwards database and published log are equal.

        What had to be done stands in `LogRecovered` events. Raises LogError where the log is missing, or
        where log, database and signature contradict each other; NoSpaceError on a full disk.
        """
        files = LogFiles(home)
        with translated():
            files.make_folders()
            files.clear_staging()
            found = recovery.look(
                files, engine, origin=origin, verifier=signer.verifier, blobs=blobs, project=project
            )
        log = cls(
            home,
            engine=engine,
            signer=signer,
            origin=origin,
            node=node,
            clock=clock,
            blobs=blobs,
            project=project,
            found=found,
        )
        log._resume(found)
        return log

    def _resume(self, found: Found) -> None:
        """Say what was found, put aside what does not belong, publish the rest."""
        with translated():
            kept = self._files.kept()
            if kept and 0 < kept[-1] <= self._size:
                self._kept_day = parse(self.entry_bytes(kept[-1] - 1)).at // _DAY_MS
            aside = {tile: self._files.aside_name(tile, found.checkpoint.size) for tile in found.stray}
        happened = (
            ("replayed", found.replayed, ()),
            ("moved-aside", bool(aside), tuple(aside.values())),
            ("published", found.size > found.checkpoint.size, ()),
        )
        events = [
            LogRecovered(what=what, size=found.size, aside=names) for what, is_so, names in happened if is_so
        ]
        if events:
            # Said before it is done: a crash in between says it again, and never leaves it unsaid.
            self.append(events)
        with translated():
            if aside:
                # The checkpoint's own tiles first: what goes aside may be all that still holds them.
                self._files.put(recovery.right_edge(self._files, found.edge), found.checkpoint)
            self._files.move_aside(aside)
            self._files.sweep(found.checkpoint.size)
        self.publish()

    def close(self) -> None:
        """Wait for what is under way; afterwards nothing is written. The engine stays the caller's."""
        with self._publishing, self._appending:
            self._closed = True

    # --- committing ------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Entries committed."""
        return self._size

    def append(self, events: Sequence[Event], *, actor: str = "daemon") -> tuple[int, ...]:
        """Commit events and their effect on the projection in one transaction; their ``seq``s.

        Raises NoSpaceError or LogError, and whatever the projection raises: then nothing was committed.
        """
        if not events:
            return ()
        with self._appending:
            self._refuse_if_closed()
            seqs = self._commit(events, actor)
        for listener in self._on_commit:
            listener(seqs[-1] + 1)
        return seqs

    def _commit(self, events: Sequence[Event], actor: str) -> tuple[int, ...]:
        if not self._size_is_sure:
            # After a failed commit only the database knows whether it happened.
            with translated(), self._engine.connect() as connection:
                self._size, self._size_is_sure = table.size(connection), True
        first = self._size
        around = Circumstances(at=self._clock.now(), clock=self._clock.state(), node=self._node, actor=actor)
        try:
            recorded = [record(event, first + at, around, self._blobs) for at, event in enumerate(events)]
        except OSError as error:  # of a blob; an event that is no JSON is its author's fault, not the log's
            raise from_file(error) from error
        self._size_is_sure = False
        with translated(), self._engine.begin() as connection:
            table.add(connection, first, [data for _, data in recorded])
            entries = (entry for entry, _ in recorded)
            self._project(connection, list(zip(entries, events, strict=True)))
        self._size, self._size_is_sure = first + len(events), True
        return tuple(range(first, self._size))

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LogError(_CLOSED)

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Call this with the new size after each commit, in the thread that appended."""
        self._on_commit = (*self._on_commit, listener)

    # --- publishing ------------------------------------------------------------------------------

    @property
    def checkpoint(self) -> Checkpoint:
        """The newest published checkpoint."""
        return self._checkpoint

    def publish(self) -> Checkpoint:
        """Publish all that is committed now; does nothing where the log did not grow."""
        with self._publishing:
            self._refuse_if_closed()
            before, goal = self._checkpoint.size, self._size
            while self._checkpoint.size < goal:
                with translated():
                    self._publish_up_to(goal)
            newest = self._checkpoint
            if newest.size > before:
                for listener in self._on_publish:
                    listener(newest)
        return newest

    def _publish_up_to(self, goal: int) -> None:
        """One checkpoint further: at most `STRIDE_TILES` new bundles."""
        old = self._edge
        first = old.size // WIDTH
        end = min(goal, (first + STRIDE_TILES) * WIDTH)
        with self._engine.connect() as connection:
            rows = table.rows(connection, first * WIDTH, end)
        leaves = [merkle.leaf_hash(row) for row in rows]
        held = old.size - first * WIDTH
        if held and tuple(leaves[:held]) != old.levels[0]:
            raise contradiction(
                Text("数据库中已公布的条目被改动", "published entries were changed in the database")
            )
        edge, new = grow(old, leaves[held:])
        bundles = {}
        for index in range(first, -(-end // WIDTH)):
            entries = rows[(index - first) * WIDTH : (index - first + 1) * WIDTH]
            bundles[Tile(level=ENTRIES, index=index, width=len(entries))] = bundle(entries)
        signed = checkpoint.sign(self._origin, end, edge.root(), self._signer)
        self._files.put({**bundles, **new}, signed)
        self._edge, self._checkpoint = edge, signed
        self._files.drop_partials([tile for tile in (*bundles, *new) if tile.width == WIDTH])
        self._keep_daily()

    def _keep_daily(self) -> None:
        """Keep the first checkpoint of each day (UTC)."""
        today = self._clock.now() // _DAY_MS
        if today != self._kept_day:
            self._files.keep(self._checkpoint)
            self._kept_day = today

    def ensure_published(self, seq: int) -> Checkpoint:
        """A published checkpoint that covers this entry; waits for it. NotFoundError: no such entry."""
        if 0 <= seq < self._checkpoint.size:
            return self._checkpoint
        if not 0 <= seq < self._size:
            raise NotFoundError(_NO_ENTRY.format(seq=seq, size=self._size))
        return self.publish()

    def when_published(self, listener: Callable[[Checkpoint], None]) -> None:
        """Call this after each publishing that covered more, in the thread that published, before the next one.

        It may append.
        """
        self._on_publish = (*self._on_publish, listener)

    def keep_checkpoint(self, checkpoint: Checkpoint | None = None) -> Path:
        """Keep a checkpoint (the newest) for good as ``checkpoints/<size>``: exported, witnessed, drawn on."""
        with self._publishing, translated():
            return self._files.keep(checkpoint or self._checkpoint)

    def first_covering(self, seq: int) -> Checkpoint | None:
        """The first checkpoint that is known to cover an entry: kept, found at this start, or the newest."""
        with self._publishing, translated():
            newest = self._checkpoint.size
            kept = next((size for size in self._files.kept() if seq < size <= newest), None)
            known = [self._found, self._checkpoint]
            if kept is not None:
                data = (self._files.home.checkpoints / str(kept)).read_bytes()
                known.insert(0, checkpoint.verify(data, self._origin, (self._signer.verifier,)))
        covering = [one for one in known if seq < one.size]
        return min(covering, key=lambda one: one.size) if covering else None

    # --- reading ---------------------------------------------------------------------------------

    def entries(self, start: int, end: int) -> Iterator[Entry]:
        """Committed entries from ``start`` up to ``end``, read in portions."""
        for first in range(start, end, _READ_AT_ONCE):
            with translated(), self._engine.connect() as connection:
                rows = table.rows(connection, first, min(end, first + _READ_AT_ONCE))
                found = [parse(row) for row in rows]
            yield from found

    def entry_bytes(self, seq: int) -> bytes:
        """A committed entry as its leaf's bytes. NotFoundError: no such entry."""
        if not 0 <= seq < self._size:
            raise NotFoundError(_NO_ENTRY.format(seq=seq, size=self._size))
        with translated(), self._engine.connect() as connection:
            return table.rows(connection, seq, seq + 1)[0]

    def _tree(self, size: int) -> Tree:
        if not 0 <= size <= self._checkpoint.size:
            raise NotFoundError(_NO_TREE.format(size=size, published=self._checkpoint.size))
        return Tree(size, self._files.tile)

    def inclusion_proof(self, seq: int, size: int) -> Proof:
        """That entry ``seq`` stands in the published tree of ``size``; checked before it is handed out."""
        tree = self._tree(size)
        if not 0 <= seq < size:
            raise NotFoundError(_NO_ENTRY.format(seq=seq, size=size))
        leaf = merkle.leaf_hash(self.entry_bytes(seq))
        newest = self._checkpoint
        with translated():
            path = tree.inclusion(seq)
            root = newest.root if size == newest.size else tree.root()
            verify_inclusion(leaf, seq, size, root, path)
        return path

    def consistency_proof(self, older: int, newer: int) -> Proof:
        """That the published tree of ``older`` entries is the beginning of that of ``newer``."""
        tree = self._tree(newer)
        with translated():
            return tree.consistency(older)

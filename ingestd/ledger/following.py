"""Follows a published log into a database of one's own: what a page, or a centre, reads of it.

The follower trusts the log's verifier key and its own past, nothing else: every entry is proved by the signed
root before it has an effect, and a checkpoint must continue the one that was followed last. A log that was cut
back or rewritten in between is refused with what contradicts, and the copy stays as it was.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from ingestd import durable
from ingestd.ledger import checkpoint, recovery, table
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.entry import Blobs
from ingestd.ledger.faults import contradiction, translated
from ingestd.ledger.files import LogFiles
from ingestd.ledger.note import Verifier
from ingestd.ledger.recovery import Project
from ingestd.words import Text


class Follower:
    """One log, one database. `step` as often as one likes, by one thread."""

    def __init__(
        self,
        files: LogFiles,
        *,
        engine: Engine,
        verifier: Verifier,
        kept: Path,
        blobs: Blobs,
        project: Project,
    ) -> None:
        """``kept`` is where the checkpoint that was followed last lies. Raises LogError."""
        self._files = files
        self._engine = engine
        self._verifier = verifier
        self._kept = kept
        self._blobs = blobs
        self._project = project
        with translated():
            table.METADATA.create_all(engine)
            self._followed = self._last()
        self._goal = 0

    @property
    def goal(self) -> int:
        """Up to how many entries it is being brought, or was last: a first following takes a while."""
        return self._goal

    @property
    def followed(self) -> Checkpoint | None:
        """The checkpoint up to which the database goes; None before the first."""
        return self._followed

    def step(self) -> bool:
        """Bring the database up to the newest checkpoint; whether there was a new one.

        Raises LogError where the log is no continuation, or cannot be read; NoSpaceError.
        """
        with translated():
            signed = recovery.newest(self._files, self._verifier.name, self._verifier)
            if signed == self._followed:
                return False
            if self._followed is not None:
                self._require_continued(self._followed, signed)
            with self._engine.connect() as connection:
                size = table.size(connection)
                recovery.agree(self._files, connection, min(size, signed.size))
            if size > signed.size:
                raise contradiction(_CUT.format(here=size, there=signed.size))
            self._goal = signed.size
            if size < signed.size:  # else a crash came before it was remembered
                recovery.replay(
                    self._files, self._engine, size, signed, blobs=self._blobs, project=self._project
                )
            durable.write(self._kept, signed.note.encode())
            self._followed = signed
        return True

    def _last(self) -> Checkpoint | None:
        """What was followed last; it is forgotten with the database that it belongs to."""
        with self._engine.connect() as connection:
            if not table.size(connection):
                return None
        try:
            return checkpoint.verify(self._kept.read_bytes(), self._verifier.name, (self._verifier,))
        except FileNotFoundError:
            return None

    def _require_continued(self, before: Checkpoint, signed: Checkpoint) -> None:
        """The tree that was followed is the beginning of the new one (RFC 6962, consistency)."""
        if signed.size < before.size:
            raise contradiction(_CUT.format(here=before.size, there=signed.size))
        if self._files.edge(before.size).root() != before.root:
            raise contradiction(_REWRITTEN.format(size=before.size))


_CUT = Text(
    "此前已跟随到 {here} 条，现在的日志只有 {there} 条：日志被截短",
    "it was followed up to {here} entries and has {there} now: the log was cut back",
)
_REWRITTEN = Text(
    "此前跟随的 {size} 条与现在的日志不同：历史被改写",
    "the {size} entries that were followed are not this log's: history was rewritten",
)

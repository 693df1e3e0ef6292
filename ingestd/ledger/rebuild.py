"""A fresh database from the log: how a new projection, or a lost or broken database, is dealt with."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from ingestd import merkle
from ingestd.clock import Clock
from ingestd.errors import LogError, UsageError
from ingestd.events import LogRecovered
from ingestd.ledger import recovery, table
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.entry import Blobs
from ingestd.ledger.faults import contradiction, translated
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.log import Log
from ingestd.ledger.note import NoteSigner
from ingestd.ledger.recovery import Project
from ingestd.ledger.tiles import WIDTH
from ingestd.words import Text

_NOT_EMPTY = Text(
    "用于重建的数据库不是空的;请使用新文件",
    "the database to rebuild into is not empty: use a new file",
)


def rebuild(
    home: LogHome,
    *,
    engine: Engine | None,
    new_engine: Engine,
    signer: NoteSigner,
    origin: str,
    node: str,
    clock: Clock,
    blobs: Blobs,
    project: Project,
) -> Checkpoint:
    """Replay the log into ``new_engine``, bring in what only the old database holds, publish all of it.

    ``engine`` is the old database, read and never written; None, or one that cannot be read, is said in
    `LogRecovered`. The caller holds the writer's lock and swaps the new database in afterwards; a crash
    before that leaves the old one merely behind the log. Raises LogError where old database and log
    contradict each other.
    """
    files = LogFiles(home)
    with translated():
        _prepare(new_engine)
        signed = recovery.newest(files, origin, signer.verifier)
        recovery.proved_edge(files, signed)
        recovery.replay(files, new_engine, 0, signed, blobs=blobs, project=project)
        complete = engine is not None and _bring_rest(
            files, engine, new_engine, signed.size, blobs=blobs, project=project
        )
    log = Log.open(
        home,
        engine=new_engine,
        signer=signer,
        origin=origin,
        node=node,
        clock=clock,
        blobs=blobs,
        project=project,
    )
    what = "rebuilt" if complete else "rebuilt-without-table"
    log.append([LogRecovered(what=what, size=log.size, aside=())])
    newest = log.publish()
    log.close()
    return newest


def _prepare(engine: Engine) -> None:
    """The table of entries in a new database; UsageError where it holds some already."""
    table.METADATA.create_all(engine)
    with engine.connect() as connection:
        if table.size(connection):
            raise UsageError(_NOT_EMPTY)


def _agree(files: LogFiles, connection: Connection, size: int) -> None:
    """Raises LogError where an old table has other last entries than the log; that it lacks some is no matter."""
    first = max(0, size - 1) // WIDTH * WIDTH
    signed = files.hashes(0, first // WIDTH, size - first) if size else ()
    for seq, entry in table.held(connection, first, size).items():
        if merkle.leaf_hash(entry) != signed[seq - first]:
            raise contradiction(recovery.DIFFERS)


def _bring_rest(
    files: LogFiles, old: Engine, new: Engine, published: int, *, blobs: Blobs, project: Project
) -> bool:
    """Bring in the old table's entries that are not published; False where it cannot be read to its end."""
    try:
        if not inspect(old).has_table(table.ENTRIES.name):
            return False
        with old.connect() as connection:
            size = table.size(connection)
            _agree(files, connection, min(size, published))
    except DBAPIError:
        return False
    for first in range(published, size, WIDTH):
        try:
            with old.connect() as connection:
                entries = table.rows(connection, first, min(size, first + WIDTH))
        except (DBAPIError, LogError):  # a row is not to be read, or not there
            return False
        recovery.bring_in(new, first, entries, blobs=blobs, project=project)
    return True

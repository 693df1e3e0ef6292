"""The web process's own projection: an SQLite file that follows the published log.

It is a copy and nothing else: one that another version wrote, or that is no database, is thrown away and made
again from the log.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import Engine

from ingestd.errors import BusyError, LogError, NotFoundError
from ingestd.index import projection
from ingestd.index.database import open_database
from ingestd.ledger.files import LogFiles, LogHome
from ingestd.ledger.following import Follower
from ingestd.ledger.note import parse_verifier
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.web import texts
from ingestd.words import Text

_FOLDER_MODE = 0o700
_BUSY = Text(
    "另一个网页进程正在使用 {p}；请先停止它，或用 --state 另选目录。",
    "another web process uses {p}: stop it, or choose another folder with --state.",
)
_NO_HOME = Text(
    "{p} 不可读：此目录不是证据库，或网页用户不在 ingestd-read 组中。",
    "{p} cannot be read: this is no home of evidence, or the web's user is not in the group ingestd-read.",
)


def opened(home: Home, state: Path) -> tuple[Engine, Follower]:
    """The projection in a folder of its own, and what keeps it up to date.

    Raises BusyError where another process has the folder, NotFoundError where the home cannot be read, LogError.
    """
    key = home.keys / "log.vkey"
    try:
        verifier = parse_verifier(key.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise NotFoundError(_NO_HOME.format(p=key)) from error
    state.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    _lock(state)
    engine = _database(state / "index.db")
    follower = Follower(
        log_files(home),
        engine=engine,
        verifier=verifier,
        kept=state / "checkpoint",
        blobs=Blobs(home),
        project=texts.projecting(Values(home)),
    )
    return engine, follower


def log_files(home: Home) -> LogFiles:
    """The published files of the log."""
    return LogFiles(
        LogHome(log=home.log, checkpoints=home.checkpoints, aside=home.log_aside, staging=home.staging)
    )


def _lock(state: Path) -> None:
    """One process a folder, for as long as it lives."""
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise BusyError(_BUSY.format(p=state)) from error


def _database(path: Path) -> Engine:
    try:
        return _current(path)
    except LogError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _current(path)


def _current(path: Path) -> Engine:
    engine = open_database(path)
    try:
        projection.create(engine)
        texts.create(engine)
    except LogError:
        engine.dispose()
        raise
    return engine

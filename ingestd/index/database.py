"""Opens the database of the read model: SQLite at a station, PostgreSQL at a centre.

What is promised: a transaction is one from its first statement, a committed one survives a power cut, and
deleted text does not stay in the file. Each setting is read back; a database that does not take it is
refused, because everything above relies on it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, SQLAlchemyError

from ingestd.errors import LogError, NoSpaceError, NotFoundError
from ingestd.words import Text

BUSY_TIMEOUT_MS = 10_000
"""How long a transaction waits for another; the longest (256 clips) takes well under a second."""

DATABASE_MODE = 0o600
"""The daemon's alone (design 5); SQLite gives ``-wal`` and ``-shm`` the same mode."""

SQLITE_NEEDS_BYTES = 64 << 10
"""The index of its write-ahead log takes 32 KiB (sqlite.org/walformat.html, 2.1), the log some pages."""

_READING = "ingestd_reading"

_SQLITE_SETTINGS = (
    ("busy_timeout", str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),
)
_POSTGRESQL_SETTINGS = (("fsync", "on"), ("full_page_writes", "on"))
_POSTGRESQL_DURABLE_COMMITS = ("on", "local", "remote_write", "remote_apply")


def open_database(url_or_path: str | Path, *, create: bool = True) -> Engine:
    """An engine on a SQLite file (a path) or a PostgreSQL database (an URL with ``://``).

    ``create`` False refuses a missing file with NotFoundError. Raises LogError where it cannot be read as a
    database, or does not take a setting that durability rests on; NoSpaceError.
    """
    text = str(url_or_path)
    engine = _postgresql(text) if "://" in text else _sqlite(Path(text), create=create)
    try:
        with reading(engine):
            pass
    except (SQLAlchemyError, sqlite3.Error) as error:
        if "://" not in text and _is_full(Path(text).parent):
            raise NoSpaceError(
                Text(
                    "磁盘已满，数据库无法打开。证据与日志不受影响；请腾出空间后再试。",
                    "the disk is full and the database cannot be opened; evidence and log are not touched by "
                    "that: make room and try again",
                )
            ) from error
        raise _unreadable(error) from error
    return engine


def _unreadable(error: Exception) -> LogError:
    """In the database's own words, without those of the library between."""
    return LogError(
        Text(
            "索引数据库无法读取（{why}）。它只是日志的副本：以日志和证据库为准，二者不受影响。"
            "请停止服务，运行 ingestd rebuild 由日志重建（不成则先删除 index.db）。",
            "the database of the index cannot be read ({why}). It is a copy: log and vault are what counts, and "
            "evidence and log are not touched by that. Stop the daemon: 'ingestd rebuild' makes it again from the "
            "log (where it does not, delete index.db first).",
        ).format(why=error.orig if isinstance(error, DBAPIError) else error)
    )


def _is_full(folder: Path) -> bool:
    """Whether SQLite finds no room beside its file; it says "disk I/O error" then, as for a broken disk."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize < SQLITE_NEEDS_BYTES


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read transaction: all its queries see one state, and it never waits for the writer. Raises LogError.

    ``engine.begin()`` is for writers: in SQLite it takes the write lock at once (BEGIN IMMEDIATE).
    """
    options: dict[str, Any] = (
        {_READING: True} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    )
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    except DatabaseError as error:
        if type(error.orig) is sqlite3.DatabaseError:  # the file is damaged, or none of SQLite's
            raise _unreadable(error) from error
        raise


def truncated(engine: Engine) -> bool:
    """Bring what stands in SQLite's write-ahead log into the file itself, durable; False where one still reads it."""
    connection = engine.raw_connection()  # not in a transaction: the log cannot be emptied within one
    try:
        cursor = connection.cursor()
        is_busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        connection.close()
    return not is_busy


def into_one_file(engine: Engine) -> None:
    """Empty the write-ahead log and let go of the database: afterwards its file may be renamed alone.

    Raises LogError where somebody else holds it open.
    """
    is_alone = truncated(engine)
    engine.dispose()
    if not is_alone:
        raise LogError(
            Text(
                "数据库文件正被另一个进程使用，未作更换；请稍后再试。",
                "another process has the database open, so it was not exchanged; try again later",
            )
        )


def _sqlite(path: Path, *, create: bool) -> Engine:
    if not path.exists():
        if not create:
            raise NotFoundError(
                Text(
                    f"没有数据库 {path}。证据与日志不受影响，运行 ingestd rebuild 可由日志重建。",
                    f"there is no database {path}; evidence and log are not touched by that: "
                    "'ingestd rebuild' makes it again from the log",
                )
            )
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, DATABASE_MODE))
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Each new connection; the driver's own transaction control is off (it begins too late)."""
    del record
    connection.isolation_level = None
    for name, value, wanted in _SQLITE_SETTINGS:
        connection.execute(f"PRAGMA {name}={value}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        _check(name, found, wanted)


def _begin_sqlite(connection: Connection) -> None:
    is_reader = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _postgresql(url: str) -> Engine:
    engine = create_engine(url)
    event.listen(engine, "connect", _check_postgresql)
    return engine


def _check_postgresql(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        for name, wanted in _POSTGRESQL_SETTINGS:
            _check(name, cursor.execute(f"SHOW {name}").fetchone()[0], wanted)
        found = cursor.execute("SHOW synchronous_commit").fetchone()[0]
        if found not in _POSTGRESQL_DURABLE_COMMITS:
            _check("synchronous_commit", found, "on")
    connection.rollback()


def _check(name: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise LogError(
            Text(
                f"数据库设置 {name} 为 {found}，应为 {wanted}：断电时可能丢失已确认的记录，因此不予打开。",
                f"the database has {name} = {found} where {wanted} is needed: a power cut could lose what "
                "was confirmed, so it is not opened; correct the setting, or keep it on a local disk",
            )
        )

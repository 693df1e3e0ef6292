"""The database is opened durably, and its transactions are what they say."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from ingestd.errors import LogError, NotFoundError
from ingestd.index import database, look_tables, tables
from ingestd.index.database import open_database, reading


def test_settings_are_in_force(tmp_path: Path) -> None:
    """Durable commits, erased bytes, WAL: on every connection, not just the first."""
    engine = open_database(tmp_path / "index.db")
    with engine.connect() as first, engine.connect().execution_options(ingestd_reading=True) as second:
        for connection in (first, second):
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            ]
            assert found == ["wal", 2, 1, 1]
            connection.rollback()
    engine.dispose()


def test_file_is_the_daemons_alone(tmp_path: Path) -> None:
    """Other users, the web's too, read the log's files, never this one."""
    path = tmp_path / "index.db"
    engine = open_database(path)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        files = sorted(tmp_path.iterdir())
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)
    engine.dispose()


def test_missing_file_is_not_made_unasked(tmp_path: Path) -> None:
    """A lost database is said, not replaced by an empty one."""
    with pytest.raises(NotFoundError, match="rebuild"):
        open_database(tmp_path / "index.db", create=False)
    assert not list(tmp_path.iterdir())


def test_damaged_file_is_said(tmp_path: Path) -> None:
    """What is no database is not overwritten; the message says what it means and what to do."""
    path = tmp_path / "index.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LogError, match=r"evidence and log are not touched.*rebuild"):
        open_database(path)
    assert path.read_bytes().startswith(b"not a database")


def test_refuses_a_setting_that_is_not_taken(tmp_path: Path) -> None:
    """A database that cannot be durable is not opened (an in-memory one cannot have a WAL)."""
    with pytest.raises(LogError, match="journal_mode = memory"):
        database._prepare_sqlite(sqlite3.connect(":memory:"), None)


def test_writer_holds_the_lock_from_its_first_statement(tmp_path: Path) -> None:
    """BEGIN IMMEDIATE: a second writer waits before it has read anything, and then sees the first's rows."""
    engine = open_database(tmp_path / "index.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    seen: list[int] = []

    def second() -> None:
        with engine.begin() as connection:
            seen.append(connection.execute(text("SELECT count(*) FROM t")).scalar_one())

    with engine.begin() as connection:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        connection.execute(text("INSERT INTO t VALUES (1)"))
        assert not seen
    thread.join()
    assert seen == [1]
    engine.dispose()


def test_reader_sees_one_state_and_waits_for_nobody(sqlite_engine: Engine) -> None:
    """All queries of a read transaction answer from one moment, while the writer goes on."""
    put = text("INSERT INTO meta VALUES (:name, 'x')")
    count = text("SELECT count(*) FROM meta")
    with reading(sqlite_engine) as reader:
        before = reader.execute(count).scalar_one()
        with sqlite_engine.begin() as writer:
            writer.execute(put, {"name": "a"})
        assert reader.execute(count).scalar_one() == before == 0
    with reading(sqlite_engine) as reader:
        assert reader.execute(count).scalar_one() == 1


def test_reader_of_postgresql_sees_one_state(postgresql_engine: Engine) -> None:
    """The same on the centre's database."""
    name = {"name": "reader-test"}
    with reading(postgresql_engine) as reader:
        query = text("SELECT count(*) FROM meta WHERE name = :name")
        assert reader.execute(query, name).scalar_one() == 0
        with postgresql_engine.begin() as writer:
            writer.execute(text("INSERT INTO meta VALUES (:name, 'x')"), name)
        assert reader.execute(query, name).scalar_one() == 0
    with postgresql_engine.begin() as writer:
        writer.execute(text("DELETE FROM meta WHERE name = :name"), name)


def test_postgresql_without_durable_commits_is_refused(postgresql: str) -> None:
    """A commit that may be lost is no commit."""
    with pytest.raises(LogError, match="synchronous_commit = off"):
        open_database(f"{postgresql}&options=-csynchronous_commit%3Doff")


def test_partial_indexes_are_partial(engine: Engine) -> None:
    """In both databases: what waits is found by an index of what waits."""
    assert look_tables.looks.metadata is tables.metadata
    found = {one["name"]: one for one in inspect(engine).get_indexes("looks")}
    where = found["looks_open"]["dialect_options"][f"{engine.dialect.name}_where"]
    assert "closed_at IS NULL" in str(where)
    assert "looks_person" in found
    assert not any(key.endswith("_where") for key in found["looks_person"].get("dialect_options", {}))


def test_rolled_back_changes_are_gone(engine: Engine) -> None:
    """An error in the middle of an action leaves no trace of it, tables included."""
    put = text("INSERT INTO meta VALUES ('a', 'x')")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(put, [{}, {}])
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM meta")).scalar_one() == 0

"""`ingestd rebuild`: the index made again from the log, whatever became of the old one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingestd.cli import main


@pytest.fixture
def home(tmp_path: Path) -> Path:
    where = tmp_path / "home"
    assert (
        main(["init", "--home", str(where), "--agency", "a", "--station", "s", "--policy", "baseline"]) == 0
    )
    return where


def types(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "index.db")) as database:
        rows = database.execute(
            "SELECT json_extract(entry, '$.type', '$.data.what') FROM entries ORDER BY seq"
        )
        return [row[0] for row in rows]


def rebuild(home: Path) -> int:
    return main(["rebuild", "--home", str(home)])


def test_a_good_index_is_made_again(home: Path) -> None:
    """The new file is whole without a write-ahead log beside it, and says that it was rebuilt."""
    assert rebuild(home) == 0
    assert types(home) == ['["log.created",null]', '["log.recovered","rebuilt"]']
    assert not list(home.glob("index.db.new*"))


@pytest.mark.parametrize("damage", ["missing", "no database", "torn"])
def test_an_index_that_cannot_be_read_does_not_matter(home: Path, damage: str) -> None:
    """It is what rebuilding is for; the log says that the old table could not be read."""
    database = home / "index.db"
    if damage == "missing":
        database.unlink()
    elif damage == "no database":
        database.write_bytes(b"no database at all" * 400)
    else:
        database.write_bytes(database.read_bytes()[:6000])
    assert rebuild(home) == 0
    assert types(home) == ['["log.created",null]', '["log.recovered","rebuilt-without-table"]']


def test_a_log_of_a_killed_writer_beside_the_old_index_is_not_taken_for_the_new_ones(home: Path) -> None:
    """A killed daemon leaves index.db-wal; the index that comes out is the rebuilt one."""
    stale = home / "index.db-wal"
    stale.write_bytes(b"\x37\x7f\x06\x82" + bytes(60))
    assert rebuild(home) == 0
    assert types(home)[-1] == '["log.recovered","rebuilt"]'
    assert not stale.exists()


@pytest.mark.parametrize("seq", [0, 1])
def test_a_row_that_is_gone_is_taken_from_the_log(home: Path, seq: int) -> None:
    """The log is whole, and is what counts; no backup is needed."""
    assert rebuild(home) == 0
    with closing(sqlite3.connect(home / "index.db")) as database, database:
        database.execute("DELETE FROM entries WHERE seq = ?", (seq,))
    assert rebuild(home) == 0
    assert types(home)[:2] == ['["log.created",null]', '["log.recovered","rebuilt"]']


def test_an_old_table_with_another_entry_is_still_refused(home: Path) -> None:
    """It may hold what the log should have: a person decides."""
    with closing(sqlite3.connect(home / "index.db")) as database, database:
        database.execute("UPDATE entries SET entry = x'7b7d' WHERE seq = 0")
    assert rebuild(home) == 9

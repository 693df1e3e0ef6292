"""The read model follows from the log alone, in either database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from ingestd.errors import LogError
from ingestd.events import EVENTS, CardListed, Event, ListedFile, SessionOpened, data_of, event_of
from ingestd.index import projection
from ingestd.index.database import open_database, reading
from ingestd.model import Kind, Millis
from tests.event_samples import LOGS, T0, Entry, secured

SHARED_DATABASE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Log = list[tuple[Entry, Event]]


def at(seq: int) -> Entry:
    return Entry(seq=seq, at=Millis(T0 + seq), actor="daemon")


def replay(engine: Engine, log: Iterable[tuple[Entry, Event]]) -> projection.Dump:
    """Empty the tables, project a log into them, and give all rows."""
    with engine.begin() as connection:
        projection.reset(connection)
        projection.project(connection, log)
        return projection.dump(connection)


def test_every_event_type_has_a_handler() -> None:
    """A new event type can't be forgotten, and a retired one stays; none has two."""
    assert sorted([*projection.HANDLERS, *projection.MANY], key=repr) == sorted(EVENTS.values(), key=repr)


@SHARED_DATABASE
@given(log=LOGS)
def test_replay_gives_the_same_rows_in_both_databases(
    log: Log, sqlite_engine: Engine, postgresql_engine: Engine
) -> None:
    """Any log: live, replayed from what was written down, SQLite, PostgreSQL: the same rows."""
    live = replay(sqlite_engine, log)
    written = [(entry, event_of(event.type, data_of(event))) for entry, event in log]
    assert replay(sqlite_engine, written) == live
    assert replay(postgresql_engine, written) == live


@SHARED_DATABASE
@given(log=LOGS)
def test_transactions_do_not_matter(log: Log, sqlite_engine: Engine) -> None:
    """Entries projected one a transaction, or all in one whose equal statements run together: the same rows."""
    together = replay(sqlite_engine, log)
    with sqlite_engine.begin() as connection:
        projection.reset(connection)
    for entry, event in log:
        with sqlite_engine.begin() as connection:
            projection.project(connection, [(entry, event)])
    with reading(sqlite_engine) as connection:
        assert projection.dump(connection) == together


def test_dump_and_reset_know_every_table(engine: Engine) -> None:
    """What a rebuild compares is everything, and what it empties too."""
    with engine.begin() as connection:
        projection.project(connection, [(at(0), secured())])
        full = projection.dump(connection)
        projection.reset(connection)
        empty = projection.dump(connection)
    assert full["clips"]
    assert full["subjects"]
    assert full.keys() == empty.keys()
    assert not any(empty.values())


def test_text_that_postgresql_cannot_hold(engine: Engine) -> None:
    """A NUL from a device's message stops no log: it is shown as U+FFFD."""
    opened = SessionOpened(session="s1", slot="1", driver="folder", location="a\0b")
    assert replay(engine, [(at(0), opened)])["sessions"][0][5] == "a\ufffdb"


def listed_file(path: str, **changes: Any) -> ListedFile:
    plain = {"path_b64": None, "size": 1, "mtime_us": None, "kind": Kind.VIDEO, "sequence": None, "why": None}
    return ListedFile(path=path, **{**plain, "plan": "acquire", **changes})


def test_the_longest_path_fits_the_index(engine: Engine) -> None:
    """300 folders deep with 255-byte names: more than a PostgreSQL index key may have."""
    path = "/".join(["夜" * 85] * 300)
    listed = CardListed(session="s1", recorder="7-104233", files=(listed_file(path),), complete=True)
    log = [(at(0), listed), (at(1), secured(path=path))]
    assert replay(engine, log[:1])["card_files"]
    assert not replay(engine, log)["card_files"]


@pytest.mark.parametrize("complete", [True, False])
def test_twenty_thousand_listed_files(sqlite_engine: Engine, *, complete: bool) -> None:
    """A card full of small files is listed in one event, and again at the next docking."""
    files = tuple(listed_file(f"DCIM/{n}.JPG", kind=Kind.PHOTO) for n in range(20_000))
    listed = CardListed(session="s1", recorder="r", files=files, complete=complete)
    log = [(at(seq), listed) for seq in range(2)]
    rows = replay(sqlite_engine, log)["card_files"]
    assert len(rows) == 20_000
    assert {row[5] for row in rows} == {T0}


def test_an_index_of_another_schema_asks_for_a_rebuild(tmp_path: Path) -> None:
    """A column or a table that is not ours (an older program's) is said, never guessed around."""
    for change in ("ALTER TABLE clips ADD COLUMN extra TEXT", "DROP TABLE findings"):
        engine = open_database(tmp_path / f"{change[:4]}.db")
        projection.create(engine)
        projection.create(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(change)
        with pytest.raises(LogError, match="rebuild"):
            projection.create(engine)
        engine.dispose()

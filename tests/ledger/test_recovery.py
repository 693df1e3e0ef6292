"""A start brings log and database together, says what it found, and refuses contradictions (design 5)."""

from __future__ import annotations

import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text

from ingestd.errors import LogError, UsageError
from ingestd.events import LogRecovered
from ingestd.ledger.note import NoteSigner
from ingestd.ledger.rebuild import rebuild
from tests.ledger.station import changes, database
from tests.ledger.test_log import faults


def recovered(station, log):
    """What the log says of its starts."""
    return [
        e
        for e in (entry.event(station.blobs) for entry in log.entries(0, log.size))
        if isinstance(e, LogRecovered)
    ]


def with_entries(station, count):
    """A closed log of so many published entries."""
    log = station.create()
    log.append(changes(count))
    log.publish()
    log.close()
    return log


def test_a_clean_start_says_nothing(station):
    """No event where there is nothing to say."""
    with_entries(station, 300)
    log = station.open()
    assert (log.size, log.checkpoint.size) == (300, 300)


@pytest.mark.parametrize("ahead", [1, 300, 17_000])
def test_database_ahead_is_published(station, ahead):
    """Committed before the crash: it goes into the log, however much it is."""
    station.project = lambda *_: None
    with_entries(station, 100)
    log = station.open()
    log.append(changes(ahead))
    again = station.open()
    assert recovered(station, again) == [LogRecovered(what="published", size=100 + ahead, aside=())]
    assert again.size == again.checkpoint.size == 101 + ahead
    assert not faults(station)


@pytest.mark.parametrize("published", [1, 256, 300, 700])
def test_a_lost_database_is_replayed(station, published):
    """The log is the truth: rows and projection come back equal."""
    with_entries(station, published)
    before = station.shown()
    station.lose_database()
    log = station.open()
    assert station.shown()[:published] == before
    assert recovered(station, log) == [LogRecovered(what="replayed", size=published, aside=())]
    assert log.size == log.checkpoint.size == published + 1
    assert not faults(station)


@pytest.mark.parametrize(("saved", "published"), [(10, 300), (256, 600), (300, 301)])
def test_an_older_database_is_brought_forward(station, saved, published):
    """Restored from a backup: only what it lacks is replayed."""
    log = station.create()
    log.append(changes(saved))
    log.publish()
    station.engine.dispose()
    shutil.copy(station.folder / "index.db", station.folder / "backup")
    log.append(changes(published - saved, saved))
    log.publish()
    before = station.shown()
    station.lose_database()
    station.engine.dispose()
    (station.folder / "backup").rename(station.folder / "index.db")
    log = station.open()
    assert station.shown()[:published] == before
    assert recovered(station, log)[0].what == "replayed"
    assert not faults(station)


def interrupted(station, monkeypatch, count, more):
    """A publish that put its tiles in place and died before its checkpoint."""
    with_entries(station, count)
    log = station.open()
    old = (station.home.log / "checkpoint").read_bytes()
    log.append(changes(more, count))
    log.publish()
    (station.home.log / "checkpoint").chmod(0o644)
    (station.home.log / "checkpoint").write_bytes(old)
    return log


@pytest.mark.parametrize(("count", "more"), [(3, 4), (250, 10), (256, 256), (10, 1000)])
def test_tiles_beyond_that_equal_the_database_are_published(station, monkeypatch, count, more):
    """The interrupted publish is finished; nothing is moved."""
    interrupted(station, monkeypatch, count, more)
    log = station.open()
    assert recovered(station, log) == [LogRecovered(what="published", size=count + more, aside=())]
    assert not any(station.home.aside.iterdir())
    assert not faults(station)


@pytest.mark.parametrize(("count", "more"), [(3, 4), (250, 10), (256, 256), (10, 1000)])
def test_tiles_beyond_that_the_database_does_not_hold_are_moved_aside(station, monkeypatch, count, more):
    """They were never published: kept for a look, named in the log, never silently gone."""
    interrupted(station, monkeypatch, count, more)
    with station.engine.begin() as connection:
        for table in ("entries", "shown"):
            connection.execute(text(f"DELETE FROM {table} WHERE seq >= {count}"))
    log = station.open()
    said = recovered(station, log)
    assert [(e.what, e.size) for e in said] == [("moved-aside", count)]
    assert said[0].aside
    for name in said[0].aside:
        assert (station.home.aside / name).is_file()
    moved = [path for path in station.home.aside.rglob("*") if path.is_file()]
    assert len(moved) == len(said[0].aside)
    assert log.checkpoint.size == count + 1
    assert not faults(station)
    station.open()
    log.append(changes(600))
    log.publish()
    assert not faults(station)


def test_of_tiles_beyond_only_the_strange_ones_are_moved(station, monkeypatch):
    """What the database confirms stays, what it does not goes."""
    interrupted(station, monkeypatch, 3, 4)
    strange = station.home.log / "tile/0/000.p/9"
    strange.write_bytes(bytes(32 * 9))
    log = station.open()
    assert [(e.what, len(e.aside)) for e in recovered(station, log)] == [("moved-aside", 1), ("published", 0)]
    assert not faults(station)


def damage(path, at=0):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("checkpoint", "checkpoint of|does not fit|none of the known"),
        ("tile/0/001.p/44", "do not give the root"),
        ("tile/1/000.p/1", "do not give the root"),
        ("tile/entries/001.p/44", "does not fit the tile|ends within"),
    ],
)
def test_a_damaged_right_edge_is_refused(station, name, said):
    """Nothing is written over a log that contradicts itself."""
    with_entries(station, 300)
    damage(station.home.log / name, 5)
    with pytest.raises(LogError, match=said) as caught:
        station.open()
    assert "Nothing is written any more" in str(caught.value)
    assert "日志" in caught.value.say("zh")


def test_a_database_of_other_history_is_refused(station):
    """Roots differ: refuse and say so."""
    with_entries(station, 10)
    with station.engine.begin() as connection:
        connection.execute(text("UPDATE entries SET entry = x'00' WHERE seq = 9"))
    with pytest.raises(LogError, match="roots differ"):
        station.open()


def test_a_database_with_a_gap_is_refused(station):
    """An entry missing before the end."""
    with_entries(station, 10)
    with station.engine.begin() as connection:
        connection.execute(text("DELETE FROM entries WHERE seq = 8"))
    with pytest.raises(LogError, match="lacks entries"):
        station.open()


def test_damaged_history_is_never_replayed(station):
    """A replay is proved by the signed root before the first row is written."""
    with_entries(station, 600)
    station.lose_database()
    damage(station.home.log / "tile/entries/000", 50)
    with pytest.raises(LogError):
        station.open()
    with station.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar() == 0


def test_the_key_of_another_log_is_refused(station):
    """A checkpoint that this station did not sign."""
    with_entries(station, 1)
    station.signer = NoteSigner("agency/station", Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    with pytest.raises(LogError, match="none of the known keys"):
        station.open()


def test_partials_that_a_crash_kept_beside_full_tiles_are_swept(station):
    """They give way at the next start."""
    with_entries(station, 300)
    left = station.home.log / "tile/0/000.p"
    left.mkdir()
    (left / "7").write_bytes((station.home.log / "tile/0/000").read_bytes()[: 7 * 32])
    assert not faults(station)
    station.open()
    assert not left.exists()


def test_staged_files_of_a_crash_are_no_part_of_the_log(station):
    """They are cleared, and in nobody's way."""
    with_entries(station, 3)
    (station.home.staging / "0").write_bytes(b"half")
    log = station.open()
    log.append(changes(1))
    log.publish()
    assert not list(station.home.staging.iterdir())


# --- rebuild -----------------------------------------------------------------------------------


def rebuilt(station, engine):
    new = database(station.folder / "new.db")
    return new, rebuild(station.home, engine=engine, new_engine=new, **station.parts)


def test_a_rebuild_equals_the_live_projection(station):
    """Published and merely committed entries, the same rows; the log says that it was rebuilt."""
    with_entries(station, 300)
    station.open().append(changes(20))
    before = station.shown()
    new, newest = rebuilt(station, station.engine)
    assert station.shown(new)[:320] == before
    assert station.shown() == before, "the old database is not touched"
    assert newest.size == 322
    old = station.engine
    station.engine = new
    log = station.open()
    assert [e.what for e in recovered(station, log)] == ["published", "rebuilt"]
    assert not faults(station)
    station.engine = old
    log = station.open()
    assert recovered(station, log)[-1].what == "replayed", "a crash before the swap leaves the old one behind"
    new.dispose()


@pytest.mark.parametrize("how", ["none", "garbage", "no table"])
def test_a_rebuild_without_a_readable_table_says_so(station, how):
    """What only the old database held is lost, and that is in the log."""
    with_entries(station, 30)
    broken = station.folder / "broken.db"
    broken.write_bytes(b"no database at all" * 1000 if how == "garbage" else b"")
    engine = None if how == "none" else create_engine(f"sqlite:///{broken}")
    new, newest = rebuilt(station, engine)
    station.engine.dispose()
    station.engine = new
    log = station.open()
    assert [e.what for e in recovered(station, log)] == ["rebuilt-without-table"]
    assert (newest.size, log.size) == (31, 31)
    if engine is not None:
        engine.dispose()


def test_a_rebuild_refuses_other_history_and_used_databases(station):
    """Contradiction is not rebuilt over; a database in use is no target."""
    with_entries(station, 30)
    with pytest.raises(UsageError, match="not empty"):
        rebuild(station.home, engine=None, new_engine=station.engine, **station.parts)
    with station.engine.begin() as connection:
        connection.execute(text("UPDATE entries SET entry = x'00' WHERE seq = 29"))
    with pytest.raises(LogError, match="roots differ"):
        rebuilt(station, station.engine)

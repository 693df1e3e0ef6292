"""A follower's copy is the log, proved step by step; whatever is no continuation is refused."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import delete

from ingestd.errors import LogError
from ingestd.ledger import table
from ingestd.ledger.files import LogFiles
from ingestd.ledger.following import Follower
from tests.ledger.station import Station, changes, database


class Copy:
    """A follower of a station's log, opened again as a start does."""

    def __init__(self, station: Station):
        self.station = station
        self.engine = database(station.folder / "copy.db")
        self.kept = station.folder / "followed"
        self.open()

    def open(self):
        self.follower = Follower(
            LogFiles(self.station.home),
            engine=self.engine,
            verifier=self.station.signer.verifier,
            kept=self.kept,
            blobs=self.station.blobs,
            project=self.station.project,
        )
        return self.follower

    def shown(self):
        return self.station.shown(self.engine)


@pytest.fixture
def copy(station):
    made = Copy(station)
    yield made
    made.engine.dispose()


def grown(station, log, *counts):
    """Appended and published, one checkpoint a count."""
    for count in counts:
        log.append(changes(count, log.size))
        log.publish()


def test_it_has_the_same_rows(station, copy):
    """From nothing, then piece by piece over several tiles; over a restart of the follower; nothing twice."""
    log = station.create()
    assert copy.follower.step()
    for counts in ((3,), (1, 250, 4), (600,)):
        grown(station, log, *counts)
        assert copy.follower.step()
        assert not copy.follower.step()
        assert copy.shown() == station.shown()
        assert copy.follower.followed.size == log.size
        copy.open()
        assert copy.follower.followed.size == log.size
    log.close()


def test_what_is_only_committed_is_not_followed(station, copy):
    """Published is what a follower may show."""
    log = station.create()
    grown(station, log, 2)
    log.append(changes(5, 2))
    copy.follower.step()
    assert len(copy.shown()) == 2
    log.close()


def test_a_crash_between_copy_and_memory(station, copy):
    """The database is ahead of what was remembered, or the memory is lost: it goes on."""
    log = station.create()
    grown(station, log, 5)
    copy.follower.step()
    before = copy.kept.read_bytes()
    grown(station, log, 300)
    copy.follower.step()
    for memory in (before, None):
        if memory is None:
            copy.kept.unlink()
        else:
            copy.kept.chmod(0o600)
            copy.kept.write_bytes(memory)
        copy.open().step()
        grown(station, log, 1)
        assert copy.follower.step()
        assert copy.shown() == station.shown()
    log.close()


def test_a_lost_copy_is_made_again(station, copy):
    """What was remembered belongs to a database that is gone."""
    log = station.create()
    grown(station, log, 20)
    copy.follower.step()
    copy.engine.dispose()
    for path in station.folder.glob("copy.db*"):
        path.unlink()
    copy.engine = database(station.folder / "copy.db")
    assert copy.open().followed is None
    copy.follower.step()
    assert copy.shown() == station.shown()
    log.close()


def other(station, *counts):
    """Another history with the same key in the place of the log."""
    station.engine.dispose()
    for path in (station.home.log, station.home.checkpoints):
        shutil.rmtree(path)
    station.lose_database()
    station.clock.at += 1000
    log = station.create()
    grown(station, log, *counts)
    return log


@pytest.mark.parametrize("counts", [(4,), (300,), (301,), (700,)])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_rewritten_history_is_refused(station, copy, counts, restarted):
    """Shorter, as long, longer: signed by the right key, and another tree. The copy stays as it was."""
    log = station.create()
    grown(station, log, 300)
    copy.follower.step()
    log.close()
    before = copy.shown()
    log = other(station, *counts)
    if restarted:
        copy.open()
    for _ in range(2):
        with pytest.raises(LogError):
            copy.follower.step()
    assert copy.shown() == before
    log.close()


def test_a_checkpoint_of_another_key_is_refused(station, copy):
    """And nothing is taken in."""
    log = station.create()
    grown(station, log, 3)
    path = station.home.log / "checkpoint"
    note = path.read_text().split("\n")
    note[4] = note[4][:-8] + "AAAAAAA="
    path.chmod(0o600)
    path.write_text("\n".join(note))
    with pytest.raises(LogError):
        copy.follower.step()
    assert copy.shown() == []
    log.close()


def test_changed_entries_are_refused(station, copy):
    """A bundle with a flipped byte does not give the signed root."""
    log = station.create()
    grown(station, log, 30)
    (bundle,) = station.home.log.glob("tile/entries/*.p/30")
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.chmod(0o600)
    bundle.write_bytes(bytes(data))
    with pytest.raises(LogError):
        copy.follower.step()
    assert copy.shown() == []
    log.close()


def test_no_log(station, copy):
    """Said, and followed once it is there."""
    with pytest.raises(LogError):
        copy.follower.step()
    log = station.create()
    grown(station, log, 1)
    assert copy.follower.step()
    log.close()


def test_a_copy_that_lost_entries(station, copy):
    """A database that does not hold what it should is no copy."""
    log = station.create()
    grown(station, log, 40)
    copy.follower.step()
    with copy.engine.begin() as connection:
        connection.execute(delete(table.ENTRIES).where(table.ENTRIES.c.seq == 12))
    grown(station, log, 1)
    with pytest.raises(LogError):
        copy.follower.step()
    log.close()

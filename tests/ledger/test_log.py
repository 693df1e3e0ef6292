"""Committing, publishing, proving: what `Log` promises while nothing goes wrong."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from ingestd import durable, merkle
from ingestd.errors import LogError, NotFoundError
from ingestd.events import LogCreated
from ingestd.ledger import checkpoint, verify
from ingestd.ledger.entry import EntryError
from ingestd.ledger.proof import verify_consistency, verify_inclusion
from ingestd.ledger.tiles import parse_path
from tests.ledger.station import ORIGIN, changes

SIZES = (1, 2, 255, 256, 257, 511, 600)


def faults(station):
    """What the offline check finds."""
    return verify.check(
        station.home.log, station.home.checkpoints, station.signer.verifier, origin=ORIGIN
    ).faults


def files(station):
    return {p.relative_to(station.home.log).as_posix() for p in station.home.log.rglob("*") if p.is_file()}


def test_a_new_log_is_empty_and_signed(station):
    """Size 0 is a log, too; it is created once and never over another."""
    log = station.create()
    assert (log.size, log.checkpoint.size, log.checkpoint.root) == (0, 0, merkle.EMPTY_ROOT)
    assert files(station) == {"checkpoint"}
    assert not faults(station)
    for again in (station.create, station.create):
        with pytest.raises(LogError, match="never overwritten"):
            again()


def test_a_missing_log_is_refused_not_created(station):
    """A log is created by `init` only."""
    with pytest.raises(LogError, match="never because it is missing"):
        station.open()
    station.create().append(changes(3))
    station.open()
    (station.home.log / "checkpoint").unlink()
    with pytest.raises(LogError, match="never because it is missing"):
        station.open()


def test_an_append_commits_entries_and_projection_together(station):
    """One transaction; the answer is the leaf indices."""
    log = station.create()
    assert log.append([]) == ()
    created = LogCreated(agency="a", station="s", policy="p", verifier_key=station.signer.verifier.text)
    assert log.append([created]) == (0,)
    station.clock.at += 1000
    assert log.append(changes(2), actor="010001") == (1, 2)
    assert station.shown() == [
        (0, "log.created", "daemon"),
        (1, "configuration.changed", "010001"),
        (2, "configuration.changed", "010001"),
    ]
    entries = list(log.entries(0, 3))
    assert [(e.seq, e.node, e.actor) for e in entries][1:] == [(1, ORIGIN, "010001"), (2, ORIGIN, "010001")]
    assert entries[1].at - entries[0].at == 1000
    assert entries[0].event(station.blobs) == created
    assert log.entry_bytes(0) == entries[0].encode()
    assert log.checkpoint.size == 0, "committed is not published"


def test_a_projection_that_fails_undoes_the_append(station):
    """Nothing is committed, and the next append takes the same place."""
    log = station.create()
    log.append(changes(2))
    good = station.project

    def bad(connection, happened):
        good(connection, happened)
        raise ZeroDivisionError

    log._project = bad
    with pytest.raises(ZeroDivisionError):
        log.append(changes(2, 2))
    log._project = good
    assert log.size == 2
    assert log.append(changes(1, 9)) == (2,)
    assert [row[0] for row in station.shown()] == [0, 1, 2]


def test_an_event_that_is_no_json_is_refused_alone(station):
    """A lone surrogate is its author's fault, not the log's."""
    log = station.create()
    bad = changes(1)
    object.__setattr__(bad[0], "configuration_sha256", "\ud800")
    with pytest.raises(EntryError):
        log.append(bad)
    assert log.append(changes(1)) == (0,)


def test_publishing_at_every_size(station):
    """Each published state is whole, its kept checkpoints stay provable, full tiles never change."""
    log = station.create()
    seen: dict[str, bytes] = {}
    roots = {}
    for size in SIZES:
        log.append(changes(size - log.size, log.size))
        published = log.publish()
        assert (published.size, log.checkpoint) == (size, published)
        log.keep_checkpoint()
        roots[size] = published.root
        assert not faults(station)
        for name in files(station) - {"checkpoint"}:
            data = (station.home.log / name).read_bytes()
            assert seen.setdefault(name, data) == data
            assert parse_path(name).path == name
        full = {name for name in files(station) if ".p/" not in name}
        assert not [n for n in files(station) if ".p/" in n and n.split(".p/")[0] in full]
    for older in SIZES:
        for newer in (n for n in SIZES if n >= older):
            path = log.consistency_proof(older, newer)
            verify_consistency(older, newer, roots[older], roots[newer], path)
            for seq in (0, older // 2, older - 1):
                path = log.inclusion_proof(seq, newer)
                verify_inclusion(merkle.leaf_hash(log.entry_bytes(seq)), seq, newer, roots[newer], path)
    assert len(station.shown()) == 600


def test_publishing_again_writes_nothing(station):
    """Only when the log grew."""
    log = station.create()
    log.append(changes(3))
    first = log.publish()
    stamp = (station.home.log / "checkpoint").stat().st_mtime_ns
    assert log.publish() is first
    assert (station.home.log / "checkpoint").stat().st_mtime_ns == stamp


def test_a_publish_costs_three_settlings(station, monkeypatch):
    """Staged files, folders, checkpoint: the settle count bounds the cost on a slow disk."""
    log = station.create()
    log.append(changes(300))
    log.publish()
    calls = []
    settle = durable.settle
    monkeypatch.setattr(durable, "settle", lambda paths: (calls.append(1), settle(paths)))
    for size in (301, 512, 5000):
        log.append(changes(size - log.size, log.size))
        calls.clear()
        log.publish()
        assert len(calls) == 3


def test_ensure_published(station):
    """Returns once a checkpoint covers the entry; what is not committed can't be."""
    log = station.create()
    log.append(changes(5))
    assert log.ensure_published(2).size == 5
    assert log.ensure_published(4) is log.checkpoint
    for seq in (5, -6):
        with pytest.raises(NotFoundError, match="has no entry"):
            log.ensure_published(seq)
    for wrong in (
        lambda: log.entry_bytes(5),
        lambda: log.inclusion_proof(5, 5),
        lambda: log.inclusion_proof(0, 6),
    ):
        with pytest.raises(NotFoundError):
            wrong()


def test_one_checkpoint_a_day_is_kept(station):
    """The first of each UTC day, over restarts; asked ones beside them."""
    log = station.create()
    for day in range(3):
        for _ in range(2):
            log.append(changes(1, log.size))
            log.publish()
        log = station.open()
        log.append(changes(1, log.size))
        log.publish()
        assert sorted(int(p.name) for p in station.home.checkpoints.iterdir()) == [1, 4, 7][: day + 1]
        station.clock.at += 86_400_000
    kept = log.keep_checkpoint()
    assert kept == log.keep_checkpoint()
    assert kept.name == "9"
    assert checkpoint.verify(kept.read_bytes(), ORIGIN, [station.signer.verifier]) == log.checkpoint


def test_listeners_hear_of_commits_and_checkpoints(station):
    """What wakes the publisher and the followers."""
    log = station.create()
    commits, published = [], []
    log.when_committed(commits.append)
    log.when_published(published.append)
    log.append(changes(2))
    log.append(changes(1))
    assert (commits, published) == ([2, 3], [])
    log.publish()
    log.publish()
    assert published == [log.checkpoint]


def test_a_closed_log_writes_nothing(station):
    """Reading goes on."""
    log = station.create()
    log.append(changes(1))
    log.close()
    for act in (lambda: log.append(changes(1)), log.publish):
        with pytest.raises(LogError, match="closed"):
            act()
    assert log.size == 1


def test_many_threads_append_and_publish(station):
    """Every entry once, in one order, all published, whatever the threads do."""
    log = station.create()
    taken, failed = [], []

    def work():
        try:
            for _ in range(15):
                seqs = log.append(changes(3))
                assert log.ensure_published(seqs[-1]).size > seqs[-1]
                log.inclusion_proof(seqs[0], log.checkpoint.size)
                taken.extend(seqs)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(taken) == list(range(180))
    assert log.checkpoint.size == 180
    assert not faults(station)


def test_published_entries_changed_in_the_database_stop_publishing(station):
    """A checkpoint is never signed over a bundle that contradicts its tiles."""
    log = station.create()
    log.append(changes(3))
    log.publish()
    with station.engine.begin() as connection:
        connection.execute(text("UPDATE entries SET entry = x'00' WHERE seq = 1"))
    log.append(changes(1))
    with pytest.raises(LogError, match="changed in the database"):
        log.publish()
    with pytest.raises(LogError):
        log.inclusion_proof(1, 3)
    assert not faults(station)


def test_a_commit_that_failed_but_was_stored_is_counted(station):
    """An error at COMMIT leaves it open whether it happened: only the database knows."""
    log = station.create()
    log.append(changes(1))
    begin = station.engine.begin

    class Stored:
        """A transaction that commits and then says that it failed."""

        def __enter__(self):
            self.inner = begin()
            return self.inner.__enter__()

        def __exit__(self, *problem):
            self.inner.__exit__(*problem)
            raise OSError(5, "said to have failed")

    log._engine = type(
        "E", (), {"begin": lambda _: Stored(), "connect": lambda _: station.engine.connect()}
    )()
    with pytest.raises(LogError, match="said to have failed"):
        log.append(changes(2))
    log._engine = station.engine
    assert log.append(changes(1)) == (3,)
    assert log.publish().size == 4

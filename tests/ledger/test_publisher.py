"""The publisher: at once when idle, pauses under load, keeps and retries a failure, ends with the rest."""

from __future__ import annotations

import time

import pytest

from ingestd.errors import NoSpaceError
from ingestd.ledger import publisher
from ingestd.ledger.publisher import Publisher
from ingestd.pulse import Pulse
from ingestd.words import Text
from tests.ledger.station import changes


def until(is_so, seconds=10.0):
    """Wait for something another thread does."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_it_publishes_when_something_was_committed(station):
    """Also what was committed before it started, and the rest at its end."""
    log = station.create()
    log.append(changes(1))
    thread = Publisher(log, Pulse(time.monotonic))
    thread.start()
    until(lambda: log.checkpoint.size == 1)
    log.append(changes(2))
    until(lambda: log.checkpoint.size == 3)
    log.append(changes(4))
    thread.close()
    assert log.checkpoint.size == 7
    assert not thread.is_alive()
    assert thread.error is None


def test_under_load_it_pauses_between_checkpoints(station):
    """Many commits, few checkpoints."""
    log = station.create()
    seen = []
    log.when_published(seen.append)
    thread = Publisher(log, Pulse(time.monotonic))
    thread.start()
    for _ in range(40):
        log.append(changes(1))
        time.sleep(0.01)
    took = len(seen)
    thread.close()
    assert log.checkpoint.size == 40
    assert took < 12


def test_a_failure_is_kept_shown_and_tried_again(station, monkeypatch):
    """The thread does not die of a full disk."""
    monkeypatch.setattr(publisher, "RETRY_MS", 10)
    log = station.create()
    publish = log.publish
    full = NoSpaceError(Text("满", "full"))
    tries = []

    def fails():
        tries.append(1)
        raise full

    monkeypatch.setattr(log, "publish", fails)
    thread = Publisher(log, Pulse(time.monotonic))
    thread.start()
    log.append(changes(1))
    until(lambda: len(tries) > 3)
    assert thread.error is full
    monkeypatch.setattr(log, "publish", publish)
    until(lambda: log.checkpoint.size == 1)
    until(lambda: thread.error is None)
    thread.close()


def test_closing_says_when_the_rest_cannot_be_published(station, monkeypatch):
    """The caller decides what to do about it."""
    log = station.create()
    thread = Publisher(log, Pulse(time.monotonic))
    log.append(changes(1))

    def fails():
        raise NoSpaceError(Text("满", "full"))

    monkeypatch.setattr(log, "publish", fails)
    with pytest.raises(NoSpaceError):
        thread.close()

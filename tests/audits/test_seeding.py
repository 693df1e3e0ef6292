"""The checkpoint of a draw is the first that covers its commitment, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.publisher import Publisher
from ingestd.pulse import Pulse
from tests.audits.office import Office, log_alone
from tests.event_samples import secured

NONCE = b"m" * 32


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Office]:
    """An office that has drawn once."""
    office = Office(tmp_path / "h")
    office.draw()
    try:
        yield office
    finally:
        office.close()


def seeded(office: Office) -> int:
    """The tree size by which the draw of NONCE is seeded; it can be finished and done again."""
    told = office.commit(NONCE)
    assert (told["state"], told["changed"]) == ("seeded", False)
    office.reveal(told["audit"], NONCE)
    redo = office.redo(told["audit"])
    redo.run()
    assert redo.remarks
    return int(told["size"])


def test_a_crash_between_commit_and_publication(begun: Office) -> None:
    """The start publishes what was committed, and seeds by that."""
    with log_alone(begun) as log:
        (seq,) = log.append([begun.commitment(NONCE)])
    begun.open()
    assert seeded(begun) > seq


def test_a_crash_between_publication_and_seeding(begun: Office) -> None:
    """The start takes the checkpoint that it finds, not one that it makes: a crash gives nobody another root."""
    with log_alone(begun) as log:
        log.append([begun.commitment(NONCE)])
        signed = log.publish()
        log.append([secured(99)])
    begun.open()
    assert begun.station.log.checkpoint.size > signed.size
    assert seeded(begun) == signed.size


def test_a_crash_after_the_checkpoint_was_kept(begun: Office) -> None:
    """What is kept comes before what was published afterwards."""
    with log_alone(begun) as log:
        log.append([begun.commitment(NONCE)])
        signed = log.publish()
        log.keep_checkpoint()
        log.append([secured(99)])
        log.publish()
    begun.open()
    assert seeded(begun) == signed.size


def test_a_crash_after_the_seeding_and_after_the_draw(begun: Office) -> None:
    """Each step stands as it was answered."""
    told = begun.commit(NONCE)
    begun.close()
    begun.open()
    assert begun.commit(NONCE) == told | {"changed": False}
    drawn = begun.reveal(told["audit"], NONCE)
    begun.close()
    begun.open()
    assert begun.reveal(told["audit"], NONCE) == drawn | {"changed": False}
    assert len(begun.told("audit.seeded")) == 2


def test_under_load_it_is_the_first_publication(begun: Office) -> None:
    """While others append and publish: of all checkpoints that were made the first that covers the commitment."""
    log, made = begun.station.log, list[Checkpoint]()
    log.when_published(made.append)
    publisher = Publisher(log, Pulse(begun.clock.monotonic))
    publisher.start()
    stop = threading.Event()

    def load() -> None:
        number = 1000
        while not stop.is_set():
            log.append([secured(number)])
            log.publish()
            number += 1

    other = threading.Thread(target=load)
    other.start()
    try:
        for number in range(5):
            nonce = number.to_bytes(32, "big")
            begun.draw(nonce)
    finally:
        stop.set()
        other.join()
        publisher.close()
    bound = {one["data"]["audit"]: one["seq"] for one in begun.told("audit.committed")}
    sizes = sorted({one.size for one in made})
    for one in begun.told("audit.seeded")[1:]:
        assert one["data"]["size"] == next(size for size in sizes if size > bound[one["data"]["audit"]])

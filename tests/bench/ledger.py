"""The log: appends in batches, checkpoint and inclusion proof with a million entries."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

from ingestd.clock import StationClock
from ingestd.events import ClipReleased, Event
from ingestd.index import projection
from ingestd.index.database import open_database
from ingestd.ledger.log import Log
from ingestd.model import AcquisitionId, SessionId
from ingestd.sign import StationKeys
from ingestd.station import Station, log_home, note_signer
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from tests.bench import homes, million
from tests.bench.index import clip_event
from tests.bench.report import Row

PART = "ledger"
BATCH = 256
SECONDS = 2.0
LEAST_APPENDS, MOST_CHECKPOINT_MS, MOST_PROOF_MS = 10_000, 20, 5
"""Issue 2, Speed and memory."""
MANY = 1_000_000
CHECKPOINTS, PROOFS = 30, 100


def _rate(project: Callable[..., None] | None, events: Callable[[int], Sequence[Event]]) -> float:
    """Events a second that are committed, batch after batch, for some seconds."""
    with homes.folder() as root:
        home = homes.make_home(root / "home")
        engine = open_database(home.database)
        keys = StationKeys.load(home.keys, at=StationClock().now())
        one = Log.open(
            log_home(home),
            engine=engine,
            signer=note_signer(keys),
            origin=keys.origin,
            node=keys.origin,
            clock=StationClock(),
            blobs=Blobs(home),
            project=project or _nothing,
        )
        one.append(events(0))
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < SECONDS:
            done += len(one.append(events(1 + done // BATCH)))
        rate = done / (time.perf_counter() - begun)
        one.close()
        engine.dispose()
        return rate


def _nothing(*_: object) -> None:
    """A projection without effect: what remains is the log's own cost."""


def _released(batch: int) -> Sequence[Event]:
    return [
        ClipReleased(
            acquisition=AcquisitionId(f"{batch:08x}-0000-7000-8000-{number:012x}"),
            session=SessionId("bench"),
            observed=False,
        )
        for number in range(BATCH)
    ]


def _secured(batch: int) -> Sequence[Event]:
    return [clip_event(batch * BATCH + number) for number in range(BATCH)]


def _milliseconds(times: Sequence[float]) -> tuple[float, tuple[float, float]]:
    return statistics.median(times) * 1000, (min(times) * 1000, max(times) * 1000)


def _checkpoints(one: Station) -> list[float]:
    times = []
    for number in range(CHECKPOINTS):
        one.books.append(_released(number)[:1])
        begun = time.perf_counter()
        one.log.publish()
        times.append(time.perf_counter() - begun)
    return times


def _proofs(one: Station) -> list[float]:
    times, chance = [], random.Random(1)
    size = one.log.checkpoint.size
    for _ in range(PROOFS):
        seq = chance.randrange(size)
        begun = time.perf_counter()
        one.log.inclusion_proof(seq, size)
        times.append(time.perf_counter() - begun)
    return times


def measure(*, full: bool) -> list[Row]:
    """All figures of this part."""
    del full
    rows = [
        Row(
            part=PART,
            what=f"appends in batches of {BATCH}, {what}",
            value=statistics.median(_rate(project, events) for _ in range(3)),
            unit="/s",
            least=least,
        )
        for what, project, events, least in (
            ("the log alone", None, _released, LEAST_APPENDS),
            ("clip.released with its projection", projection.project, _released, None),
            ("clip.secured with its projection", projection.project, _secured, None),
        )
    ]
    home: Home = million.home_of(MANY)
    with homes.opened(home.root) as one:
        checkpoint, checkpoint_spread = _milliseconds(_checkpoints(one))
        proof, proof_spread = _milliseconds(_proofs(one))
    return [
        *rows,
        Row(
            part=PART,
            what=f"checkpoint with {MANY} entries",
            value=checkpoint,
            unit="ms",
            most=MOST_CHECKPOINT_MS,
            spread=checkpoint_spread,
        ),
        Row(
            part=PART,
            what=f"inclusion proof with {MANY} entries",
            value=proof,
            unit="ms",
            most=MOST_PROOF_MS,
            spread=proof_spread,
        ),
    ]

"""A home with a million clips, made by direct means: rows, entries and tiles as log and projection write them.

Making it takes a minute or two, so it is kept below the folder for temporary files, named by what shaped it (the
tables, the form of an entry): another schema makes another home.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from ingestd.clock import ClockState, StationClock
from ingestd.index import clip_rows
from ingestd.index.database import open_database
from ingestd.index.projection import chains_of
from ingestd.index.tables import clips, metadata, subjects
from ingestd.ledger import table
from ingestd.ledger.entry import Circumstances, Entry, record
from ingestd.model import Millis, Sha256
from ingestd.station import Station
from ingestd.vault.layout import Home
from tests.bench import homes
from tests.bench.index import T0, clip_event

ROWS_A_STEP = 20_000
FORM = 1
"""Raise it when this module makes other homes."""


def home_of(count: int) -> Home:
    """The kept home with so many clips, made where there is none."""
    shape = "".join(
        str(CreateTable(one).compile(dialect=sqlite.dialect())) for one in metadata.tables.values()
    )
    _, example = record(clip_event(0, count), 0, _around(), NoBlobs())
    digest = hashlib.sha256(shape.encode() + example + bytes([FORM])).hexdigest()[:12]
    root = Path(tempfile.gettempdir()) / f"ingestd-bench-{count}-{digest}"
    if not root.exists():
        making = root.with_name(f"{root.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        _make(making, count)
        making.rename(root)
    return Home(root)


class NoBlobs:
    """For entries that are small."""

    def put(self, data: bytes) -> Sha256:
        raise AssertionError(f"{len(data)} bytes do not fit into an entry")

    def get(self, sha256: Sha256) -> bytes:
        raise AssertionError(f"nothing was put there as {sha256}")


def _around() -> Circumstances:
    clock = ClockState(synchronised=True, uncertainty_ms=5, monotonic_ms=1_000_000)
    return Circumstances(at=Millis(T0), clock=clock, node="bench/one", actor="daemon")


def _make(root: Path, count: int) -> None:
    home = homes.make_home(root)
    open_database(home.database).dispose()
    database = sqlite3.connect(home.database, isolation_level=None)
    # As it is made on the spot and never trusted, nothing of it must survive a crash.
    database.execute("PRAGMA synchronous=OFF")
    (first,) = database.execute("SELECT max(seq) + 1 FROM entries").fetchone()
    for step in range(0, count, ROWS_A_STEP):
        database.execute("BEGIN IMMEDIATE")
        _insert(database, first, range(step, min(count, step + ROWS_A_STEP)), count)
        database.execute("COMMIT")
    database.close()
    # Publishes all of it, as after a crash.
    Station.open(root, StationClock()).close()


def _insert(database: sqlite3.Connection, first: int, numbers: range, count: int) -> None:
    around = _around()
    entries, rows, chains = [], [], []
    for number in numbers:
        event = clip_event(number, count)
        entry, data = record(event, first + number, around, NoBlobs())
        entries.append((entry.seq, data))
        rows.append(_row(entry, event, is_released=number < count * 9 // 10))
        chains += [(subject, entry.seq) for subject in chains_of(event)]
    names = [column.name for column in clips.columns]
    marks = ", ".join(f":{name}" for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    database.executemany(f"INSERT INTO {table.ENTRIES.name} (seq, entry) VALUES (?, ?)", entries)
    database.executemany(f"INSERT INTO {clips.name} ({quoted}) VALUES ({marks})", rows)
    database.executemany(f"INSERT INTO {subjects.name} (subject, seq) VALUES (?, ?)", chains)


def _row(entry: Entry, event: Any, *, is_released: bool) -> dict[str, Any]:
    row = clip_rows.row_of(entry, event) | {"preview_due": False, "analysis_due": False}
    return row | {"state": "released"} if is_released else row

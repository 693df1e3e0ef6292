"""A station whose log is made and opened by each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.station import Station, database


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(folder=tmp_path, engine=database(tmp_path / "index.db"))
    yield made
    made.engine.dispose()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, for tests that settle thousands of times and do not judge the disk."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        yield Path(folder)

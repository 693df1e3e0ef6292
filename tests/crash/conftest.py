"""What the crash tests share: one nursery a test process, and a new home to copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import rig
from tests.crash.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Forks `ingestd` under supervision."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="session")
def template(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new home."""
    home = tmp_path_factory.mktemp("template") / "home"
    rig.init(nursery, home)
    return home

"""An office for the tests of audits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audits.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "h")
    try:
        yield made
    finally:
        made.close()

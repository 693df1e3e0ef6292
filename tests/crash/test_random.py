"""SIGKILL at random instants (`soak` does the same for hours): between steps, while reading, hashing, starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash import soak
from tests.crash.nursery import Nursery


@pytest.mark.parametrize("seed", range(1, 61))
def test_killed_at_a_random_instant(nursery: Nursery, template: Path, tmp_path: Path, seed: int) -> None:
    """Nothing is lost, and the next start and docking bring everything to its end."""
    assert soak.trial(nursery, tmp_path, template, seed)["recovered"] == 1

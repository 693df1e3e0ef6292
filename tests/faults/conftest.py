"""What the fault tests share: a home, a simulated recorder."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "home")


@pytest.fixture
def recorder(tmp_path: Path) -> SimulatedRecorder:
    """A docked simulated recorder that says who it is; its card is empty."""
    return SimulatedRecorder(tmp_path / "recorder").describe(serial="KD00001", officer="104233").dock()

"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Markers that the suite uses."""
    # A deadline would test how busy the machine is.
    settings.register_profile("ingestd", deadline=None)
    settings.load_profile("ingestd")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test vectors and real camera files beside the checkout; skips where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the checkout: its vectors and camera files are tests' input only")
    return SHARED

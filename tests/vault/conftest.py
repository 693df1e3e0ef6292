"""A station with keys and an empty home."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd import durable, sign
from ingestd.sign import StationKeys
from ingestd.testing.evidence import DOCKED_AT
from ingestd.vault.layout import Home
from ingestd.vault.store import Vault


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> StationKeys:
    folder = tmp_path_factory.mktemp("station") / "keys"
    sign.create_keys(folder, agency="gz.zfj", station="dock-1", at=DOCKED_AT)
    return StationKeys.load(folder, at=DOCKED_AT)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    for folder, mode in home.station_folders():
        durable.make_folder(folder, mode=mode)
    return home


@pytest.fixture
def vault(home: Home) -> Vault:
    return Vault(home)

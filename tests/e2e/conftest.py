"""One station in a guest for all tests that do not cut its power; each test has ports of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kernel import NoGuest
from tests.e2e.machine import Machine
from tests.e2e.station import SLOTS, Station, disk

HANG_S = 1200
"""Long for a device, not for a guest that is twenty times slower than a station and has to share a core."""


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """Mount unit and daemon run; recorders can be plugged."""
    image = disk(tmp_path_factory.mktemp("station"), hang_s=HANG_S)
    try:
        machine = Machine(disk=image)
    except NoGuest as error:
        pytest.skip(str(error))
    with machine:
        station = Station(machine, image)
        station.daemon()
        yield station


@pytest.fixture(autouse=True)
def emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test left in the dock is taken out, and every slot says so."""
    yield
    if "station" in request.fixturenames:
        station: Station = request.getfixturevalue("station")
        for name in station.machine.plugged[::-1]:
            station.machine.pull(name)
        for slot in SLOTS if station.is_running else ():
            station.until(slot, "empty")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder for cards."""
    return tmp_path

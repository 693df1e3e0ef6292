"""The installed package with its units under systemd, in a machine with a USB: a recorder is drained and freed.

What `tests.service.test_machine` shows in a container without USB is not shown again.
"""

from __future__ import annotations

import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import cards
from tests.e2e.cards import MIB
from tests.e2e.conftest import HANG_S
from tests.e2e.guest import INIT_UNITS
from tests.e2e.kernel import NoGuest, run
from tests.e2e.machine import PATIENCE_S, Machine
from tests.e2e.station import Station, disk
from tests.rig import command
from tests.service import container

pytestmark = pytest.mark.e2e

AGENT_UNIT = """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/usr/bin/python3 -ISB /run/rig/.agent
"""
MASKED = (
    *("systemd-udev-trigger", "systemd-hwdb-update", "systemd-journal-catalog-update", "ldconfig"),
    *("systemd-random-seed", "systemd-boot-random-seed", "systemd-machine-id-commit", "systemd-firstboot"),
)
"""What takes an emulated machine its time and has to do with nothing here."""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[tuple[Machine, Path]]:
    """Up, with the home's disk, nothing of ours started."""
    container.require()
    made_here = container.Machine(tmp_path)
    made_here.halt()  # its files are what is wanted
    root = made_here.root
    done = command("install", "--root", root, "--program", container.PROGRAM, "--home", "/srv/station")
    assert done.code == 0, done.err
    run(container.PYTHON, "-m", "compileall", "-q", root / "opt/ingestd")  # as pip does
    units = root / "etc/systemd/system"
    for name in MASKED:
        units.joinpath(f"{name}.service").symlink_to("/dev/null")
    units.joinpath("rig-agent.service").write_text(AGENT_UNIT)
    units.joinpath("ingestd.service.d").mkdir()
    units.joinpath("ingestd.service.d/slow.conf").write_text("[Service]\nWatchdogSec=1h\n")
    units.joinpath("sysinit.target.wants").mkdir()
    units.joinpath("sysinit.target.wants/rig-agent.service").symlink_to("../rig-agent.service")
    image = disk(tmp_path, ("1",), hang_s=HANG_S)
    init = INIT_UNITS.replace("@ROOT@", str(root)).replace("@PACKAGES@", sysconfig.get_path("purelib"))
    try:
        made = Machine(disk=image, init=init)
    except NoGuest as error:
        pytest.skip(str(error))
    with made:
        yield made, image


class Units(Station):
    """A station whose programs systemd runs."""

    def __init__(self, machine: Machine, image: Path) -> None:
        self._hold(machine, image)
        machine.run(
            "set -e; until systemctl is-active -q multi-user.target; do sleep 1; done; "
            "mount /dev/vda /srv; chown -R ingestd:ingestd-read /srv/station",
            PATIENCE_S,
        )

    def daemon(self, seconds: float = PATIENCE_S) -> None:
        try:
            self.machine.run("systemctl start ingestd-mount ingestd", seconds)
        except RuntimeError as error:
            raise AssertionError(self.said()) from error
        self.is_running = True

    def said(self) -> str:
        return self.machine.run("journalctl --no-pager -u ingestd -u ingestd-mount")


def test_a_docking_under_the_units(machine: tuple[Machine, Path], tmp_path: Path) -> None:
    """Drained and freed through the mount unit's sandbox and the daemon's; both end as they should."""
    guest, image = machine
    begun = time.monotonic()
    station = Units(guest, image)
    booted = time.monotonic() - begun + guest.boot_seconds
    station.daemon()
    started = time.monotonic() - begun + guest.boot_seconds - booted
    print(f"systemd up after {booted:.0f} s, both units ready {started:.0f} s later")
    source = cards.folder(tmp_path / "unit", "UNIT001", MIB, 1000)
    card = cards.fat(tmp_path / "unit.img", source)
    station.hold(source, card)
    guest.plug("unit", "1", card, "UNIT001")
    station.clear("1")
    guest.pull("unit")
    station.until("1", "empty")
    assert cards.files_on(card) == set()
    guest.run("systemctl stop ingestd ingestd-mount")
    station.check(tmp_path, settled=True)
    told = guest.run("systemctl show -P Result -P NRestarts ingestd ingestd-mount").split()
    assert told == ["success", "0", "success", "0"], station.said()

"""The dock in brief: real plugs and pulls on a real USB stack, in one scenario.

`test_dock`, `test_odd`, `test_power` and `test_units` show each thing by itself, and more of them.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e import cards
from tests.e2e.cards import MIB
from tests.e2e.conftest import HANG_S
from tests.e2e.kernel import NoGuest
from tests.e2e.machine import Machine
from tests.e2e.station import Station, disk, findings, outcomes, seconds

pytestmark = pytest.mark.e2e


def test_a_busy_dock(tmp_path: Path) -> None:
    """Four recorders at once on FAT32 and exFAT, and a keyboard.

    Two are drained and freed; one is pulled in the middle and goes on in the keyboard's socket; one is
    write-protected, and said to be.
    """
    image = disk(tmp_path, tuple("12345"), hang_s=HANG_S)
    try:
        machine = Machine(disk=image)
    except NoGuest as error:
        pytest.skip(str(error))
    with machine:
        station = Station(machine, image)
        sources = {slot: cards.folder(tmp_path / f"c{slot}", f"BUSY00{slot}", 5000) for slot in "124"}
        sources["3"] = cards.folder(tmp_path / "c3", "BUSY003", 3 * MIB)
        made = {slot: cards.fat(tmp_path / f"{slot}.img", sources[slot]) for slot in "134"}
        made["2"] = cards.exfat(tmp_path / "2.img")
        cards.fill(machine, made["2"], sources["2"], port="15")
        for slot, source in sources.items():
            station.hold(source, None if slot == "2" else made[slot])
        station.daemon()
        machine.add("usb-kbd", "keys", "5")
        plugged_ms = int(time.time() * 1000)
        for slot, card in sorted(made.items()):
            machine.plug(f"busy{slot}", slot, card, f"BUSY{slot}", read_only=slot == "4")
        machine.throttle("busy3", MIB // 2)
        assert station.until("5", "problem")["problem"]
        machine.pull("keys")
        station.until("3", "receiving", besides="live['bytes_done'] > 0")
        machine.pull("busy3")
        pulled = time.monotonic()
        station.until("3", "problem", "empty")
        print(f"pull-out to board: {time.monotonic() - pulled:.1f} s")
        machine.plug("again", "5", made["3"], "BUSY3")
        for slot in "125":
            station.clear(slot)
        assert station.until("4", "problem")["problem"] == "read-only"
        for slot in "124":
            machine.pull(f"busy{slot}")
        machine.pull("again")
        station.left(sources["2"], cards.files_seen(machine, made["2"], port="15"))
        log = station.check(tmp_path)
        print(*(seconds(log, f"BUSY00{slot}", plugged_ms) for slot in "12"), sep="\n")
        assert [outcomes(log, slot) for slot in "12345"] == [
            ["clear"],
            ["clear"],
            ["pulled"],
            ["problem"],
            ["clear"],
        ]
        assert [e["data"]["slot"] for e in log if e["type"] == "device.refused"] == ["5"]
        assert {slot for slot in "123" if list(sources[slot].rglob("*.mp4"))} == set()
        assert len(cards.files_on(made["4"])) == 1
        assert "release-failed" in findings(log, "recorder:BUSY004")
        assert station.mounts() == []

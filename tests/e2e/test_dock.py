"""Recorders on a real USB stack: plugged, pulled, slow, broken, and freed only when all is held.

After each test the independent checker looks at the home, with everything that ever lay on a card: what is gone
from a card must be in the vault.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from tests.e2e import cards
from tests.e2e.cards import MIB
from tests.e2e.station import Station, findings, outcomes, seconds

pytestmark = pytest.mark.e2e


def digest(image: Path) -> str:
    with image.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_nothing_is_written_before_release(station: Station, images: Path) -> None:
    """A whole intake that releases nothing leaves every sector of the card as it was, also of cards left dirty."""
    machine = station.machine
    made = {}
    for slot, kind in (("1", "fat"), ("2", "exfat"), ("3", "ext4")):
        source = cards.folder(images / kind, f"RAW000{slot}", MIB, 1000)
        image = images / f"{kind}.img"
        if kind == "fat":
            cards.fat(image, source)
            cards.mark_fat_dirty(image)
        elif kind == "exfat":
            cards.fill(machine, cards.exfat(image), source, port="15")
        else:
            cards.mark_ext4_dirty(cards.ext4(image, source, owner=1023))
        station.hold(source, image if kind == "fat" else None)
        made[slot] = image
    before = {slot: digest(image) for slot, image in made.items()}
    station.configure("release", "false")
    try:
        for slot, image in made.items():
            machine.plug(f"raw{slot}", slot, image, f"RAW{slot}")
        for slot in made:
            station.until(slot, "kept")
    finally:
        station.configure("release", "true")
    for slot in made:
        machine.pull(f"raw{slot}")
        station.until(slot, "empty")
    assert {slot: digest(image) for slot, image in made.items()} == before
    log = station.check(images)
    assert [outcomes(log, slot) for slot in made] == [["kept"]] * 3
    told = [e["data"]["evidence"] for e in log if e["type"] == "recorder.docked"]
    assert sum("not closed properly" in " ".join(evidence) for evidence in told) == 2
    assert station.mounts() == []


def test_four_recorders_at_once(station: Station, images: Path) -> None:
    """FAT32 and exFAT, one with two volumes, drained side by side and freed."""
    machine = station.machine
    sources = {slot: images / f"four{slot}" for slot in "1234"}
    for slot, source in sources.items():
        cards.folder(source / "1.1" if slot == "3" else source, f"FOUR00{slot}", 2 * MIB, 1000)
    cards.folder(sources["3"] / "1.2", "FOUR003", 3000)
    made = {
        "1": cards.fat(images / "1.img", sources["1"]),
        "2": cards.exfat(images / "2.img"),
        "3": cards.partitioned(images / "3.img", sources["3"] / "1.1", sources["3"] / "1.2"),
        "4": cards.exfat(images / "4.img"),
    }
    for slot in "24":
        cards.fill(machine, made[slot], sources[slot], port="15")
    for slot, image in made.items():
        station.hold(sources[slot], image if slot == "1" else None)
        machine.plug(f"four{slot}", slot, image, f"FOUR{slot}")
    plugged_ms = int(time.time() * 1000)
    for slot in made:
        station.clear(slot)
    for slot in made:
        machine.pull(f"four{slot}")
    for slot in "24":
        station.left(sources[slot], cards.files_seen(machine, made[slot], port="15"))
    parts = enumerate((MIB, MIB + 64 * MIB), 1)
    station.left(
        sources["3"],
        {f"1.{part}/{name}" for part, offset in parts for name in cards.files_on(made["3"], offset)},
    )
    log = station.check(images)
    assert not [path for source in sources.values() for path in source.rglob("*.mp4")]
    print(*(seconds(log, f"FOUR00{slot}", plugged_ms) for slot in made), sep="\n")
    clear = [e["data"]["recorder"] for e in log if e["type"] == "recorder.clear"]
    assert sorted(one for one in clear if one.startswith("FOUR")) == [f"FOUR00{slot}" for slot in made]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_pulled_while_copied_and_docked_elsewhere(station: Station, images: Path, share: float) -> None:
    """What was read stays; in another slot, as another disk, the docking goes on to the end."""
    machine, size = station.machine, 6 * MIB
    serial = f"PULL{int(share * 100):03}"
    source = cards.folder(images / "pull", serial, size, 1000)
    image = cards.fat(images / "pull.img", source)
    station.hold(source, image)
    machine.plug("pull", "3", image, serial)
    if share:
        machine.throttle("pull", MIB)
        station.until("3", "receiving", besides=f"live['bytes_done'] >= {int(size * share)}")
    else:
        station.until("3", "looking", "receiving")
    machine.pull("pull")
    begun = time.monotonic()
    station.until("3", "problem", "empty")
    print(f"pull-out to board: {time.monotonic() - begun:.1f} s")
    station.check(images)
    machine.plug("again", "4", image, serial)
    station.clear("4")
    machine.pull("again")
    station.until("4", "empty")
    assert cards.files_on(image) == set()
    log = station.check(images)
    assert outcomes(log, "4")[-1] == "clear"
    assert station.mounts() == []


def test_a_bad_sector(station: Station, images: Path) -> None:
    """One sector cannot be read: that file is quarantined, the other is secured, and it alone is deleted."""
    machine = station.machine
    source = cards.folder(images / "bad", "BADSEC1", 2 * MIB, 1000)
    image = cards.fat(images / "bad.img", source)
    large = max(source.rglob("*.mp4"), key=lambda path: path.stat().st_size)
    station.hold(source, image)
    hurt = cards.sector_of(image, large.read_bytes()[:4096]) + MIB // cards.SECTOR
    machine.plug("bad", "1", image, "BADSEC1", bad_sector=hurt)
    assert station.until("1", "clear", "problem")["problem"] == "quarantined"
    log = station.check(images)
    (quarantined,) = [
        e for e in log if e["type"] == "clip.quarantined" and e["data"]["recorder"] == "BADSEC1"
    ]
    assert quarantined["data"]["sha256"]
    assert any(e["type"] == "clip.secured" and e["data"].get("recorder") == "BADSEC1" for e in log)
    machine.pull("bad")
    assert cards.files_on(image) == {str(large.relative_to(source))}, (
        "a quarantined clip stays on its recorder"
    )


def test_write_protected(station: Station, images: Path) -> None:
    """The lock switch is set: everything is secured, nothing can be freed, and the board says why."""
    machine = station.machine
    source = cards.folder(images / "locked", "LOCKED1", 1000)
    image = cards.fat(images / "locked.img", source)
    station.hold(source, image)
    machine.plug("locked", "2", image, "LOCKED1", read_only=True)
    assert station.until("2", "clear", "problem")["problem"] == "read-only"
    log = station.check(images)
    (failed,) = [
        e["data"] for e in log if e["type"] == "release.failed" and e["data"]["recorder"] == "LOCKED1"
    ]
    assert failed["why"] == "read-only"
    assert "release-failed" in findings(log, "recorder:LOCKED1")
    machine.pull("locked")
    assert len(cards.files_on(image)) == 1


def test_behind_a_hub_and_beside_a_keyboard(station: Station, images: Path) -> None:
    """A recorder behind a hub is drained; a keyboard in the next socket is refused unopened, and named."""
    machine = station.machine
    source = cards.folder(images / "hub", "HUB0001", 1000)
    image = cards.fat(images / "hub.img", source)
    station.hold(source, image)
    machine.add("usb-hub", "hub", "10", ports=8)
    machine.add("usb-kbd", "keys", "10.2")
    machine.plug("behind", "10.1", image, "HUB0001")
    station.clear("10.1")
    assert station.until("10.2", "problem")["problem"]
    log = station.check(images)
    assert [e["data"]["slot"] for e in log if e["type"] == "device.refused"] == ["10.2"]
    assert findings(log, "slot:10.2") == {"device-refused"}
    machine.pull("keys")
    station.until("10.2", "empty")
    assert findings(station.check(images), "slot:10.2") == set()


def test_pulled_during_release(station: Station, images: Path) -> None:
    """Deletions are being written when the recorder goes: what is gone is held, the rest is freed next time."""
    machine, count = station.machine, 16
    source = cards.folder(images / "free", "FREE001", *[500] * count)
    image = cards.fat(images / "free.img", source)
    station.hold(source, image)
    machine.plug("free", "1", image, "FREE001")
    station.until("1", "releasing")
    cards.until_fewer(image, count)
    machine.pull("free")
    station.until("1", "problem", "empty")
    station.check(images)
    left = len(cards.files_on(image))
    machine.plug("free", "2", image, "FREE001")
    station.clear("2")
    machine.pull("free")
    log = station.check(images)
    assert cards.files_on(image) == set()
    print(f"{count - left} of {count} were gone when it was pulled")
    assert outcomes(log, "2")[-1] == "clear"


def test_a_hung_recorder_is_given_up(station: Station, images: Path) -> None:
    """It does not answer: the slot beside it is drained meanwhile, its own says why, and the daemon ends in time.

    The last test of this station. The kernel's own patience is lengthened: to end a request itself it would ask
    the device again, and QEMU, which plays the device, would then stand still with it.
    """
    machine = station.machine
    sources = [cards.folder(images / name, f"{name}001", 3 * MIB) for name in ("HUNG", "NEXT")]
    hung, beside = (cards.fat(images / f"{n}.img", source) for n, source in enumerate(sources))
    for source, image in zip(sources, (hung, beside), strict=True):
        station.hold(source, image)
    station.configure("hang_s", "120")
    machine.plug("hung", "3", hung, "HUNG001")
    disk = Path(machine.block("3")).name
    machine.run(f"echo 3600 >/sys/block/{disk}/device/timeout")
    machine.throttle("hung", MIB // 2)
    station.until("3", "receiving", besides="live['bytes_done'] > 0")
    machine.throttle("hung", 1)
    machine.plug("beside", "4", beside, "NEXT001")
    station.clear("4")
    assert station.until("3", "problem")["problem"] == "device-hung"
    took = station.stop()
    machine.throttle("hung", 0)
    log = station.check(images)
    assert outcomes(log, "4")[-1] == "clear"
    assert cards.files_on(hung), "of a recorder that hangs nothing was deleted"
    print(f"the daemon ended in {took:.1f} s with a hung device")

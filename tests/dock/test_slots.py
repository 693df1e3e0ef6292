"""USB slots of a daemon: docked, taken, refused, moved; what is said of each, and what ends by itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from ingestd.dock import watcher
from ingestd.intake import socket
from ingestd.testing.recorder import CardBuilder
from tests.plugging import DRIVER, Desk, install
from tests.rig import Rig, children, wait_for
from tests.sysfs import KEYBOARD, MTP, STORAGE, VENDOR, Disk, machine


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    install(tmp_path / "installed", tmp_path / "places", tmp_path / "sys", monkeypatch)
    # A made-up sysfs has no kernel that would say at once that something changed.
    monkeypatch.setattr(watcher, "LOOK_EVERY_S", 0.05)
    return Desk(Rig(tmp_path / "home"), machine(tmp_path / "sys"), tmp_path / "places")


def test_a_recorder_is_docked_drained_and_taken(desk: Desk) -> None:
    """Plugged, clear, pulled: the slot is empty and the log says each step."""
    desk.slot("1", "3")
    desk.card("3", clips=2)
    with desk.daemon() as running:
        assert running.live("1").phase == "empty"
        desk.plug("3")
        assert running.until("1", "clear").recorder == "KD00001"
        desk.pull("3")
        running.until("1", "empty")
        wait_for(lambda: desk.rig.events("recorder.undocked"))
    (opened,) = desk.rig.events("session.opened")
    assert opened["data"]["location"] == "usb:0000:00:14.0/3"
    assert opened["data"]["driver"] == DRIVER
    desk.rig.is_whole()


def test_it_comes_back_on_another_port_while_its_mount_is_stale(desk: Desk) -> None:
    """Another socket, another disk name, and its old folder still there: the socket decides, not the folder."""
    desk.slot("1", "3")
    desk.slot("2", "5")
    desk.card("3")
    with desk.daemon() as running:
        desk.plug("3", disk="sdb")
        running.until("1", "clear")
        desk.pull("3")
        desk.card("5", clips=2)
        desk.plug("5", disk="sdc")
        assert running.until("2", "clear").recorder == "KD00001"
        assert running.live("1").phase == "empty"
        assert (desk.places / "3").exists(), "its stale folder is still there"
    assert [e["data"]["slot"] for e in desk.rig.events("session.opened")] == ["1", "2"]
    assert not {"pulled-early", "same-serial-twice", "device-refused"} & set(desk.rig.findings())


def test_replugged_in_the_same_socket_is_another_docking(desk: Desk) -> None:
    """Faster than anybody looks, with the same disk name: told by the device number."""
    desk.slot("1", "3")
    desk.card("3")
    with desk.daemon() as running:
        desk.plug("3")
        running.until("1", "clear")
        desk.pull("3")
        desk.plug("3")
        wait_for(lambda: len(desk.rig.events("recorder.clear")) == 2, 40)
    assert len(desk.rig.events("session.opened")) == 2


def test_an_emptied_recorder_is_known_again_by_its_usb_serial(desk: Desk) -> None:
    """Its name stood in the names of its clips only; nothing is on it now, and one recorder had this serial."""
    desk.slot("1", "3")
    desk.slot("2", "5")
    desk.card("3")
    with desk.daemon() as running:
        desk.plug("3", serial="BWC-1")
        running.until("1", "clear")
        desk.pull("3")
        running.until("1", "empty")
        desk.plug("3", serial="BWC-1")
        assert running.until("1", "clear").recorder == "KD00001"
        (desk.places / "5").mkdir()
        desk.plug("5", disk="sdc", serial="BWC-2")
        assert running.until("2", "kept").recorder == "unidentified"
    evidence = [e["data"]["evidence"][-1:] for e in desk.rig.events("recorder.docked")]
    assert evidence[1:] == [["empty; USB serial as at an earlier docking"], []]


def test_a_usb_serial_alone_names_nobody(desk: Desk) -> None:
    """Two recorders of one make docked with it; or there are clips that name no recorder: unidentified."""
    desk.slot("1", "3")
    for serial in ("KD00001", "KD00002"):
        desk.card("3", serial)
        with desk.daemon() as running:
            desk.plug("3", serial="0123456789")
            assert running.until("1", "clear").recorder == serial
            desk.pull("3")
            running.until("1", "empty")
    with desk.daemon() as running:
        desk.plug("3", serial="0123456789")
        assert running.until("1", "kept").recorder == "unidentified"
        desk.pull("3")


def test_a_person_may_enrol_a_recorder_under_its_usb_serial(desk: Desk) -> None:
    """Clips of a layout that names no recorder: unidentified and kept, until a person says whose serial it is."""
    desk.slot("1", "3")
    desk.card("3", family="dcim")
    with desk.daemon() as running:
        desk.plug("3", serial="BWC-7")
        assert running.until("1", "kept").recorder == "unidentified"
        desk.pull("3")
        running.until("1", "empty")
    assert desk.rig.run("recorder", "enroll", "BWC-7").code == 0
    with desk.daemon() as running:
        desk.plug("3", serial="BWC-7")
        assert running.until("1", "clear").recorder == "BWC-7"


def test_a_worker_that_died_idle_is_replaced(desk: Desk) -> None:
    """Nobody asks an idle worker anything: that it is gone is seen when a recorder comes, and costs nothing."""

    def workers() -> list[int]:
        return children(os.getpid(), b"ingestd.intake.worker")

    desk.slot("1", "3")
    desk.card("3")
    with desk.daemon() as running:
        wait_for(lambda: len(workers()) == 1)
        (worker,) = workers()
        os.kill(worker, signal.SIGKILL)
        desk.plug("3")
        running.until("1", "clear")
    assert "device-error" not in desk.rig.findings()


def test_a_keyboard_is_refused_and_said(desk: Desk) -> None:
    """Not opened, an event, a finding, words on the board; all over when it leaves."""
    desk.slot("1", "3")
    with desk.daemon() as running:
        desk.plug("3", interfaces=(STORAGE, KEYBOARD), product="Rubber Duck")
        live = running.until("1", "problem")
        assert "键盘" in live.problem
        assert "refused" in live.problem
        wait_for(lambda: desk.rig.findings() == ["device-refused"])
        desk.pull("3")
        running.until("1", "empty")
        wait_for(lambda: desk.rig.findings() == [])
    (refused,) = desk.rig.events("device.refused")
    assert refused["subject"] == "slot:1"
    assert refused["data"]["gate"] == "refused"
    assert refused["data"]["interfaces"] == ["08/06/50", "03/01/01"]
    assert {"what": "model", "text": "Rubber Duck", "value": None, "source": "usb"} in refused["data"][
        "claims"
    ]
    assert not desk.rig.events("session.opened"), "nobody looked at its files"


@pytest.mark.parametrize(
    ("about", "gate", "words"),
    [
        (
            {"vid": 0x4255, "pid": 1, "interfaces": (VENDOR,)},
            "vendor-mode",
            "vendor mode (Ambarella): switch",
        ),
        ({"interfaces": (MTP,)}, "mtp", "switch it to disk mode"),
    ],
)
def test_a_recorder_in_another_mode_is_named_and_switched(desk: Desk, about, gate, words) -> None:
    """The board says what to do; switched, it comes back as a disk in the same socket and is drained."""
    desk.slot("1", "3")
    desk.card("3")
    with desk.daemon() as running:
        desk.sysfs.plug("1-3", **about)
        assert words in running.until("1", "problem").problem
        desk.pull("3")
        desk.plug("3")
        running.until("1", "clear")
        assert running.live("1").problem is None
        wait_for(lambda: "device-refused" not in desk.rig.findings())
    assert [e["data"]["gate"] for e in desk.rig.events("device.refused")] == [gate]


def test_an_empty_reader_is_an_empty_slot(desk: Desk) -> None:
    """A card reader stays plugged: words, no finding; a card in it is a docking, the next card another."""
    desk.slot("1", "3")
    desk.card("3")
    with desk.daemon() as running:
        desk.sysfs.plug("1-3", Disk("sdb", size=0))
        wait_for(lambda: running.live("1").problem is not None)
        assert running.live("1").phase == "empty"
        for number in (1, 2):
            desk.sysfs.set("sdb", "size", 2048)
            desk.sysfs.set("sdb", "diskseq", 100 + number)
            wait_for(lambda number=number: len(desk.rig.events("recorder.clear")) == number, 40)
    assert not desk.rig.events("device.refused")


def test_what_ended_while_nobody_looked_ends_at_the_start(desk: Desk, monkeypatch) -> None:
    """The daemon stops over a refused device; it is gone at the next start, and so is its finding."""
    monkeypatch.setattr(socket, "ENUMERATED_S", 2.0)  # the devices of a made-up sysfs are found at once
    desk.slot("1", "3")
    with desk.daemon() as running:
        desk.plug("3", interfaces=(KEYBOARD,))
        running.until("1", "problem")
        wait_for(lambda: desk.rig.findings() == ["device-refused"])
    desk.pull("3")
    with desk.daemon() as running:
        wait_for(lambda: desk.rig.findings() == [])
        assert running.live("1").phase == "empty"


def test_a_start_over_occupied_slots_says_that_nothing_left(desk: Desk) -> None:
    """What is still there at a start has not left while the disk settles: no event, no finding begun anew."""
    desk.slot("1", "3")
    desk.slot("2", "5")
    desk.card("3")
    with desk.daemon() as running:
        desk.plug("3")
        desk.plug("5", disk="sdc", interfaces=(KEYBOARD,))
        running.until("1", "clear")
        running.until("2", "problem")
        wait_for(lambda: "device-refused" in desk.rig.findings())
    with desk.daemon() as running:
        running.until("1", "clear", "kept")
        running.until("2", "problem")
        wait_for(lambda: len(desk.rig.events("device.refused")) == 2)
    assert not desk.rig.events("recorder.undocked")
    told = [
        e["type"] for e in desk.rig.events("finding.opened", "finding.closed") if e["subject"] == "slot:2"
    ]
    assert told == ["finding.opened"]


def test_one_serial_in_two_slots_prefers_neither(desk: Desk) -> None:
    """Both are taken in, neither is freed; once one left and the other is docked by itself it is freed."""
    desk.slot("1", "3")
    desk.slot("2", "5")
    one, other = desk.card("3", clips=2), desk.card("5", clips=3)
    del one, other
    with desk.daemon() as running:
        desk.plug("3", disk="sdb")
        desk.plug("5", disk="sdc", serial="BWC-000002")
        running.until("1", "problem", "clear")
        running.until("2", "problem")
        assert running.live("2").problem == "same-serial-twice"
        wait_for(lambda: "same-serial-twice" in desk.rig.findings())
        desk.pull("5")
        wait_for(lambda: "same-serial-twice" not in desk.rig.findings())
        desk.plug("5", disk="sdc", serial="BWC-000002")
        desk.pull("3")
        running.until("2", "clear")
    docked = {e["data"]["slot"] for e in desk.rig.events("recorder.docked")}
    assert docked == {"1", "2"}
    desk.rig.is_whole()


def test_what_is_at_no_slot_is_told(desk: Desk) -> None:
    """A recorder in the wrong socket: the board can say so, nothing is read."""
    desk.slot("1", "3")
    with desk.daemon() as running:
        desk.plug("7", product="Body Camera")
        wait_for(lambda: [p["gate"] for p in running.facts()["ports"]] == ["storage"])
        (seen,) = running.facts()["ports"]
        assert seen["location"] == "usb:0000:00:14.0/7"
        assert seen["product"] == "Invented Body Camera"
    assert not desk.rig.events("session.opened")


def test_slots_come_and_go_with_the_configuration(desk: Desk) -> None:
    """A first USB slot by SIGHUP starts the looking; a slot that is given up leaves no finding behind."""
    with desk.daemon() as running:
        desk.slot("1", "3")
        desk.plug("3", interfaces=(KEYBOARD,))
        running.daemon.reload()
        running.until("1", "problem")
        wait_for(lambda: desk.rig.findings() == ["device-refused"])
        text = desk.rig.config.read_text("utf-8")
        desk.rig.config.write_text(text[: text.index("\n[[slot]]\n")] + "\n")
        running.daemon.reload()
        assert running.daemon.lives() == []
        wait_for(lambda: desk.rig.findings() == [])


def test_a_tree_that_no_driver_can_read_is_refused(desk: Desk) -> None:
    """The second gate: what lies there is no folder at all."""
    desk.slot("1", "3")
    desk.places.mkdir()
    (desk.places / "3").write_text("no folder")
    with desk.daemon() as running:
        desk.plug("3")
        running.until("1", "problem")
        wait_for(lambda: desk.rig.findings() == ["device-refused"])
        desk.pull("3")
        wait_for(lambda: desk.rig.findings() == [])
    assert [e["data"]["gate"] for e in desk.rig.events("device.refused")] == ["driver"]
    assert [e["data"]["outcome"] for e in desk.rig.events("session.closed")] == ["refused"]


def test_a_stick_of_somebodys_own_is_not_copied(desk: Desk) -> None:
    """Files of no known layout on a device that nobody enrolled: refused. Enrolled, it is taken as it is."""
    desk.slot("1", "3")
    (desk.places / "3" / "letters").mkdir(parents=True)
    (desk.places / "3" / "letters" / "to-anna.doc").write_bytes(b"dear Anna")
    with desk.daemon() as running:
        desk.plug("3", serial="STICK-1")
        assert "recorder enroll STICK-1" in running.until("1", "problem").problem
        desk.pull("3")
        running.until("1", "empty")
        wait_for(lambda: desk.rig.findings() == [])
    assert desk.rig.run("recorder", "enroll", "STICK-1").code == 0
    with desk.daemon() as running:
        desk.plug("3", serial="STICK-1")
        assert running.until("1", "clear", "kept").recorder == "STICK-1"
    (refused,) = desk.rig.events("device.refused")
    assert {"what": "usb_serial", "text": "STICK-1", "value": None, "source": "usb"} in refused["data"][
        "claims"
    ]
    first = desk.rig.events("session.closed")[0]["data"]
    assert (first["outcome"], first["bytes"]) == ("refused", 0)


def test_builders_write_into_places(desk: Desk) -> None:
    """The files of these tests are where the driver looks."""
    assert isinstance(desk.card("3"), CardBuilder)
    assert list((desk.places / "3").rglob("*.mp4"))

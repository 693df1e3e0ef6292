"""A docking or a watching that fails by the station's own fault is told, and does not go round and round."""

from __future__ import annotations

import time

from ingestd.clock import StationClock
from ingestd.dock.watcher import Dock
from ingestd.intake.slot import Slot
from ingestd.model import SlotName
from ingestd.station import Station
from tests.rig import daemon, noise, wait_for

NAME = "DCIM/100MEDIA/IMG_0001.MP4"


def filled(recorder):
    recorder.card("dcim").file(NAME, noise(300_000))
    return recorder


def broken(_live):
    raise ZeroDivisionError


def test_a_fault_in_the_middle_of_a_docking_is_told(rig, recorder):
    """The session is closed as a problem, with its finding; docked again the card is taken in, and that ends it."""
    done = rig.dock(filled(recorder), meanwhile=broken)
    assert (done.code, done.outcome) == (1, "problem")
    (problem,) = rig.events("recorder.problem")
    assert problem["data"]["problem"] == "intake-failed"
    assert "ZeroDivisionError" in problem["data"]["detail"]
    assert "intake-failed" in rig.findings()
    again = rig.dock(recorder.dock())
    assert (again.code, again.outcome) == (0, "clear")
    assert "intake-failed" not in rig.findings()
    rig.is_whole()


def test_a_watched_slot_tries_once_and_waits(rig, recorder):
    """With the vault's work folder gone no docking can begin: one session, one finding; put back, it goes on."""
    rig.slot("1", "simulated", recorder.folder)
    partial = rig.root / "vault/partial"
    recorder.pull()
    with daemon(rig) as running:
        running.until("1", "empty")
        partial.rename(rig.root / "elsewhere")
        filled(recorder).dock()
        running.until("1", "problem")
        wait_for(lambda: "station-error" in rig.findings())
        time.sleep(5)
        assert len(rig.events("session.opened")) == 1
        (rig.root / "elsewhere").rename(partial)
        recorder.pull()
        running.until("1", "empty")
        recorder.dock()
        running.until("1", "clear")
    assert "station-error" not in rig.findings()
    rig.is_whole()


def test_a_watching_that_fails_again_and_again_becomes_rare(rig, recorder):
    """Each failure is waited out longer than the one before, and one finding about the slot says so."""
    tries = []

    def failing() -> float:
        tries.append(time.monotonic())
        raise ZeroDivisionError

    station = Station.open(rig.root, StationClock())
    try:
        slot = Slot(
            station.services,
            name=SlotName("1"),
            driver="simulated",
            target=station.driver("simulated").target,
            location=recorder.location,
            hang_s=lambda: 20,
            look_every_s=failing,
            dock=Dock(rig.root),
        )
        slot.start()
        wait_for(lambda: len(tries) == 3)
        assert tries[1] - tries[0] >= 2
        assert tries[2] - tries[1] >= 4
        assert slot.live.state.phase == "problem"
        slot.stop()
        assert slot.join(5)
        station.services.books.ensure_published(station.log.size - 1)
    finally:
        station.close()
    opened = [e for e in rig.events("finding.opened") if e["data"]["kind"] == "intake-failed"]
    assert [(e["data"]["about"], e["data"]["facts"]) for e in opened] == [
        ("slot:1", [["why", "ZeroDivisionError"]])
    ]

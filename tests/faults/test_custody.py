"""Who has a recorder, made to happen: issued, taken while nobody looks, not returned, lost, holes, other cards."""

from __future__ import annotations

import time
from threading import Event

import pytest

from ingestd.clock import StationClock
from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import STARTED, Rig, daemon, noise, wait_for

HOUR = 3_600_000
MINUTE = 60_000


class Later:
    """The station's clock, so much ahead."""

    def __init__(self, ahead_ms):
        self._clock, self._ahead_ms = StationClock(), ahead_ms

    def now(self):
        return self._clock.now() + self._ahead_ms

    def state(self):
        return self._clock.state()

    def monotonic(self):
        return self._clock.monotonic()


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home", look_every_s=1)


def recorder(folder, *numbers, serial="KD00001", family="novatek", started=STARTED, **behaviour):
    """A recorder whose names say when and which number, and not whose it is."""
    made = SimulatedRecorder(folder).describe(serial=serial, **behaviour).dock()
    fill(made, *numbers, serial=serial, family=family, started=started)
    return made


def fill(made, *numbers, serial="KD00001", family="novatek", started=STARTED):
    card = made.card(family, serial=serial)
    for number in numbers:
        card.clip(noise(3000, number), started=started + number * 10 * MINUTE, sequence=number)


def now_ms():
    return int(time.time() * 1000)


def told(rig, kind):
    """Facts of the findings of a kind, opened and still open."""
    found = [e["data"] for e in rig.events("finding.opened") if e["data"]["kind"] == kind]
    ended = {e["data"]["finding"] for e in rig.events("finding.closed")}
    return [(dict(one["facts"]), one["finding"] not in ended) for one in found]


# --- who has it --------------------------------------------------------------------------------------


def test_issued_when_taken(rig, tmp_path):
    """The event of its leaving says to whom it was assigned then; the next in the slot says its own."""
    made = recorder(tmp_path / "r", 1)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        assert rig.run("recorder", "assign", "KD00001", "104233").code == 0
        made.pull()
        running.until("1", "empty")
        wait_for(lambda: len(rig.events("recorder.undocked")) == 1)
        made.dock()
        running.until("1", "clear")
        assert rig.run("recorder", "assign", "KD00001", "104198", "--ad-hoc").code == 0
        made.pull()
        wait_for(lambda: len(rig.events("recorder.undocked")) == 2)
        assert rig.recorder("KD00001")["officer"] == "104198"
        made.dock()
        running.until("1", "clear")
    told_ = [e["data"]["issued_to"] for e in rig.events("recorder.undocked")]
    assert told_ == [
        {"officer": "104233", "mode": "permanent", "is_clear": True},
        {"officer": "104198", "mode": "ad-hoc", "is_clear": True},
    ]
    assert rig.recorder("KD00001")["officer"] == "104233", "ad hoc ends when it is back"


def test_taken_while_nobody_looked(rig, tmp_path):
    """The next start sees the empty slot, and says between when and when it left; nothing twice."""
    made = recorder(tmp_path / "r", 1)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
    clear_at = rig.recorder("KD00001")["since_at"]
    made.pull()
    for _ in range(2):
        with daemon(rig) as running:
            wait_for(lambda: rig.events("recorder.undocked"))
            running.until("1", "empty")
    (event,) = rig.events("recorder.undocked")
    assert event["data"]["not_before_at"] > 0
    assert rig.recorder("KD00001")["state"] == "in-field"
    assert clear_at is not None
    assert rig.run("status", "--json").json["slots"][0]["state"] == "empty"


def test_another_stands_there_after_a_stop(rig, tmp_path):
    """Whoever stood in the slot before is told of as gone, the new one as docked."""
    place = tmp_path / "place"
    made = recorder(place, 1)
    rig.slot("1", "simulated", place)
    with daemon(rig) as running:
        running.until("1", "clear")
    place.rename(tmp_path / "away")
    assert made
    recorder(place, 2, serial="KD00002")
    with daemon(rig) as running:
        running.until("1", "clear")
    assert [e["data"]["recorder"] for e in rig.events("recorder.undocked")] == ["KD00001"]
    assert rig.run("status", "--json").json["slots"][0]["recorder"] == "KD00002"
    rig.is_whole()


def test_a_problem_taken_away_is_said(rig, tmp_path):
    """A recorder that is not clear and leaves has left early: an event, a finding, an empty slot."""
    made = recorder(tmp_path / "r", 1, 2)
    bad = next(p for p in made.card_root.rglob("*_001.MP4"))
    made.describe(bad=[{"path": str(bad.relative_to(made.card_root)), "start": 0, "end": 1}])
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "problem")
        made.pull()
        running.until("1", "empty")
        wait_for(lambda: rig.events("recorder.pulled-early"))
    assert rig.recorder("KD00001")["state"] == "pulled-early"
    assert "pulled-early" in rig.findings()
    assert rig.run("status", "--json").json["slots"][0]["state"] == "empty"


def test_the_officer_by_assignment_at_the_time(rig, tmp_path):
    """Cards that name nobody: each clip is of who had the recorder then; in between nobody's, with a finding."""
    begin, now = now_ms() - 6 * HOUR, now_ms()
    made = recorder(tmp_path / "r", clock={"zone": "local", "zone_minutes": 480})
    card = made.card("novatek", serial="KD00001")
    for number, hours in ((1, 1), (2, 3), (3, 5)):
        card.clip(noise(3000, number), started=begin + hours * HOUR, sequence=number)
    assert rig.run("recorder", "enroll", "KD00001").code == 0

    def at(ms):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))

    shifts = (("104233", begin, begin + 3 * HOUR), ("104198", begin + 3 * HOUR, now))
    for officer, since, until in shifts:
        done = rig.run("recorder", "assign", "KD00001", officer, "--from", at(since), "--until", at(until))
        assert done.code == 0, done.err
    result = rig.dock(made)
    by_number = {e["data"]["sequence"]: e["data"] for e in rig.events("clip.secured")}
    assert result.outcome == "clear"
    assert by_number[1]["officer"] == "104233"
    assert by_number[3]["officer"] == "104198"
    assert by_number[2]["officer"] is None
    assert "holder-unclear" in by_number[2]["flags"]
    assert "holder-unclear" in rig.findings()
    assert rig.manifest(by_number[1]["acquisition"])["officer"] == "104233"
    rig.is_whole()


def test_back_with_claims_of_another(rig, tmp_path):
    """The files name an officer who did not have it: the clip is as it says, and a person must look."""
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    made.card("e12-new", serial="KD00001", officer="104198").clip(b"x" * 500, started=STARTED, sequence=1)
    rig.run("recorder", "enroll", "KD00001")
    rig.run("recorder", "assign", "KD00001", "104233")
    rig.dock(made)
    assert told(rig, "other-officer") == [({"assigned": "104233", "named": "104198"}, True)]
    (clip,) = [e for e in rig.events("clip.secured") if e["data"]["kind"] == "video"]
    assert clip["data"]["officer"] == "104198"
    rig.run("recorder", "assign", "KD00001", "104198")
    made.dock()
    rig.dock(made)
    assert "other-officer" in rig.findings(), "an empty card says nothing"
    made.card("e12-new", serial="KD00001", officer="104198").clip(b"y" * 500, started=STARTED, sequence=2)
    made.dock()
    rig.dock(made)
    assert "other-officer" not in rig.findings()


# --- not returned, lost -------------------------------------------------------------------------------


def test_not_returned_and_back(rig, tmp_path):
    """Out for longer than a clip may be kept: a finding with who has it, a state; a docking ends both."""
    from ingestd.law_desk import LawDesk
    from ingestd.station import Station

    made = recorder(tmp_path / "r", 1)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        rig.run("recorder", "assign", "KD00001", "104233")
        made.pull()
        wait_for(lambda: rig.events("recorder.undocked"))

    def sweep(hours):
        station = Station.open(rig.root, Later(hours * HOUR))
        try:
            LawDesk(station).look(Event())
        finally:
            station.close()

    sweep(23)
    assert "not-returned" not in rig.findings()
    sweep(25)
    sweep(26)
    ((facts, is_open),) = told(rig, "not-returned")
    assert (facts["hours"], facts["officer"], is_open) == (24, "104233", True)
    assert rig.recorder("KD00001")["state"] == "not-returned"
    made.dock()
    with daemon(rig) as running:
        running.until("1", "clear")
    assert "not-returned" not in rig.findings()
    assert rig.recorder("KD00001")["state"] == "clear"


def test_lost_and_found(rig, tmp_path):
    """Reported with a reason that stands in no entry; refused while it stands in a slot; a docking finds it."""
    made = recorder(tmp_path / "r", 1)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        assert rig.run("recorder", "lost", "KD00001", "--reason", "x").code == 6
        made.pull()
        wait_for(lambda: rig.events("recorder.undocked"))
        assert rig.run("recorder", "lost", "KD00001", "--reason", "河边遗失").code == 0
        assert rig.run("recorder", "lost", "KD00001", "--reason", "again").code == 0
        assert rig.recorder("KD00001")["state"] == "lost"
        wait_for(lambda: rig.findings().count("lost") == 1)
        made.dock()
        running.until("1", "clear")
    assert "lost" not in rig.findings()
    (event,) = rig.events("recorder.lost")
    assert set(event["data"]) == {"recorder", "reason_value"}


# --- numbers and other cards -----------------------------------------------------------------------------


def test_a_hole_and_what_fills_it(rig, tmp_path):
    """A deleted clip shows by its number, also between dockings; when it comes in, the finding ends."""
    made = recorder(tmp_path / "r", 1, 2, 4)
    assert rig.dock(made).outcome == "clear"
    ((facts, is_open),) = told(rig, "sequence-hole")
    assert (facts["missing"], facts["counted_per"], is_open) == ("3", "card", True)
    assert facts["before"].endswith("_002.MP4")
    assert facts["after"].endswith("_004.MP4")
    assert facts["before_earliest"] is not None or facts["before_latest"] is not None
    fill(made, 8)
    made.dock()
    rig.dock(made)
    assert [facts["missing"] for facts, is_open in told(rig, "sequence-hole") if is_open] == ["3", "5-7"]
    fill(made, 3, 6)
    made.dock()
    rig.dock(made)
    still = sorted(facts["missing"] for facts, is_open in told(rig, "sequence-hole") if is_open)
    assert still == ["5", "7"]
    assert '"5"' in rig.run("findings", "--json").out
    rig.is_whole()
    assert rig.run("rebuild").code == 0
    assert sorted(rig.findings()).count("sequence-hole") == 2


def test_footage_of_another_recorder(rig, tmp_path):
    """Its files name another: a finding, and the clip's event says so; the other's hole is filled by it."""
    first = SimulatedRecorder(tmp_path / "one").describe(serial="KD00001").dock()
    card = first.card("e12-old", serial="KD00001", officer="104233")
    for number in (1, 3):
        card.clip(noise(2000, number), started=STARTED + number * 10 * MINUTE, sequence=number)
    rig.dock(first)
    assert [facts["missing"] for facts, _ in told(rig, "sequence-hole")] == ["2"]
    other = SimulatedRecorder(tmp_path / "two").describe(serial="KD00002").dock()
    other.card("e12-old", serial="KD00001", officer="104233").clip(
        noise(2000, 2), started=STARTED + 20 * MINUTE, sequence=2
    )
    rig.dock(other)
    ((facts, is_open),) = told(rig, "other-recorder")
    assert (facts["recorder"], facts["named"], facts["files"], is_open) == ("KD00002", "KD00001", 1, True)
    clips = {e["data"]["sequence"]: e["data"] for e in rig.events("clip.secured")}
    assert clips[2]["claimed_recorder"] == "KD00001"
    assert "claimed_recorder" not in clips[1]
    assert "sequence-hole" not in rig.findings()
    rig.is_whole()

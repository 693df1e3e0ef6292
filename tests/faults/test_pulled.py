"""A recorder pulled at any moment: said, what was read is kept, and the next docking brings all of it."""

from __future__ import annotations

import fcntl
import os
import threading

import pytest

from ingestd.clock import ClockState, StationClock
from ingestd.jobs import StationJobs
from ingestd.station import Station
from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import noise, wait_for

MIB = 1 << 20
ONE, TWO = "DCIM/100MEDIA/IMG_0001.MP4", "DCIM/100MEDIA/IMG_0002.MP4"


def put(recorder, size):
    """Two clips on the card, the first of this size, by path."""
    found = {ONE: noise(size, 1), TWO: noise(3 * MIB, 2)}
    for number, (path, data) in enumerate(found.items()):
        recorder.card("dcim").file(path, data, mtime=1_790_000_000_000 + number * 60_000)
    return found


@pytest.fixture
def clips(recorder):
    """The first is 66 MiB: so long that its beginning is durable before its end."""
    return put(recorder, 66 * MIB)


def again(rig, recorder, clips):
    """The next docking brings everything, and nothing of the pull-out is left."""
    recorder.dock()
    done = rig.dock(recorder)
    assert (done.code, done.outcome) == (0, "clear")
    assert {path: rig.stored(file["sha256"]) for path, file in done.files.items()} == clips
    assert list(recorder.card_root.rglob("*.MP4")) == []
    assert rig.partials() == []
    assert "quarantined" not in rig.findings()
    rig.is_whole()
    return done


@pytest.mark.parametrize(
    ("size", "after", "secured"),
    [
        (5 * MIB, 1, []),
        (5 * MIB, MIB, []),
        (66 * MIB, 64 * MIB - 1, []),
        (66 * MIB, 65 * MIB, []),
        (5 * MIB, 5 * MIB, []),
        (5 * MIB, 5 * MIB + 1, [ONE]),
        (5 * MIB, 7 * MIB, [ONE]),
    ],
    ids=["first byte", "chunk", "before sync", "after sync", "last byte", "next file", "in the next file"],
)
def test_pulled_while_copying(rig, recorder, size, after, secured):
    """Event with the number not secured, finding, exit of a gone device; what was secured stays so."""
    clips = put(recorder, size)
    recorder.describe(pull_after_bytes=after)
    done = rig.dock(recorder)
    assert (done.code, done.outcome, done.error) == (11, "pulled", "device-gone")
    assert [path for path, action in done.actions().items() if action == "secured"] == secured
    (event,) = rig.events("recorder.pulled-early")
    assert event["data"]["unsecured"] == 2 - len(secured)
    assert "pulled-early" in rig.findings()
    assert rig.recorder("KD00001")["state"] == "pulled-early"
    assert len(list(recorder.card_root.rglob("*.MP4"))) == 2
    # A beginning whose digests are durable (every 64 MiB) is kept.
    kept = [(p / "chunks").stat().st_size // 32 * MIB for p in rig.partials()]
    assert all((p / "intake.json").exists() for p in rig.partials())
    assert after != 65 * MIB or kept == [64 * MIB]
    again(rig, recorder, clips)
    # That it was pulled early remains for a person to answer (REC-2).
    assert "pulled-early" in rig.findings()


def test_pulled_while_listing(rig, recorder, clips):
    """A listing that just ends is no card without files: nothing is called clear, nothing missing."""
    for number in range(300):
        recorder.card("dcim").file(f"DCIM/200MEDIA/IMG_{number:04d}.JPG", b"")
    assert rig.dock(recorder, release=False).code == 0
    recorder.dock()
    recorder.pull()
    done = rig.dock(recorder)
    assert (done.code, done.outcome, done.error) == (11, "pulled", "device-gone")
    assert done.files == {}
    assert rig.events("clip.missing", "recorder.clear") == []
    assert rig.events("session.closed")[-1]["data"]["outcome"] == "pulled"


def test_pulled_during_the_release(rig, recorder):
    """The intent stands in the log; the next docking sees what is gone and deletes what is left."""
    paths = [f"DCIM/100MEDIA/IMG_{number:04d}.JPG" for number in range(400)]
    for path in paths:
        recorder.card("dcim").file(path, path.encode())
    folder = recorder.card_root / "DCIM/100MEDIA"

    def pull():
        wait_for(lambda: len(os.listdir(folder)) < len(paths))
        recorder.pull()

    puller = threading.Thread(target=pull)
    puller.start()
    done = rig.dock(recorder)
    puller.join()
    assert (done.outcome, set(done.actions().values())) == ("pulled", {"secured"})
    (started,) = rig.events("release.started")
    assert set(started["data"]["acquisitions"]) == {f["acquisition"] for f in done.files.values()}
    assert rig.events("recorder.clear", "clip.released") == []
    left = set(os.listdir(folder))
    assert 0 < len(left) < len(paths)
    recorder.dock()
    second = rig.dock(recorder)
    assert second.outcome == "clear"
    assert set(second.actions().values()) == {"held"}
    assert {path.rpartition("/")[2] for path in second.files} == left
    released = {e["data"]["acquisition"]: e["data"]["observed"] for e in rig.events("clip.released")}
    assert released == {
        file["acquisition"]: path.rpartition("/")[2] not in left for path, file in done.files.items()
    }
    assert "removed-elsewhere" not in rig.findings()
    rig.is_whole()


def test_what_a_cut_deletion_left_unreadable(rig, recorder):
    """Only its name is left on the card: the deletion is completed, and the log says so."""
    paths = [f"DCIM/100MEDIA/IMG_{number:04d}.JPG" for number in range(400)]
    for path in paths:
        recorder.card("dcim").file(path, path.encode())
    folder = recorder.card_root / "DCIM/100MEDIA"

    def pull():
        wait_for(lambda: len(os.listdir(folder)) < len(paths))
        recorder.pull()

    puller = threading.Thread(target=pull)
    puller.start()
    first = rig.dock(recorder)
    puller.join()
    left = f"DCIM/100MEDIA/{min(os.listdir(folder))}"
    recorder.describe(bad=[{"path": left, "start": 0, "end": 1}]).dock()
    second = rig.dock(recorder)
    assert second.outcome == "clear"
    assert os.listdir(folder) == []
    remnants = [e["data"]["acquisition"] for e in rig.events("clip.released") if e["data"].get("remnant")]
    assert remnants == [first.files[left]["acquisition"]]
    rig.is_whole()


def test_unreadable_without_a_release_under_way_stays(rig, recorder):
    """A file that is held and was never to be deleted is not deleted unread."""
    recorder.card("dcim").file("DCIM/100MEDIA/IMG_0001.JPG", b"one")
    assert rig.dock(recorder, release=False).code == 0
    recorder.describe(bad=[{"path": "DCIM/100MEDIA/IMG_0001.JPG", "start": 0, "end": 1}]).dock()
    assert rig.dock(recorder).outcome == "problem"
    assert rig.recorder("KD00001")["problem"] == "unreadable"
    assert [p.name for p in recorder.card_root.rglob("*.JPG")] == ["IMG_0001.JPG"]


def test_a_beginning_with_other_bytes_is_sealed(rig, recorder, clips):
    """The file under the same name is another one now: what was read before is kept, signed, quarantined."""
    recorder.describe(pull_after_bytes=65 * MIB)
    rig.dock(recorder)
    (beginning,) = rig.partials()
    before = (beginning / "bytes").read_bytes()[: 64 * MIB]
    assert clips[ONE].startswith(before)
    other = noise(66 * MIB, 7)
    recorder.card("dcim").file(ONE, other, mtime=1_790_000_000_000)
    recorder.dock()
    done = rig.dock(recorder)
    assert rig.stored(done.files[ONE]["sha256"]) == other
    (event,) = rig.events("clip.quarantined")
    assert (event["data"]["fault"], event["data"]["partial"]) == ("pulled", True)
    assert rig.stored(event["data"]["sha256"]).startswith(before)
    assert clips[ONE].startswith(rig.stored(event["data"]["sha256"]))
    assert "quarantined" in rig.findings()
    assert rig.partials() == []
    recorder.dock()
    assert rig.dock(recorder).outcome == "clear"
    assert rig.events("clip.missing") == []
    rig.is_whole()


class Later(StationClock):
    """The station's clock some days on."""

    def __init__(self, days):
        super().__init__()
        self._by_ms = days * 86_400_000

    def now(self):
        return super().now() + self._by_ms

    def state(self):
        state = super().state()
        return ClockState(
            synchronised=state.synchronised,
            uncertainty_ms=state.uncertainty_ms,
            monotonic_ms=state.monotonic_ms + self._by_ms,
        )


def test_a_recorder_that_stays_away_has_its_beginning_sealed(rig, recorder, clips):
    """After the set time the beginning is stored as it is; the recorder's return supersedes it."""
    recorder.describe(pull_after_bytes=65 * MIB)
    rig.dock(recorder)
    for days, sealed in ((6, 0), (8, 1)):
        station = Station.open(rig.root, Later(days))
        try:
            StationJobs(station, None, lambda: False).leftovers(None)
        finally:
            station.close()
        assert len(rig.events("clip.quarantined")) == sealed
    assert rig.partials() == []
    (event,) = rig.events("clip.quarantined")
    assert event["data"]["partial"]
    beginning = rig.stored(event["data"]["sha256"])
    assert len(beginning) >= 64 * MIB
    assert clips[ONE].startswith(beginning)
    done = again(rig, recorder, clips)
    newer = rig.events("clip.secured")
    assert [e["data"]["supersedes"] for e in newer if e["data"]["path"] == ONE] == [
        [event["data"]["acquisition"]]
    ]
    recorder.dock()
    assert rig.dock(recorder).outcome == "clear"
    assert rig.events("clip.missing") == []
    assert done.actions() == {ONE: "secured", TWO: "secured"}


def test_a_partial_that_a_hung_worker_still_locks_is_left_alone(rig, recorder, clips):
    """No start and no docking touches a folder that another process still writes to."""
    recorder.describe(pull_after_bytes=65 * MIB)
    rig.dock(recorder)
    (beginning,) = rig.partials()
    held = os.open(beginning, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        recorder.dock()
        assert rig.dock(recorder).outcome == "clear"
        assert rig.partials() == [beginning]
    finally:
        os.close(held)


def test_another_recorder_in_between_changes_nothing(rig, recorder, clips, tmp_path):
    """A beginning waits for its own recorder, by its id."""
    recorder.describe(pull_after_bytes=65 * MIB)
    rig.dock(recorder)
    other = SimulatedRecorder(tmp_path / "other").describe(serial="KD00002").dock()
    other.card("dcim").file(ONE, noise(MIB, 9), mtime=1_790_000_000_000)
    assert rig.dock(other).outcome == "clear"
    assert len(rig.partials()) == 1
    again(rig, recorder, clips)

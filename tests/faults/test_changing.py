"""Files that vanish, change or grow while they are read; a card that refuses deletion; a stale mount."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from tests.rig import noise

MIB = 1 << 20
ONE, TWO = "DCIM/100MEDIA/IMG_0001.MP4", "DCIM/100MEDIA/IMG_0002.MP4"
WRITER = """
import os, sys, time
with open(sys.argv[1], "ab", buffering=0) as file:
    print("writing", flush=True)
    while True:
        file.write(os.urandom(4096)); time.sleep(0.01)
"""


@pytest.fixture
def card(recorder):
    builder = recorder.card("dcim")
    builder.file(ONE, noise(6 * MIB, 1), mtime=1_790_000_000_000)
    builder.file(TWO, noise(MIB // 2, 2), mtime=1_790_000_060_000)
    return builder


def once(act):
    """Something done once, while the first file is being copied."""
    done = []

    def meanwhile(live):
        if not done:
            done.append(True)
            act()

    return meanwhile


def test_growing_under_a_writer(rig, recorder, card):
    """A real process goes on writing: left with its word and a finding, not deleted; the rest is secured."""
    recorder.describe(bytes_per_second=40 * MIB)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(recorder.card_root / ONE)], stdout=subprocess.PIPE
    )
    try:
        assert writer.stdout.readline() == b"writing\n"
        done = rig.dock(recorder)
    finally:
        writer.kill()
        writer.communicate()
    assert (done.code, done.outcome) == (3, "problem")
    assert done.actions() == {ONE: "failed", TWO: "secured"}
    assert done.faults() == {ONE: "still-written"}
    (event,) = rig.events("clip.failed")
    assert event["data"]["fault"] == "still-written"
    assert "not-acquired" in rig.findings()
    assert (recorder.card_root / ONE).exists()
    assert (recorder.card_root / TWO).exists(), "a volume is released whole or not at all"
    # The writer is done: the next look brings it, and the finding ends.
    recorder.dock()
    whole = (recorder.card_root / ONE).read_bytes()
    second = rig.dock(recorder)
    assert (second.code, second.outcome) == (0, "clear")
    assert rig.stored(second.files[ONE]["sha256"]) == whole
    assert "not-acquired" not in rig.findings()
    rig.is_whole()


def test_changed_once_is_read_again(rig, recorder, card):
    """Rewritten during the copy: listed and read again in the same docking; only the new bytes are stored."""
    new = noise(5 * MIB, 9)
    recorder.describe(bytes_per_second=5 * MIB)
    done = rig.dock(
        recorder, release=False, meanwhile=once(lambda: (recorder.card_root / ONE).write_bytes(new))
    )
    assert done.actions() == {ONE: "secured", TWO: "secured"}
    assert rig.stored(done.files[ONE]["sha256"]) == new
    assert rig.partials() == []
    rig.is_whole()


def test_vanished_between_listing_and_reading(rig, recorder, card):
    """Its word, its event, its finding; the rest is secured and not deleted in this docking."""
    recorder.describe(bytes_per_second=5 * MIB)
    done = rig.dock(recorder, meanwhile=once((recorder.card_root / TWO).unlink))
    assert done.actions()[ONE] == "secured"
    assert done.faults() == {TWO: "vanished"}
    (event,) = rig.events("clip.failed")
    assert (event["data"]["path"], event["data"]["fault"]) == (TWO, "vanished")
    assert done.code == 3


def test_a_write_protected_card(rig, recorder, card):
    """Secured, and nothing deleted: word, event, finding, exit 3; without protection the next one clears it."""
    recorder.describe(write_protected=True)
    done = rig.dock(recorder)
    assert (done.code, done.outcome) == (3, "problem")
    assert set(done.actions().values()) == {"secured"}
    (event,) = rig.events("release.failed")
    assert event["data"]["why"] == "read-only"
    assert rig.recorder("KD00001")["problem"] == "read-only"
    assert "release-failed" in rig.findings()
    assert len(list(recorder.card_root.rglob("*.MP4"))) == 2
    recorder.describe(write_protected=False).dock()
    second = rig.dock(recorder)
    assert (second.code, second.outcome) == (0, "clear")
    assert set(second.actions().values()) == {"held"}
    assert "release-failed" not in rig.findings()
    assert list(recorder.card_root.rglob("*.MP4")) == []


def test_a_stale_mount_lists_nothing(rig, tmp_path):
    """The folder was removed and a new empty one made in its place while the recorder was held."""
    card = tmp_path / "card"
    (card / "DCIM/100MEDIA").mkdir(parents=True)
    (card / "PARAM.INI").write_bytes(b"[ZFY]\r\nDevNo=YZ00417\r\nPolNo=110423\r\n")
    (card / ONE).write_bytes(noise(MIB, 1))
    assert rig.intake(card, "--no-release").code == 0
    shutil.rmtree(card)
    card.mkdir()
    done = rig.intake(card)
    # Another, empty, unnamed card: nothing is said of the recorder that is not there.
    assert done.recorder == "unidentified"
    assert rig.events("clip.missing", "clip.released") == []
    assert rig.recorder("YZ00417")["state"] != "clear"


def test_changed_after_it_was_secured_is_not_deleted(rig, recorder, card):
    """A file rewritten between its copy and the release, with its size and time kept, stays on the card."""
    path = recorder.card_root / ONE
    status = path.stat()
    recorder.describe(bytes_per_second=12 * MIB)
    hits = []

    def rewrite(live):
        if live.state.bytes_done >= 6 * MIB and not hits:  # the first is copied, nothing is released yet
            hits.append(True)
            with path.open("r+b") as file:
                file.write(b"other first bytes")
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    card.file("DCIM/100MEDIA/IMG_0003.MP4", noise(8 * MIB, 3), mtime=1_790_000_120_000)
    done = rig.dock(recorder, meanwhile=rewrite)
    assert hits
    assert done.files[ONE]["action"] == "secured"
    assert (done.code, done.outcome) == (3, "problem")
    assert path.exists()
    (event,) = rig.events("release.failed")
    assert event["data"]["why"] == "changed"
    # The next docking reads it: another clip, both kept.
    recorder.dock()
    second = rig.dock(recorder)
    assert second.files[ONE]["action"] == "secured"
    assert second.files[ONE]["sha256"] != done.files[ONE]["sha256"]
    assert second.outcome == "clear"
    rig.is_whole()


def test_a_long_listing_does_not_shift_the_recorders_clock(rig, recorder, card):
    """The offset is that of the moment when the clock was read, however long the card takes after that."""
    recorder.describe(clock={"offset_ms": 540_000})
    slow = once(lambda: time.sleep(3))  # what the listing reports is heard before its end
    done = rig.dock(recorder, meanwhile=slow)
    offset = rig.manifest(done.files[ONE]["acquisition"])["recorded"]["clock_offset_ms"]
    assert offset["basis"] == "clock-read"
    assert offset["earliest"] <= 540_000 <= offset["latest"]
    doubt = max(event["clock"]["uncertainty_ms"] for event in rig.events())  # of the station's own clock
    assert offset["latest"] - doubt - 540_000 < 2_500

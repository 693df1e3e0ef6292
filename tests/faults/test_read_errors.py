"""Read errors in the middle of a card: the rest goes on, what was readable is kept, nothing is deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise

from ingestd.testing.recorder import CardBuilder
from tests.rig import RUN, is_root, noise

SECTOR = 512
NO_OVERRIDE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Root is held to the modes of files as anybody is."""
MIB = 1 << 20


def clip(recorder, name, size, seed):
    data = noise(size, seed)
    recorder.card("dcim").file(f"DCIM/100MEDIA/{name}", data)
    return data


def zeroed(data, ranges):
    for offset, length in ranges:
        data = data[:offset] + bytes(length) + data[offset + length :]
    return data


def test_a_bad_sector_is_a_hole_and_the_rest_goes_on(rig, recorder):
    """Zero-filled and listed to the sector, signed, quarantined; the others are secured; exit 3; nothing goes."""
    good = clip(recorder, "IMG_0001.MP4", 300_000, 1)
    data = clip(recorder, "IMG_0002.MP4", 3 * MIB + 700, 2)
    after = clip(recorder, "IMG_0003.MP4", 5_000, 3)
    recorder.describe(
        bad=[
            {"path": "DCIM/100MEDIA/IMG_0002.MP4", "start": MIB + 1000, "end": MIB + 1001},
            {"path": "DCIM/100MEDIA/IMG_0002.MP4", "start": 2 * MIB - SECTOR, "end": 2 * MIB + 1},
            {"path": "DCIM/100MEDIA/IMG_0002.MP4", "start": 3 * MIB + 600, "end": 3 * MIB + 601},
        ]
    )
    done = rig.dock(recorder)
    assert (done.code, done.outcome) == (3, "problem")
    files = {path.rpartition("/")[2]: file for path, file in done.files.items()}
    assert [files[f"IMG_000{n}.MP4"]["action"] for n in (1, 2, 3)] == ["secured", "quarantined", "secured"]
    # A file's last sector ends with the file.
    holes = [(MIB + 512, 512), (2 * MIB - 512, 1024), (3 * MIB + 512, 188)]
    (event,) = rig.events("clip.quarantined")
    assert [(bad["offset"], bad["length"]) for bad in event["data"]["bad_ranges"]] == holes
    assert (event["data"]["fault"], event["data"]["partial"]) == ("read-error", False)
    manifest = rig.manifest(event["data"]["acquisition"])
    assert [(bad["offset"], bad["length"]) for bad in manifest["source"]["bad_ranges"]] == holes
    assert rig.stored(event["data"]["sha256"]) == zeroed(data, holes)
    assert rig.stored(files["IMG_0001.MP4"]["sha256"]) == good
    assert rig.stored(files["IMG_0003.MP4"]["sha256"]) == after
    # REC-2: whole and secured files leave the recorder; the quarantined one stays.
    assert [p.name for p in recorder.card_root.rglob("*.MP4")] == ["IMG_0002.MP4"]
    assert rig.recorder("KD00001")["problem"] == "quarantined"
    assert "quarantined" in rig.findings()
    rig.is_whole()


def test_a_better_read_supersedes_and_frees(rig, recorder):
    """Two bad readings, then a good one: both are superseded, both findings end, the recorder is clear."""
    data = clip(recorder, "IMG_0001.MP4", 2 * MIB, 1)
    path = "DCIM/100MEDIA/IMG_0001.MP4"
    for start in (4096, 8192):
        recorder.describe(bad=[{"path": path, "start": start, "end": start + 1}])
        assert rig.dock(recorder).actions() == {path: "quarantined"}
        recorder.dock()
    recorder.describe(bad=[])
    done = rig.dock(recorder)
    assert (done.code, done.outcome, done.actions()) == (0, "clear", {path: "secured"})
    assert rig.stored(done.files[path]["sha256"]) == data
    assert "quarantined" not in rig.findings()
    assert list(recorder.card_root.rglob("*.MP4")) == []
    assert rig.recorder("KD00001")["state"] == "clear"
    # Nothing is missed at the next docking: what was superseded does not count as held.
    recorder.dock()
    assert rig.dock(recorder).outcome == "clear"
    assert "removed-elsewhere" not in rig.findings()
    rig.is_whole()


def test_the_same_read_again_is_no_other_acquisition(rig, recorder):
    """Docked again with the same hole: what was stored then stays the file's, and no better read is told."""
    clip(recorder, "IMG_0001.MP4", 2 * MIB, 1)
    path = "DCIM/100MEDIA/IMG_0001.MP4"
    recorder.describe(bad=[{"path": path, "start": 4096, "end": 4097}])
    first = rig.dock(recorder)
    before = rig.findings()
    for _ in range(2):
        recorder.dock()
        done = rig.dock(recorder)
        assert (done.code, done.outcome) == (3, "problem")
        assert done.files[path] == first.files[path]
    assert len(rig.events("clip.quarantined")) == 1
    assert rig.findings() == before
    rig.is_whole()
    recorder.describe(bad=[])
    recorder.dock()
    assert rig.dock(recorder).outcome == "clear"
    assert [e["data"]["supersedes"] for e in rig.events("clip.secured")] == [
        [first.files[path]["acquisition"]]
    ]


def test_a_file_for_which_there_is_no_room(rig, recorder):
    """What fits is taken in; exit 12 with what became of each; a finding until all of it fits; nothing goes."""
    clip(recorder, "IMG_0001.MP4", 3000, 1)
    clip(recorder, "IMG_0003.MP4", 5000, 3)
    huge = recorder.card_root / "DCIM/100MEDIA/IMG_0002.MP4"
    huge.touch()
    os.truncate(huge, 1 << 43)
    done = rig.dock(recorder)
    assert (done.code, done.outcome) == (12, "interrupted")
    files = {path.rpartition("/")[2]: file["action"] for path, file in done.files.items()}
    assert files == {"IMG_0001.MP4": "secured", "IMG_0003.MP4": "secured"}
    assert "disk-full" in rig.findings()
    assert rig.recorder("KD00001")["state"] != "clear"
    assert len(list(recorder.card_root.rglob("*.MP4"))) == 3
    os.truncate(huge, 1 << 20)
    recorder.dock()
    assert rig.dock(recorder).outcome == "clear"
    assert "disk-full" not in rig.findings()
    rig.is_whole()


def test_a_dead_card_does_not_take_days(rig, recorder):
    """A file unreadable from a point on: only the edges of its later chunks are tried, all of it is listed."""
    size = 40 * MIB
    clip(recorder, "IMG_0001.MP4", size, 1)
    recorder.describe(bad=[{"path": "DCIM/100MEDIA/IMG_0001.MP4", "start": MIB, "end": size}])
    done = rig.dock(recorder)
    (file,) = done.files.values()
    assert file["action"] == "quarantined"
    (event,) = rig.events("clip.quarantined")
    assert event["data"]["bad_ranges"] == [{"offset": MIB, "length": size - MIB}]


def test_a_small_file_that_cannot_be_read_at_all(rig, recorder):
    """All of it is one hole; its bytes are zeros; it stays where it is."""
    clip(recorder, "IMG_0001.MP4", 1000, 1)
    recorder.describe(bad=[{"path": "DCIM/100MEDIA/IMG_0001.MP4", "start": 0, "end": 1000}])
    done = rig.dock(recorder, release=True)
    (file,) = done.files.values()
    assert (done.code, file["action"], file["released"]) == (3, "quarantined", False)
    assert rig.stored(file["sha256"]) == bytes(1000)
    assert len(list(recorder.card_root.rglob("*.MP4"))) == 1


def test_bad_ranges_are_ascending_and_apart(rig, recorder):
    """Many scattered bad sectors: listed in order, merged where they touch, each a whole sector."""
    size = 2 * MIB
    data = clip(recorder, "IMG_0001.MP4", size, 1)
    starts = sorted({(n * 7919) % (size // SECTOR) * SECTOR for n in range(60)} | {0, SECTOR, size - SECTOR})
    path = "DCIM/100MEDIA/IMG_0001.MP4"
    recorder.describe(bad=[{"path": path, "start": at, "end": at + 1} for at in starts])
    done = rig.dock(recorder)
    (event,) = rig.events("clip.quarantined")
    ranges = [(bad["offset"], bad["length"]) for bad in event["data"]["bad_ranges"]]
    assert all(a + length < b for (a, length), (b, _) in pairwise(ranges))
    assert {at + step for at, length in ranges for step in range(0, length, SECTOR)} == set(starts)
    assert rig.stored(done.files[path]["sha256"]) == zeroed(data, ranges)


def test_what_a_docking_could_not_list_is_not_newer_than_it(rig, tmp_path):
    """A folder that opens at the second docking had its clip all along: the first is no bound, nor "on time"."""
    card = CardBuilder(tmp_path / "card", "ini")
    card.identity()
    card.file("DCIM/100MEDIA/old.MP4", noise(1000), mtime=946_684_800_000)
    folder = card.root / "DCIM/100MEDIA"
    folder.chmod(0)
    words = [sys.executable, "-c", RUN, "intake", "--home", rig.root, card.root, "--slot", "1", "--json"]
    first = subprocess.run(
        [*(NO_OVERRIDE if is_root() else ()), *words], capture_output=True, check=False, text=True
    )
    assert (first.returncode, json.loads(first.stdout)["complete"]) == (3, False)
    folder.chmod(0o755)
    done = rig.intake(card.root, "--no-release")
    assert (done.code, done.outcome, done.complete) == (0, "kept", True)
    manifest = rig.manifest(done.files["DCIM/100MEDIA/old.MP4"]["acquisition"])
    assert manifest["recorded"]["start"]["earliest"] is None
    card.file("DCIM/100MEDIA/new.MP4", noise(1000, 2), mtime=946_684_900_000)
    done = rig.intake(card.root, "--no-release")
    manifest = rig.manifest(done.files["DCIM/100MEDIA/new.MP4"]["acquisition"])
    assert "previous-docking" in manifest["recorded"]["start"]["basis"]
    rig.is_whole()

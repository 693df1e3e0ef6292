"""Cards that are unlike any tidy card: hostile names, links, FIFOs, depth, thousands of files, nothing."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ingestd.testing.recorder import CardBuilder
from tests.rig import RUN, STARTED, daemon, is_root, noise, raw_path

MIB = 1 << 20
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
raise SystemExit(done.returncode)
"""
"""Runs a command from a small process: a child's peak counts what its parent held when it was made."""


@pytest.fixture
def card(tmp_path):
    """A card that names itself by PARAM.INI."""
    builder = CardBuilder(tmp_path / "card", "ini")
    builder.identity()
    yield builder
    # Folders deeper than Python's recursion: pytest could not remove them.
    subprocess.run(["rm", "-rf", builder.root], check=True)


HOSTILE = {
    b"DCIM/100MEDIA/\xff\xfe\x81.MP4": "no text in any encoding",
    b"DCIM/100MEDIA/line\nbreak\r\x1b[31m.MP4": "control characters",
    b"DCIM/100MEDIA/..MP4": "two dots that are a name",
    b"DCIM/100MEDIA/... .MP4": "dots and a space",
    "DCIM/100MEDIA/现场录像.MP4".encode("gbk"): "GBK",
    "DCIM/100MEDIA/现场录像.MP4".encode(): "the same in UTF-8",
    b"DCIM/100MEDIA/" + b"n" * 251 + b".MP4": "255 bytes",
    b"DCIM/100MEDIA/ .MP4": "a space",
    b"DCIM/100MEDIA/-rf *;$(id)`.MP4": "a shell's words",
    b'DCIM/100MEDIA/"}{\\u0000.MP4': "JSON's words",
    "DCIM/100MEDIA/\u202egpj.4PM.MP4".encode(): "right-to-left override",
}


def test_hostile_names_are_kept_to_the_byte(rig, card):
    """Each is acquired, told as text and as bytes where it is none, found again, deleted; its bytes are its own."""
    contents = {name: noise(1000, seed) for seed, name in enumerate(HOSTILE)}
    for name, data in contents.items():
        card.file(name, data)
    done = rig.intake(card.root)
    assert (done.code, done.outcome) == (0, "clear")
    stored = {raw_path(f): rig.stored(f["sha256"]) for f in done.all if f["kind"] == "video"}
    assert stored == contents
    listed = {raw_path(file) for e in rig.events("card.listed") for file in e["data"]["files"]}
    assert listed == {*contents, b"PARAM.INI"}
    gbk = done.files["DCIM/100MEDIA/现场录像.MP4"]
    assert gbk["action"] == "secured"
    flags = {raw_path(f): "name-not-text" in f["flags"] for f in done.all}
    assert [name for name, is_odd in flags.items() if is_odd] == [b"DCIM/100MEDIA/\xff\xfe\x81.MP4"]
    assert os.listdir(card.root / "DCIM/100MEDIA") == []
    shown = rig.run("show", done.files["DCIM/100MEDIA/ .MP4"]["acquisition"])
    assert shown.code == 0
    for acquisition in (f["acquisition"] for f in done.all):
        assert "\x1b[31m" not in rig.run("show", acquisition).out
    rig.is_whole()


def test_a_mount_point_whose_name_is_no_text(rig, tmp_path):
    """It is docked as any other, and refused as any other; the log tells its path as text and as bytes."""
    raw = os.fsencode(tmp_path) + b"/cz\xff/card"
    place = Path(os.fsdecode(raw))
    card = CardBuilder(place, "ini")
    card.identity()
    card.file("DCIM/100MEDIA/a.MP4", noise(1000))
    words = [sys.executable, "-c", RUN, "intake", "--home", rig.root, place, "--slot", "1", "--lang", "en"]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    (opened,) = rig.events("session.opened")
    assert base64.b64decode(opened["data"]["location_b64"]) == raw
    assert opened["data"]["location"].endswith("/card")
    assert os.listdir(place / "DCIM/100MEDIA") == []
    with daemon(rig):
        again = subprocess.run(words, capture_output=True, check=False, text=True)
    assert again.returncode == 0, again.stderr
    subprocess.run(["rm", "-rf", raw], check=True)
    gone = subprocess.run(words, capture_output=True, check=False, text=True)
    assert gone.returncode == 2
    rig.is_whole()


def test_what_is_no_file_is_listed_and_never_opened(rig, card, tmp_path):
    """Links (also out of the card), FIFOs, sockets, device nodes: named with the reason, untouched."""
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"not on the card")
    folder = card.root / "DCIM/100MEDIA"
    folder.mkdir(parents=True)
    (folder / "link.MP4").symlink_to(secret)
    (folder / "loop.MP4").symlink_to("loop.MP4")
    (card.root / "out").symlink_to(tmp_path)
    os.mkfifo(folder / "fifo.MP4")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(folder, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/socket.MP4")
        os.close(here)
        wanted = {"link.MP4": "link", "loop.MP4": "link", "fifo.MP4": "fifo", "socket.MP4": "socket"}
        if is_root():
            os.mknod(folder / "disk.MP4", stat.S_IFBLK | 0o600, os.makedev(7, 200))
            os.mknod(folder / "null.MP4", stat.S_IFCHR | 0o600, os.makedev(1, 3))
            wanted |= {"disk.MP4": "device-node", "null.MP4": "device-node"}
        card.file("DCIM/100MEDIA/real.MP4", b"real")
        done = rig.intake(card.root)
    assert (done.code, done.outcome) == (0, "clear")
    found = {
        path.rpartition("/")[2]: file["why"]
        for path, file in done.files.items()
        if file["action"] == "left" and path != "out"
    }
    assert found == {name: f"not-a-file: {why}" for name, why in wanted.items()}
    assert done.files["out"]["why"] == "not-a-file: link"
    assert done.files["DCIM/100MEDIA/real.MP4"]["released"]
    assert secret.read_bytes() == b"not on the card"
    assert {p.name for p in folder.iterdir()} == set(wanted)
    listed = {f["path"]: f["why"] for e in rig.events("card.listed") for f in e["data"]["files"]}
    assert listed["DCIM/100MEDIA/fifo.MP4"] == "not-a-file: fifo"


def test_claims_cannot_leave_their_place(rig, tmp_path):
    """Numbers with ``..``, slashes and markup become ids without them; nothing is written elsewhere."""
    card = CardBuilder(tmp_path / "card", "ini", serial="../../../etc/x[red]", officer="..\\..\\y")
    card.identity()
    card.file("DCIM/100MEDIA/a.MP4", b"a")
    before = set(rig.root.rglob("*")) | {tmp_path / "home"}
    done = rig.intake(card.root)
    assert done.code == 0
    assert "/" not in done.recorder
    assert "[" not in done.recorder
    new = {p for p in tmp_path.rglob("*") if rig.root in p.parents} - before
    assert all(rig.root in p.resolve().parents for p in new)
    assert rig.run("recorder", "list").code == 0
    assert rig.run("status").code == 0
    rig.is_whole()


def test_empty_unfinalised_and_unknown_files_are_acquired_as_they_are(rig, card, shared):
    """Flagged, not judged; all leave the card."""
    whole = (shared / "corpus/phone/mp4parser/v1.mp4").read_bytes()
    contents = {
        "DCIM/100MEDIA/EMPTY.MP4": b"",
        "DCIM/100MEDIA/CUT.MP4": whole[: len(whole) // 2],
        "DCIM/100MEDIA/NOISE.AVI": noise(5000),
        "DCIM/100MEDIA/WHAT.XYZ": b"?",
        "LOG.TXT": b"log",
    }
    for path, data in contents.items():
        card.file(path, data)
    done = rig.intake(card.root)
    assert (done.code, done.outcome) == (0, "clear")
    flags = {path: done.files[path]["flags"] for path in contents}
    assert "empty" in flags["DCIM/100MEDIA/EMPTY.MP4"]
    assert "unreadable-media" in flags["DCIM/100MEDIA/NOISE.AVI"]
    assert "unknown-kind" in flags["DCIM/100MEDIA/WHAT.XYZ"]
    assert {path: rig.stored(done.files[path]["sha256"]) for path in contents} == contents
    assert all(done.files[path]["released"] for path in contents)
    assert not done.files["PARAM.INI"]["released"]
    assert (card.root / "PARAM.INI").exists()
    rig.is_whole()


def test_folders_three_hundred_deep(rig, card):
    """A path longer than the kernel takes (PATH_MAX) is listed, read, and deleted."""
    depth, name = 300, b"folder-number-nnnnnn"
    here = os.open(card.root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    descriptor = os.open("deep.MP4", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(descriptor, b"deep down")
    os.close(descriptor)
    done = rig.intake(card.root)
    (deep,) = [f for path, f in done.files.items() if path.endswith("deep.MP4")]
    assert len(deep["path"]) > 6000
    assert rig.stored(deep["sha256"]) == b"deep down"
    assert (done.code, deep["released"]) == (0, True)
    assert os.listdir(here) == []
    os.close(here)
    rig.is_whole()


def test_folders_without_end_are_refused(rig, card):
    """Deeper than any recorder's: nothing is acquired, it is said, and the home goes on."""
    here = os.open(card.root, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    done = rig.intake(card.root)
    assert (done.code, done.outcome) == (11, "problem")
    assert done.files == {}
    assert "device-error" in rig.findings()


def test_a_card_without_files(rig, card):
    """An empty card of a known recorder is clear; PARAM.INI stays."""
    done = rig.intake(card.root)
    assert (done.code, done.outcome) == (0, "clear")
    assert [f["action"] for f in done.files.values()] == ["secured"]


def test_a_file_of_the_future_moves_no_clip(rig, card):
    """Beside a computer's leftover of 2038 and a clip of 2200 a clip keeps its time, and so its deadline."""
    card.file("DCIM/100MEDIA/a.MP4", noise(1000), mtime=STARTED)
    card.file("DCIM/100MEDIA/b.MP4", noise(1000, 2), mtime=7_258_118_400_000)
    card.file("AUTORUN.INF", b"[autorun]", mtime=2_147_483_647_000)
    done = rig.intake(card.root, "--no-release")
    assert (done.code, done.outcome) == (0, "kept")
    ends = {}
    for path, file in done.files.items():
        manifest = rig.manifest(file["acquisition"])
        ends[path] = manifest["recorded"]["end"]["latest"]
        assert ("clock-doubtful" in manifest["flags"]) == (path in ("DCIM/100MEDIA/b.MP4", "AUTORUN.INF"))
    docked = rig.manifest(done.files["AUTORUN.INF"]["acquisition"])["source"]["docked_at"]
    assert min(ends.values()) >= docked


def test_file_times_that_nobody_can_tell_are_told_as_such(rig, card):
    """A file system has times beyond what the log can say: null there, the file and its neighbours are taken in."""
    times = {"huge": 10**10, "late": 2**33, "old": -(10**9), "plain": STARTED // 1000}
    told = {}
    for seed, (name, seconds) in enumerate(times.items()):
        card.file(f"DCIM/100MEDIA/{name}.MP4", noise(1000, seed))
        file = card.root / f"DCIM/100MEDIA/{name}.MP4"
        os.utime(file, (seconds, seconds))
        written = file.stat().st_mtime_ns // 1000  # not every file system holds them all
        told[name] = written if abs(written) < 2**53 else None
    done = rig.intake(card.root, "--no-release")
    assert (done.code, done.outcome) == (0, "kept")
    for name, mtime_us in told.items():
        manifest = rig.manifest(done.files[f"DCIM/100MEDIA/{name}.MP4"]["acquisition"])
        assert manifest["source"]["told_mtime_us"] == mtime_us
    freed = rig.intake(card.root)
    assert (freed.code, freed.outcome) == (0, "clear")
    assert {file["action"] for file in freed.files.values()} == {"held"}
    assert os.listdir(card.root / "DCIM/100MEDIA") == []
    rig.is_whole()


@pytest.mark.slow
def test_twenty_thousand_files(rig, card):
    """Every file in the log and gone from the card; memory under 400 MiB."""
    count = 20_000
    for number in range(count):
        card.file(f"DCIM/{100 + number // 1000}MEDIA/{number:05d}.TXT", b"%d" % number)
    words = [sys.executable, "-c", RUN, "intake", "--home", rig.root, card.root, "--slot", "1", "--json"]
    intake = subprocess.run([sys.executable, "-c", MEASURED, *words], capture_output=True, check=False)
    done = json.loads(intake.stdout)
    assert (intake.returncode, done["outcome"], len(done["files"])) == (0, "clear", count + 1)
    assert sum(1 for _ in card.root.rglob("*.TXT")) == 0
    assert int(intake.stderr.split()[-1]) < 400 * 1024

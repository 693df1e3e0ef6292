"""Slots by command: listed, learnt by plugging, renamed; the configuration stays as people wrote it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import config
from ingestd.cli import slot_file
from ingestd.config import SlotSetting
from ingestd.errors import ConfigError, NotFoundError, UsageError
from ingestd.model import Millis, SlotName
from tests.rig import RUN, Rig, daemon, wait_for
from tests.sysfs import HUB, KEYBOARD, MTP, Disk, Sysfs, machine

TEXT = config.render(
    agency="a", station="s", policy="baseline", commissioned_at=Millis(1_790_000_000_000), uid=0, person="p-1"
)
names = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=8)
CONTROLLER = "usb:0000:00:14.0"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "home")


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return machine(tmp_path / "sys")


def slot(name: str, location: str) -> SlotSetting:
    return SlotSetting(name=SlotName(name), driver="usb-storage", location=location)


# --- the text of the file ----------------------------------------------------------------------------


@given(st.lists(names, unique=True, max_size=5), names)
def test_slots_are_added_and_renamed_in_place(present: list[str], new: str) -> None:
    """Every slot keeps its driver and location, everything else its text; a taken name is refused."""
    slots = [slot(name, f"{CONTROLLER}/{at}") for at, name in enumerate(present, 1)]
    text = slot_file.with_slots(TEXT, slots, "x")
    assert text.startswith(TEXT.rstrip("\n"))
    assert list(config.parse(text.encode(), "x").slots) == slots
    for old in present:
        if new in present:
            with pytest.raises(UsageError):
                slot_file.renamed(text, old, new, "x")
            continue
        after = config.parse(slot_file.renamed(text, old, new, "x").encode(), "x")
        assert [s.name for s in after.slots] == [new if name == old else name for name in present]
        assert [s.location for s in after.slots] == [s.location for s in slots]


def test_comments_and_quotes_stay() -> None:
    """Only the name changes, in either kind of quotes; equal texts elsewhere are left alone."""
    text = TEXT + (
        '\n[[ slot ]]  # at the door\nname = \'1\' # east\ndriver = "folder"\nlocation = "/1"\n'
        '\n[people.1001]\nperson = "1"\nroles = []\n'
        '\n[[slot]]\nlocation = "/name = \\"1\\""\ndriver = "folder"\n  name = "2"\n'
    )
    changed = slot_file.renamed(text, "1", "东门", "x")
    assert changed == text.replace("name = '1' # east", 'name = "东门" # east')
    assert slot_file.renamed(text, "2", "3", "x") == text.replace('  name = "2"', '  name = "3"')


def test_what_cannot_be_edited_is_refused() -> None:
    """A way of writing slots that is not ours is left to people."""
    inline = 'slot = [{name = "1", driver = "folder", location = "/1"}]\n' + TEXT
    with pytest.raises(ConfigError, match="by hand"):
        slot_file.renamed(inline, "1", "2", "x")
    with pytest.raises(ConfigError):
        slot_file.with_slots(inline, [slot("2", f"{CONTROLLER}/1")], "x")
    with pytest.raises(NotFoundError, match="there are: -"):
        slot_file.renamed(TEXT, "1", "2", "x")


def test_the_file_keeps_its_owner_and_mode(tmp_path: Path) -> None:
    """Root edits what the daemon's user reads."""
    path = tmp_path / "ingestd.toml"
    path.write_text(TEXT)
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 1234)
    before = path.stat()
    slot_file.save(path, TEXT + "# more\n")
    after = path.stat()
    assert path.read_text() == TEXT + "# more\n"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert list(tmp_path.iterdir()) == [path]


# --- slot list ---------------------------------------------------------------------------------------


def test_slots_and_ports_are_listed(rig: Rig, sysfs: Sysfs) -> None:
    """What is configured and what is there, also where no slot is; without a daemon."""
    rig.slot("1", "usb-storage", f"{CONTROLLER}/3").slot("2", "folder", "/srv/dock")
    rig.slot("3", "usb-storage", f"{CONTROLLER}/4")
    sysfs.plug("1-3", Disk("sdb"))
    sysfs.plug("2-7", interfaces=(MTP,), serial="\x1b[31mX", product="Phone", speed="5000")
    told = rig.run("slot", "list", "--json", "--sysfs", sysfs.root).json
    first, second, third = told["slots"]
    assert (first["name"], first["location"], first["phase"]) == ("1", f"{CONTROLLER}/3", None)
    assert (first["there"]["gate"], first["there"]["usb_id"]) == ("storage", "1234:0001")
    assert first["there"]["disks"] == "sdb"
    assert second["there"] is None
    assert third["there"]["gate"] is None
    (port,) = told["ports"]
    assert (port["location"], port["gate"]) == (f"{CONTROLLER}/7", "mtp")
    shown = rig.run("slot", "list", "--sysfs", sysfs.root)
    assert shown.code == 0
    assert "Body Camera 1234:0001 BWC-000001 sdb: mass storage" in shown.out
    assert "other USB ports in use" in shown.out
    assert "\x1b[31mX" not in shown.out


def test_the_daemon_adds_what_is_going_on(rig: Rig, sysfs: Sysfs, tmp_path: Path) -> None:
    """The state of each slot as the screens say it."""
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "one.mp4").write_bytes(b"one")
    rig.slot("2", "folder", tmp_path / "card")
    with daemon(rig) as running:
        running.until("2", "kept")
        told = rig.run("slot", "list", "--json", "--sysfs", sysfs.root).json
        assert told["slots"][0]["phase"] == "kept"
        assert "do not take" in rig.run("slot", "list", "--sysfs", sysfs.root).out


# --- slot learn --------------------------------------------------------------------------------------


class Installer:
    """`ingestd slot learn` in a process of its own, and what it says."""

    def __init__(self, rig: Rig, sysfs: Sysfs, *flags: str) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", RUN, "slot", "learn", "--home", str(rig.root), "--lang", "en"),
                *("--sysfs", str(sysfs.root), *flags),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.heard("Press Enter after the last")
        time.sleep(0.5)  # until it has looked at what is plugged already

    def _read(self) -> None:
        assert self.process.stdout is not None
        while text := os.read(self.process.stdout.fileno(), 4096).decode():
            self.said += text

    def heard(self, words: str) -> None:
        wait_for(lambda: words in self.said, 30, lambda: self.said)

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def ends(self, code: int) -> None:
        assert self.process.wait(20) == code, self.said
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


def test_slots_are_learnt_by_plugging(rig: Rig, sysfs: Sysfs) -> None:
    """One recorder in each socket in turn, behind a hub too; then the entries are shown, agreed to, written."""
    rig.slot("1", "usb-storage", f"{CONTROLLER}/8")
    sysfs.plug("1-6", Disk("sdz"))
    before = rig.config.read_text("utf-8")
    installer = Installer(rig, sysfs)
    sysfs.plug("1-3", Disk("sdb"))
    installer.heard(f"✔ slot 2: {CONTROLLER}/3 (Invented Body Camera)")
    sysfs.unplug("1-3")
    sysfs.plug("1-5", interfaces=(HUB,), serial=None)
    sysfs.plug("1-5.2")
    installer.heard(f"✔ slot 3: {CONTROLLER}/5.2")
    sysfs.plug("1-8", Disk("sdc"))
    installer.heard(f"{CONTROLLER}/8 (Invented Body Camera) is slot 1 already")
    sysfs.plug("1-7", interfaces=(KEYBOARD,))
    installer.heard("Not counted")
    installer.type("\n")
    installer.heard("[y/N]")
    assert rig.config.read_text("utf-8") == before
    installer.type("y\n")
    installer.ends(0)
    assert "the daemon takes it when it starts" in installer.said
    text = rig.config.read_text("utf-8")
    assert text.startswith(before.rstrip("\n"))
    learnt = [(s.name, s.driver, s.location) for s in config.read(rig.config).slots[1:]]
    assert learnt == [("2", "usb-storage", f"{CONTROLLER}/3"), ("3", "usb-storage", f"{CONTROLLER}/5.2")]


@pytest.mark.parametrize("answer", ["\n\n", "\nn\n", "\n"])
def test_nothing_is_written_without_a_yes(rig: Rig, sysfs: Sysfs, answer: str) -> None:
    """Enter, no, or the end of the input."""
    before = rig.config.read_bytes()
    installer = Installer(rig, sysfs)
    sysfs.plug("1-3", Disk("sdb"))
    installer.heard("✔ slot 1")
    installer.type(answer)
    assert installer.process.stdin is not None
    installer.process.stdin.close()
    installer.ends(0)
    assert "nothing was changed" in installer.said
    assert rig.config.read_bytes() == before


def test_an_interrupted_learning_writes_nothing(rig: Rig, sysfs: Sysfs) -> None:
    """Ctrl-C while plugging, and at the question."""
    before = rig.config.read_bytes()
    for words in ("", "\n"):
        installer = Installer(rig, sysfs)
        sysfs.plug("1-3", Disk("sdb"))
        installer.heard("✔ slot 1")
        if words:
            installer.type(words)
            installer.heard("[y/N]")
        installer.process.send_signal(signal.SIGINT)
        installer.ends(130)
        assert "interrupted; nothing was changed" in installer.said
        assert rig.config.read_bytes() == before
        sysfs.unplug("1-3")


def test_a_running_daemon_takes_what_was_learnt(rig: Rig, sysfs: Sysfs) -> None:
    """It is told to read its configuration again."""
    with daemon(rig) as running:
        installer = Installer(rig, sysfs, "--yes", "--driver", "simulated")
        sysfs.plug("1-3", Disk("sdb"))
        installer.heard("✔ slot 1")
        installer.type("\n")
        installer.ends(0)
        assert "the daemon is reading it now" in installer.said
        running.until("1", "empty")


# --- slot name, udev-rules ---------------------------------------------------------------------------


def test_a_slot_is_renamed(rig: Rig, tmp_path: Path) -> None:
    """In the file and in a running daemon; a name that does not exist says which do."""
    rig.slot("1", "folder", tmp_path / "card")
    with daemon(rig) as running:
        running.until("1", "empty")
        done = rig.run("slot", "name", "1", "东门-1")
        assert done.code == 0
        assert "slot 1 is 东门-1 now" in done.out
        running.until("东门-1", "empty")
        assert running.live("1")["phase"] is None
    wrong = rig.run("slot", "name", "1", "2")
    assert wrong.code == NotFoundError.exit_status
    assert "there are: 东门-1" in wrong.err


def test_rules_are_printed_for_the_slots(rig: Rig, sysfs: Sysfs) -> None:
    """Only USB slots, each with both halves of its socket."""
    rig.slot("1", "usb-storage", f"{CONTROLLER}/3").slot("2", "folder", "/srv/dock")
    done = rig.run("udev-rules", "--sysfs", sysfs.root)
    assert done.code == 0
    assert f"# 1: {CONTROLLER}/3\n" in done.out
    assert done.out.count("DEVPATH==") == 2
    assert "/srv/dock" not in done.out


def test_the_doctor_misses_a_socket(rig: Rig) -> None:
    """A dock's hub that is not plugged in, or a controller that moved, is a warning before the first recorder."""

    def slots() -> Any:
        return next(d for d in rig.run("doctor", "--json").json if d["name"] == "slots")

    assert slots()["level"] == "ok"
    rig.slot("东门", "usb-storage", "usb:nowhere.0/1.2")
    assert slots()["level"] == "warning"
    assert "东门 (usb:nowhere.0/1.2)" in slots()["en"]

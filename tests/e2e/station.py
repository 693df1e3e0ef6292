"""A station in a guest: the mount unit as root, the daemon as a user of its own, the home on a disk that can be cut.

The home is made on this machine (the guest is slow), and looked at on this machine: a copy of the disk is taken
while the guest holds still, or after its power was cut, and its files are taken out without mounting it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ingestd import canon
from tests.e2e import cards, gadget
from tests.e2e.kernel import run
from tests.e2e.machine import CONTROLLER, PATIENCE_S, Machine
from tests.outsiders import checker
from tests.rig import Found, Rig, entries

USER, UID = "ingestd", 990
DISK_MIB = 512
ROOT = Path(__file__).resolve().parents[2]
SLOTS = ("1", "2", "3", "4", "10.1", "10.2")
"""Ports that are slots; the others are not. At port 10 a hub may be plugged."""
GADGET_SLOT = "gadget"
"""The slot of what the guest plays itself (`gadget`)."""
MOUNT_UNIT = "ingestd.mounts --home /srv/station --socket /run/ingestd/mount.sock --mounts /run/ingestd/mnt"
PASSING = frozenset({"looking", "receiving", "releasing"})
"""Phases that may be over before the next look; the others are looked for less often, each look costs the guest."""
LOOKS = 10
"""So often a docking is waited for whose end is not in the log."""
READY, TAKEN = "INFO ingestd.daemon: ready", "configuration taken"
"""What the daemon logs once it works, and once it has a new configuration."""
_LIVE = """
import socket
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("/srv/station/run/ingestd.sock")
    with connection.makefile("rwb") as stream:
        stream.write(b'{"verb": "live"}\\n')
        stream.flush()
        slots = {one["slot"]: one for one in json.loads(stream.readline())["ok"]["slots"]}
"""


def disk(folder: Path, slots: Sequence[str] = (*SLOTS, GADGET_SLOT), **settings: int | bool) -> Path:
    """A disk image with a new home whose slots are the guest's ports; each slot's worker costs a start its time."""
    sources = (str(ROOT / name) for name in ("ingestd", "drivers", "policies"))
    run(sys.executable, "-m", "compileall", "-q", *sources)  # compiling takes a guest minutes
    files = folder / "files"
    files.mkdir()
    rig = Rig(files / "station", reserve_bytes=0, **settings)
    for slot in slots:
        port = f"{gadget.CONTROLLER}/1" if slot == GADGET_SLOT else f"{CONTROLLER}/{slot}"
        rig.slot(slot, "usb-storage", f"usb:{port}")
    image = folder / "disk.img"
    with image.open("wb") as file:
        os.truncate(file.fileno(), DISK_MIB << 20)
    lazy = "lazy_itable_init=0,lazy_journal_init=0"
    run("/sbin/mkfs.ext4", "-q", "-F", "-E", lazy, "-d", files, image)
    shutil.rmtree(files)
    return image


class Station:
    """The programs in a guest that has such a disk."""

    def __init__(self, machine: Machine, image: Path) -> None:
        self._hold(machine, image)
        paths = ":".join(path for path in sys.path if path)
        above = {folder for path in (ROOT, Path(sys.executable).resolve()) for folder in path.parents}
        opened = " ".join(str(folder) for folder in sorted(above) if folder != Path("/"))
        machine.run(
            f"""set -e
            echo '{USER}:x:{UID}:{UID}::/srv/station:/bin/false' >>/etc/passwd; echo '{USER}:x:{UID}:' >>/etc/group
            chmod o+x {opened}
            mount /dev/vda /srv; chown -R {UID}:{UID} /srv/station
            cat >/run/python <<'EOF'
#!/bin/sh
export PYTHONPATH={paths}
exec {sys.executable} "$@"
EOF
            chmod 755 /run/python"""
        )
        machine.start(f"exec /run/python -m {MOUNT_UNIT} --user {USER} >>/run/rig/unit.log 2>&1")

    def _hold(self, machine: Machine, image: Path) -> None:
        self.machine = machine
        self._image = image
        self.is_running = False
        """The daemon."""
        self._earlier: bytes | None = None
        self._seen: set[checker.Seen] = set()
        self._cards: dict[Path, tuple[Path, int] | None] = {}

    def daemon(self, seconds: float = PATIENCE_S) -> None:
        """Start the daemon and wait until it is ready."""
        before = self._count(READY)
        self.machine.start(
            f"echo $$ >/run/daemon.pid; exec setpriv --reuid={UID} --regid={UID} "
            "--clear-groups --no-new-privs --bounding-set=-all "
            "/run/python -m ingestd run --home /srv/station >>/run/rig/daemon.log 2>&1"
        )
        self._until_said(READY, before, seconds)
        self.is_running = True

    def stop(self) -> float:
        """End the daemon as a service manager does: what was committed is published. Seconds that it took."""
        self.machine.run("kill $(cat /run/daemon.pid)")
        self.is_running = False
        return self.machine.until(
            "not os.path.exists('/proc/' + open('/run/daemon.pid').read().strip())", PATIENCE_S
        )

    def said(self) -> str:
        """What the programs logged."""
        logs = (self.machine.share / name for name in ("unit.log", "daemon.log"))
        return "".join(path.read_text() for path in logs if path.exists())

    def configure(self, setting: str, value: str) -> None:
        """Change a setting and have it taken."""
        before = self._count(TAKEN)
        self.machine.run(
            f"sed -i 's/^{setting} = .*/{setting} = {value}/' /srv/station/ingestd.toml; "
            "kill -HUP $(cat /run/daemon.pid)"
        )
        self._until_said(TAKEN, before, PATIENCE_S)

    def _count(self, words: str) -> int:
        return self.said().count(words)

    def _until_said(self, words: str, before: int, seconds: float) -> None:
        """Wait on this side: looking costs the guest time that it needs."""
        end = time.monotonic() + seconds
        while self._count(words) == before:
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def live(self, slot: str) -> Found:
        """What is live in a slot."""
        found: Found = self.machine.py(_LIVE + f"result = slots[{slot!r}]")
        return found

    def until(self, slot: str, *phases: str, seconds: float = PATIENCE_S, besides: str = "True") -> Found:
        """Wait until a slot is in one of these phases (and an expression over `live` holds)."""
        asked = "\n".join("    " + line for line in _LIVE.splitlines())
        every_s = 0.3 if PASSING & set(phases) else 1.0
        code = f"""
end = time.monotonic() + {seconds}
while True:
{asked}
    live = slots[{slot!r}]
    if live["phase"] in {phases!r} and {besides}:
        break
    if time.monotonic() > end:
        raise TimeoutError(json.dumps(live))
    time.sleep({every_s})
result = live"""
        try:
            found: Found = self.machine.py(code, seconds + 30)
        except RuntimeError as error:
            raise AssertionError(f"{error}\n{self.said()}") from error
        return found

    def clear(self, slot: str) -> None:
        """The recorder in a slot is drained and freed."""
        live = self.until(slot, "clear", "problem")
        assert live["phase"] == "clear", f"{live}\n{self.said()}"

    def mounts(self) -> list[str]:
        """Mount points of recorders."""
        found: list[str] = self.machine.py("result = os.listdir('/run/ingestd/mnt')")
        return found

    # --- what stands afterwards ---------------------------------------------------------------

    def home(self, to: Path) -> Path:
        """A copy of the home as it is on the disk now; the guest holds still meanwhile."""
        copy = to / "copy.img"
        self.machine.run("fsfreeze -f /srv")
        try:
            run("cp", "--sparse=auto", self._image, copy)
        finally:
            self.machine.run("fsfreeze -u /srv")
        return taken_out(copy, to)

    def _settled_home(self, to: Path) -> Path:
        """A copy of the home once what was committed is published: every docking that began has its end in the log.

        The board says how a docking ended before its checkpoint is signed, in a guest by seconds.
        """
        for _ in range(LOOKS if self.is_running else 1):
            self.machine.until_still("/srv/station/log/checkpoint", 2)
            home = self.home(to)
            log = entries(home)
            opened = [e["subject"] for e in log if e["type"] == "session.opened"]
            if set(opened) <= {e["subject"] for e in log if e["type"] == "session.closed"}:
                break
            time.sleep(2)
        return home

    def check(self, to: Path, *, settled: bool = False) -> list[Found]:
        """The independent checker finds nothing; the log's entries."""
        for card, image in self._cards.items():
            if image is not None:
                self.left(card, cards.files_on(*image))
        home = self._settled_home(to)
        faults = checker.check(home, self._seen, list(self._cards), earlier=self._earlier, settled=settled)
        assert not faults, "\n".join(faults)
        self._earlier = (home / "log/checkpoint").read_bytes()
        return entries(home)

    def hold(self, card: Path, image: Path | None = None, offset: int = 0) -> None:
        """Remember a card's files: what once lay on a card is never lost.

        The folder shows from now on what is on the card: of a FAT image each `check` looks, of others `left` tells.
        """
        self._seen |= checker.look(card)
        self._cards[card] = None if image is None else (image, offset)

    def left(self, card: Path, names: set[str]) -> None:
        """Only these files are still on a card."""
        for path in list(card.rglob("*")):
            if path.is_file() and str(path.relative_to(card)) not in names:
                path.unlink()


def taken_out(image: Path, to: Path) -> Path:
    """The home on an image of an ext4 disk, as files; its journal is replayed first."""
    subprocess.run(["/sbin/e2fsck", "-fy", image], check=False, capture_output=True)
    out = to / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    run("/sbin/debugfs", "-R", f"rdump /station {out}", image)
    _link_again(image, out)
    image.unlink()
    return out / "station"


def _link_again(image: Path, out: Path) -> None:
    """Files that are one file by several names become so again: `rdump` writes each by itself."""
    script = out / "folders"
    folders = [path for path in out.rglob("*") if path.is_dir()]
    script.write_text("".join(f"ls -l /{folder.relative_to(out)}\n" for folder in folders))
    told = run("/sbin/debugfs", "-f", script, image).splitlines()
    script.unlink()
    first: dict[str, Path] = {}
    folder = out
    for line in told:
        if line.startswith("debugfs: ls -l /"):
            folder = out / line.removeprefix("debugfs: ls -l /")
            continue
        inode, path = line.strip().partition(" ")[0], folder / line.rpartition(" ")[2]
        if inode.isdecimal() and path.is_file():
            if inode in first:
                path.unlink()
                path.hardlink_to(first[inode])
            else:
                first[inode] = path


def outcomes(log: list[Found], slot: str) -> list[str]:
    """How the dockings of a slot ended, in order."""
    here = {e["subject"] for e in log if e["type"] == "session.opened" and e["data"]["slot"] == slot}
    return [e["data"]["outcome"] for e in log if e["type"] == "session.closed" and e["subject"] in here]


def seconds(log: list[Found], recorder: str, plugged_ms: int) -> str:
    """How long the steps of a recorder's last docking took, in words; the guest's clock is this machine's."""
    about = [e for e in log if e["data"].get("recorder") == recorder]
    at = {e["type"]: canon.instant(e["at"]) for e in about}
    (last, clear), listed = (at["clip.secured"], at["recorder.clear"]), at["card.listed"]
    return (
        f"{recorder}: plugged to first byte {(listed - plugged_ms) / 1000:.1f} s, "
        f"to all secured {(last - plugged_ms) / 1000:.1f} s, last clip secured to clear {(clear - last) / 1000:.1f} s"
    )


def findings(log: list[Found], about: str) -> set[str]:
    """Kinds of the findings that are open about something."""
    kinds: dict[str, str] = {}
    for event in log:
        if event["type"] == "finding.opened" and event["data"]["about"] == about:
            kinds[event["data"]["finding"]] = event["data"]["kind"]
        elif event["type"] == "finding.closed":
            kinds.pop(event["data"]["finding"], None)
    return set(kinds.values())

"""The real units under a real systemd: started, watched, reloaded, restarted, and what the sandbox lets through.

A container with its own systemd, journal and network; the home lies on a disk of its own that can be frozen.
"""

from __future__ import annotations

import json
import shutil

import pytest

from ingestd.media.samples import make_sample
from tests.rig import command, wait_for
from tests.service.container import PROGRAM, Machine, require
from tests.service.disk import freeze, loop_disk, thaw

MIB = 1 << 20
CARD = "/run/ingestd/mnt/card"
VOLUME = f"{CARD}/volume"
NAMES = ("--agency", "a", "--station", "s", "--policy", "baseline")
AS_DAEMON = ("setpriv", "--reuid", "ingestd", "--regid", "ingestd-read", "--init-groups")
DELETE = f"""import os
from ingestd.mounts import session
session._unlink(os.open("{CARD}", os.O_PATH), b"folder/file")
"""
STAND_IN = f"""[Service]
ExecStart=
ExecStart=/bin/sh -c 'set -e; mkdir -p -m 0755 {CARD}; mount -t tmpfs -o uid=ingestd none {CARD}; \
  mkdir {CARD}/folder; touch {CARD}/folder/file; /opt/ingestd/.venv/bin/python /mnt/delete.py; \
  rmdir {CARD}/folder; exec sleep inf'
"""
"""In the place of the mount unit's program, within its whole sandbox: mounts memory instead of a recorder, and
deletes from it by the program's own code."""


@pytest.fixture
def machine(tmp_path):
    require()
    folder = tmp_path
    made = Machine(folder)
    with loop_disk(folder, 512 * MIB) as disk:
        shutil.rmtree(disk / "lost+found")
        try:
            assert command("install", "--root", made.root, "--program", PROGRAM).code == 0
            drop_in = made.root / "etc/systemd/system/ingestd-mount.service.d/stand-in.conf"
            drop_in.parent.mkdir()
            drop_in.write_text(STAND_IN)
            made.root.joinpath("mnt/delete.py").write_text(DELETE)
            make_sample(made.root / "mnt/clip.mp4", kind="h265-mp4")
            made.boot(f"--bind={disk}:/var/lib/ingestd")
            made.run("systemd-sysusers")
            made.run("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/ingestd.conf")
            made.disk = disk
            yield made
        finally:
            thaw(disk)
            made.halt()


def a_slot_is_configured(machine):
    """And metrics; the units are started."""
    settings = machine.disk / "ingestd.toml"
    text = settings.read_text().replace('metrics.listen = ""', 'metrics.listen = "127.0.0.1:9641"')
    text = text.replace("reserve_bytes = 1073741824", "reserve_bytes = 1048576")
    settings.write_text(f'{text}\n[[slot]]\nname = "1"\ndriver = "folder"\nlocation = "{VOLUME}"\n')
    machine.run("systemctl", "start", "ingestd-mount", "ingestd")


def the_mount_unit_works_in_its_sandbox(machine):
    """The real program: up, its socket the daemon's alone, its mounts the machine's own; then memory in its place."""
    machine.run(*AS_DAEMON, PROGRAM, "init", "--home", "/var/lib/ingestd", *NAMES)
    drop_in = machine.root / "etc/systemd/system/ingestd-mount.service.d/stand-in.conf"
    drop_in.unlink()
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "ingestd-mount")
    wait_for(lambda: "ready: 0 dock ports" in machine.run("journalctl", "-u", "ingestd-mount", "--no-pager"))
    pid = machine.show("ingestd-mount", "MainPID")
    assert machine.run("readlink", f"/proc/{pid}/ns/mnt") == machine.run("readlink", "/proc/1/ns/mnt")
    told = machine.run("stat", "-c", "%U %a", "/run/ingestd/mount.sock", "/run/ingestd/mnt").splitlines()
    assert told == ["ingestd 600", "root 750"]
    machine.run("systemctl", "stop", "ingestd-mount")
    assert machine.show("ingestd-mount", "Result") == "success"
    drop_in.write_text(STAND_IN)
    machine.run("systemctl", "daemon-reload")


def status(machine):
    return json.loads(machine.run(*AS_DAEMON, PROGRAM, "status", "--home", "/var/lib/ingestd", "--json"))


def phase(machine):
    """Of the first slot; None while no daemon answers."""
    live = status(machine)["live"]
    return live and live["slots"][0]["phase"]


def dock(machine, name):
    """A recorder's files where the mount unit mounted, as a recorder would have them."""
    wait_for(
        lambda: "there" in machine.run("/bin/sh", "-c", f"mountpoint -q {CARD} && echo there", check=False)
    )
    new = f"{CARD}/new"
    script = (
        f"mkdir -p {new}/DCIM/100MEDIA && cp /mnt/clip.mp4 {new}/DCIM/100MEDIA/{name}.MP4 && "
        f"echo {name} >> {new}/DCIM/100MEDIA/{name}.MP4 && "
        f"printf '[ZFY]\\r\\nDevNo=YZ00417\\r\\nPolNo=110423\\r\\n' > {new}/PARAM.INI && "
        f"chown -R ingestd {new} && mv {new} {VOLUME}"
    )
    machine.run("/bin/sh", "-c", script)


def mounts_seen(machine):
    pid = machine.show("ingestd", "MainPID")
    return [line for line in machine.run("cat", f"/proc/{pid}/mountinfo").splitlines() if CARD in line]


def ask(machine, page, port=9641, *, check=True):
    script = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/{page}').read().decode())"
    return machine.run("/usr/bin/python3", "-c", script, check=check)


def ready_is_when_it_answers(station):
    """`systemctl start` returns when the home is open; the status says so in both languages."""
    assert station.show("ingestd", "ActiveState") == "active"
    assert phase(station) is not None
    station.until(
        "ingestd", "StatusText", "1 个槽位，0 个在采集，0 个异常 / 1 slots, 0 at work, 0 with a problem"
    )


def what_the_mount_unit_mounts_the_sandbox_sees(station):
    """Mounted after or before the daemon began; unmounted, it is gone there too and pins nothing."""
    station.run("umount", CARD)
    wait_for(lambda: not mounts_seen(station))
    station.run("systemctl", "restart", "ingestd-mount")
    wait_for(lambda: len(mounts_seen(station)) == 1)
    station.run("systemctl", "restart", "ingestd")
    assert len(mounts_seen(station)) == 1
    station.run("umount", CARD)
    wait_for(lambda: not mounts_seen(station))
    station.run("systemctl", "restart", "ingestd-mount")


def a_docking_within_the_sandbox(station):
    """Read, probed, signed, published, released; a preview is made: no child needs what is forbidden."""
    dock(station, "IMG_0001")
    wait_for(lambda: phase(station) == "clear", 60, lambda: station.run("journalctl", "-u", "ingestd"))
    manifests = [json.loads(path.read_text()) for path in station.disk.glob("vault/manifests/*/*/*/*.json")]
    (facts,) = [one for one in manifests if one["source"]["path"].endswith(".MP4")]
    assert facts["media"]["streams"]
    assert facts["source"]["recorder"] == "YZ00417"
    left = station.run("find", CARD, "-name", "*.MP4")
    assert left == ""
    wait_for(lambda: list(station.disk.glob("derived/**/*.mp4")), 90)
    assert station.run(*AS_DAEMON, PROGRAM, "verify", "--home", "/var/lib/ingestd", "--all")
    group = station.run("stat", "-c", "%G", "/var/lib/ingestd/log", "/var/lib/ingestd/vault/clips").split()
    assert group == ["ingestd-read", "ingestd-read"]


def the_journal_has_fields(station):
    """`journalctl INGESTD_SLOT=1` finds the docking, with level and recorder."""
    told = station.run("journalctl", "INGESTD_SLOT=1", "-o", "json", "--no-pager").splitlines()
    (entry,) = [one for one in map(json.loads, told) if "ended" in one["MESSAGE"]]
    assert (entry["INGESTD_RECORDER"], entry["INGESTD_OUTCOME"]) == ("YZ00417", "clear")
    assert (entry["PRIORITY"], entry["_SYSTEMD_UNIT"]) == ("6", "ingestd.service")


def metrics_and_health(station):
    """On the machine's loopback."""
    assert 'ingestd_clips{state="released"} 1' in ask(station, "metrics")
    assert json.loads(ask(station, "healthz")) == {"ok": True, "problems": []}


def the_pages_within_their_sandbox(station):
    """As their own user: the log followed, the daemon heard, the board drawn; nothing of the home can be written."""
    station.run("systemctl", "start", "ingestd-web")
    assert station.show("ingestd-web", "ActiveState") == "active"
    wait_for(lambda: '"ok":true' in ask(station, "health", 8787, check=False), 60)
    assert "可取走" in ask(station, "board", 8787)
    pid = station.show("ingestd-web", "MainPID")
    assert station.run("stat", "-c", "%U %G", f"/proc/{pid}").split() == ["ingestd-web", "ingestd-read"]
    mounts = station.run("cat", f"/proc/{pid}/mountinfo").splitlines()
    assert [line.split()[5][:2] for line in mounts if line.split()[4] == "/var/lib/ingestd"][-1] == "ro"
    assert station.run("cat", f"/proc/{pid}/root/var/lib/ingestd/index.db", check=False) == ""
    station.run("systemctl", "stop", "ingestd-web")
    assert station.show("ingestd-web", "Result") == "success"


def reload(station):
    """`systemctl reload` waits for READY; what is new is in force."""
    settings = station.disk / "ingestd.toml"
    settings.write_text(
        settings.read_text() + '\n[[slot]]\nname = "2"\ndriver = "folder"\nlocation = "/mnt/none"\n'
    )
    before = station.show("ingestd", "MainPID")
    station.run("systemctl", "reload", "ingestd")
    wait_for(lambda: len(status(station)["live"]["slots"]) == 2)
    assert station.show("ingestd", "MainPID") == before


def a_crash_is_a_restart(station):
    """Killed, it comes back by itself and answers."""
    before = station.show("ingestd", "MainPID")
    station.run("kill", "-9", before)
    wait_for(lambda: station.show("ingestd", "MainPID") not in (before, "0"), 30)
    station.until("ingestd", "ActiveState", "active")
    assert phase(station) is not None


def a_hang_is_a_restart(station):
    """The home's disk hangs: systemd hears nothing, ends it, and when the disk is back it goes on with the clip."""
    drop_in = station.root / "etc/systemd/system/ingestd.service.d/soon.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nWatchdogSec=6\n")
    station.run("systemctl", "daemon-reload")
    station.run("systemctl", "restart", "ingestd")
    restarts = int(station.show("ingestd", "NRestarts"))
    station.run("umount", CARD)
    wait_for(lambda: phase(station) == "empty")
    freeze(station.disk)
    try:
        station.run("systemctl", "restart", "ingestd-mount")
        dock(station, "IMG_0002")
        station.until("ingestd", "Result", "watchdog", seconds=120)
    finally:
        thaw(station.disk)
    wait_for(lambda: int(station.show("ingestd", "NRestarts")) == restarts + 1, 60)
    station.until("ingestd", "ActiveState", "active")
    wait_for(lambda: phase(station) == "clear", 60, lambda: station.run("journalctl", "-u", "ingestd"))
    told = station.run("journalctl", "-u", "ingestd", "--no-pager")
    assert "Watchdog timeout" in told


def it_ends_in_time(station):
    """`systemctl stop`: well below the unit's limit, with exit status 0."""
    station.run("systemctl", "stop", "ingestd")
    assert station.show("ingestd", "Result") == "success"
    assert station.show("ingestd", "ExecMainStatus") == "0"


STEPS = (
    the_mount_unit_works_in_its_sandbox,
    a_slot_is_configured,
    ready_is_when_it_answers,
    what_the_mount_unit_mounts_the_sandbox_sees,
    a_docking_within_the_sandbox,
    the_journal_has_fields,
    metrics_and_health,
    the_pages_within_their_sandbox,
    reload,
    a_crash_is_a_restart,
    a_hang_is_a_restart,
    it_ends_in_time,
)


def test_a_station_under_systemd(machine):
    """Step by step on one machine: each step's text is the promise."""
    for step in STEPS:
        step(machine)

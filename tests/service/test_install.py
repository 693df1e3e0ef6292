"""`ingestd install`: every file said and put whole, again without a change; units that systemd takes and rates."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ingestd.service import install
from tests.rig import Rig, command

DAEMON_BOUND = 20
"""Tenths of systemd-analyze's exposure (issue: at most 2.0)."""
MOUNT_BOUND = 38
"""What is left to the mount unit, each part of it needed for what it does: root (0.4) with CAP_SYS_ADMIN (0.3),
CHOWN and DAC_OVERRIDE (0.4), disks (0.3), the calls that mount (0.4), a local socket (0.1), and 1.9 of options
that would put it into a mount namespace, where what it mounts nobody else would see."""
PROGRAM = "/opt/ingestd/.venv/bin/ingestd"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")


def put(root: Path, *more: object) -> list[list[str]]:
    """Install below a folder; what was said of each file."""
    done = command("install", "--root", root, "--program", PROGRAM, *more)
    assert done.code == 0, done.err
    return [line.split("  ") for line in done.out.splitlines() if str(root) in line]


def tree(root: Path) -> dict[str, bytes]:
    """Every file and link below a folder."""
    return {
        str(path.relative_to(root)): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in root.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }


def test_every_file_is_said_and_put_once(tmp_path):
    """A dry run puts nothing; a second run changes nothing; the link leads to the program."""
    root = tmp_path / "root"
    told = put(root, "--dry-run")
    assert {word for word, _ in told} == {"new"}
    assert not root.exists()
    assert put(root) == told
    files = tree(root)
    assert sorted(f"{root}/{name}" for name in files) == sorted(path for _, path in told)
    assert files["usr/local/bin/ingestd"] == PROGRAM.encode()
    assert {word for word, _ in put(root)} == {"unchanged"}
    assert tree(root) == files
    assert all((root / name).stat().st_mode & 0o777 == 0o644 for name in files if name.startswith("etc"))


def test_an_upgrade_replaces_what_is_ours_and_nothing_else(tmp_path):
    """A unit of another version is replaced; drop-ins and the home stay."""
    put(tmp_path)
    old = tmp_path / "etc/systemd/system/ingestd.service"
    old.write_text("[Unit]\nDescription=older\n")
    kept = {"etc/systemd/system/ingestd.service.d/own.conf", "var/lib/ingestd/ingestd.toml"}
    for name in kept:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("mine")
    told = {Path(path).name: word for word, path in put(tmp_path) if "bin" not in path}
    assert told["ingestd.service"] == "updated"
    assert set(told.values()) == {"updated", "unchanged"}
    assert "Description=older" not in old.read_text()
    assert all((tmp_path / name).read_text() == "mine" for name in kept)


def test_another_home_and_program_stand_in_every_file(tmp_path):
    """Nothing of the default paths is left."""
    command("install", "--root", tmp_path, "--program", "/usr/lib/ingestd/bin/run", "--home", "/srv/evidence")
    text = b"".join(content for name, content in tree(tmp_path).items() if name.startswith("etc")).decode()
    assert "ExecStart=/usr/lib/ingestd/bin/run run --home /srv/evidence\n" in text
    assert "ReadWritePaths=/srv/evidence\n" in text
    assert "/var/lib" not in text
    assert "/opt/" not in text


def test_udev_rules_come_from_the_slots(tmp_path):
    """As `ingestd udev-rules` prints them, where the home says which ports the dock has."""
    rig = Rig(Path("/srv") / f"ingestd-test-{os.getpid()}" if os.geteuid() == 0 else tmp_path / "home")
    try:
        rig.slot("7", "usb-storage", "usb:0000:00:14.0/3.2")
        done = command("install", "--root", tmp_path / "root", "--program", PROGRAM, "--home", rig.root)
        if os.geteuid() == 0:
            rules = (tmp_path / "root/etc/udev/rules.d/72-ingestd-dock.rules").read_text()
            assert rules == rig.run("udev-rules").out
            assert "usb:0000:00:14.0/3.2" in rules
        else:
            assert done.code == 2
    finally:
        shutil.rmtree(rig.root)


@pytest.mark.parametrize(
    ("option", "path", "word"),
    [
        ("--home", "/home/h/evidence", "sandbox"),
        ("--program", "/root/venv/bin/ingestd", "sandbox"),
        ("--home", "evidence", "absolute"),
        ("--home", "/srv/a b", "absolute"),
        ("--home", "/srv/%h", "absolute"),
        ("--home", "/srv/../home", "absolute"),
    ],
)
def test_paths_that_a_unit_cannot_have(tmp_path, option, path, word):
    """Said before anything is put."""
    given = {"--program": PROGRAM, "--home": "/srv/evidence"} | {option: path}
    done = command("install", "--root", tmp_path / "root", *(x for pair in given.items() for x in pair))
    assert done.code == 2
    assert word in done.err
    assert not (tmp_path / "root").exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    """Usage, with what to do."""
    (tmp_path / "etc").write_text("in the way")
    done = command("install", "--root", tmp_path, "--program", PROGRAM)
    assert done.code == 2
    assert "--root" in done.err


def test_a_real_system_is_told(monkeypatch):
    """Users, folders, units, in this order; one that fails is named and may be run again."""
    told = []
    for one in install.commands():
        monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")
        install.tell(one, lambda command, **_: told.append(command[0]))
    assert told[:2] == ["systemd-sysusers", "systemd-tmpfiles"]
    with pytest.raises(install.UsageError, match="run it again"):
        install.tell(("false",))


def units(tmp_path: Path) -> list[Path]:
    """Installed units, with a program that is there."""
    command("install", "--root", tmp_path, "--program", "/usr/bin/true")
    return sorted(tmp_path.glob("etc/systemd/system/*.service"))


@needs_systemd
def test_systemd_finds_no_fault_in_the_units(tmp_path):
    """No unknown option, no missing program, no bad value."""
    made = units(tmp_path)
    assert len(made) == 3
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *made], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("ingestd.service", DAEMON_BOUND),
        ("ingestd-mount.service", MOUNT_BOUND),
        ("ingestd-web.service", DAEMON_BOUND),
    ],
)
def test_exposure_stays_below_its_bound(tmp_path, name, bound):
    """`systemd-analyze security --offline` fails above the threshold."""
    (unit,) = [path for path in units(tmp_path) if path.name == name]
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={bound}", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_the_mount_unit_has_no_mount_namespace(tmp_path):
    """None of the options that would make one (systemd.exec(5)): its mounts are for others."""
    (unit,) = [path for path in units(tmp_path) if path.name == "ingestd-mount.service"]
    keys = {line.partition("=")[0] for line in unit.read_text().splitlines() if not line.startswith("#")}
    assert not keys & {
        *("ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateNetwork", "PrivateIPC"),
        *("ProtectProc", "ProcSubset", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs"),
        *("ProtectControlGroups", "ProtectHostname", "ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths"),
        *("BindPaths", "TemporaryFileSystem", "RootDirectory", "DynamicUser", "MountFlags", "NoExecPaths"),
    }


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="no systemd-sysusers here")
def test_the_users_are_made(tmp_path):
    """The daemon's user in the readers' group, without a shell; a second run makes none."""
    put(tmp_path)
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\n")
    for _ in range(2):
        subprocess.run(["systemd-sysusers", f"--root={tmp_path}"], check=True, capture_output=True)
    users = (tmp_path / "etc/passwd").read_text().splitlines()
    assert [u.split(":")[3:] for u in users if u.startswith("ingestd-web:")] == [
        [users[-1].split(":")[3], "ingestd pages", "/", "/usr/sbin/nologin"]
    ]
    (user,) = [u for u in (tmp_path / "etc/passwd").read_text().splitlines() if u.startswith("ingestd:")]
    (group,) = [g for g in (tmp_path / "etc/group").read_text().splitlines() if g.startswith("ingestd-read:")]
    assert user.split(":")[3] == group.split(":")[2]
    assert user.split(":")[5:] == ["/var/lib/ingestd", "/usr/sbin/nologin"]

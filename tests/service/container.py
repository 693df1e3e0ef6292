"""A machine of its own with a real systemd: `systemd-nspawn` over the host's /usr and a fresh /etc, /var, /opt.

The program is installed there from its wheel, beside the packages of the environment that the tests run in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from tests.rig import wait_for

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"
PROGRAM = "/opt/ingestd/.venv/bin/ingestd"
BOOT_S = 120


def require():
    """Skip where such a machine cannot be had."""
    if os.geteuid() != 0:
        pytest.skip("a container needs root")
    for name in ("systemd-nspawn", "systemd-sysusers", "nsenter"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    if not Path("/bin").is_symlink():
        pytest.skip("the host's /usr is not merged")
    told = subprocess.run(
        [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    if told.stdout.split() != [str(part) for part in sys.version_info[:2]]:
        pytest.skip("the system's Python is another version than the tests'")


def wheel(folder: Path) -> Path:
    """The wheel as hatchling makes it, without a network."""
    script = f"import hatchling.build as b; print(b.build_wheel({str(folder)!r}))"
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / made.stdout.split()[-1]


class Machine:
    """One container; `boot` it, `run` commands in it, `halt` it."""

    def __init__(self, folder: Path):
        self.root = folder / "machine"
        self._log = (folder / "console").open("wb")
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0
        for name in ("usr", "etc", "var", "run", "tmp", "proc", "sys", "dev", "opt", "root", "home", "mnt"):
            (self.root / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        etc = self.root / "etc"
        etc.joinpath("passwd").write_text(
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
        )
        etc.joinpath("group").write_text("root:x:0:\nnogroup:x:65534:\ntty:x:5:\n")
        shutil.copy("/etc/os-release", etc / "os-release")
        etc.joinpath("machine-id").write_text("")
        shutil.copy("/etc/ld.so.cache", etc / "ld.so.cache")
        # What is no business of these tests: no log-in, no network, no time from elsewhere.
        units = etc / "systemd/system"
        units.mkdir(parents=True)
        for unit in (
            "systemd-networkd",
            "systemd-resolved",
            "systemd-logind",
            "systemd-timesyncd",
            "getty.target",
        ):
            name = unit if "." in unit else f"{unit}.service"
            units.joinpath(name).symlink_to("/dev/null")
        self._install(folder)

    def _install(self, folder: Path) -> None:
        """As `tools/install` does, without a network."""
        venv = self.root / "opt/ingestd/.venv"
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", venv], check=True, capture_output=True)
        packages = next(venv.glob("lib/python3*/site-packages"))
        packages.joinpath("others.pth").write_text("/opt/packages\n")
        (self.root / "opt/packages").mkdir()
        with zipfile.ZipFile(wheel(folder)) as built:
            built.extractall(packages)
        (data,) = packages.glob("ingestd-*.data/data/share")
        shutil.copytree(data, venv / "share")
        venv.joinpath("bin/ingestd").write_text(
            "#!/opt/ingestd/.venv/bin/python\nfrom ingestd.cli import main\nraise SystemExit(main())\n"
        )
        venv.joinpath("bin/ingestd").chmod(0o755)

    def boot(self, *binds: str) -> None:
        """Until systemd says that it is up. Skips where no container can be started."""
        packages = sysconfig.get_path("purelib")
        self._process = subprocess.Popen(
            [
                *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"),
                *("--directory", self.root, "--machine", f"ingestd-test-{os.getpid()}", "--bind-ro=/usr"),
                *(f"--bind-ro={packages}:/opt/packages", "--console=pipe", *binds),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        end = time.monotonic() + BOOT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                pytest.skip(f"no container here: {self.console()}")
            self._leader = self._leader or self._find_leader()
            if self._leader and self.run("systemctl", "is-system-running", check=False).strip() in (
                "running",
                "degraded",
            ):
                return
            time.sleep(0.2)
        raise AssertionError(self.console())

    def _find_leader(self) -> int:
        assert self._process is not None
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in told:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return int(pid)
        return 0

    def run(self, *command: object, check: bool = True) -> str:
        """A command within, as root; what it printed."""
        done = subprocess.run(
            [
                "nsenter",
                "-t",
                str(self._leader),
                "-m",
                "-u",
                "-i",
                "-n",
                "-p",
                "-r",
                "-w",
                *map(str, command),
            ],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "SYSTEMD_PAGER": ""},
        )
        if check and done.returncode:
            journal = "" if command[0] == "journalctl" else self.run("journalctl", "-n", "30", check=False)
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}\n{journal}")
        return done.stdout

    def show(self, unit: str, what: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "-p", what, "--value", unit).strip()

    def until(self, unit: str, what: str, *wanted: str, seconds: float = 60) -> None:
        """Wait for a property."""
        wait_for(
            lambda: self.show(unit, what) in wanted,
            seconds,
            lambda: self.run("journalctl", "--no-pager", "-n", "40", check=False),
        )

    def halt(self) -> None:
        """Power off, by force where it takes too long."""
        if self._process is not None and self._process.poll() is None:
            if self._leader:
                self.run("systemctl", "poweroff", "--force", "--force", check=False)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    def console(self) -> str:
        """What stood on its console at last."""
        return Path(self._log.name).read_text("utf-8", errors="replace")[-2000:]

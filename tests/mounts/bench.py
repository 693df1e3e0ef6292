"""A mount unit, and a recorder that it may mount: an ext4 image on a loop device at a made-up USB port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestd.device import usb
from ingestd.mounts.client import Mount
from ingestd.portpath import PortPath
from tests import loops
from tests.rig import wait_for
from tests.sysfs import Disk, Sysfs

PORT = "usb:0000:00:14.0/1"
RUN = """
import sys
from pathlib import Path
from ingestd.mounts.unit import Ports, Unit
folder = Path(sys.argv[1])
Unit(path=folder / "s", mounts=folder / "mnt", user="root", ports=Ports(folder / "ingestd.toml"),
     sysfs=folder / "sys").run()
"""
CONFIGURATION = """
agency = "a"
station = "s"
policy = "baseline"
commissioned_at = "2026-01-01T00:00:00.000Z"
[[slot]]
name = "1"
driver = "usb-storage"
location = "usb:0000:00:14.0/1"
"""


def run(*command: object) -> str:
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


@dataclass
class Bench:
    """A unit, and a recorder that it may mount."""

    folder: Path
    image: Path
    loop: str
    bus: Sysfs
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Bench:
        (self.folder / "s").unlink(missing_ok=True)
        self.process = subprocess.Popen([sys.executable, "-c", RUN, self.folder], stderr=subprocess.DEVNULL)
        wait_for((self.folder / "s").exists)
        wait_for(self._listens)
        return self

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            return client.connect_ex(str(self.folder / "s")) == 0

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def number(self) -> None:
        """The bus shows the number that the kernel gave the loop device."""
        device = Path(self.loop).stat().st_rdev
        self.bus.set(Path(self.loop).name, "dev", f"{os.major(device)}:{os.minor(device)}")

    @property
    def token(self) -> str:
        device = usb.at_port(PortPath.parse(PORT), self.folder / "sys")
        return "" if device is None else usb.token(device) or ""

    def mount(
        self, *, writable: bool = False, port: str = PORT, token: str | None = None, volume: str = "1"
    ) -> Mount:
        return Mount(
            port=port,
            token=self.token if token is None else token,
            volume=volume,
            writable=writable,
            path=str(self.folder / "s"),
        )

    def mounted(self) -> list[str]:
        return [line for line in Path("/proc/mounts").read_text().splitlines() if str(self.folder) in line]


def _fill(source: Path) -> None:
    (source / "DCIM").mkdir()
    (source / "DCIM/a.mp4").write_bytes(b"clip")
    (source / "DCIM/link.mp4").symlink_to("/etc/passwd")
    for path in (source / "DCIM/a.mp4", source / "DCIM"):
        os.chown(path, 1023, 1023)
        path.chmod(0o700 if path.is_dir() else 0o600)


@contextmanager
def at(tmp_path: Path, *, is_empty: bool = False) -> Iterator[Bench]:
    """A recorder whose files belong to another user and are nobody else's to read; or one without files."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("mounting an image needs root and e2fsprogs")
    source = tmp_path / "card"
    source.mkdir()
    if not is_empty:
        _fill(source)
    image = tmp_path / "card.img"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    run("mkfs.ext4", "-q", "-F", "-L", "internal", "-d", source, image)
    try:
        loop = loops.attach(image)
    except loops.NoLoops as error:
        pytest.skip(f"no loop devices on this machine: {error}")
    name = Path(loop).name
    bus = Sysfs(tmp_path / "sys").controller("0000:00:14.0", (1, 480), (2, 5000))
    bus.plug("1-1", Disk(name, size=16 << 20))
    (tmp_path / "ingestd.toml").write_text(CONFIGURATION)
    made = Bench(tmp_path, image, loop, bus)
    made.number()
    try:
        yield made.start()
    finally:
        made.end()
        subprocess.run(["umount", "-l", loop], check=False, capture_output=True)
        loops.detach(loop)

"""The mount unit with a real kernel: what it mounts, what it refuses, and that it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.errors import DeviceError, DeviceGone
from ingestd.model import CardPath
from ingestd.mounts import protocol
from tests.mounts import bench as benches
from tests.mounts.bench import CONFIGURATION, Bench, run
from tests.rig import wait_for
from tests.sysfs import Disk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A recorder whose files belong to another user and are nobody else's to read."""
    with benches.at(tmp_path) as made:
        yield made


def test_mounted_read_only_and_let_go(bench: Bench) -> None:
    """The options are those of the design, the card is read, nothing of it changes, and no mount is left."""
    before = bench.image.read_bytes()
    mount = bench.mount()
    (line,) = bench.mounted()
    options = set(line.split()[3].split(","))
    assert {"ro", "nosuid", "nodev", "noexec", "noatime", "nosymfollow", "norecovery"} <= options
    assert (mount.facts.kind, mount.facts.label, mount.facts.writable) == ("ext4", "internal", False)
    assert (Path(mount.facts.at) / "DCIM/a.mp4").read_bytes() == b"clip"
    with pytest.raises(OSError, match="Read-only"):
        mount.unlink(CardPath(b"DCIM/a.mp4"))
    mount.close()
    mount.close()
    assert bench.mounted() == []
    assert not list((bench.folder / "mnt").iterdir())
    assert bench.image.read_bytes() == before


def test_the_block_device_refuses_writes(bench: Bench) -> None:
    """While a card is mounted for reading, not even root writes to its disk."""
    mount = bench.mount()
    with pytest.raises(PermissionError), open(bench.loop, "r+b") as disk:  # noqa: PTH123 - a device
        disk.write(b"x")
    mount.close()


def test_files_of_others_are_opened_and_deleted(bench: Bench) -> None:
    """Whoever they belong to; folders, links and what lies outside are not."""
    mount = bench.mount(writable=True)
    folder = mount.open(b"DCIM", "folder")
    assert sorted(os.listdir(folder)) == ["a.mp4", "link.mp4"]
    file = mount.open(b"DCIM/a.mp4", "file")
    assert os.pread(file, 10, 0) == b"clip"
    link = mount.open(b"DCIM/link.mp4", "look")
    assert os.fstat(link).st_size == len("/etc/passwd")
    for descriptor in (folder, file, link):
        os.close(descriptor)
    for path, what in ((b"DCIM/link.mp4", "file"), (b"DCIM", "file"), (b"../x", "file"), (b"/etc", "folder")):
        with pytest.raises(OSError, match=r"."):
            mount.open(path, what)
    for path in (b"DCIM", b"DCIM/link.mp4", b"../mnt", b"", b"DCIM/none.mp4", b"DCIM/link.mp4/x"):
        with pytest.raises(OSError, match=r"."):
            mount.unlink(CardPath(path))
    mount.unlink(CardPath(b"DCIM/a.mp4"))
    mount.flush()
    mount.close()
    again = bench.mount()
    assert os.listdir(Path(again.facts.at) / "DCIM") == ["link.mp4"]
    again.close()


def test_what_is_refused(bench: Bench) -> None:
    """No port but the configured ones, no device but the one that the client saw, no volume that is not there."""
    bench.bus.plug("1-2", Disk("sdz"))
    with pytest.raises(DeviceError, match="no configured dock port"):
        bench.mount(port="usb:0000:00:14.0/2")
    with pytest.raises(DeviceError, match="refuses"):
        bench.mount(port="/dev/sda")
    with pytest.raises(DeviceGone, match="taken or changed"):
        bench.mount(token="another")
    with pytest.raises(DeviceError, match="no volume 2"):
        bench.mount(volume="2")
    bench.bus.unplug("1-1")
    with pytest.raises(DeviceGone):
        bench.mount(token="x")


def test_a_new_port_is_taken_from_the_configuration(bench: Bench) -> None:
    """The file is read again when it changed; a faulty one changes nothing."""
    file = bench.folder / "ingestd.toml"
    file.write_text(CONFIGURATION.replace("14.0/1", "14.0/3"))
    with pytest.raises(DeviceError, match="no configured dock port"):
        bench.mount()
    file.write_text(CONFIGURATION + "nonsense")
    with pytest.raises(DeviceError, match="no configured dock port"):
        bench.mount()
    file.write_text(CONFIGURATION)
    bench.mount().close()


def test_in_use_elsewhere(bench: Bench) -> None:
    """What a desktop mounted is left alone, and the words say so."""
    at = bench.folder / "desktop"
    at.mkdir()
    run("mount", bench.loop, at)
    with pytest.raises(DeviceError, match="in use by another program"):
        bench.mount()
    run("umount", at)
    bench.mount().close()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "blank"), (b"\0\0\0NTFS    ", "NTFS"), (b"rubbish", "no partition table")],
)
def test_cards_that_cannot_be_read(bench: Bench, content: bytes, words: str) -> None:
    """Each failure has its words, and no mount point is left."""
    with bench.image.open("r+b") as file:
        file.write(content.ljust(128 << 10, b"\0"))
    run("blockdev", "--flushbufs", bench.loop)
    with pytest.raises(DeviceError, match=words):
        bench.mount()
    assert not list((bench.folder / "mnt").iterdir())


def test_a_damaged_file_system(bench: Bench) -> None:
    """Recognised, but no kernel can mount it."""
    with bench.image.open("r+b") as file:
        file.seek(1024 + 24)
        file.write(b"\xff\xff\xff\x7f")  # the block size
    run("blockdev", "--flushbufs", bench.loop)
    with pytest.raises(DeviceError, match="damaged"):
        bench.mount()


def test_another_file_system_on_the_card_is_not_entered(bench: Bench) -> None:
    """Whoever mounts something in a card's folder has nothing of it deleted or opened."""
    mount = bench.mount(writable=True)
    folder = Path(mount.facts.at) / "DCIM"
    run("mount", "-t", "tmpfs", "none", folder)
    (folder / "a.mp4").write_bytes(b"not of this card")
    for act in (
        lambda: mount.unlink(CardPath(b"DCIM/a.mp4")),
        lambda: mount.open(b"DCIM/a.mp4", protocol.FILE),
    ):
        with pytest.raises(OSError, match="cross-device"):
            act()
    assert (folder / "a.mp4").exists()
    run("umount", folder)
    mount.close()


def test_a_client_that_dies_leaves_no_mount(bench: Bench) -> None:
    """A mount ends with its connection."""
    mount = bench.mount()
    mount._connection.close()
    wait_for(lambda: bench.mounted() == [] and not list((bench.folder / "mnt").iterdir()))
    bench.mount().close()


def test_a_unit_that_dies_is_cleaned_up_after(bench: Bench) -> None:
    """A kill leaves the mount; the next start lets go of it before it hears anybody."""
    mount = bench.mount()
    children = Path(f"/proc/{bench.process.pid}/task/{bench.process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGSTOP)
    bench.end(signal.SIGKILL)
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    assert len(bench.mounted()) == 1
    bench.start()
    assert bench.mounted() == []
    with pytest.raises(DeviceError, match="ingestd-mount"):
        mount.close()
    bench.mount().close()


def test_a_unit_that_ends_lets_go(bench: Bench) -> None:
    """SIGTERM: no mount is left behind."""
    mount = bench.mount()
    bench.end()
    assert bench.mounted() == []
    with pytest.raises(DeviceError):
        mount.close()


def test_only_the_daemons_user_is_heard(bench: Bench) -> None:
    """Another user cannot even connect; one who could would be refused."""
    bench.folder.chmod(0o755)
    (bench.folder / "s").chmod(0o666)
    code = """
import socket
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
    client.connect(f"/proc/self/fd/{FOLDER}/s")
    try:
        client.send(b"{}")
        print(client.recv(100))
    except OSError:
        print(b"")
"""
    folder = os.open(bench.folder, os.O_RDONLY | os.O_DIRECTORY)
    command = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c")
    told = subprocess.run(
        [*command, code.replace("FOLDER", f"{folder}")],
        pass_fds=(folder,),
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(folder)
    assert told.stdout.strip() == "b''"


def test_rubbish_ends_the_connection(bench: Bench) -> None:
    """What is no request is no reason to fall over."""
    for message in (b"{", b"[]", b'{"do": "mount"}', b'{"do": "_limited"}', b"\xff" * 1000):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(str(bench.folder / "s"))
            client.settimeout(5)
            client.send(message)
            assert client.recv(1000) == b""
    time.sleep(0.1)
    bench.mount().close()

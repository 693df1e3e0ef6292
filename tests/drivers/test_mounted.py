"""Real file systems on loop devices: what the kernel itself says of bad, read-only and vanished cards."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess

import pytest

from ingestd.device.api import EntryType
from ingestd.errors import DeviceGone
from ingestd_drivers.folder import Folder
from tests import loops

MIB = 1 << 20


def run(*command):
    """A command that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True)


class Card:
    """An ext4 image that can be mounted at a point."""

    def __init__(self, folder, name="card"):
        self.image, self.at = folder / f"{name}.img", folder / "mnt"
        self.at.mkdir(exist_ok=True)
        self.device = None
        with self.image.open("wb") as file:
            file.truncate(32 * MIB)
        run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", str(self.image))

    def mount(self, options="rw"):
        self.device = loops.attach(self.image)
        try:
            run("mount", "-o", options, self.device, str(self.at))
        except subprocess.CalledProcessError:
            self.detach()
            raise

    def unmount(self, *flags):
        run("umount", *flags, str(self.at))
        self.detach()

    def detach(self):
        """Once only: the device may be another test's by then."""
        device, self.device = self.device, None
        if device is not None:
            loops.detach(device)


@pytest.fixture
def card(tmp_path):
    """A mounted card with a clip of 8 MiB; skips where this machine cannot mount."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("mounting an image needs root and e2fsprogs")
    card = Card(tmp_path)
    try:
        card.mount()
    except loops.NoLoops as error:
        pytest.skip(f"no loop devices on this machine: {error}")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no loop mounts on this machine: {error.stderr.strip()}")
    (card.at / "DCIM").mkdir()
    (card.at / "DCIM" / "a.mp4").write_bytes(os.urandom(MIB) * 8)
    (card.at / "DCIM" / "b.mp4").write_bytes(b"small")
    card.unmount()
    card.mount()
    yield card
    subprocess.run(["umount", "-l", str(card.at)], check=False, capture_output=True)
    card.detach()


def test_a_read_error_of_the_kernel_is_told_where_it_is(card):
    """The medium ends under the file: bytes before are given, then EIO, and the other files are read."""
    volume = Folder().connect(str(card.at))
    source = volume.open(b"DCIM/a.mp4")
    os.truncate(card.image, 2 * MIB)
    buffer, offset, told = memoryview(bytearray(MIB)), 0, None
    while told is None:
        try:
            offset += source.read_into(offset, buffer)
        except OSError as error:
            told = error
    assert told.errno == errno.EIO
    assert offset < 8 * MIB
    volume.alive()
    source.close()
    volume.close()


def test_a_read_only_mount_refuses_deletion(card):
    """A write-protected card: EROFS from the kernel, and the file stays."""
    card.unmount()
    card.mount("ro")
    volume = Folder().connect(str(card.at), writable=True)
    with pytest.raises(OSError, match=r"[Rr]ead-only") as told:
        volume.delete(b"DCIM/a.mp4")
    assert told.value.errno == errno.EROFS
    volume.close()


def test_a_stale_mount_is_gone(card):
    """Pulled without a word: the mount point shows an empty folder, the volume says gone."""
    volume = Folder().connect(str(card.at))
    token = Folder().present(str(card.at))
    card.unmount("-l")
    assert not list(card.at.iterdir())
    assert Folder().present(str(card.at)) != token
    with pytest.raises(DeviceGone):
        volume.alive()
    volume.close()


def test_another_card_in_the_same_reader_is_another_presence(card, tmp_path):
    """Two cards of equal make and size, one after the other at one path, are told apart."""
    first = Folder().present(str(card.at))
    card.unmount()
    other = Card(tmp_path, "other")
    other.mount()
    try:
        assert Folder().present(str(card.at)) != first
    finally:
        other.unmount()
        card.mount()


def test_another_file_system_below_the_root_is_not_entered(card):
    """A mount inside a card is named as a folder that was not listed, and opening through it is refused."""
    (card.at / "inner").mkdir()
    run("mount", "-t", "tmpfs", "none", str(card.at / "inner"))
    try:
        (card.at / "inner" / "x.mp4").write_bytes(b"not of this card")
        volume = Folder().connect(str(card.at))
        types = {item.path: item.type for item in volume.items() if b"lost+found" not in item.path}
        assert types[b"inner"] is EntryType.UNLISTABLE
        assert b"inner/x.mp4" not in types
        with pytest.raises(OSError, match="another file system"):
            volume.open(b"inner/x.mp4")
        volume.close()
    finally:
        run("umount", str(card.at / "inner"))

"""The suite that every driver of a tree of files passes.

A driver's test subclasses `DriverSuite`, says how a place for it is made, and runs everything::

    class TestFolder(DriverSuite):
        driver = Folder()

        def place(self, folder: Path) -> Place:
            (folder / "card").mkdir()
            return Place(location=str(folder / "card"), card=folder / "card")

        def change_card(self, place: Place) -> None: ...
"""

from __future__ import annotations

import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from ingestd.device.api import Driver, EntryType, Item, Volume
from ingestd.errors import DeviceGone
from ingestd.model import CardPath
from ingestd.testing.recorder import CardBuilder

_DEEP, _LONG = 300, 200
"""Folders below each other and the length of their names: 60 kB of path."""
_BLOCK = 4_096
_PATIENCE_SECONDS = 5
HOSTILE_NAMES = (
    b"\xff\xfe\x80 no text.mp4",
    "张建国_执法.mp4".encode("gbk"),
    "张建国_执法.mp4".encode(),
    b"line\nbreak.mp4",
    b"..mp4",
    b"...",
    b" .mp4 ",
    b'back\\slash".mp4',
    b"%2e%2e%2f.mp4",
    b"x" * 251 + b".mp4",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a driver looks, and the local folder through which the suite puts files on the card."""

    location: str
    card: Path
    nowhere: str = ""
    """A location of this driver's where nothing is; where it is not given, one is made of `location`."""


class DriverSuite(ABC):
    """The promises of `ingestd.device.api`, each tried on a real card of files."""

    driver: ClassVar[Driver]

    @abstractmethod
    def place(self, folder: Path) -> Place:
        """Make an empty card in a fresh folder."""

    @abstractmethod
    def change_card(self, place: Place) -> None:
        """Put another card in at the same place."""

    @pytest.fixture
    def at(self, tmp_path: Path) -> Place:
        """A place with an empty card."""
        return self.place(tmp_path)

    @contextmanager
    def connected(self, place: Place, *, writable: bool = False) -> Iterator[Volume]:
        """The volume at a place, closed at the end."""
        volume = self.driver.connect(place.location, writable=writable)
        try:
            yield volume
        finally:
            volume.close()

    def test_a_card_is_present_scored_and_alive(self, at: Place) -> None:
        """A card that is in gives a token that stays, a score above 0 with reasons, and a pulse."""
        token = self.driver.present(at.location)
        assert token is not None
        (at.card / "new.mp4").write_bytes(b"recorded meanwhile")
        assert self.driver.present(at.location) == token
        score = self.driver.score(at.location)
        assert score.value > 0
        assert score.reasons
        with self.connected(at) as volume:
            volume.alive()

    def test_another_card_is_another_presence(self, at: Place) -> None:
        """A card changed at the same place has another token, and a volume of the first is gone."""
        before = self.driver.present(at.location)
        with self.connected(at) as volume:
            self.change_card(at)
            assert self.driver.present(at.location) != before
            with pytest.raises(DeviceGone):
                volume.alive()

    def test_nothing_there_is_absent(self, at: Place) -> None:
        """Where nothing is, nothing is present, and connecting says that the device is gone."""
        nowhere = at.nowhere or at.location + "-nowhere"
        assert self.driver.present(nowhere) is None
        with pytest.raises(DeviceGone):
            self.driver.connect(nowhere)

    def test_a_listing_is_exact(self, at: Place) -> None:
        """Every file is listed once with its exact name, size and time."""
        CardBuilder(at.card, "dcim").file("DCIM/a.mp4", b"12345", mtime=1_700_000_000_000)  # type: ignore[arg-type]
        CardBuilder(at.card, "dcim").file("empty.wav", b"")
        (at.card / "folder").mkdir()
        found = {item.path: item for item in self.items(at)}
        assert sorted(found) == [b"DCIM/a.mp4", b"empty.wav"]
        item = found[CardPath(b"DCIM/a.mp4")]
        assert (item.size, item.mtime_us, item.type) == (5, 1_700_000_000_000_000, EntryType.FILE)
        assert found[CardPath(b"empty.wav")].size == 0

    def test_hostile_names_survive(self, at: Place) -> None:
        """Names that are GBK, no text, or meant to hurt are listed and opened by their raw bytes."""
        builder = CardBuilder(at.card, "dcim")
        for number, name in enumerate(HOSTILE_NAMES):
            builder.file(b"DCIM/" + name, b"%d" % number)
        found = {item.path for item in self.items(at)}
        assert found == {b"DCIM/" + name for name in HOSTILE_NAMES}
        with self.connected(at) as volume:
            for number, name in enumerate(HOSTILE_NAMES):
                assert _content(volume, CardPath(b"DCIM/" + name)) == b"%d" % number

    def test_deep_folders(self, at: Place) -> None:
        """A file 300 long-named folders down is listed and read."""
        path = _dig(at.card)
        with self.connected(at) as volume:
            assert [item.path for item in volume.items()] == [path]
            assert _content(volume, path) == b"at the bottom"

    def test_reading_at_offsets(self, at: Place) -> None:
        """Reads fill the buffer from any offset, are short at the end only, and give 0 past it."""
        data = os.urandom(3 * _BLOCK + 7)
        path = CardBuilder(at.card, "dcim").file("clip.mp4", data)
        with self.connected(at) as volume:
            source = volume.open(path)
            buffer = bytearray(_BLOCK)
            for offset in (0, _BLOCK, 3 * _BLOCK, 1, len(data) - 1, len(data), len(data) + 5):
                count = source.read_into(offset, memoryview(buffer))
                assert buffer[:count] == data[offset : offset + _BLOCK]
            assert source.stat().size == len(data)
            source.close()

    def test_links_and_nodes_are_told_and_never_opened(self, at: Place) -> None:
        """Links, FIFOs, sockets and device nodes are listed as such; opening or deleting them is refused."""
        secret = at.card.parent / "outside.txt"
        secret.write_bytes(b"not of this card")
        (at.card / "link").symlink_to(secret)
        (at.card / "out").symlink_to(at.card.parent)
        os.mkfifo(at.card / "fifo")
        node = socket.socket(socket.AF_UNIX)
        with node, _in_folder(at.card) as here:
            node.bind(f"{here}/sock")
        types = {item.path: item.type for item in self.items(at)}
        assert types == {
            b"link": EntryType.LINK,
            b"out": EntryType.LINK,
            b"fifo": EntryType.FIFO,
            b"sock": EntryType.SOCKET,
        }
        with self.connected(at, writable=True) as volume:
            for path in (b"link", b"fifo", b"sock", b"out/outside.txt"):
                with pytest.raises(OSError, match=r".") as told:
                    volume.open(CardPath(path))
                assert not isinstance(told.value, FileNotFoundError)
                with pytest.raises(OSError, match=r"."):
                    volume.delete(CardPath(path))
        assert secret.read_bytes() == b"not of this card"

    @pytest.mark.parametrize(
        "path", [b"../outside.txt", b"/etc/passwd", b"", b"a//b", b"./a", b"a/..", b"a\0b"]
    )
    def test_paths_out_of_the_card_are_refused(self, at: Place, path: bytes) -> None:
        """A path that is no plain way down from the root is refused before the kernel sees it."""
        (at.card.parent / "outside.txt").write_bytes(b"x")
        with self.connected(at, writable=True) as volume:
            with pytest.raises(OSError, match=r"."):
                volume.open(CardPath(path))
            with pytest.raises(OSError, match=r"."):
                volume.delete(CardPath(path))
        assert (at.card.parent / "outside.txt").exists()

    def test_only_a_writable_volume_deletes_and_only_that_file(self, at: Place) -> None:
        """Read-only refuses; writable removes the one file, and flush ends without a fault."""
        builder = CardBuilder(at.card, "dcim")
        gone, kept = builder.file("DCIM/1/a.mp4", b"a"), builder.file("DCIM/1/b.mp4", b"b")
        with self.connected(at) as volume, pytest.raises(OSError, match=r"."):
            volume.delete(gone)
        assert {item.path for item in self.items(at)} == {gone, kept}
        with self.connected(at, writable=True) as volume:
            volume.delete(gone)
            volume.flush()
            with pytest.raises(OSError, match=r"."):
                volume.delete(gone)
            assert [item.path for item in volume.items()] == [kept]

    def test_nothing_is_written_while_read_only(self, at: Place) -> None:
        """Identifying, listing and reading change no name, size, time of change or of access."""
        builder = CardBuilder(at.card, "ini").identity()
        path = builder.clip(b"film" * 1_000, started=1_763_712_000_000)  # type: ignore[arg-type]
        for folder, _, files in os.walk(at.card):
            for name in ("", *files):
                os.utime(Path(folder) / name, (1_000_000_000, 1_000_000_000))
        before = _picture(at.card)
        self.driver.score(at.location)
        with self.connected(at) as volume:
            volume.identity()
            volume.battery()
            volume.clock()
            assert len(list(volume.items())) == len(before[1])
            _content(volume, path)
            volume.flush()
        assert _picture(at.card) == before

    def test_a_missing_file_is_an_os_error(self, at: Place) -> None:
        """What vanished since the listing is told as FileNotFoundError."""
        with self.connected(at) as volume, pytest.raises(FileNotFoundError):
            volume.open(CardPath(b"DCIM/vanished.mp4"))

    def test_who_it_is(self, at: Place) -> None:
        """A card of a known family is told with its evidence and claims, each with its source."""
        CardBuilder(at.card, "ini", serial="ZX00001", officer="330101").identity(name="李雷")
        with self.connected(at) as volume:
            identity = volume.identity()
        assert identity.family == "ini"
        assert identity.evidence
        said = {(claim.what, claim.value) for claim in identity.claims if claim.source == "PARAM.INI"}
        assert said >= {("serial", "ZX00001"), ("officer", "330101"), ("officer_name", "李雷")}

    def test_a_wait_ends(self, at: Place) -> None:
        """Waiting is bounded by what was asked, whether or not the driver can watch."""
        started = time.monotonic()
        self.driver.wait(at.location, 0.05)
        assert time.monotonic() - started < _PATIENCE_SECONDS

    def test_closing_twice_is_once(self, at: Place) -> None:
        """Volumes and files may be closed again; a closed volume answers with OSError."""
        path = CardBuilder(at.card, "dcim").file("a.mp4", b"a")
        volume = self.driver.connect(at.location)
        source = volume.open(path)
        for _ in range(2):
            source.close()
            volume.close()
        with pytest.raises(OSError, match=r"."):
            volume.open(path)

    def test_no_descriptor_is_left(self, at: Place) -> None:
        """After closing, the process holds as many descriptors as before."""
        path = CardBuilder(at.card, "ini").identity().file("a/b/c.mp4", b"a")
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts the listing's own alike
        with self.connected(at) as volume:
            volume.identity()
            list(volume.items())
            _content(volume, path)
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above

    def items(self, place: Place) -> list[Item]:
        """The whole listing."""
        with self.connected(place) as volume:
            return list(volume.items())


def _content(volume: Volume, path: CardPath) -> bytes:
    source = volume.open(path)
    try:
        buffer = bytearray(source.stat().size)
        return bytes(buffer[: source.read_into(0, memoryview(buffer))])
    finally:
        source.close()


def _dig(card: Path) -> CardPath:
    """A file deeper than any path the kernel takes in one go."""
    folder = os.open(card, os.O_RDONLY | os.O_DIRECTORY)
    parts = []
    for level in range(_DEEP):
        name = b"%03d" % level + b"d" * (_LONG - 3)
        os.mkdir(name, dir_fd=folder)
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = below
        parts.append(name)
    descriptor = os.open(b"clip.mp4", os.O_WRONLY | os.O_CREAT, dir_fd=folder)
    os.write(descriptor, b"at the bottom")
    os.close(descriptor)
    os.close(folder)
    return CardPath(b"/".join([*parts, b"clip.mp4"]))


@contextmanager
def _in_folder(folder: Path) -> Iterator[str]:
    """A short path of a folder: a socket's address takes 107 bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _picture(root: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Folders and files with everything that a write or a read would change."""
    folders: dict[str, tuple[int, ...]] = {}
    files: dict[str, tuple[int, ...]] = {}
    for folder, _, names in os.walk(root):
        for name in ("", *names):
            path = Path(folder) / name
            status = path.stat()
            times = (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns)
            (files if name else folders)[str(path)] = (status.st_size, status.st_ino, *times)
    return folders, files

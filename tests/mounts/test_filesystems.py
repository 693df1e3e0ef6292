"""What lies on a volume is told from its first sectors: kinds, labels, dirt; never by guessing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.mounts.filesystems import HEAD_BYTES, FileSystem, recognise

MIB = 1 << 20


def made(image: Path, mib: int, *command: str) -> Path:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    with image.open("wb") as file:
        file.truncate(mib * MIB)
    subprocess.run([*command, image], check=True, capture_output=True)
    return image


def seen(image: Path) -> FileSystem:
    with image.open("rb") as file:

        def read(offset: int, size: int) -> bytes:
            file.seek(offset)
            return file.read(size)

        return recognise(read)


def patch(image: Path, offset: int, data: bytes) -> None:
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.parametrize("bits", ["12", "16", "32"])
def test_fat(tmp_path: Path, bits: str) -> None:
    """FAT12, FAT16 and FAT32 with the label of the root folder; clean, then dirty as Linux marks it."""
    size = {"12": 2, "16": 32, "32": 64}[bits]
    image = made(tmp_path / "i", size, "/sbin/mkfs.vfat", "-F", bits, "-n", "BODYCAM 7")
    assert seen(image) == FileSystem(kind="vfat", label="BODYCAM 7")
    patch(image, 65 if bits == "32" else 37, b"\x01")
    assert seen(image).dirty


@pytest.mark.parametrize(("bits", "mib", "mark"), [("16", 32, (3, b"\x7f")), ("32", 64, (7, b"\x07"))])
def test_fat_as_others_mark_it(tmp_path: Path, bits: str, mib: int, mark: tuple[int, bytes]) -> None:
    """Windows and most firmware clear a bit of the table's second entry while they write."""
    image = made(tmp_path / "i", mib, "/sbin/mkfs.vfat", "-F", bits)
    assert not seen(image).dirty
    reserved = int.from_bytes(image.read_bytes()[14:16], "little")
    patch(image, reserved * 512 + mark[0], mark[1])
    assert seen(image).dirty


def test_a_chinese_label(tmp_path: Path) -> None:
    """Labels are GBK, as Chinese recorders write them."""
    image = made(tmp_path / "i", 64, "/sbin/mkfs.vfat", "-F", "32", "-n", "XXXXXX")
    data = image.read_bytes()
    at = data.rindex(b"XXXXXX     ")
    patch(image, at, "执法仪".encode("gbk"))
    assert seen(image).label == "执法仪"


def test_exfat(tmp_path: Path) -> None:
    """The label of exFAT stands in its root folder, dirt in its boot sector."""
    image = made(tmp_path / "i", 64, "/sbin/mkfs.exfat", "-L", "执法记录仪")
    assert seen(image) == FileSystem(kind="exfat", label="执法记录仪")
    patch(image, 106, b"\x02\x00")
    assert seen(image).dirty


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4"])
def test_ext(tmp_path: Path, kind: str) -> None:
    """All three are the kernel's ext4; a journal to be replayed is dirt."""
    image = made(tmp_path / "i", 32, f"/sbin/mkfs.{kind}", "-q", "-F", "-L", "internal")
    assert seen(image) == FileSystem(kind="ext4", label="internal")
    if kind != "ext2":
        subprocess.run(
            ["/sbin/debugfs", "-w", "-R", "feature needs_recovery", image], check=True, capture_output=True
        )
        assert seen(image).dirty


@pytest.mark.parametrize(
    ("offset", "magic", "name"),
    [
        (3, b"NTFS    ", "NTFS"),
        (1024, b"H+", "HFS+"),
        (0, b"LUKS\xba\xbe", "LUKS"),
        (0x8001, b"CD001", "ISO 9660"),
    ],
)
def test_others_are_named(tmp_path: Path, offset: int, magic: bytes, name: str) -> None:
    """What is not mounted is named, so that a person knows what they have."""
    image = tmp_path / "i"
    image.write_bytes(bytes(HEAD_BYTES))
    patch(image, offset, magic)
    assert seen(image) == FileSystem(kind=name)


def test_nothing(tmp_path: Path) -> None:
    """Blank is told from something unknown; an empty or short volume is no error."""
    image = tmp_path / "i"
    for size in (0, 512, HEAD_BYTES):
        image.write_bytes(bytes(size))
        assert seen(image) == FileSystem(kind="", blank=True)
    patch(image, 5, b"x")
    assert seen(image) == FileSystem(kind="")


@given(
    st.binary(max_size=1200),
    st.sampled_from([(0, b""), (3, b"EXFAT   "), (1080, b"\x53\xef"), (510, b"\x55\xaa")]),
)
def test_hostile_numbers(data: bytes, magic: tuple[int, bytes]) -> None:
    """Whatever a medium says, the answer is a file system's name or none, and reads stay within bounds."""
    head = bytearray(data.ljust(2048, b"\xff"))
    head[magic[0] : magic[0] + len(magic[1])] = magic[1]

    def read(offset: int, size: int) -> bytes:
        assert 0 <= offset <= 1 << 45
        assert 0 <= size <= HEAD_BYTES
        return bytes(head[offset : offset + size])

    assert recognise(read).kind in (
        "",
        "vfat",
        "exfat",
        "ext4",
        "NTFS",
        "XFS",
        "HFS+",
        "F2FS",
        "LUKS",
        "BitLocker",
    )

"""Cards as disk images: what a recorder shows on the USB, made on this machine or in the guest."""

from __future__ import annotations

import os
import shutil
import struct
import time
from pathlib import Path

from ingestd.testing.recorder import CardBuilder
from tests.e2e.kernel import run
from tests.e2e.machine import PATIENCE_S, Machine
from tests.rig import STARTED, noise

MIB = 1 << 20
SECTOR = 512
FIRST_SECTOR = 2048
"""Where a partition begins: one MiB in, as cards are sold."""
FAT_END, FREE_FROM = 0x0FFFFFF8, 20_000
"""The end mark of a chain of clusters; clusters from here on are free on a card of tests."""


def folder(at: Path, serial: str, *sizes: int, officer: str = "104233") -> Path:
    """A card's files: one clip of each size (bytes), named by its recorder and officer."""
    builder = CardBuilder(at, "e12-new", serial=serial, officer=officer)
    for number, size in enumerate(sizes):
        builder.clip(noise(size, hash((serial, number)) & 0xFFFF), started=STARTED + number * 600_000)
    return at


def fat(image: Path, source: Path | None = None, *, mib: int = 64, label: str = "BODYCAM") -> Path:
    """A FAT32 card without a partition table, with the files of a folder."""
    _empty(image, mib)
    run("/sbin/mkfs.vfat", "-F", "32", "-n", label, image)
    if source is not None:
        fill_fat(image, source)
    return image


def fill_fat(image: Path, source: Path, *, offset: int = 0) -> None:
    """Copy a folder's files to the FAT file system at an offset (bytes) of an image."""
    entries = sorted(source.iterdir())
    if entries:
        where = f"{image}@@{offset}"
        run("mcopy", "-s", "-m", "-Q", "-i", where, *entries, "::")


def partitioned(image: Path, *sources: Path, mib: int = 64) -> Path:
    """A card with a DOS partition table, and a FAT32 partition for each folder."""
    sectors = mib * MIB // SECTOR
    _empty(image, 1 + mib * len(sources))
    table = b""
    for number, source in enumerate(sources):
        start = FIRST_SECTOR + number * sectors
        part = image.with_suffix(f".{number}")
        fat(part, source, mib=mib, label=f"PART{number + 1}")
        with image.open("r+b") as file, part.open("rb") as data:
            file.seek(start * SECTOR)
            shutil.copyfileobj(data, file)
        part.unlink()
        table += struct.pack("<B3xB3xII", 0, 0x0C, start, sectors)
    with image.open("r+b") as file:
        file.seek(446)
        file.write(table.ljust(64, b"\0") + b"\x55\xaa")
    return image


def exfat(image: Path, *, mib: int = 64, label: str = "EXCARD") -> Path:
    """An empty exFAT card; `fill` it in a guest (no program here writes exFAT)."""
    _empty(image, mib)
    run("/sbin/mkfs.exfat", "-L", label, image)
    return image


def ext4(image: Path, source: Path, *, owner: int, mib: int = 64) -> Path:
    """An ext4 card whose files belong to a user of the recorder, readable by nobody else."""
    _empty(image, mib)
    run("/sbin/mkfs.ext4", "-q", "-F", "-L", "internal", "-d", source, image)
    orders = []
    for path in sorted(source.rglob("*")):
        name = f"/{path.relative_to(source)}"
        mode = "040700" if path.is_dir() else "0100600"
        orders += [f"sif {name} uid {owner}", f"sif {name} gid {owner}", f"sif {name} mode {mode}"]
    script = image.with_suffix(".orders")
    script.write_text("\n".join(orders) + "\n")
    run("/sbin/debugfs", "-w", "-f", script, image)
    return image


def fill(machine: Machine, image: Path, source: Path, *, port: str) -> None:
    """Copy a folder's files to a card in the guest, at a port that is no slot."""
    shutil.copytree(source, machine.share / "fill", copy_function=shutil.copy2)
    machine.plug("filler", port, image, "FILLER")
    disk = machine.block(port)
    machine.run(
        f"set -e; mkdir -p /mnt/fill; mount {disk} /mnt/fill; cp -r --preserve=timestamps /run/rig/fill/. /mnt/fill; "
        "umount /mnt/fill"
    )
    machine.pull("filler")
    shutil.rmtree(machine.share / "fill")


def files_on(image: Path, offset: int = 0) -> set[str]:
    """Paths of all files on a FAT card, as its image has them now."""
    told = run("mdir", "-/", "-b", "-i", f"{image}@@{offset}").splitlines()
    return {line.removeprefix("::/") for line in told if not line.endswith("/")}


def until_fewer(image: Path, count: int, seconds: float = PATIENCE_S) -> int:
    """Wait until a FAT card has fewer files than so many; how many it has then."""
    end = time.monotonic() + seconds
    while (now := len(files_on(image))) >= count:
        assert time.monotonic() < end, f"still {now} files on {image.name}"
        time.sleep(0.01)
    return now


def files_seen(machine: Machine, image: Path, *, port: str) -> set[str]:
    """The same of a card that only a guest can read."""
    machine.plug("reader", port, image, "READER", read_only=True)
    disk = machine.block(port)
    told = machine.run(
        f"set -e; mkdir -p /mnt/read; mount -o ro {disk} /mnt/read; "
        "cd /mnt/read; find . -type f; cd /; umount /mnt/read"
    )
    machine.pull("reader")
    return {line.removeprefix("./") for line in told.splitlines()}


def sector_of(image: Path, content: bytes) -> int:
    """The sector of an image in which some content of a file begins (FAT keeps a new file in one piece)."""
    with image.open("rb") as file:
        data = file.read()
    at = data.index(content)
    assert at % SECTOR == 0
    return at // SECTOR


def run_on(image: Path, content: bytes) -> None:
    """Let a file's chain of clusters run on into a free one: read, it is whole; deleted, it is an error."""
    first = sector_of(image, content)
    with image.open("r+b") as file:
        head = file.read(SECTOR)
        (sector, per_cluster, reserved, fats), (table,) = (
            struct.unpack_from("<HBHB", head, 11),
            struct.unpack_from("<I", head, 36),
        )
        cluster = (first - reserved - fats * table) // per_cluster + 2
        file.seek(reserved * sector)
        entries = list(struct.unpack(f"<{table * sector // 4}I", file.read(table * sector)))
        while entries[cluster] < FAT_END:
            cluster = entries[cluster]
        entries[cluster] = entries.index(0, FREE_FROM)
        for number in range(fats):
            file.seek((reserved + number * table) * sector)
            file.write(struct.pack(f"<{len(entries)}I", *entries))


def _empty(image: Path, mib: int) -> None:
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        os.truncate(file.fileno(), mib * MIB)


def mark_fat_dirty(image: Path) -> Path:
    """As a recorder leaves it that was switched off while it wrote (boot sector, byte 65)."""
    with image.open("r+b") as file:
        file.seek(65)
        file.write(b"\x01")
    return image


def mark_ext4_dirty(image: Path) -> Path:
    """A journal that would be replayed by any mount that may write."""
    run("/sbin/debugfs", "-w", "-R", "feature needs_recovery", image)
    return image

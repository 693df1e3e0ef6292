"""What file system lies on a volume, by its first sectors: kind, label, whether it was left dirty. PURE.

Only kinds that are mounted are read further; the others are named, so that people know what they have. Every
number comes from the medium and is a claim: offsets are bounded, what makes no sense is no such file system.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""Offset and size in bytes; fewer bytes at the end of the volume. Raises OSError."""

HEAD_BYTES = 68 << 10
"""Covers the last magic below (Btrfs, at 64 KiB + 64)."""
DIRECTORY_BYTES = 32 << 10
"""So much of a root folder is searched for the label; it mostly stands first."""
FURTHEST = 1 << 44
"""A root folder beyond this offset is no card's (16 TiB: FAT32's and SDUC's own limits lie below)."""
_SECTOR_SIZES = (512, 1024, 2048, 4096)
_ENTRY = 32
_EXT_MAGIC, _EXT_CLEAN, _EXT_ERRORS, _EXT_RECOVER = 0xEF53, 0x1, 0x2, 0x4
_FAT_VOLUME_ID, _FAT_LONG_NAME, _FAT_DELETED = 0x08, 0x0F, 0xE5
_EXFAT_LABEL, _EXFAT_DIRTY = 0x83, 0x2
_EXFAT_SHIFTS, _EXFAT_LARGEST_SHIFT = (9, 10, 11, 12), 25
_FAT_MEDIA = (0xF0, *range(0xF8, 0x100))
_FIRST_CLUSTER = 2

_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (3, b"NTFS    ", "NTFS"),
    (3, b"-FVE-FS-", "BitLocker"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (0, b"XFSB", "XFS"),
    (32, b"NXSB", "APFS"),
    (1024, b"H+", "HFS+"),
    (1024, b"HX", "HFS+"),
    (1024, b"\x10\x20\xf5\xf2", "F2FS"),
    (0x8001, b"CD001", "ISO 9660"),
    (0x10040, b"_BHRfS_M", "Btrfs"),
)
"""Offset, magic, name: file systems that no recorder is known to use, and encrypted ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSystem:
    """What was recognised."""

    kind: str
    """vfat, exfat, ext4 (also ext2 and ext3) as mount(2) names them; else a name for people, "" for nothing known."""
    label: str = ""
    dirty: bool = False
    """Not closed properly: pulled or cut off while it was written."""
    blank: bool = False
    """Nothing but zeros at the start: never formatted, or wiped."""


def recognise(read: Read) -> FileSystem:
    """Look at a volume's first sectors, and at its root folder for the label. Raises OSError."""
    head = read(0, HEAD_BYTES).ljust(HEAD_BYTES, b"\0")
    if head[3:11] == b"EXFAT   ":
        return _exfat(head, read)
    if _u16(head, 1080) == _EXT_MAGIC:
        return _ext(head)
    for offset, magic, name in _OTHERS:
        if head[offset : offset + len(magic)] == magic:
            return FileSystem(kind=name)
    return _fat(head, read) or FileSystem(kind="", blank=not any(head))


def _u16(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "little")


def _u32(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")


def _ext(head: bytes) -> FileSystem:
    """ext2, ext3, ext4 (Linux, Documentation/filesystems/ext4/super.rst)."""
    state, incompatible = _u16(head, 1082), _u32(head, 1120)
    label = head[1144:1160].partition(b"\0")[0].decode("utf-8", "replace")
    dirty = not state & _EXT_CLEAN or bool(state & _EXT_ERRORS) or bool(incompatible & _EXT_RECOVER)
    return FileSystem(kind="ext4", label=label.strip(), dirty=dirty)


def _fat(head: bytes, read: Read) -> FileSystem | None:
    """FAT12, FAT16, FAT32 (Microsoft, FAT specification 1.03): None where the numbers make no sense."""
    sector, per_cluster, reserved, fats = struct.unpack_from("<HBHB", head, 11)
    if (
        head[510:512] != b"\x55\xaa"
        or sector not in _SECTOR_SIZES
        or per_cluster == 0
        or per_cluster & (per_cluster - 1)
        or reserved == 0
        or fats not in (1, 2)
        or head[21] not in _FAT_MEDIA
    ):
        return None
    is_32 = _u16(head, 17) == 0 and _u16(head, 22) == 0
    fat_sectors = _u32(head, 36) if is_32 else _u16(head, 22)
    if fat_sectors == 0:
        return None
    tables = (reserved + fats * fat_sectors) * sector
    root = (
        tables + (max(_u32(head, 44), _FIRST_CLUSTER) - _FIRST_CLUSTER) * per_cluster * sector
        if is_32
        else tables
    )
    size = per_cluster * sector if is_32 else _u16(head, 17) * _ENTRY
    marks = read(reserved * sector, 8).ljust(8, b"\0")
    # Linux marks a volume in use in its boot sector, others in the second entry of the table (bit cleared).
    told = bool(head[65 if is_32 else 37] & 1)
    table = not marks[7] & 0x08 if is_32 else not marks[3] & 0x80 and _is_fat16(head, sector, per_cluster)
    entries = _entries(read, root, size)
    return FileSystem(kind="vfat", label=_fat_label(entries), dirty=told or table)


def _is_fat16(head: bytes, sector: int, per_cluster: int) -> bool:
    """FAT12 has no such mark: fewer than 4085 clusters."""
    sectors = _u16(head, 19) or _u32(head, 32)
    return sectors // per_cluster >= 4085 + _u16(head, 17) * _ENTRY // sector


def _fat_label(entries: Iterator[bytes]) -> str:
    for entry in entries:
        attributes = entry[11]
        if attributes != _FAT_LONG_NAME and attributes & _FAT_VOLUME_ID and entry[0] != _FAT_DELETED:
            return entry[:11].decode("gbk", "replace").strip()
    return ""


def _exfat(head: bytes, read: Read) -> FileSystem:
    """The exFAT of Microsoft (exFAT file system specification, 3.1 and 7.3)."""
    shift, cluster_shift = head[108], head[109]
    dirty = bool(_u16(head, 106) & _EXFAT_DIRTY)
    if shift not in _EXFAT_SHIFTS or cluster_shift > _EXFAT_LARGEST_SHIFT - shift:
        return FileSystem(kind="exfat", dirty=dirty)
    cluster = 1 << (shift + cluster_shift)
    root = (_u32(head, 88) << shift) + (max(_u32(head, 96), _FIRST_CLUSTER) - _FIRST_CLUSTER) * cluster
    for entry in _entries(read, root, cluster):
        if entry[0] == _EXFAT_LABEL:
            return FileSystem(
                kind="exfat",
                label=entry[2 : 2 + 2 * min(entry[1], 11)].decode("utf-16-le", "replace").strip(),
                dirty=dirty,
            )
    return FileSystem(kind="exfat", dirty=dirty)


def _entries(read: Read, offset: int, size: int) -> Iterator[bytes]:
    """Entries of a root folder's first cluster, up to its end mark; none where it lies nowhere."""
    if offset > FURTHEST:
        return
    data = read(offset, min(size, DIRECTORY_BYTES))
    for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
        if data[at] == 0:
            return
        yield data[at : at + _ENTRY]

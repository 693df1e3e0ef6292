"""The files of one mounted folder as a `Volume`: what folder, simulated and later mounted drivers share."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from ingestd import canon
from ingestd.device import idfiles, tree
from ingestd.device.api import ClockReading, FileTimes, Identity, Item, Source, Stat
from ingestd.device.recognise import Families, Recognised
from ingestd.errors import DeviceGone
from ingestd.model import CardPath, Millis
from ingestd.words import Text
from ingestd_drivers import families

_FAT = frozenset({"vfat", "msdos"})
_DROP_EVERY_BYTES = 8 << 20
"""What was read leaves the page cache in such steps: 20 slots would fill it with bytes nobody reads again,
and a later proof must ask the device, not the cache."""


def token(location: str) -> str | None:
    """What is at the location now: device, root inode, mount, file system id and size; None where nothing.

    Another card on the same path differs in at least one, unless a card of equal make and size was put in
    between two looks and the kernel gave it the same numbers. The size counts only on a block device: that
    of a network share may change while it is used. Raises OSError where it cannot tell.
    """
    try:
        root = tree.open_root(location)
    except FileNotFoundError:
        return None
    try:
        return _token(root)
    finally:
        os.close(root)


def _token(root: int) -> str:
    status, room = os.fstat(root), os.statvfs(root)
    mount = _mount_id(root)
    blocks = room.f_blocks if os.major(status.st_dev) else 0
    return f"{status.st_dev:x}-{status.st_ino:x}-{mount}-{room.f_fsid:x}-{blocks:x}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text("utf-8", errors="replace").splitlines()


def gone(why: str) -> DeviceGone:
    """The error of a recorder that is no longer there."""
    return DeviceGone(
        Text(
            "记录仪已不在原处({why})。已入库的记录不受影响;其余记录仍在记录仪上,请重新放入。",
            "the recorder is no longer there ({why}). What was secured stays secured; the rest is still on "
            "the recorder: dock it again.",
        ).format(why=why)
    )


class TreeSource:
    """One open file of a tree."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._dropped = 0
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def read_into(self, offset: int, buffer: memoryview) -> int:
        filled = 0
        while filled < len(buffer):
            try:
                count = os.preadv(self._descriptor, [buffer[filled:]], offset + filled)
            except OSError:
                if filled:
                    break  # what was read counts; the next call starts at the fault and raises
                raise
            if count == 0:
                break
            filled += count
        self._drop(offset + filled)
        return filled

    def _drop(self, end: int) -> None:
        if not self._dropped <= end < self._dropped + _DROP_EVERY_BYTES:
            start = min(end, self._dropped)
            os.posix_fadvise(self._descriptor, start, end - start, os.POSIX_FADV_DONTNEED)
            self._dropped = end

    def stat(self) -> Stat:
        status = os.fstat(self._descriptor)
        return Stat(size=status.st_size, mtime_us=status.st_mtime_ns // 1_000)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(self._descriptor)
            self._descriptor = -1


class TreeVolume:
    """A mounted folder, held by a descriptor of its root."""

    def __init__(self, location: str, *, writable: bool, ask: tree.Ask | None = None) -> None:
        """``ask`` opens what this user may not, where there is somebody who can."""
        self._ask = ask
        try:
            self._root = tree.open_root(location, ask)
        except FileNotFoundError as error:
            shown = canon.path_text(CardPath(os.fsencode(location)))
            raise gone(f"{shown}: {error.strerror}") from error
        self._location = location
        self._writable = writable
        self._token = _token(self._root)
        self._block_device = _block_device(self._root)
        self._sample: list[CardPath] = []
        self._recognised: Recognised | None = None
        self._touched: set[bytes] = set()

    def alive(self) -> None:
        root = self._open_root()
        try:
            if os.fstat(root).st_nlink == 0:
                raise gone("its root folder was removed")
            if token(self._location) != self._token:
                raise gone("something else is at its place")
        except OSError as error:
            raise gone(error.strerror or str(error)) from error
        if self._block_device is not None and not self._block_device.exists():
            raise gone("its block device vanished")

    @property
    def file_times(self) -> FileTimes:
        return "fat-local" if _file_system(self._open_root()) in _FAT else "utc"

    def recognised(self) -> Recognised:
        """Family, claims and rules of this card; looked for once. Raises OSError."""
        if self._recognised is None:
            known: Families = families.known()
            self._sample = tree.sample(self._open_root(), ask=self._ask)
            self._recognised = known.recognise(self._sample, self._read_small)
        return self._recognised

    def identity(self) -> Identity:
        return self.recognised().identity

    def clock(self) -> ClockReading | None:
        return None

    def battery(self) -> int | None:
        return self.recognised().battery_charge(self._sample, self._read_small)

    def items(self) -> Iterator[Item]:
        rules = self.recognised().rules
        for entry in tree.walk(self._open_root(), ask=self._ask):
            yield rules.classify(entry)

    def open(self, path: CardPath) -> Source:
        return TreeSource(tree.open_file(self._open_root(), path, self._ask))

    def delete(self, path: CardPath) -> None:
        self._require_writable(path)
        tree.unlink(self._open_root(), path)
        self._touched.add(path.rpartition(b"/")[0])

    def _require_writable(self, path: CardPath) -> None:
        if not self._writable:
            raise OSError(errno.EROFS, "the volume was connected read-only", path)

    def flush(self) -> None:
        for folder in sorted(self._touched):
            parts = tree.parts_of(CardPath(folder)) if folder else []
            descriptor = tree.open_folder(self._open_root(), parts)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._touched.clear()

    def set_clock(self, wall: Millis) -> bool:  # noqa: ARG002 - the contract's parameter
        return False

    def close(self) -> None:
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _open_root(self) -> int:
        if self._root < 0:
            raise OSError(errno.EBADF, "the volume is closed", self._location)
        return self._root

    def _read_small(self, path: CardPath) -> bytes | None:
        return tree.read_small(self._open_root(), path, idfiles.LIMIT_BYTES, self._ask)


def _file_system(root: int) -> str:
    """The type of the file system that a descriptor is on, as the mount table names it; "" where untold."""
    mount = _mount_id(root)
    for line in _lines("/proc/self/mountinfo"):
        fields = line.split()
        if fields[0] == mount:
            return fields[fields.index("-") + 1]
    return ""


def _mount_id(root: int) -> str:
    """Of the mount that a descriptor is on: asked for once a second in every slot, so read without ado."""
    lines = Path(f"/proc/self/fdinfo/{root}").read_bytes().split(b"\n")
    return next((line.split()[1].decode() for line in lines if line.startswith(b"mnt_id")), "0")


def _block_device(root: int) -> Path | None:
    """The kernel's name for the block device below a mount, None where there is none (network, memory)."""
    device = os.fstat(root).st_dev
    path = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    return path if path.exists() else None

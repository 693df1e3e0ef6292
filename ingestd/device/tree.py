"""Reading a recorder's file tree that may be broken or hostile: for every driver whose recorder is a tree.

Promised: nothing but folders and regular files is ever opened, no link is followed (also not one that was
put there between listing and opening), no other file system below the root is entered, no path longer than
one name reaches the kernel (so any depth up to the limit works), at most four descriptors are open at a
time, and memory is bounded by the largest folder. Names are raw bytes. Access times are left alone where the
kernel allows it (O_NOATIME). Not promised: a consistent picture of a tree that changes while it is walked.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from ingestd.device.api import EntryType
from ingestd.device.entries import Entry, Siblings
from ingestd.model import CardPath

NAME_MAX_BYTES = 255
"""linux/limits.h."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_TYPES = {
    stat.S_IFREG: EntryType.FILE,
    stat.S_IFLNK: EntryType.LINK,
    stat.S_IFIFO: EntryType.FIFO,
    stat.S_IFSOCK: EntryType.SOCKET,
    stat.S_IFCHR: EntryType.DEVICE_NODE,
    stat.S_IFBLK: EntryType.DEVICE_NODE,
}


Ask = Callable[[bytes, str], int]
"""Somebody who may open what this user may not (an ext4 card's files belong to users of the recorder): path and
"folder", "file" or "look" (O_PATH) -> descriptor. Raises OSError."""


class NotAFileError(OSError):
    """The path names a link, FIFO, socket, device node or folder: it was not opened."""


class TreeTooLargeError(OSError):
    """The tree is beyond a limit (E2BIG): no recorder makes such a card, and nothing of it was skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a tree is believed. Real cards: some thousand files, five levels."""

    entries: int = 1_000_000
    depth: int = 1_024


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder still to be listed; linked to its parent, so that a deep tree costs one name a level."""

    parent: _Folder | None
    name: bytes
    depth: int

    def parts(self) -> list[bytes]:
        names: list[bytes] = []
        folder: _Folder | None = self
        while folder is not None and folder.parent is not None:
            names.append(folder.name)
            folder = folder.parent
        names.reverse()
        return names


def parts_of(path: CardPath) -> list[bytes]:
    """The parts of a card's path; refuses (EINVAL) empty, absolute, ``.`` and ``..`` parts and NUL."""
    parts = path.split(b"/")
    if any(p in (b"", b".", b"..") or b"\0" in p for p in parts):
        raise OSError(errno.EINVAL, "not a path below a card's root", path)
    if any(len(p) > NAME_MAX_BYTES for p in parts):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path[:80])
    return parts


def _open_untouched(path: str | bytes, flags: int, *, dir_fd: int | None = None) -> int:
    try:
        return os.open(path, flags | os.O_NOATIME, dir_fd=dir_fd)
    except PermissionError:  # O_NOATIME is for the owner only
        return os.open(path, flags, dir_fd=dir_fd)


def open_root(path: str | bytes, ask: Ask | None = None) -> int:
    """A descriptor of the root folder of a volume (links in the location itself are the operator's)."""
    try:
        return _open_untouched(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        if ask is None:
            raise
        return ask(b"", "folder")


def open_folder(root: int, parts: list[bytes], ask: Ask | None = None) -> int:
    """A descriptor of a folder below the root, part by part. Raises OSError (ENOTDIR, ELOOP, EXDEV, ...)."""
    device = os.fstat(root).st_dev
    folder = os.dup(root)
    try:
        for depth, part in enumerate(parts, 1):
            try:
                below = _open_untouched(part, _FOLDER, dir_fd=folder)
            except PermissionError:
                if ask is None:
                    raise
                below = ask(b"/".join(parts[:depth]), "folder")
            os.close(folder)
            folder = below
            _require_device(folder, device, part)
    except BaseException:
        os.close(folder)
        raise
    return folder


def _require_device(folder: int, device: int, name: bytes) -> None:
    if os.fstat(folder).st_dev != device:
        raise OSError(errno.EXDEV, "another file system is mounted here", name)


def open_file(root: int, path: CardPath, ask: Ask | None = None) -> int:
    """A read-only descriptor of a regular file. Raises NotAFileError, OSError.

    The object is pinned by O_PATH, which opens nothing, and looked at before it is opened: a device node
    or FIFO that was swapped in is never touched.
    """
    *folders, name = parts_of(path)
    folder = open_folder(root, folders, ask)
    try:
        pinned = _pinned(name, folder, path, ask)
    finally:
        os.close(folder)
    try:
        _require_file(os.fstat(pinned), path)
        return _open_untouched(f"/proc/self/fd/{pinned}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        if ask is None:
            raise
        return ask(path, "file")
    finally:
        os.close(pinned)


def _pinned(name: bytes, folder: int, path: bytes, ask: Ask | None) -> int:
    """An entry of a folder, to be looked at (O_PATH): nothing is opened and no link followed."""
    try:
        return os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except PermissionError:
        if ask is None:
            raise
        return ask(path, "look")


def unlink(root: int, path: CardPath) -> None:
    """Remove one regular file; its folder's entry is not yet durable. Raises NotAFileError, OSError."""
    *folders, name = parts_of(path)
    folder = open_folder(root, folders)
    try:
        _require_file(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
        os.unlink(name, dir_fd=folder)
    finally:
        os.close(folder)


def read_small(root: int, path: CardPath, limit: int, ask: Ask | None = None) -> bytes | None:
    """At most ``limit`` bytes from the start of a file, None where there is no such regular file."""
    try:
        descriptor = open_file(root, path, ask)
    except (FileNotFoundError, NotADirectoryError, NotAFileError):
        return None
    try:
        return os.pread(descriptor, limit, 0)
    finally:
        os.close(descriptor)


def _require_file(status: os.stat_result, path: CardPath) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotAFileError(errno.EINVAL, "not a regular file", path)


def walk(root: int, limits: Limits | None = None, ask: Ask | None = None) -> Iterator[Entry]:
    """Every entry but folders below an open root, folders that cannot be listed as such.

    An entry that cannot even be looked at is told as an empty file without time: opening it will say why.
    Raises OSError where the root cannot be listed, TreeTooLargeError beyond the limits.
    """
    limits = limits or Limits()
    pending = [_Folder(None, b"", 0)]
    seen = 0
    while pending:
        for found in _listed(root, pending.pop(), ask):
            seen += 1
            if seen > limits.entries:
                raise TreeTooLargeError(errno.E2BIG, f"more than {limits.entries} entries on the card")
            if isinstance(found, Entry):
                yield found
            elif found.depth > limits.depth:
                raise TreeTooLargeError(errno.E2BIG, f"folders deeper than {limits.depth} on the card")
            else:
                pending.append(found)


def sample(
    root: int, *, per_folder: int = 64, total: int = 2_048, depth: int = 6, ask: Ask | None = None
) -> list[CardPath]:
    """Some file paths of a tree, breadth first, a few of each folder: enough to recognise its layout."""
    pending = deque([_Folder(None, b"", 0)])
    paths: list[CardPath] = []
    opened = 0
    while pending and len(paths) < total and opened < total:
        opened += 1
        taken = 0
        for found in _listed(root, pending.popleft(), ask):
            if isinstance(found, _Folder):
                if found.depth <= depth and len(pending) < total:
                    pending.append(found)
            elif found.type is EntryType.FILE and taken < per_folder:
                taken += 1
                paths.append(found.path)
    return paths[:total]


def _listed(root: int, folder: _Folder, ask: Ask | None) -> Iterator[Entry | _Folder]:
    parts = folder.parts()
    here = b"/".join(parts)
    try:
        descriptor = open_folder(root, parts, ask)
    except OSError:
        if folder.parent is None:
            raise
        yield _entry(here, EntryType.UNLISTABLE, Siblings([]))
        return
    try:
        names, complete = _names(descriptor, is_root=folder.parent is None)
        if not complete:
            yield _entry(here, EntryType.UNLISTABLE, Siblings([]))
        siblings = Siblings(names)
        for name in names:
            path = here + b"/" + name if here else name
            status = _lstat(name, descriptor, path, ask)
            if status is not None and stat.S_ISDIR(status.st_mode):
                yield _Folder(folder, name, folder.depth + 1)
            else:
                yield _entry(path, EntryType.FILE, siblings, status)
    finally:
        os.close(descriptor)


def _names(descriptor: int, *, is_root: bool) -> tuple[list[bytes], bool]:
    """The folder's names, and whether the device gave them all (an error at the root is raised)."""
    names: list[bytes] = []
    try:
        with os.scandir(descriptor) as entries:  # gives str names for a descriptor: the raw bytes escaped
            names.extend(os.fsencode(entry.name) for entry in entries)
    except OSError:
        if is_root and not names:
            raise
        return names, False
    return names, True


def _lstat(name: bytes, folder: int, path: bytes, ask: Ask | None) -> os.stat_result | None:
    with suppress(OSError):
        try:
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except PermissionError:
            pinned = _pinned(name, folder, path, ask)
        try:
            return os.fstat(pinned)
        finally:
            os.close(pinned)
    return None


def _entry(
    path: bytes, entry_type: EntryType, siblings: Siblings, status: os.stat_result | None = None
) -> Entry:
    if status is None:
        return Entry(path=CardPath(path), type=entry_type, size=0, mtime_us=None, siblings=siblings)
    return Entry(
        path=CardPath(path),
        type=_TYPES.get(stat.S_IFMT(status.st_mode), EntryType.DEVICE_NODE),
        size=status.st_size,
        mtime_us=status.st_mtime_ns // 1_000,
        siblings=siblings,
    )

"""The only writer of evidence files: temporary file, fsync, rename, fsync of the folder.

What is promised: after `write` or `settle` returns, the named files and folder entries are on stable
storage as far as the kernel can make the device say so (a disk that lies about its cache is beyond it).
System calls: open O_EXCL, write, fsync; rename; fsync on the folder. Where more than a few objects are to
be settled at once, one syncfs(2) of their file system replaces one fsync each (since Linux 5.8 it reports
write-back errors; a batch of 256 small files then costs one call a step, not 256).

Paths may be text: where hundreds of files are under way, making a `Path` costs more than the call it is for.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

StrPath = str | os.PathLike[str]

FEW = 2
"""Up to so many objects are fsynced one by one; beyond, one syncfs is cheaper on every disk."""
FILE_MODE = 0o444
FOLDER_MODE = 0o750

_libc = ctypes.CDLL(None, use_errno=True)


def settle(paths: Iterable[StrPath]) -> None:
    """Make files and folders (all of one file system) durable. Raises OSError."""
    unsettled = list(dict.fromkeys(os.fspath(path) for path in paths))
    if not unsettled:
        return
    if len(unsettled) > FEW:
        descriptor = os.open(unsettled[0], os.O_RDONLY)
        try:
            if _libc.syncfs(descriptor) != 0:
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code), unsettled[0])
        finally:
            os.close(descriptor)
        return
    for path in unsettled:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path, *, mode: int = FOLDER_MODE) -> list[Path]:
    """Create a folder and its missing parents; the folders whose entries `settle` must make durable."""
    touched: list[Path] = []
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        with suppress(FileExistsError):
            new.mkdir(mode=mode)
            # Whatever the umask; a set-group-id bit inherited from the parent (whose group may read) stays.
            # Only where the umask took something: a sandbox may forbid every chmod that names that bit.
            found = stat.S_IMODE(new.stat().st_mode)
            if found & ~stat.S_ISGID != mode:
                new.chmod(mode | found & stat.S_ISGID)
        touched.append(new.parent)
    if missing:
        touched.append(missing[0])
    return touched


def stage(path: StrPath, data: bytes, *, mode: int = FILE_MODE) -> None:
    """Write a new file, not yet durable: `settle` it. Raises FileExistsError, never overwrites."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        os.fchmod(descriptor, mode)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes, *, mode: int = FILE_MODE, temporary: Path | None = None) -> None:
    """Put a whole file in place, durable, replacing what was there; never seen half-written.

    ``temporary`` is where it is staged (same file system); default a dot-file beside ``path``.
    """
    staged = temporary or path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        staged.unlink()
    stage(staged, data, mode=mode)
    settle([staged])
    staged.rename(path)
    settle([path.parent])


def link_new(source: StrPath, target: StrPath) -> bool:
    """Hard-link ``source`` as ``target``, not yet durable; False where ``target`` exists already."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    return True


def remove_tree(folder: StrPath, names: Sequence[str]) -> None:
    """Remove a folder of known, flat content; other content makes it raise OSError (ENOTEMPTY)."""
    inside = os.fspath(folder)
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(f"{inside}/{name}")
    with suppress(FileNotFoundError):
        os.rmdir(inside)


def is_no_space(error: OSError) -> bool:
    """Whether this error means that the disk (or a quota) is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)

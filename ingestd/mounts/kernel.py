"""The few calls of the kernel that mounting takes and Python does not have. Linux on 64 bits.

Each raises OSError. Whatever touches a medium may block as long as its device likes: see `children`.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW, MS_NOATIME = 1, 2, 4, 8, 256, 1024
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
_BLKROSET, _BLKROGET = 0x125D, 0x125E
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result


def mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    """A file system put at a folder (mount, section 2 of the manual)."""
    given = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(_libc.mount(*given), target)


def unmount(target: str, flags: int = UMOUNT_NOFOLLOW) -> None:
    """As in umount2(2)."""
    _checked(_libc.umount2(target.encode(), flags), target)


def set_read_only(device: int, read_only: bool) -> bool:
    """Mark an open disk or partition read-only or not; whether it is read-only now.

    A write-protected medium stays so whatever is asked.
    """
    fcntl.ioctl(device, _BLKROSET, struct.pack("i", read_only))
    (now,) = struct.unpack("i", fcntl.ioctl(device, _BLKROGET, b"\0" * 4))
    return bool(now)


def open_within(folder: int, name: bytes, flags: int) -> int:
    """One name in an open folder (no path): no link, nothing of another file system that is mounted there.

    openat2(2) would walk a whole path so. The unit's sandbox refuses that call (RestrictSUIDSGID: a filter cannot
    look into its arguments).
    """
    opened = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    if os.fstat(opened).st_dev != os.fstat(folder).st_dev:
        os.close(opened)
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), os.fsdecode(name))
    return opened


def sync_file_system(descriptor: int) -> None:
    """syncfs(2): everything written to the file system is on the medium (errors are told since Linux 5.8)."""
    _checked(_libc.syncfs(descriptor), "syncfs")

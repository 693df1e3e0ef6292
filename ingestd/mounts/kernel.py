"""The few calls of the kernel that mounting takes and Python does not have. Linux on 64 bits.

Each raises OSError. Whatever touches a medium may block as long as its device likes: see `children`.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW, MS_NOATIME = 1, 2, 4, 8, 256, 1024
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
_BLKROSET, _BLKROGET = 0x125D, 0x125E
_SYS_OPENAT2 = 437
"""The same on all architectures (numbered after 403)."""
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
"""linux/openat2.h."""
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


def open_beneath(root: int, path: bytes, flags: int) -> int:
    """openat2(2): nothing outside the folder `root`, no link, no other mount on the way."""
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, 0, _BENEATH | _NO_SYMLINKS | _NO_XDEV | _NO_MAGICLINKS)
    return _checked(_libc.syscall(_SYS_OPENAT2, root, path, how, len(how)), os.fsdecode(path))


def sync_file_system(descriptor: int) -> None:
    """syncfs(2): everything written to the file system is on the medium (errors are told since Linux 5.8)."""
    _checked(_libc.syncfs(descriptor), "syncfs")

"""One client of the mount unit: mount a volume, delete from it, let it go. A process of its own, as root.

What it refuses it refuses for good reason: a volume is mounted only where it belongs to a storage device at a
configured dock port, is what the client saw there, and is used by nobody else; always nosuid, nodev, noexec and
without following links. Read-only means that the kernel's block layer refuses writes (BLKROSET), whatever a file
system would like to do. Only regular files are deleted, only while mounted writable. Files and folders of an
ext4 card belong to users of the recorder: what the daemon's user may not open the unit opens for it, to read.
"""

from __future__ import annotations

import base64
import errno
import os
import signal
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestd.device import usb
from ingestd.device.usb import SYSFS
from ingestd.errors import UsageError
from ingestd.mounts import filesystems, kernel
from ingestd.mounts import protocol as p
from ingestd.mounts.children import Hung, limited
from ingestd.mounts.protocol import Found, Refusal
from ingestd.portpath import PortPath
from ingestd.words import Text

BUSY_S = 5.0
"""A mount of the same recorder that is just being let go is waited for so long."""
_NO_PORT = Text("{port} 不是已配置的采集口", "{port} is no configured dock port")
_NO_VOLUME = Text("{port} 上没有存储卷 {volume}", "no volume {volume} at {port}")
_HAS_ONE = Text("此连接已挂载一个存储卷", "this connection has its mount")
_HAS_NONE = Text("此连接尚未挂载", "nothing is mounted")
_OTHER = Text("/dev/{name} 与总线所示不符", "/dev/{name} is not what the bus shows")
_BLANK = Text("空白", "blank")
_NOTHING_KNOWN = Text("没有分区表，也没有已知的文件系统", "no partition table, no known file system")
_NO_KIND = Text("内核不支持 {kind}", "the kernel has no {kind}")
_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | kernel.MS_NOSYMFOLLOW | kernel.MS_NOATIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The daemon's user: the only client, and who may read what is mounted."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """The one mount of a session."""

    port: str
    root: int
    """Descriptor of its root folder."""
    writable: bool


class Session:
    """Serves one connection to its end."""

    def __init__(
        self,
        connection: socket.socket,
        *,
        at: Path,
        owner: Owner,
        ports: frozenset[PortPath],
        sysfs: Path = SYSFS,
    ) -> None:
        """``at`` is the mount point, made and removed here; ``ports`` are the configured ones."""
        self._sysfs = sysfs
        self._connection = connection
        self._at = str(at)
        self._owner = owner
        self._ports = ports
        self._mounted: Mounted | None = None

    def serve(self) -> None:
        """Answer until the client goes away, then let go of the mount."""
        with suppress(OSError, ValueError):
            while (request := p.receive(self._connection)) is not None:
                answer = self._answer(request)
                if answer is not None:
                    p.send(self._connection, answer)
        self._connection.close()
        if self._mounted is not None:
            with suppress(OSError, Refusal):
                self._do_unmount({})

    def _answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "mount": self._do_mount,
            "open": self._do_open,
            "unlink": self._do_unlink,
            "flush": self._do_flush,
            "unmount": self._do_unmount,
        }
        try:
            return verbs[request["do"]](request)
        except Refusal as refusal:
            return refusal.facts()
        except OSError as error:
            why = error.strerror or str(error)
            return Refusal(p.FAILED, error.errno, what=str(request.get("do")), why=why).facts()

    # --- mounting -----------------------------------------------------------------------------

    def _do_mount(self, request: dict[str, Any]) -> dict[str, Any]:
        port, writable = str(request["port"]), request["writable"] is True
        if self._mounted is not None:
            raise Refusal(p.REFUSED, why=_HAS_ONE)
        token, volume = str(request["token"]), str(request["volume"])
        Path(self._at).mkdir(mode=0o700)
        try:
            facts: dict[str, Any] = self._limited(lambda: self._mount(port, token, volume, writable), port)
            if "refused" in facts:
                return facts
            root = os.open(self._at, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            self._mounted = Mounted(port=port, root=root, writable=facts["writable"])
        finally:
            if self._mounted is None:
                with suppress(OSError):
                    Path(self._at).rmdir()
        return facts | {"at": self._at}

    def _found(self, port: str, token: str, volume: str) -> Found:
        """The volume that the client means, checked against the bus as it is now. Raises Refusal."""
        try:
            path = PortPath.parse(port)
        except UsageError as error:
            raise Refusal(p.REFUSED, why=error.text) from error
        if path not in self._ports:
            raise Refusal(p.REFUSED, why=_NO_PORT.format(port=port))
        device = usb.at_port(path, self._sysfs)
        if device is None or not device.is_storage or usb.token(device) != token:
            raise Refusal(p.GONE, errno.ENODEV, port=port)
        found = p.volumes(device).get(volume)
        if found is None:
            raise Refusal(p.REFUSED, why=_NO_VOLUME.format(port=port, volume=volume))
        return found

    def _mount(self, port: str, token: str, volume: str, writable: bool) -> dict[str, Any]:
        """In a child with a time limit: look what is there, mount it; the facts, or those of a refusal."""
        name = ""
        try:
            found = self._found(port, token, volume)
            name = found.part.name
            part = _opened(name, found.part.device)
            disk = os.open(f"/dev/{found.disk}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            protected = kernel.set_read_only(disk, read_only=not writable)
            protected = kernel.set_read_only(part, read_only=not writable) or protected
            seen = self._looked(part, name)
        except Refusal as refusal:
            return refusal.facts()
        except OSError as error:
            return _unopened(error, name).facts()
        writable = writable and not protected
        os.close(part)  # no longer held exclusively: the mount does that from here
        try:
            options = self._options(seen.kind, writable=writable)
            flags = _FLAGS | (0 if writable else kernel.MS_RDONLY)
            kernel.mount(f"/dev/{name}", self._at, seen.kind, flags, options)
        except OSError as error:
            return _unmountable(error, name, seen.kind).facts()
        return {"kind": seen.kind, "label": seen.label, "dirty": seen.dirty, "writable": writable}

    def _looked(self, part: int, name: str) -> filesystems.FileSystem:
        try:
            seen = filesystems.recognise(lambda offset, size: os.pread(part, size, offset))
        except OSError as error:
            raise Refusal(p.UNREADABLE, error.errno, part=name, why=error.strerror) from error
        if seen.kind not in ("vfat", "exfat", "ext4"):
            why = seen.kind or (_BLANK if seen.blank else _NOTHING_KNOWN)
            raise Refusal(p.UNKNOWN, part=name, why=why)
        return seen

    def _options(self, kind: str, *, writable: bool) -> str:
        """Of the file system. Files of a card without owners are the daemon's to read, nobody's to write."""
        owned = f"uid={self._owner.uid},gid={self._owner.gid},fmask=0377,dmask=0277,errors=remount-ro"
        if kind == "vfat":  # local times taken for UTC (`file_times`); names in GBK where they are short
            return f"{owned},tz=UTC,utf8,codepage=936"
        if kind == "exfat":
            return f"{owned},time_offset=0,iocharset=utf8"
        return "errors=remount-ro" + ("" if writable else ",noload")

    # --- deleting, and letting go -------------------------------------------------------------

    def _do_unlink(self, request: dict[str, Any]) -> dict[str, Any]:
        mounted = self._required(writable=True)
        path = base64.b64decode(request["path"], validate=True)
        self._limited(lambda: _unlink(mounted.root, path), mounted.port)
        return {}

    def _do_open(self, request: dict[str, Any]) -> None:
        """The descriptor goes to the client from the child that opened it, and is the answer."""
        mounted = self._required(writable=False)
        path = base64.b64decode(request["path"], validate=True)

        def open_and_send() -> None:
            descriptor = _opened_for(mounted.root, path, str(request["what"]))
            socket.send_fds(self._connection, [b"{}"], [descriptor])

        self._limited(open_and_send, mounted.port)

    def _do_flush(self, _request: dict[str, Any]) -> dict[str, Any]:
        mounted = self._required(writable=True)
        self._limited(self._flush, mounted.port)
        return {}

    def _flush(self) -> None:
        root = os.open(self._at, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        kernel.sync_file_system(root)
        os.fsync(root)  # FAT and exFAT tell the device to empty its cache only here

    def _required(self, *, writable: bool) -> Mounted:
        if self._mounted is None:
            raise Refusal(p.REFUSED, why=_HAS_NONE)
        if writable and not self._mounted.writable:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return self._mounted

    def _do_unmount(self, _request: dict[str, Any]) -> dict[str, Any]:
        mounted, self._mounted = self._required(writable=False), None
        os.close(mounted.root)
        self._limited(lambda: let_go(self._at), mounted.port)
        return {}

    def _limited(self, work: Callable[[], Any], port: str) -> Any:
        """Do it in a child. A device that hangs ends the session: this process waits for it, nobody else."""
        try:
            return limited(work, p.LIMIT_S)
        except Hung as hung:
            with suppress(OSError):
                p.send(
                    self._connection, Refusal(p.HUNG, errno.ETIMEDOUT, port=port, s=round(p.LIMIT_S)).facts()
                )
            self._connection.close()
            os.waitpid(hung.pid, 0)
            let_go(self._at)
            os._exit(1)


def let_go(at: str) -> None:
    """Unmount what is at a mount point, at once or once nobody uses it any more, and remove that."""
    for flags in (kernel.UMOUNT_NOFOLLOW, kernel.UMOUNT_NOFOLLOW | kernel.MNT_DETACH):
        try:
            kernel.unmount(at, flags)
        except OSError as error:
            if error.errno == errno.EBUSY:
                continue
        break
    with suppress(OSError):
        Path(at).rmdir()


def _opened(name: str, number: str) -> int:
    """A volume's block device, held exclusively: nobody has it mounted. Raises OSError (EBUSY), Refusal."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            device = os.open(f"/dev/{name}", os.O_RDONLY | os.O_EXCL | os.O_NONBLOCK | os.O_CLOEXEC)
            break
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    status = os.fstat(device)
    rdev = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    if not stat.S_ISBLK(status.st_mode) or rdev != number:
        raise Refusal(p.REFUSED, why=_OTHER.format(name=name))
    return device


def _unopened(error: OSError, part: str) -> Refusal:
    """What an error of opening a block device means."""
    if error.errno == errno.EBUSY:
        return Refusal(p.BUSY, error.errno, part=part)
    if error.errno in (errno.ENOMEDIUM, errno.ENXIO, errno.ENOENT):
        return Refusal(p.NO_MEDIUM, error.errno, part=part)
    return Refusal(p.UNREADABLE, error.errno, part=part, why=error.strerror)


def _unmountable(error: OSError, part: str, kind: str) -> Refusal:
    """What an error of mount(2) means, for a file system that was recognised."""
    if error.errno == errno.EBUSY:
        return Refusal(p.BUSY, error.errno, part=part)
    if error.errno == errno.ENODEV:
        return Refusal(p.UNKNOWN, error.errno, part=part, why=_NO_KIND.format(kind=kind))
    return Refusal(p.DAMAGED, error.errno, part=part, why=f"{kind}, {error.strerror}")


def _above(root: int, path: bytes) -> tuple[int, bytes]:
    """The folder of an entry (O_PATH), part by part, and its name: no link, nothing outside. Raises OSError."""
    *folders, name = path.split(b"/")
    if b"\0" in path or any(part in (b"", b".", b"..") for part in (*folders, name)):
        raise OSError(errno.EINVAL, "not a path below a card's root")
    above = os.dup(root)
    for part in folders:
        below = kernel.open_within(above, part, os.O_PATH | os.O_DIRECTORY)
        os.close(above)
        above = below
    return above, name


def _unlink(root: int, path: bytes) -> None:
    above, name = _above(root, path)
    if not stat.S_ISREG(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    os.unlink(name, dir_fd=above)


def _opened_for(root: int, path: bytes, what: str) -> int:
    """A descriptor of what the daemon's user may not open: a folder, a regular file, or just to look at."""
    above, name = _above(root, path) if path else (root, b".")
    if what == p.FOLDER:
        return kernel.open_within(above, name, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK)
    pinned = kernel.open_within(above, name, os.O_PATH | os.O_NOFOLLOW)
    if what == p.LOOK:
        return pinned
    if not stat.S_ISREG(os.fstat(pinned).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return os.open(f"/proc/self/fd/{pinned}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def reset_signals() -> None:
    """A forked session answers to signals as any process does."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)

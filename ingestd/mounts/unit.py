"""The mount unit: listens, looks who asks, gives each client a process of its own, cleans up after it.

One thread, no state that outlives a client but the configured ports. Mounts that are left of an earlier run (it
was killed, the power went) are let go before the first client is heard.
"""

from __future__ import annotations

import logging
import os
import pwd
import select
import signal
import socket
import stat
import struct
from contextlib import suppress
from functools import partial
from pathlib import Path

from ingestd import config
from ingestd.device.usb import SYSFS
from ingestd.errors import ConfigError, UsageError
from ingestd.mounts.children import Hung, limited
from ingestd.mounts.session import Owner, Session, let_go, reset_signals
from ingestd.portpath import SCHEME, PortPath
from ingestd.words import Text

log = logging.getLogger(__name__)

CLIENTS = 64
"""At the same time: twenty slots, each with its worker, and some that are being let go."""
CONFIGURATION_BYTES = 1 << 20
"""A configuration is not longer."""
END_S = 5.0
PREFIX = "volume-"


class Ports:
    """The USB ports that the configuration names; a faulty file changes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int, int] | None = None
        self._ports: frozenset[PortPath] = frozenset()

    def now(self) -> frozenset[PortPath]:
        """As the file says, read again where it changed."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            log.error("configuration not read: %s", error)  # noqa: TRY400 - the fault is the file's
            return self._ports
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            mark = (status.st_ino, status.st_mtime_ns, status.st_size)
            if mark == self._read_at:
                return self._ports
            self._read_at = mark
            if not stat.S_ISREG(status.st_mode) or status.st_size > CONFIGURATION_BYTES:
                log.error("configuration not read: %s is no ordinary file", self._path)
                return self._ports
            text = file.read(CONFIGURATION_BYTES)
        try:
            slots = config.parse(text, str(self._path)).slots
            wanted = [slot.location for slot in slots if slot.location.startswith(SCHEME)]
            self._ports = frozenset(map(PortPath.parse, wanted))
        except (ConfigError, UsageError) as error:
            log.error("configuration not taken: %s", error)  # noqa: TRY400 - the fault is the file's
        return self._ports


class Unit:
    """The listening process."""

    def __init__(self, *, path: Path, mounts: Path, user: str, ports: Ports, sysfs: Path = SYSFS) -> None:
        """Raises UsageError, OSError."""
        try:
            entry = pwd.getpwnam(user)
        except KeyError as error:
            raise UsageError(
                Text(
                    "没有名为 {u} 的系统用户；请先安装（ingestd install）。",
                    "there is no system user {u}; install first (ingestd install).",
                ).format(u=user)
            ) from error
        self._owner = Owner(uid=entry.pw_uid, gid=entry.pw_gid)
        self._mounts = mounts
        self._ports = ports
        self._sysfs = sysfs
        self._made = 0
        self._sessions: dict[int, Path] = {}
        for folder in (path.parent, mounts):
            _made(folder)
        os.chown(mounts, 0, self._owner.gid)
        mounts.chmod(0o750)
        self._clean(stale(mounts))
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        path.chmod(0o600)
        os.chown(path, self._owner.uid, self._owner.gid)
        self._listener.listen(CLIENTS)

    def run(self) -> None:
        """Until SIGTERM; then every mount is let go."""
        wake, waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda _number, _frame: None)
        heard = select.poll()
        for descriptor in (self._listener.fileno(), wake):
            heard.register(descriptor, select.POLLIN)
        log.info("ready: %d dock ports", len(self._ports.now()))
        while True:
            ready = [descriptor for descriptor, _ in heard.poll()]
            if wake in ready and set(os.read(wake, 4096)) & {signal.SIGTERM, signal.SIGINT}:
                break
            self._reap()
            if self._listener.fileno() in ready:
                self._accept()
        self._end()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            (pid, uid, _gid) = struct.unpack(
                "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            )
            if uid != self._owner.uid or len(self._sessions) >= CLIENTS:
                log.warning("process %d of user %d is refused: not the daemon, or one of too many", pid, uid)
                return
            self._made += 1
            at = self._mounts / f"{PREFIX}{os.getpid()}-{self._made}"
            ports = self._ports.now()
            session = os.fork()
            if session == 0:
                self._serve(connection, at, ports)
            self._sessions[session] = at

    def _serve(self, connection: socket.socket, at: Path, ports: frozenset[PortPath]) -> None:
        """The session's process: never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            reset_signals()
            self._listener.close()
            session = Session(connection, at=at, owner=self._owner, ports=ports, sysfs=self._sysfs)
            session.serve()
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        """Take in sessions that ended; what one left behind (it was killed) is let go."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                at = self._sessions.pop(ended, None)
                if at is not None and at.exists():
                    self._clean([str(at)])

    def _clean(self, left: list[str]) -> None:
        for at in left:
            log.warning("letting go of %s", at)
            try:
                limited(partial(let_go, at), END_S)
            except Hung:
                log.warning("%s: its device hangs; it goes when that answers", at)

    def _end(self) -> None:
        self._listener.close()
        for session in self._sessions:
            with suppress(ProcessLookupError):
                os.kill(session, signal.SIGTERM)
        self._clean(stale(self._mounts))


def _made(folder: Path) -> None:
    """A folder that others may pass, whatever the umask; one that is there stays as it is."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def stale(mounts: Path) -> list[str]:
    """Mount points of this program that are there: what is mounted below the folder, and left-over folders."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8", errors="replace").splitlines()
    mounted = {line.split()[4] for line in lines}
    left = {at for at in mounted if Path(at).parent == mounts}
    return sorted(left | {str(at) for at in mounts.glob(f"{PREFIX}*")})

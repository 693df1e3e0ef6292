"""Stops a process tree at its durable steps: seccomp's user notification (Linux 5.5), no debugger, no preload.

A filter that a child puts on itself before it runs anything, and that all its threads and children inherit,
makes each fsync, rename, link, unlink, mkdir and the like wait until the supervisor lets it go on. So the
supervisor sees every step of the whole tree in one order, and may kill the tree exactly before one of them:
no step can happen between the decision and the kill.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CALLS = {
    "x86_64": {
        74: "fsync", 75: "fdatasync", 306: "syncfs", 82: "rename", 264: "renameat", 316: "renameat2",
        86: "link", 265: "linkat", 87: "unlink", 263: "unlinkat", 83: "mkdir", 258: "mkdirat",
        84: "rmdir", 76: "truncate", 77: "ftruncate", 90: "chmod", 268: "fchmodat", 285: "fallocate",
    },
    "aarch64": {
        82: "fsync", 83: "fdatasync", 267: "syncfs", 38: "renameat", 276: "renameat2", 37: "linkat",
        35: "unlinkat", 34: "mkdirat", 45: "truncate", 46: "ftruncate", 53: "fchmodat", 47: "fallocate",
    },
}[platform.machine()]  # fmt: skip
"""Numbers of the calls that change what a crash leaves, or make it durable (kernel's tables of each machine)."""
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[platform.machine()]
SECCOMP = {"x86_64": 317, "aarch64": 277}[platform.machine()]

_BY_DESCRIPTOR = {"fsync", "fdatasync", "syncfs", "ftruncate", "fallocate"}
_BELOW_DESCRIPTOR = {"unlinkat", "mkdirat", "fchmodat"}
_TARGET = {"rename": (None, 1), "link": (None, 1), "renameat": (2, 3), "renameat2": (2, 3), "linkat": (2, 3)}
"""Which argument is the new name (and which the folder that it is relative to)."""
_AT_FDCWD = -100
_PATH_MAX = 4096

_SET_MODE_FILTER, _NEW_LISTENER, _NO_NEW_PRIVS = 1, 8, 38
_RET_NOTIFY, _RET_ALLOW = 0x7FC00000, 0x7FFF0000
_LOAD_WORD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_NOTICE = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def watch_me() -> int:
    """Filter this process and all it will start; the descriptor that the supervisor needs. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = [struct.pack("=HBBI", _LOAD_WORD, 0, 0, 4), struct.pack("=HBBI", _JUMP_EQUAL, 1, 0, ARCH)]
    code.append(struct.pack("=HBBI", _RETURN, 0, 0, _RET_ALLOW))
    code.append(struct.pack("=HBBI", _LOAD_WORD, 0, 0, 0))
    for number in CALLS:
        code.append(struct.pack("=HBBI", _JUMP_EQUAL, 0, 1, number))
        code.append(struct.pack("=HBBI", _RETURN, 0, 0, _RET_NOTIFY))
    code.append(struct.pack("=HBBI", _RETURN, 0, 0, _RET_ALLOW))
    program = _Program(len(code), b"".join(code))
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = libc.syscall(SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp user notification is refused here")
    return int(listener)


@dataclass(frozen=True, slots=True)
class Step:
    """One durable step that waits for leave."""

    id: int
    pid: int
    call: str
    path: str
    """What it is about: the new name of a rename or link, the file of a descriptor."""


class Listener:
    """The supervisor's end."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def receive(self) -> Step | None:
        """The next step that waits; None where its thread was interrupted meanwhile."""
        buffer = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, buffer)
        except (FileNotFoundError, InterruptedError):
            return None
        id_, pid, _flags, number, _arch, _at, *arguments = _NOTICE.unpack(buffer)
        call = CALLS[number]
        return Step(id_, pid, call, _path(pid, call, arguments))

    def allow(self, step: Step) -> None:
        """Let it happen."""
        self._answer(_ANSWER.pack(step.id, 0, 0, _CONTINUE))

    def pretend(self, step: Step) -> None:
        """Say that it happened, as a disk that lies does."""
        self._answer(_ANSWER.pack(step.id, 0, 0, 0))

    def refuse(self, step: Step, errno: int) -> None:
        """Make it fail without happening."""
        self._answer(_ANSWER.pack(step.id, 0, -errno, 0))

    def _answer(self, answer: bytes) -> None:
        with suppress(FileNotFoundError):  # its thread was killed or interrupted meanwhile
            fcntl.ioctl(self.descriptor, _SEND, bytearray(answer))


def _path(pid: int, call: str, arguments: list[int]) -> str:
    try:
        if call in _BY_DESCRIPTOR:
            return str(Path(f"/proc/{pid}/fd/{arguments[0]}").readlink())
        folder, at = (0, 1) if call in _BELOW_DESCRIPTOR else _TARGET.get(call, (None, 0))
        given = os.fsdecode(_text(pid, arguments[at]))
        if given.startswith("/"):
            return given
        descriptor = _AT_FDCWD if folder is None else ctypes.c_int(arguments[folder] & 0xFFFFFFFF).value
        place = "cwd" if descriptor == _AT_FDCWD else f"fd/{descriptor}"
        return f"{Path(f'/proc/{pid}/{place}').readlink()}/{given}"
    except OSError:
        return "?"


def _text(pid: int, address: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        found = b""
        while b"\0" not in found and len(found) < _PATH_MAX:
            memory.seek(address + len(found))
            # Up to the page's end: the next one may not be there.
            found += memory.read(4096 - (address + len(found)) % 4096)
    return found.partition(b"\0")[0]

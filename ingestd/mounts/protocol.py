"""What the mount unit and its clients say to each other, and the words of its refusals.

A connection (Unix, SOCK_SEQPACKET) is one mount: it is made by the first request and ends with the connection, so
that a client that dies leaves none behind. Each message is a JSON object, each request has one answer::

    {"do": "mount", "port": "usb:0000:00:14.0/3", "token": ..., "volume": "1", "writable": false}
        -> {"at": ..., "kind": ..., "label": ..., "dirty": ..., "writable": ...}
    {"do": "open", "path": <base64>, "what": "folder"} -> {} with a descriptor (SCM_RIGHTS)
    {"do": "unlink", "path": <base64 of the path's bytes>} -> {}
    {"do": "flush"} -> {}        {"do": "unmount"} -> {}

A refusal is ``{"refused": word, "errno": number or null, "zh": ..., "en": ...}``.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any

from ingestd.device.usb import Part, UsbDevice
from ingestd.words import Text

SOCKET = "/run/ingestd/mount.sock"
"""Where the unit listens, unless it is told otherwise."""
LIMIT_S = 30.0
"""How long a device may take for one request; the kernel's own time-out for one SCSI command."""
FOLDER, FILE, LOOK = "folder", "file", "look"
"""What `open` opens: a folder to list, a regular file to read, anything to be looked at (O_PATH)."""
LONGEST_BYTES = 1 << 20
"""Of one message; a path of 300 folders with long names takes 80 kB."""

GONE, REFUSED, BUSY, NO_MEDIUM, UNREADABLE, UNKNOWN, DAMAGED, HUNG, FAILED = (
    *("gone", "refused", "busy", "no-medium", "unreadable"),
    *("unknown-file-system", "damaged-file-system", "hung", "failed"),
)
TEXTS: dict[str, Text] = {
    GONE: Text(
        "{port} 上的记录仪已被取走或更换；请重新接入。",
        "the recorder at {port} was taken or changed; dock it again.",
    ),
    REFUSED: Text(
        "挂载服务拒绝：{why}。未作任何改动。", "the mount unit refuses: {why}. Nothing was changed."
    ),
    BUSY: Text(
        "{part} 正被其他程序使用（可能被桌面自动挂载），未读取；请关闭该程序或重新接入。",
        "{part} is in use by another program (a desktop may have mounted it) and was not read; end that "
        "program or dock it again.",
    ),
    NO_MEDIUM: Text(
        "{part} 中没有存储卡；请装好存储卡后重新接入。",
        "there is no card in {part}; put it in and dock again.",
    ),
    UNREADABLE: Text(
        "{part} 的开头无法读取（{why}）：存储卡可能已损坏。未作任何改动；请妥善保管，交由管理员处理。",
        "the beginning of {part} cannot be read ({why}): the card may be failing. Nothing was changed; keep it "
        "safe and call the administrator.",
    ),
    UNKNOWN: Text(
        "{part} 上没有可识别的文件系统（{why}）。未作任何改动；请勿格式化，交由管理员处理。",
        "there is no file system on {part} that can be read ({why}). Nothing was changed; do not format it, "
        "call the administrator.",
    ),
    DAMAGED: Text(
        "{part} 的文件系统（{why}）已损坏，内核无法读取。未作任何改动；请妥善保管，交由管理员处理。",
        "the file system of {part} ({why}) is damaged and the kernel cannot read it. Nothing was changed; keep "
        "it safe and call the administrator.",
    ),
    HUNG: Text(
        "{port} 上的设备 {s} 秒没有回应，已放弃；请拔下后重新接入。",
        "the device at {port} did not answer for {s} s and was given up; unplug it and dock it again.",
    ),
    FAILED: Text("{what} 未能完成：{why}。", "{what} failed: {why}."),
}
"""Every refusal with its words."""


class Refusal(Exception):
    """A request that is not done, with its word, its text, and the kernel's number where it gave one."""

    def __init__(self, word: str, errno: int | None = None, **fields: object) -> None:
        super().__init__(word)
        self.word = word
        self.errno = errno
        self.text = TEXTS[word].format(**fields)

    def facts(self) -> dict[str, Any]:
        """As the answer tells it."""
        return {"refused": self.word, "errno": self.errno, "zh": self.text.zh, "en": self.text.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A volume: a mountable part and the disk that it is on."""

    part: Part
    disk: str


def volumes(device: UsbDevice) -> dict[str, Found]:
    """The volumes of a recorder by name: the number of its disk, with ``.2`` for the second of several partitions.

    Names stay while the recorder stays the same, whichever of its disks holds a card. A partition that only
    holds others (DOS "extended": two sectors as the kernel shows it) is none.
    """
    found: dict[str, Found] = {}
    for number, block in enumerate(device.blocks, 1):
        parts = [part for part in block.parts if part.size > _HOLDER_BYTES]
        for at, part in enumerate(parts, 1):
            name = f"{number}.{at}" if len(parts) > 1 else f"{number}"
            found[name] = Found(part=part, disk=block.name)
    return found


def is_single(device: UsbDevice) -> bool:
    """Whether the recorder is one volume: one disk, with at most one partition."""
    return len(device.blocks) == 1 and len(volumes(device)) == 1


_HOLDER_BYTES = 1024


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """One message. Raises OSError."""
    connection.send(json.dumps(message).encode())


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, None at the end. Raises OSError, ValueError for what is no message."""
    data = connection.recv(LONGEST_BYTES)
    if not data:
        return None
    message = json.loads(data)
    if not isinstance(message, dict):
        raise ValueError("not an object")  # noqa: TRY004 - to the caller it is no message
    return message

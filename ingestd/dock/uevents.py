"""The kernel's word that a device came or went: a hint to look at once, straight from its netlink socket.

Needs no udev and no library, and no right beyond that of any process. A container with a network namespace of
its own may hear nothing: then the dock looks every two seconds all the same.
"""

from __future__ import annotations

import socket
from contextlib import suppress

_NETLINK_KOBJECT_UEVENT = 15
"""linux/netlink.h."""
_KERNEL_GROUP = 1
"""Multicast group of the kernel's own messages; 2 is udev's."""
_MESSAGE_BYTES = 16 << 10
_TELLING = (b"\0SUBSYSTEM=usb\0", b"\0SUBSYSTEM=block\0")


class Uevents:
    """Messages about USB devices and disks. `close` it."""

    def __init__(self) -> None:
        """Raises OSError where the kernel gives no such socket."""
        self._socket = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC,
            _NETLINK_KOBJECT_UEVENT,
        )
        try:
            self._socket.bind((0, _KERNEL_GROUP))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    def drain(self) -> bool:
        """Whether one of the messages that waited is about USB or a disk; all are gone then."""
        told = False
        with suppress(BlockingIOError):
            while True:
                try:
                    message = self._socket.recv(_MESSAGE_BYTES)
                except BlockingIOError:
                    raise
                except OSError:  # more came than the kernel kept (ENOBUFS): something did
                    return True
                told = told or any(mark in message + b"\0" for mark in _TELLING)
        return told

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


def opened() -> Uevents | None:
    """The socket, None where this machine has none."""
    try:
        return Uevents()
    except OSError:
        return None

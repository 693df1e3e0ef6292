"""sd_notify(3): what the service manager is told, and how often it wants a sign of life.

A datagram to the socket that NOTIFY_SOCKET names; without it nothing is sent and nothing fails.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import MutableMapping
from typing import Self

from ingestd.clock import Clock
from ingestd.words import Text

log = logging.getLogger(__name__)


class Notifier:
    """The service manager's end of the daemon. Sending never raises and never blocks."""

    def __init__(self, address: str | None, watchdog_s: float | None) -> None:
        """``watchdog_s``: the manager acts when it hears nothing for so long; None: it does not care."""
        self.watchdog_s = watchdog_s
        self._address = address

    @classmethod
    def of_environment(cls, environment: MutableMapping[str, str]) -> Self:
        """As the service manager asked; its variables are taken out, so that no child speaks for the daemon."""
        address = environment.pop("NOTIFY_SOCKET", None)
        wanted_us = environment.pop("WATCHDOG_USEC", "")
        meant_for = environment.pop("WATCHDOG_PID", str(os.getpid()))
        is_ours = wanted_us.isdecimal() and int(wanted_us) > 0 and meant_for == str(os.getpid())
        return cls(address or None, int(wanted_us) / 1e6 if is_ours else None)

    def ready(self) -> None:
        """The home is open and recovered, slots are watched, the socket answers."""
        self._send("READY=1")

    def reloading(self, clock: Clock) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(clock.monotonic() * 1e6)}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """All loops go round."""
        self._send("WATCHDOG=1")

    def status(self, text: Text) -> None:
        """One line for `systemctl status`."""
        self._send("STATUS=" + text.both().replace("\n", " "))

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # A name in the abstract name space is written with @ for its NUL byte.
        to = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
                sending.setblocking(False)
                sending.sendto(message.encode(), to)
        except OSError as error:
            log.warning("the service manager was not told %s: %s", message.partition("=")[0], error)

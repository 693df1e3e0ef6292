"""A USB socket by the way to it: what stays when a recorder leaves and comes back, and so what a slot is. PURE."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingestd.errors import UsageError
from ingestd.words import Text

SCHEME = "usb:"
DEEPEST = 6
"""Ports between the controller and a device at most (USB 2.0, 4.1.1: seven tiers)."""
_LOCATION = re.compile(r"usb:([^/\s]+)/(ss)?([1-9][0-9]{0,2}(?:\.[1-9][0-9]{0,2})*)")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PortPath:
    """One socket: what a slot is. Text form: ``usb:<controller>/<chain>``, e.g. ``usb:0000:00:14.0/3.2``."""

    controller: str
    """PCI address of the controller, or its name where it is on no PCI bus."""
    chain: tuple[int, ...]
    """Port of the root hub, then of each hub on the way: the USB 2 ports where the socket has any."""
    superspeed_only: bool = False
    """A port without a USB 2 twin; written ``ss3``, for its numbers are counted apart."""

    def __str__(self) -> str:
        half = "ss" if self.superspeed_only else ""
        return f"{SCHEME}{self.controller}/{half}{'.'.join(map(str, self.chain))}"

    @classmethod
    def parse(cls, text: str) -> PortPath:
        """The inverse of `str`. Raises UsageError."""
        found = _LOCATION.fullmatch(text)
        chain = tuple(map(int, found[3].split("."))) if found else ()
        if found is None or len(chain) > DEEPEST:
            raise UsageError(
                Text(
                    "{t!r} 不是 USB 插口；应形如 usb:0000:00:14.0/3.2（见 ingestd slot list）。",
                    "{t!r} is no USB port; one looks like usb:0000:00:14.0/3.2 (see ingestd slot list).",
                ).format(t=text)
            )
        return cls(controller=found[1], chain=chain, superspeed_only=found[2] is not None)

    def is_behind(self, hub: PortPath) -> bool:
        """Whether the way to this port leads through a hub in that one."""
        above = replace(self, chain=self.chain[: len(hub.chain)])
        return above == hub and len(self.chain) > len(hub.chain)

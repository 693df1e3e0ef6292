"""Addresses and host names as configurations write them, and which of them are this machine. PURE."""

from __future__ import annotations

import ipaddress
import re

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
"""RFC 1123, lower case."""
_PORTS = 1 << 16


def listening(text: str) -> tuple[str, int]:
    """Address and port: ``127.0.0.1:8787``, ``[::1]:8787``. Raises ValueError that says what it is not."""
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if port.isascii() and port.isdecimal() and 0 < int(port) < _PORTS:
            return str(address), int(port)
    except ValueError:
        pass
    raise ValueError("no address with a port, such as 127.0.0.1:8787")


def loopback(text: str) -> tuple[str, int]:
    """The same of loopback only: nobody is asked there who he is, so no other address will do."""
    try:
        address, port = listening(text)
    except ValueError:
        address, port = "", 0
    if not is_loopback(address):
        raise ValueError("no loopback address with a port, such as 127.0.0.1:9641")
    return address, port


def host_names(text: str) -> tuple[str, ...]:
    """Host names between spaces, in lower case. Raises ValueError that says what it is not."""
    names = tuple(text.lower().split())
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no list of host names: {name!r}")
    return names


def addresses(text: str) -> tuple[str, ...]:
    """Plain addresses between spaces, in their one form. Raises ValueError that says what it is not."""
    try:
        return tuple(str(ipaddress.ip_address(one)) for one in text.split())
    except ValueError:
        raise ValueError("no list of addresses") from None


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own: 127.0.0.0/8, ::1, localhost."""
    return host.lower() == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    """Whether this is a plain IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

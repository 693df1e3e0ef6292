"""The USB as libusb lists it (pyusb over the bundled library), beside sysfs. No device is opened.

For two things: the interfaces of a device that has no configuration in use, which sysfs does not show (a
device that udev rules hold back, or that wants more current than its port gives), and as a second witness of
what is plugged in. Strings would need opening: those are read from sysfs only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import libusb_package
import usb.core  # type: ignore[import-untyped]  # it has none

from ingestd.device.usb import Interface, UsbDevice

Address = tuple[int, int]


class Libusb:
    """The library, loaded. Not for several threads at a time."""

    def __init__(self) -> None:
        """Raises OSError where the library does not work here."""
        self._backend = libusb_package.get_libusb1_backend()
        if self._backend is None:
            raise OSError("libusb cannot be loaded")

    def addresses(self) -> frozenset[Address]:
        """Bus and device number of everything, root hubs too. Raises OSError."""
        return frozenset((one.bus, one.address) for one in self._devices())

    def interfaces(self, address: Address) -> tuple[Interface, ...]:
        """Interfaces of all configurations that a device offers, each kind once. Raises OSError."""
        found: dict[Interface, None] = {}
        for device in self._devices():
            if (device.bus, device.address) == address:
                for configuration in device.configurations():
                    for one in configuration:
                        kind = (one.bInterfaceClass, one.bInterfaceSubClass, one.bInterfaceProtocol)
                        found[kind] = None
        return tuple(found)

    def _devices(self) -> list[usb.core.Device]:
        # USBError is an OSError: whoever asks needs no other
        return list(usb.core.find(find_all=True, backend=self._backend))


def completed(devices: Iterable[UsbDevice], bus: Libusb | None) -> list[UsbDevice]:
    """The devices; one without a configuration in use with the interfaces that it offers."""
    return [
        one if one.interfaces or bus is None else replace(one, interfaces=bus.interfaces(one.address))
        for one in devices
    ]


def opened() -> Libusb | None:
    """The library, None where it does not work here (then sysfs is all there is)."""
    try:
        return Libusb()
    except OSError:
        return None

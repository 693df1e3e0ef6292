"""A recorder in disk mode at a USB dock port: mounted by the mount unit, read as a tree of files.

The location is the port (`PortPath`). The worker that runs this has no right to mount or to write to the
recorder: the unit mounts each volume read-only for one connection, and deletes the files that it is told, one by
one, while the volume is mounted writable. A recorder with several volumes (card and internal memory) is one
recorder: see `several`.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ingestd.device import gate, tree, usb
from ingestd.device.api import FileTimes, Identity, Score, Volume
from ingestd.device.usb import UsbDevice
from ingestd.errors import DeviceError, DeviceGone, DeviceHung
from ingestd.model import CardPath, Claim
from ingestd.mounts import protocol
from ingestd.mounts.client import Mount
from ingestd.portpath import PortPath
from ingestd_drivers.several import Several
from ingestd_drivers.volume import TreeVolume, gone

_STORAGE = 60
DIRTY = "not closed properly when it was last written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Where the bus is looked at, and where the mount unit listens."""

    sysfs: Path = usb.SYSFS
    socket: str = protocol.SOCKET

    def device(self, port: PortPath) -> UsbDevice:
        """What is at a port and can be read. Raises DeviceGone."""
        device = usb.at_port(port, self.sysfs)
        if device is None or usb.token(device) is None:
            raise gone(f"nothing that can be read is at {port}")
        return device


class MassStorage:
    """USB mass storage, through the mount unit."""

    name: ClassVar[str] = "usb-storage"
    station: ClassVar[Station] = Station()

    def present(self, location: str) -> str | None:
        device = usb.at_port(PortPath.parse(location), self.station.sysfs)
        return None if device is None else usb.token(device)

    def score(self, location: str) -> Score:
        device = self.station.device(PortPath.parse(location))
        if not device.is_storage:
            return Score(value=0, reasons=("no mass storage",))
        reasons = ("USB mass storage", *(f"{claim.what} {claim.value}" for claim in gate.claims(device)))
        return Score(value=_STORAGE, reasons=reasons)

    def connect(self, location: str, *, writable: bool = False) -> Volume:
        """Mount it, every volume that can be. Raises DeviceGone, DeviceHung, DeviceError, OSError."""
        port = PortPath.parse(location)
        device = self.station.device(port)
        if protocol.is_single(device):
            name = next(iter(protocol.volumes(device)))
            return StorageVolume(self.station, port, name, writable=writable)
        opened: dict[str, Volume] = {}
        faults: dict[str, DeviceError] = {}
        try:
            for name in protocol.volumes(device):
                try:
                    opened[name] = StorageVolume(self.station, port, name, writable=writable)
                except (DeviceGone, DeviceHung):
                    raise
                except DeviceError as fault:
                    faults[name] = fault
        except BaseException:
            for volume in opened.values():
                volume.close()
            raise
        if not opened:
            raise next(iter(faults.values()), gone(f"{location} shows no volume"))
        return Several(opened, {name: fault.text.en for name, fault in faults.items()})

    def wait(self, location: str, seconds: float) -> None:  # noqa: ARG002 - the contract's parameter
        time.sleep(seconds)


class StorageVolume(TreeVolume):
    """One volume of a recorder, mounted for as long as this is open."""

    def __init__(self, station: Station, port: PortPath, name: str, *, writable: bool) -> None:
        """Raises DeviceGone, DeviceHung, DeviceError, OSError."""
        self._station, self._port = station, port
        self._device = station.device(port)
        self._device_token = usb.token(self._device)
        self._mount = Mount(
            port=str(port),
            token=self._device_token or "",
            volume=name,
            writable=writable,
            path=station.socket,
        )
        try:
            super().__init__(self._mount.facts.at, writable=writable, ask=self._mount.open)
        except BaseException:
            self._mount.close()
            raise

    def alive(self) -> None:
        """The same device is still at its port. Its mount proves nothing: stale, it lists as an empty folder."""
        if usb.token(self._station.device(self._port)) != self._device_token:
            raise gone(f"it left {self._port}")
        os.fstat(self._open_root())

    @property
    def file_times(self) -> FileTimes:
        """An exFAT entry may or may not state its zone; the kernel does not tell which."""
        return "unknown" if self._mount.facts.kind == "exfat" else super().file_times

    def identity(self) -> Identity:
        identity, facts = super().identity(), self._mount.facts
        label = (Claim(what="label", value=facts.label, source="label"),) if facts.label else ()
        evidence = f"{facts.kind}, {DIRTY}" if facts.dirty else facts.kind
        return replace(
            identity,
            evidence=(*identity.evidence, evidence),
            claims=(*identity.claims, *gate.claims(self._device), *label),
        )

    def delete(self, path: CardPath) -> None:
        self._require_writable(path)
        tree.parts_of(path)
        self._mount.unlink(path)

    def flush(self) -> None:
        if self._mount.facts.writable:
            self._mount.flush()

    def close(self) -> None:
        super().close()
        with suppress(OSError, DeviceError):  # what had to be durable is so since `flush`
            self._mount.close()

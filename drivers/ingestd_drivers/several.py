"""A recorder with several volumes as one: each is a folder of its name, at the top.

So one docking is one session, whatever its parts: who it is is weighed over all of them, what is held is told
apart by its path, and the recorder is clear only when all of it is. A volume that cannot be read is a folder that
cannot be listed: it is said, and keeps the recorder from being clear.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ingestd.device import tree
from ingestd.device.api import ClockReading, EntryType, FileTimes, Identity, Item, Source, Volume
from ingestd.model import CardPath, Millis


class Several:
    """Volumes by name; at least one could be opened."""

    def __init__(self, volumes: Mapping[str, Volume], faults: Mapping[str, str]) -> None:
        """``faults``: why a volume could not be opened."""
        self._volumes = {name.encode("ascii"): volume for name, volume in volumes.items()}
        self._faults = faults

    def alive(self) -> None:
        for volume in self._volumes.values():
            volume.alive()

    @property
    def file_times(self) -> FileTimes:
        """Of all of them, where they agree."""
        told = {volume.file_times for volume in self._volumes.values()}
        return told.pop() if len(told) == 1 else "unknown"

    def identity(self) -> Identity:
        """Claims and evidence of all; the family of the first that has one."""
        parts = {name.decode(): volume.identity() for name, volume in self._volumes.items()}
        known = [part for part in parts.values() if part.family is not None]
        return Identity(
            family=known[0].family if known else None,
            evidence=(
                *(f"{name}: {line}" for name, part in parts.items() for line in part.evidence),
                *(f"{name}: {why}" for name, why in self._faults.items()),
            ),
            claims=tuple(dict.fromkeys(claim for part in parts.values() for claim in part.claims)),
            counter_runs_on=len(parts) == len(known) == 1 and known[0].counter_runs_on,
        )

    def clock(self) -> ClockReading | None:
        return None

    def battery(self) -> int | None:
        told = (volume.battery() for volume in self._volumes.values())
        return next((charge for charge in told if charge is not None), None)

    def items(self) -> Iterator[Item]:
        for name, volume in self._volumes.items():
            for item in volume.items():
                of = item.sidecar_of
                yield replace(
                    item,
                    path=_below(name, item.path),
                    sidecar_of=None if of is None else _below(name, of),
                )
        for fault in self._faults:
            path = CardPath(fault.encode("ascii"))
            yield Item(path=path, type=EntryType.UNLISTABLE, size=0, mtime_us=None)

    def open(self, path: CardPath) -> Source:
        volume, below = self._of(path)
        return volume.open(below)

    def delete(self, path: CardPath) -> None:
        volume, below = self._of(path)
        volume.delete(below)

    def flush(self) -> None:
        for volume in self._volumes.values():
            volume.flush()

    def set_clock(self, wall: Millis) -> bool:  # noqa: ARG002 - the contract's parameter
        return False

    def close(self) -> None:
        for volume in self._volumes.values():
            volume.close()

    def _of(self, path: CardPath) -> tuple[Volume, CardPath]:
        """The volume of a path, and the path in it. Raises OSError."""
        tree.parts_of(path)
        name, _, below = path.partition(b"/")
        if name not in self._volumes:
            raise FileNotFoundError(errno.ENOENT, "no such volume", name)
        return self._volumes[name], CardPath(below)


def _below(name: bytes, path: CardPath) -> CardPath:
    return CardPath(name + b"/" + path)

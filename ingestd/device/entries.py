"""What a tree tells of one entry, before its family reads it. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.device.api import EntryType
from ingestd.model import CardPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One directory entry as lstat tells it."""

    path: CardPath
    type: EntryType
    size: int
    mtime_us: int | None
    siblings: Siblings


class Siblings:
    """The names of one folder, found without regard to ASCII case (FAT keeps case, but ignores it)."""

    __slots__ = ("_by_lower", "_names")

    def __init__(self, names: list[bytes]) -> None:
        self._names = names
        self._by_lower: dict[bytes, bytes] | None = None

    def find(self, name: bytes) -> bytes | None:
        """The name as the folder spells it, None where there is none."""
        if self._by_lower is None:
            self._by_lower = {n.lower(): n for n in self._names}
        return self._by_lower.get(name.lower())

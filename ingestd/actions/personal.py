"""Personal text behind its digests, for those who compare it: read once, put in batches."""

from __future__ import annotations

from collections.abc import Mapping

from ingestd.canon import Json
from ingestd.errors import VaultError
from ingestd.intake.disk import disk
from ingestd.vault import values
from ingestd.vault.layout import Home
from ingestd.vault.values import Values

REMEMBERED = 200_000


class Personal:
    """The values of a home; what is put is durable only after `settle`."""

    def __init__(self, home: Home) -> None:
        self._values = Values(home)
        self._known: dict[str, dict[str, Json]] = {}
        self._new: list[tuple[bytes, dict[str, Json]]] = []

    def get(self, digest: str | None) -> dict[str, Json]:
        """The fields of a value; nothing where there is none, or none that can be trusted (it is put anew)."""
        if digest is None:
            return {}
        if digest not in self._known:
            try:
                found = self._values.get(digest)
            except VaultError:
                found = None
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[digest] = found or {}
        return self._known[digest]

    def said(self, digest: str | None, parts: Mapping[str, Json]) -> str | None:
        """The digest for a value with these parts: the one there is where it says the same, else a new one.

        A part that is None is unknown from now on; parts that are not named stay.
        """
        before = self.get(digest)
        after = {name: part for name, part in {**before, **parts}.items() if part is not None}
        if after == before:
            return digest
        if not after:
            return None
        salt = values.new_salt()
        made = values.digest_of(salt, after)
        self._new.append((salt, after))
        self._known[made] = after
        return made

    def settle(self) -> None:
        """Make durable what was put: before the events that refer to it. Raises NoSpaceError."""
        with disk():
            self._values.put(self._new)
        self._new.clear()

    def forget(self) -> None:
        """Drop what was put and not made durable: its events will not come."""
        for salt, after in self._new:
            self._known.pop(values.digest_of(salt, after), None)
        self._new.clear()

"""What every event is, and the records that events share. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ingestd.model import Kind, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """A claim as the log keeps it: names of people as the digest of a value, numbers as they are."""

    what: str
    text: str | None
    value: str | None
    """Digest of the value file where the claim is personal text (officer_name, unit_name)."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One entry of a card's listing."""

    path: str
    path_b64: str | None
    size: int
    mtime_us: int | None
    kind: Kind
    sequence: int | None
    plan: str
    """acquire, held, prove, left."""
    why: str | None
    """The reason where it is left; the held acquisition's id where it is held or to be proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverRecord:
    """A driver in use, so that it can be told later which code spoke to a recorder."""

    name: str
    version: str
    sha256: Sha256
    """Of the driver's module file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Root of all events."""

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """What the event is about: ``clip:<id>``, ``recorder:<id>``, ``session:<id>``, ``station``, ..."""
        return "station"

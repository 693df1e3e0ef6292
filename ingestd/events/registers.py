"""Events of the registers: each states a whole row as it is known after it, and who said it or which file. PURE.

What is known already is not stated again; what differs from before is a correction, and the earlier statement
stays in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.facts import FileRow, Officer, Party, Unit
from ingestd.model import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStated(Unit, Event):
    """What is known of a unit from now on."""

    type = "unit.stated"
    source: FileRow | None = None
    """None: the entry's actor said it."""

    @property
    def subject(self) -> str:
        return f"unit:{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerStated(Officer, Event):
    """What is known of an officer from now on."""

    type = "officer.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"officer:{self.officer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStated(Party, Event):
    """What is known of a subject of enforcement from now on."""

    type = "party.stated"
    source: FileRow | None = None

    @property
    def subject(self) -> str:
        return f"party:{self.party}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterImported(Event):
    """A file was taken into a register; it is not taken a second time."""

    type = "register.imported"
    file: Sha256
    name_value: str
    """The file's name, as personal text."""
    register: str
    rows: int
    changed: int
    """Rows that said something new."""
    same: int
    """Rows that said what was known."""
    refused: int
    """Rows with a fault, not taken."""

    @property
    def subject(self) -> str:
        return f"register:{self.register}"

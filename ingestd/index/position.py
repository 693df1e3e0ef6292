"""What a projection knows of an entry besides its event: where it stands, when and by whom. PURE."""

from __future__ import annotations

from typing import Protocol

from ingestd.model import Millis


class Position(Protocol):
    """The part of a log entry that a projection uses."""

    @property
    def seq(self) -> int:
        """Leaf index in the log, from 0."""

    @property
    def at(self) -> Millis:
        """Station time of the entry."""

    @property
    def actor(self) -> str:
        """The person, or ``daemon``."""

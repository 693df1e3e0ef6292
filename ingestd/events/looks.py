"""Looks: who opened what they saw, why, and what of it was shown. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOpened(Event):
    """A person begins to look at an item; published before the first byte is shown."""

    type = "look.opened"
    look: str
    about: str
    """``clip:<acquisition>``, ``text-record:<record>``; of strips in lists ``account:<person>``."""
    what: str
    """player, preview, strip, snapshot, document, original (taken away as a file)."""
    login: str | None
    """The login or API token; None: by the machine's own user."""
    case: str | None
    """The case of the item at that moment."""
    purpose_value: str | None
    """What for, in the person's words; None where it was not asked."""
    picture_sha256: Sha256 | None = None
    """Of a snapshot: the picture that was taken, which is not kept here."""
    at_ms: int | None = None
    """Of a snapshot: where in the film it was taken."""
    picture_of: str | None = None
    """Of a snapshot: what was on the screen, `original` or `preview`; None where that was not told."""

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class LookClosed(Event):
    """The look is over; what was shown of the item, as far as it is known."""

    type = "look.closed"
    look: str
    about: str
    why: str
    """closed, idle, login-ended, next (another one takes its place)."""
    seen: tuple[tuple[int, int], ...]
    """Stretches that were played, as the player told: milliseconds of its film, ends excluded."""
    watched_ms: int | None
    """How long it was really playing, as the player told."""
    served: tuple[tuple[int, int], ...]
    """Bytes that were sent, ends excluded: of the original, or of its preview."""
    items: tuple[str, ...]
    """Clips whose strips were shown in lists."""

    @property
    def subject(self) -> str:
        return self.about

"""Weighing what a recorder and its files claim: who it is, whose it is, what contradicts what. PURE.

A claim is never an authentication, and two claims that disagree are never settled here: the conflict is
told with every value and where it stood. Rules: the recorder is what the device and its identity files
say, if they agree; only where they say nothing, what all its files say. A clip's officer is what the clip
says, unless the device says another; a clip that says nothing is the recorder's officer's only where no
claim on the whole card disagrees. Files of several officers on a card that names none are no contradiction
(a pool recorder): each keeps its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestd.device.api import Identity, Item
from ingestd.model import UNIDENTIFIED, Claim, RecorderId

SERIAL, OFFICER = "serial", "officer"
_ID_CHARS = 64
_DIGEST_CHARS = 8
CONFLICT_VALUES = 16
"""Values that a conflict lists; a card with more differing names is told by the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedValue:
    """One value of a conflict and the places that state it (the file's claim: ``name``)."""

    value: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Claims that disagree."""

    what: str
    """serial or officer."""
    values: tuple[ClaimedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a card's claims come to."""

    recorder: RecorderId
    """UNIDENTIFIED where there is no serial, or where it cannot be told which."""
    officer: str | None
    """Whose recorder it is, None where nobody is named or the claims disagree."""
    device_officers: tuple[str, ...]
    """Officers that the device and its identity files name."""
    conflicts: tuple[Conflict, ...]


def id_text(claim: str) -> str:
    """A claimed number as text that is safe in ids, paths and logs: ``[A-Z0-9._-]``, at most 64 characters.

    Case and spaces around it do not matter. What had to be changed otherwise gets 8 hex digits of its
    SHA-256, so that two different claims never become one id.
    """
    upper = claim.strip().upper()
    clean = re.sub(r"[^A-Z0-9._-]", "_", upper)[:_ID_CHARS]
    if clean == upper and clean.strip("._-"):
        return clean
    digest = hashlib.sha256(upper.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS].upper()
    return f"{clean[: _ID_CHARS - _DIGEST_CHARS - 1]}-{digest}"


class _Values:
    """Distinct values with their sources, in the order in which they were seen."""

    def __init__(self) -> None:
        self._sources: dict[str, dict[str, None]] = {}

    def add(self, value: str, source: str) -> None:
        self._sources.setdefault(id_text(value), {})[source] = None

    def merged(self, other: _Values) -> _Values:
        both = _Values()
        for values in (self, other):
            for value, sources in values._sources.items():  # noqa: SLF001 - its own class
                both._sources.setdefault(value, {}).update(sources)
        return both

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self._sources)

    def conflict(self, what: str) -> Conflict:
        listed = list(self._sources.items())[:CONFLICT_VALUES]
        return Conflict(
            what=what,
            values=tuple(ClaimedValue(value=v, sources=tuple(s)[:CONFLICT_VALUES]) for v, s in listed),
        )


def _gather(claims: Iterable[Claim]) -> Mapping[str, _Values]:
    found = {SERIAL: _Values(), OFFICER: _Values()}
    for claim in claims:
        if claim.what in found:
            found[claim.what].add(claim.value, claim.source)
    return found


def weigh(identity: Identity, item_claims: Iterable[Claim]) -> Weighed:
    """Weigh the device's own claims with those of all its files."""
    device, files = _gather(identity.claims), _gather(item_claims)
    serials = device[SERIAL].merged(files[SERIAL])
    officers = device[OFFICER].merged(files[OFFICER])
    deciding = device[SERIAL].values or serials.values
    conflicts = []
    if len(serials.values) > 1:
        conflicts.append(serials.conflict(SERIAL))
    if len(officers.values) > 1 and device[OFFICER].values:
        conflicts.append(officers.conflict(OFFICER))
    return Weighed(
        recorder=RecorderId(deciding[0]) if len(deciding) == 1 else UNIDENTIFIED,
        officer=officers.values[0] if len(officers.values) == 1 else None,
        device_officers=device[OFFICER].values,
        conflicts=tuple(conflicts),
    )


def clip_officer(item: Item, weighed: Weighed) -> tuple[str | None, Conflict | None]:
    """Who made this clip as far as claims go, and the conflict where they disagree about it."""
    said = _Values()
    for claim in item.claims:
        if claim.what == OFFICER:
            said.add(claim.value, claim.source)
    if not said.values:
        return weighed.officer, None
    for officer in weighed.device_officers:
        said.add(officer, "recorder")
    if len(said.values) == 1:
        return said.values[0], None
    return None, said.conflict(OFFICER)

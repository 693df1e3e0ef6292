"""From which recordings a draw is made, by nothing but the first entries of a log; and what is drawn of them. PURE.

A recording belongs to the period in which its entry came into the log, not to that in which it was filmed: so every
recording is in one period and none escapes by coming late or by a wrong clock. What its strata go by (the linked act,
the officer's unit) counts as the log knows it at that tree size: what is said later changes no draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestd import canon
from ingestd.events import (
    ActStated,
    AuditDrawn,
    ClipLinked,
    ClipQuarantined,
    ClipSecured,
    ClipUnlinked,
    OfficerStated,
    UnitStated,
)
from ingestd.law.draw import Item, Size, draw, seed
from ingestd.ledger.entry import Blobs, Entry, parse
from ingestd.model import AcquisitionId, Millis, Sha256

_STORED: Final = (ClipSecured.type, ClipQuarantined.type)
_LINKS: Final = (ClipLinked.type, ClipUnlinked.type)
_TYPES: Final = (*_STORED, *_LINKS, ActStated.type, OfficerStated.type, UnitStated.type)
_ENDINGS: Final = tuple(f'"type":"{name}","v":1}}'.encode() for name in _TYPES)
"""How entries of these types end (canonical JSON): nine of ten entries need not be read for a draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which recordings: of a period, its end not included; of a unit and those below it, or of all."""

    since_at: Millis
    until_at: Millis
    unit: str | None


class Population:
    """Takes a log's entries in their order; `items` are the recordings of a scope as they are known then."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._officers: dict[str, str | None] = {}
        """Of the recordings of the period, by acquisition."""
        self._acts: dict[str, str] = {}
        self._kinds: dict[str, str | None] = {}
        self._units: dict[str, str | None] = {}
        self._above: dict[str, str | None] = {}

    def take(self, entry: Entry, blobs: Blobs) -> None:
        """One more entry. Raises EntryError where its data is not what its type says."""
        if not self._may_matter(entry):
            return
        match entry.event(blobs):
            case (ClipSecured() | ClipQuarantined()) as clip:
                for old in clip.supersedes:
                    self._officers.pop(old, None)
                if clip.kind.is_recording and self._is_within(entry.at):
                    self._officers[clip.acquisition] = clip.officer
            case ClipLinked(act=str() as act) as link:
                self._acts[link.acquisition] = act
            case ClipLinked() | ClipUnlinked() as link:
                self._acts.pop(link.acquisition, None)
            case ActStated() as act:
                self._kinds[act.act] = act.kind
            case OfficerStated() as officer:
                self._units[officer.officer] = officer.unit
            case UnitStated() as unit:
                self._above[unit.unit] = unit.parent
            case _:
                pass

    def _is_within(self, at: Millis) -> bool:
        return self._scope.since_at <= at < self._scope.until_at

    def _may_matter(self, entry: Entry) -> bool:
        """Whether it needs to be read in full: a clip of another period that supersedes none does not."""
        if entry.type in _LINKS:
            return entry.subject.removeprefix("clip:") in self._officers
        if entry.type in _STORED:
            return self._is_within(entry.at) or entry.blob is not None or bool(entry.data.get("supersedes"))
        return entry.type in _TYPES

    def items(self) -> tuple[Item, ...]:
        """The recordings of the scope, by their ids."""
        found = (
            Item(
                acquisition=acquisition,
                officer=officer,
                act_kind=self._kinds.get(self._acts.get(acquisition, "")),
                unit=self._units.get(officer or ""),
            )
            for acquisition, officer in sorted(self._officers.items())
        )
        wanted = self._scope.unit
        return tuple(item for item in found if wanted is None or wanted in self._line(item.unit))

    def _line(self, unit: str | None) -> list[str]:
        """A unit and those above it; a ring among them ends where it began."""
        line: list[str] = []
        while unit is not None and unit not in line:
            line.append(unit)
            unit = self._above.get(unit)
        return line


def of_entries(entries: Iterable[bytes], scope: Scope, blobs: Blobs) -> tuple[Item, ...]:
    """The recordings of a scope by the first entries of a log."""
    known = Population(scope)
    for data in entries:
        if data.endswith(_ENDINGS):
            known.take(parse(data), blobs)
    return known.items()


def digest(items: Iterable[Item]) -> Sha256:
    """SHA-256 of the population, so that two who come to other draws see where they part.

    A line a recording, by acquisition: canonical JSON of acquisition, officer, kind of act and unit, then LF.
    """
    lines = sorted((one.acquisition, one.officer, one.act_kind, one.unit) for one in items)
    text = b"".join(canon.encode(list(line)) + b"\n" for line in lines)
    return Sha256(hashlib.sha256(text).hexdigest())


def drawn(audit: str, items: tuple[Item, ...], size: Size, *, root: bytes, nonce: bytes) -> AuditDrawn:
    """What is drawn: by the root that the station signed and the nonce that the auditor was bound to."""
    found = draw(items, seed(root, nonce), size)
    return AuditDrawn(
        audit=audit,
        population=len(items),
        population_sha256=digest(items),
        acquisitions=tuple(AcquisitionId(one) for one in found),
    )

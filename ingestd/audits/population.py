"""From which recordings a draw is made, by nothing but the first entries of a log; and what is drawn of them. PURE.

A recording belongs to the period in which its entry came into the log, not to that in which it was filmed: so every
recording is in one period and none escapes by coming late or by a wrong clock. What its strata go by (the linked act,
the officer's unit) counts as the log knows it at that tree size: what is said later changes no draw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

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
from ingestd.ledger.entry import Blobs, EntryError
from ingestd.model import AcquisitionId, Kind, Millis, Sha256

_TYPES: Final = (ClipSecured, ClipQuarantined, ClipLinked, ClipUnlinked, ActStated, OfficerStated, UnitStated)
_ENDINGS: Final = tuple(f'"type":"{one.type}","v":1}}'.encode() for one in _TYPES)
"""How entries of these types end (canonical JSON): the others need not be read for a draw."""
_RECORDINGS: Final = frozenset(kind.value for kind in Kind if kind.is_recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which recordings: of a period, its end not included; of a unit and those below it, or of all."""

    since_at: Millis
    until_at: Millis
    unit: str | None


class Population:
    """Takes a log's entries in their order; `items` are the recordings of a scope as they are known then.

    Entries are read as JSON and not built as events: it takes a twentieth of the time, and a draw may go over a
    million. Their root is proved by whoever gives them; their form is `log check`'s.
    """

    def __init__(self, scope: Scope, blobs: Blobs) -> None:
        self._unit = scope.unit
        self._begin, self._end = canon.timestamp(scope.since_at), canon.timestamp(scope.until_at)
        self._blobs = blobs
        self._officers: dict[str, str | None] = {}
        """Of the recordings of the period, by acquisition."""
        self._acts: dict[str, str] = {}
        self._kinds: dict[str, str | None] = {}
        self._units: dict[str, str | None] = {}
        self._above: dict[str, str | None] = {}

    def take(self, data: bytes) -> None:
        """One more entry. Raises EntryError where its data is not what its type says."""
        try:
            entry = json.loads(data)
            told = entry["data"]
            if told.keys() == {"blob"}:
                told = json.loads(self._blobs.get(told["blob"]))
            self._take(entry["type"], entry["at"], told)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EntryError(f"not what a draw can be made from: {error!r}") from error

    def _take(self, kind: str, at: str, told: dict[str, Any]) -> None:
        match kind:
            case ClipSecured.type | ClipQuarantined.type:
                for old in told["supersedes"]:
                    self._officers.pop(old, None)
                # Timestamps of entries have one form and one zone: their order is that of their text.
                if told["kind"] in _RECORDINGS and self._begin <= at < self._end:
                    self._officers[told["acquisition"]] = told["officer"]
            case ClipLinked.type if told["act"] is not None:
                if told["acquisition"] in self._officers:
                    self._acts[told["acquisition"]] = told["act"]
            case ClipLinked.type | ClipUnlinked.type:
                self._acts.pop(told["acquisition"], None)
            case ActStated.type:
                self._kinds[told["act"]] = told.get("kind")
            case OfficerStated.type:
                self._units[told["officer"]] = told.get("unit")
            case UnitStated.type:
                self._above[told["unit"]] = told.get("parent")
            case _:
                pass

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
        return tuple(item for item in found if self._unit is None or self._unit in self._line(item.unit))

    def _line(self, unit: str | None) -> list[str]:
        """A unit and those above it; a ring among them ends where it began."""
        line: list[str] = []
        while unit is not None and unit not in line:
            line.append(unit)
            unit = self._above.get(unit)
        return line


def of_entries(entries: Iterable[bytes], scope: Scope, blobs: Blobs) -> tuple[Item, ...]:
    """The recordings of a scope by the first entries of a log."""
    known = Population(scope, blobs)
    for data in entries:
        if data.endswith(_ENDINGS):
            known.take(data)
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

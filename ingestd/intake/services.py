"""What a session works with: one set a daemon, and the values of one card."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ingestd import canon
from ingestd.canon import Json
from ingestd.clock import Clock
from ingestd.events import ClaimRecord
from ingestd.intake.acquire import Acquirer
from ingestd.intake.partials import Partials
from ingestd.intake.places import Places
from ingestd.intake.ports import Books
from ingestd.intake.turns import Turns
from ingestd.model import Claim, Millis

PERSONAL_CLAIMS = frozenset({"officer_name", "unit_name"})


class Stopped(Exception):
    """The daemon is ending; what is secured stays so, the rest waits for the next docking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the configuration and the policy in force say to a session."""

    utc_offset_minutes: int
    commissioned_at: Millis
    reserve_bytes: int
    release: bool
    store_within_ms: int | None
    """REC-1: the order of work follows the earliest deadline. None: there is no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a session works with; one set a daemon."""

    acquirer: Acquirer
    partials: Partials
    books: Books
    clock: Clock
    turns: Turns
    places: Places
    securing: Executor
    put_value: Callable[[dict[str, Json]], str]
    """Puts personal text into a value file and gives its digest (design 5)."""
    rules: Callable[[], Rules]
    stopping: Callable[[], bool]

    def new_id(self) -> str:
        """A new UUIDv7."""
        return canon.new_id(self.clock.now(), os.urandom(10))


class Values:
    """The claims of one card as log and manifest keep them: names of people as digests of value files."""

    def __init__(self, put: Callable[[dict[str, Json]], str]) -> None:
        self._put = put
        self._known: dict[tuple[str, str], str] = {}

    def records(self, claims: Sequence[Claim]) -> tuple[ClaimRecord, ...]:
        """Each claim with its source; the same personal text once."""
        return tuple(self._record(claim) for claim in claims)

    def _record(self, claim: Claim) -> ClaimRecord:
        if claim.what not in PERSONAL_CLAIMS:
            return ClaimRecord(what=claim.what, text=claim.value, value=None, source=claim.source)
        key = (claim.what, claim.value)
        if key not in self._known:
            self._known[key] = self._put({claim.what: claim.value})
        return ClaimRecord(what=claim.what, text=None, value=self._known[key], source=claim.source)

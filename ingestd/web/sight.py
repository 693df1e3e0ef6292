"""Which of many items a person may see: what `index.authority` says of each, without asking for every one.

Most clips of a list name an officer, and that officer's unit settles it; the rest are asked about one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from ingestd.index import registers
from ingestd.index.facts import Clip
from ingestd.index.law_queries import Told, concerned_by
from ingestd.index.ties import item
from ingestd.people.separation import READERS
from ingestd.web.desk import Desk


class Sight:
    """What a person of a request may see (SEP-6, SEP-7; an officer: what is his own)."""

    def __init__(self, desk: Desk, connection: Connection) -> None:
        self._desk = desk
        self._connection = connection
        who = desk.visitor
        self._reads = bool(set(READERS) & who.roles) and not who.administers
        self.units = None if who.unit is None else registers.below(registers.units(connection), who.unit)
        """Those whose matters they see; None: of the whole agency."""

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from this person."""
        return self._reads and self.units is None

    def clips(self, clips: Sequence[Clip]) -> list[Clip]:
        """Those of these clips that they may see, in the same order."""
        if self._desk.visitor.administers:
            return []
        if self.sees_all:
            return list(clips)
        theirs = self.officers({one.officer for one in clips if one.officer is not None})
        return [one for one in clips if one.officer in theirs or self.item(f"clip:{one.acquisition}")]

    def officers(self, officers: Collection[str]) -> frozenset[str]:
        """Of these officers those whose recordings they may see without another look."""
        own = frozenset({self._desk.visitor.person} if "officer" in self._desk.visitor.roles else ())
        if not self._reads:
            return own & frozenset(officers)
        known = registers.stated(self._connection, "officer", officers)
        return own | {one for one, said in known.items() if self.units is None or said.row.unit in self.units}

    def item(self, about: str) -> bool:
        """Whether they may see one item of the log (``clip:``, ``case:``, ``act:``, ...)."""
        return self.sees_all or self._desk.sees(self._connection, about)

    def finding(self, told: Told) -> bool:
        """Whether they may see a finding.

        Who reads evidence: of their units and of none (`actions.finding_rights`). An officer: what judges them
        or is theirs. A dock keeper: what the dock found, and what is about recorders.
        """
        who = self._desk.visitor
        if self._reads:
            return self.units is None or self.is_of(told, self.units, or_unknown=True)
        if "officer" in who.roles and (
            who.person in concerned_by(told) or item(self._connection, told.about).ties_of(who.person)
        ):
            return True
        is_of_dock = told.level is None or told.about.startswith("recorder:")
        return (
            "dock-keeper" in who.roles
            and is_of_dock
            and (self.units is None or self.is_of(told, self.units, or_unknown=True))
        )

    def is_of(self, told: Told, units: frozenset[str], *, or_unknown: bool = False) -> bool:
        """Whether a finding is of one of these units: of those whom it concerns, or of what it is about."""
        known = registers.stated(self._connection, "officer", concerned_by(told))
        theirs = {one.row.unit for one in known.values()} - {None}
        if theirs & units:
            return True
        found = item(self._connection, told.about).units
        return bool(found & units) or (or_unknown and not found)

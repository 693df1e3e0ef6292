"""Which of many items a person may see: what `index.authority` says of each, without asking for every one.

Most clips of a list name an officer, and that officer's unit settles it; the rest are asked about one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from ingestd.index import registers
from ingestd.index.facts import Clip
from ingestd.index.law_queries import Told, concerned_by
from ingestd.index.tie_lists import Items
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
        self._units_of_officer: dict[str, str | None] = {}
        self._items = Items(connection)

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
        self._items.add(f"clip:{one.acquisition}" for one in clips if one.officer not in theirs)
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
        return self.sees_all or self._desk.sees(self._connection, about, self._items)

    def finding(self, told: Told) -> bool:
        """Whether they may see a finding.

        Who reads evidence: of their units and of none (`actions.finding_rights`). An officer: what judges them
        or is theirs. A dock keeper: what the dock found, and what is about recorders.
        """
        who = self._desk.visitor
        if self._reads:
            return self.units is None or self.is_of(told, self.units, or_unknown=True)
        if "officer" in who.roles and (
            who.person in concerned_by(told) or self._items.ties(told.about, who.person)
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
        if self._units_of(concerned_by(told)) & units:
            return True
        found = self._items.units(told.about)
        return bool(found & units) or (or_unknown and not found)

    def prepare(self, abouts: Iterable[str], officers: Iterable[str] = ()) -> None:
        """These items will be asked about, and these officers' units: both are read at once."""
        self._items.add(abouts)
        self._units_of(frozenset(officers))

    def _units_of(self, officers: Collection[str]) -> frozenset[str]:
        if new := set(officers) - self._units_of_officer.keys():
            known = registers.stated(self._connection, "officer", new)
            self._units_of_officer |= {one: known[one].row.unit if one in known else None for one in new}
        found = (self._units_of_officer[one] for one in officers)
        return frozenset(unit for unit in found if unit is not None)

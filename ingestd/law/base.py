"""The facts that verdicts read, with the ways from one to another. PURE.

A base holds what the verdicts on some subjects read, or everything. No fact is worked out here. Which facts a
verdict reads, and whose verdicts a new fact may change, `ingestd.index.law_reach` says: a judge that reads what is
not told there would give another verdict by events than by a full evaluation, and the property test holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.law.facts import Audit, CaseFile, Clip, Determination, Fact, RecordedMonth, Recorder, Sheet
from ingestd.law.months import month_of
from ingestd.model import Millis

CONTINUES_MS = 3_000
"""A recorder closes one file and opens the next within so long: more is a new start of recording."""


class Subject(NamedTuple):
    """What a verdict is about."""

    kind: str
    """clip, session, recorder, act, case, record, decision, unit, audit, month, station."""
    id: str


STATION = Subject("station", "")


class Index:
    """Ids by what they belong to."""

    def __init__(self) -> None:
        self._ids: dict[Any, set[str]] = {}

    def add(self, key: Any, id_: str) -> None:
        """Enter an id; a key of None is no key."""
        if key is not None:
            self._ids.setdefault(key, set()).add(id_)

    def of(self, key: Any) -> list[str]:
        """The ids, in order."""
        return sorted(self._ids.get(key, ()))


_KEYS = {
    Clip: "acquisition",
    Recorder: "recorder",
    Officer: "officer",
    Unit: "unit",
    Case: "case",
    Act: "act",
    TextRecord: "record",
    Decision: "decision",
    Review: "review",
    Determination: "act",
    CaseFile: "case",
    Audit: "audit",
    RecordedMonth: "month",
}


class Base:
    """Facts by kind and id."""

    def __init__(self, facts: Iterable[Fact] = (), *, utc_offset_minutes: int = 480) -> None:
        self._utc_offset_minutes = utc_offset_minutes
        self.clips: dict[str, Clip] = {}
        self.recorders: dict[str, Recorder] = {}
        self.officers: dict[str, Officer] = {}
        self.units: dict[str, Unit] = {}
        self.cases: dict[str, Case] = {}
        self.acts: dict[str, Act] = {}
        self.records: dict[str, TextRecord] = {}
        self.decisions: dict[str, Decision] = {}
        self.reviews: dict[str, Review] = {}
        self.determinations: dict[str, Determination] = {}
        self.files: dict[str, CaseFile] = {}
        self.sheets: dict[tuple[str, str], Sheet] = {}
        self.audits: dict[str, Audit] = {}
        self.months: dict[str, RecordedMonth] = {}
        self._tables: dict[type[Any], dict[Any, Any]] = {
            Clip: self.clips,
            Recorder: self.recorders,
            Officer: self.officers,
            Unit: self.units,
            Case: self.cases,
            Act: self.acts,
            TextRecord: self.records,
            Decision: self.decisions,
            Review: self.reviews,
            Determination: self.determinations,
            CaseFile: self.files,
            Sheet: self.sheets,
            Audit: self.audits,
            RecordedMonth: self.months,
        }
        self._clips_of_act, self._clips_of_session = Index(), Index()
        self._clips_by_number = Index()
        self._recorders_of_officer, self._officers_of_unit, self._units_below = Index(), Index(), Index()
        self._acts_of_case = Index()
        self._records_of_act, self._records_of_case = Index(), Index()
        self._decisions_of_case, self._reviews_of_case = Index(), Index()
        self._inspections_of_month = Index()
        for fact in facts:
            self._enter(fact)

    def _enter(self, fact: Fact) -> None:
        key = key_of(fact)
        self._tables[type(fact)][key] = fact
        for index, belongs in self._places(fact):
            index.add(belongs, key)

    def _places(self, fact: Fact) -> Iterator[tuple[Index, Any]]:  # noqa: C901 - one case a kind of fact
        match fact:
            case Clip():
                yield self._clips_of_session, fact.session
                yield self._clips_of_act, fact.link and fact.link.act
                if fact.sequence is not None:
                    yield self._clips_by_number, (fact.session, fact.recorder, fact.sequence)
            case Recorder():
                yield self._recorders_of_officer, fact.officer
            case Officer():
                yield self._officers_of_unit, fact.unit
            case Unit():
                yield self._units_below, fact.parent
            case Case() if fact.random_inspection and fact.concluded_at is not None:
                yield self._inspections_of_month, self.month_of(fact.concluded_at)
            case Act():
                yield self._acts_of_case, fact.case
            case TextRecord():
                yield self._records_of_act, fact.act
                yield self._records_of_case, fact.case
            case Decision():
                yield self._decisions_of_case, fact.case
            case Review():
                yield self._reviews_of_case, fact.case
            case _:
                pass

    # --- ways from one to another -----------------------------------------------------------------

    def subjects(self) -> Iterator[Subject]:
        """Everything that a verdict may be about."""
        yield STATION
        yield from (Subject("clip", key) for key in self.clips)
        yield from (Subject("session", key) for key in {clip.session for clip in self.clips.values()})
        for kind, table in (
            ("recorder", self.recorders),
            ("act", self.acts),
            ("case", self.cases),
            ("record", self.records),
            ("decision", self.decisions),
            ("unit", self.units),
            ("audit", self.audits),
            ("month", self.months),
        ):
            yield from (Subject(kind, key) for key in table)

    def clips_of_act(self, act: str) -> list[Clip]:
        """What is linked to an act."""
        return [self.clips[key] for key in self._clips_of_act.of(act)]

    def clips_of_session(self, session: str) -> list[Clip]:
        """What a docking brought."""
        return [self.clips[key] for key in self._clips_of_session.of(session)]

    def previous(self, clip: Clip) -> Clip | None:
        """The clip that this one goes on from without a new start: a segment of the same recording."""
        if clip.sequence is None:
            return None
        number = (clip.session, clip.recorder, clip.sequence - 1)
        found = (self.clips[key] for key in self._clips_by_number.of(number))
        return next((one for one in found if _goes_on(one, clip)), None)

    def next(self, clip: Clip) -> Clip | None:
        """The clip that goes on from this one."""
        if clip.sequence is None:
            return None
        number = (clip.session, clip.recorder, clip.sequence + 1)
        found = (self.clips[key] for key in self._clips_by_number.of(number))
        return next((one for one in found if self.previous(one) is clip), None)

    def segments(self, start: Clip) -> Iterator[Clip]:
        """A recording's clips from its first segment on."""
        one: Clip | None = start
        while one is not None:
            yield one
            one = self.next(one)

    def records_of_act(self, act: Act) -> list[TextRecord]:
        """The text records of an act, and those of its case that name no act."""
        own = [self.records[key] for key in self._records_of_act.of(act.act)]
        others = (self.records[key] for key in self._records_of_case.of(act.case))
        return own + [record for record in others if record.act is None]

    def acts_of_case(self, case: str) -> list[Act]:
        """The acts of a case."""
        return [self.acts[key] for key in self._acts_of_case.of(case)]

    def decisions_of(self, case: str) -> list[Decision]:
        """The decisions of a case."""
        return [self.decisions[key] for key in self._decisions_of_case.of(case)]

    def reviews_of(self, case: str) -> list[Review]:
        """The rounds of review of a case."""
        return [self.reviews[key] for key in self._reviews_of_case.of(case)]

    def inspections_of(self, month: str) -> list[str]:
        """Cases of random inspections that were concluded in a month (``2026-03``)."""
        return self._inspections_of_month.of(month)

    def month_of(self, at: Millis) -> str:
        """The month of a moment at the agency's place."""
        return month_of(at, self._utc_offset_minutes)

    def above(self, unit: str | None) -> list[str]:
        """A unit and the units above it; a ring among them ends where it began."""
        found: list[str] = []
        while unit is not None and unit not in found:
            found.append(unit)
            known = self.units.get(unit)
            unit = None if known is None else known.parent
        return found

    def below(self, unit: str) -> list[str]:
        """A unit and all units under it."""
        found, waiting = {unit}, [unit]
        while waiting:
            under = [one for one in self._units_below.of(waiting.pop()) if one not in found]
            found.update(under)
            waiting += under
        return sorted(found)

    def officers_below(self, unit: str) -> list[Officer]:
        """The active persons of a unit and of the units under it."""
        found = (self.officers[key] for one in self.below(unit) for key in self._officers_of_unit.of(one))
        return [officer for officer in found if officer.active]

    def recorders_of(self, officers: Iterable[str]) -> list[Recorder]:
        """The recorders that these persons have, without the lost ones."""
        found = (self.recorders[key] for one in officers for key in self._recorders_of_officer.of(one))
        return [recorder for recorder in found if not recorder.is_lost]


def key_of(fact: Fact) -> Any:
    """The id under which a fact is known among its kind."""
    if isinstance(fact, Sheet):
        return fact.sheet, fact.period
    return getattr(fact, _KEYS[type(fact)])


def _goes_on(before: Clip, after: Clip) -> bool:
    """Whether one clip follows another without a new start. Both lie on one clock: their nominal times tell."""
    ends, begins = before.ended, after.started
    bounds = ((ends.earliest, begins.earliest), (ends.latest, begins.latest))
    # A bound that the dockings cut says nothing of the pause: the other one does.
    return any(
        end is not None and begin is not None and abs(begin - end) <= CONTINUES_MS for end, begin in bounds
    )

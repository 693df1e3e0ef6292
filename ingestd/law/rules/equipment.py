"""REC-19 and REV-6: recorders and legal reviewers for so many persons. PURE.

Our reading, which the rules say too (`reading`, printed with the policy): counted at every key unit and at every unit
that stands under none, with all that is below it; a figure that the agency states goes before what the register
counts. REC-19's ratio binds key units only; REV-6 binds the others too, by figures of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingestd.facts import Unit
from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Judgement
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Millis
from ingestd.policy.model import Rule

UNKNOWN_SINCE = Interval(earliest=None, latest=None, basis="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What a rule asks of a unit, and what it has."""

    rule: Rule
    kind: str
    """Of the finding where it is short."""
    persons: int
    has: int
    needed: int

    @property
    def is_short(self) -> bool:
        """Whether it has less than it needs."""
        return self.persons > 0 and self.has < self.needed


def judge(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """The figures of one unit."""
    unit = base.units.get(subject.id)
    short = [] if unit is None else [one for one in figures(base, unit, book) if one.is_short]
    found = [
        book.finding(
            one.rule,
            one.kind,
            f"unit:{subject.id}",
            ("persons", one.persons),
            ("has", one.has),
            ("needed", one.needed),
            since=UNKNOWN_SINCE,
        )
        for one in short
    ]
    return Judgement(findings=tuple(found)) if found else NOTHING


def figures(base: Base, unit: Unit, book: Rulebook) -> tuple[Staffing, ...]:
    """REC-19 and REV-6 of a unit at which they are counted; nothing of any other."""
    if not (unit.key_unit or unit.parent is None):
        return ()
    return (*_recorders(base, unit, book), *_reviewers(base, unit, book))


def needed(rule: Rule, persons: int, *, is_key: bool) -> int:
    """How many a rule asks for so many persons: a share in percent, a least number, persons to a device."""
    numbers, suffix = dict(rule.numbers), "key" if is_key else "other"

    def number(name: str) -> int:
        return numbers.get(f"{name}_{suffix}", numbers.get(name, 0))

    each = number("persons_each")
    by_share = -(-persons * number("percent") // 100)
    return max(number("at_least"), by_share, -(-persons // each) if each else 0)


def _recorders(base: Base, unit: Unit, book: Rulebook) -> Iterator[Staffing]:
    rule = book.find("REC-19")
    if rule is None or not unit.key_unit:
        return
    officers = base.officers_below(unit.unit)
    persons = len(officers) if unit.persons is None else unit.persons
    has = unit.recorders
    if has is None:
        has = len(base.recorders_of(officer.officer for officer in officers))
    wanted = needed(rule, persons, is_key=True)
    yield Staffing(rule=rule, kind="recorders-short", persons=persons, has=has, needed=wanted)


def _reviewers(base: Base, unit: Unit, book: Rulebook) -> Iterator[Staffing]:
    """REV-6 and REV-6b: the one that asks for most speaks."""
    officers = [one for one in base.officers_below(unit.unit) if one.role == "officer"]
    rules = [rule for rule in (book.find("REV-6"), book.find("REV-6b")) if rule is not None]
    if not rules:
        return
    has = sum(officer.reviewer for officer in officers)
    rule = max(rules, key=lambda one: needed(one, len(officers), is_key=unit.key_unit))
    wanted = needed(rule, len(officers), is_key=unit.key_unit)
    yield Staffing(rule=rule, kind="reviewers-short", persons=len(officers), has=has, needed=wanted)

"""REC-19 and REV-6: recorders and legal reviewers for so many persons. PURE.

Our reading: counted at every key unit and at every unit that stands under none, with all that is below it; a figure
that the agency states goes before what the register counts. REC-19's ratio binds key units only.
"""

from __future__ import annotations

from ingestd.facts import Unit
from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Finding, Judgement
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Millis
from ingestd.policy.model import Rule

UNKNOWN_SINCE = Interval(earliest=None, latest=None, basis="none")


def judge(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """The figures of one unit."""
    unit = base.units.get(subject.id)
    if unit is None or not (unit.key_unit or unit.parent is None):
        return NOTHING
    found = [*_recorders(base, unit, book), *_reviewers(base, unit, book)]
    return Judgement(findings=tuple(found)) if found else NOTHING


def needed(rule: Rule, persons: int, *, is_key: bool) -> int:
    """How many a rule asks for so many persons: a share in percent, a least number, persons to a device."""
    numbers, suffix = dict(rule.numbers), "key" if is_key else "other"

    def number(name: str) -> int:
        return numbers.get(f"{name}_{suffix}", numbers.get(name, 0))

    each = number("persons_each")
    by_share = -(-persons * number("percent") // 100)
    return max(number("at_least"), by_share, -(-persons // each) if each else 0)


def _recorders(base: Base, unit: Unit, book: Rulebook) -> list[Finding]:
    rule = book.find("REC-19")
    if rule is None or not unit.key_unit:
        return []
    officers = base.officers_below(unit.unit)
    persons = len(officers) if unit.persons is None else unit.persons
    has = unit.recorders
    if has is None:
        has = len(base.recorders_of(officer.officer for officer in officers))
    wanted = needed(rule, persons, is_key=True)
    if not persons or has >= wanted:
        return []
    facts = (("persons", persons), ("has", has), ("needed", wanted))
    about = f"unit:{unit.unit}"
    return [book.finding(rule, "recorders-short", about, *facts, since=UNKNOWN_SINCE)]


def _reviewers(base: Base, unit: Unit, book: Rulebook) -> list[Finding]:
    """REV-6 and REV-6b: the one that asks for most speaks."""
    officers = [one for one in base.officers_below(unit.unit) if one.role == "officer"]
    rules = [rule for rule in (book.find("REV-6"), book.find("REV-6b")) if rule is not None]
    if not officers or not rules:
        return []
    has = sum(officer.reviewer for officer in officers)
    rule = max(rules, key=lambda one: needed(one, len(officers), is_key=unit.key_unit))
    wanted = needed(rule, len(officers), is_key=unit.key_unit)
    if has >= wanted:
        return []
    facts = (("persons", len(officers)), ("has", has), ("needed", wanted))
    about = f"unit:{unit.unit}"
    return [book.finding(rule, "reviewers-short", about, *facts, since=UNKNOWN_SINCE)]

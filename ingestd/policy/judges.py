"""What a policy alone can decide, by its own figures and lists: the judges of the worked examples. PURE.

Each takes the policy, one of its rules and the facts of an example, and answers with a word. They try a policy's
text: what is judged of real clips and cases rests on more facts and is judged where those are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

from ingestd.policy.model import Fact, Filming, Policy, Rule, Strength

Facts = Mapping[str, Fact]
HOUR_MS = 3_600_000
CHINA_MINUTES = 480
"""China's only zone, UTC+8; an example may state ``utc_offset_minutes``."""
SATURDAY = 5


def deadline(rule: Rule, start: int, facts: Facts, *, counts_first_day: bool = False) -> int | None:
    """The last moment in time (ms UTC), for a start; None where the rule has no figure.

    Hours run from the moment. Days run to the end of the local day, and day one is the day after the start unless
    ``counts_first_day``. Working days leave out weekends and ``holidays`` and take in ``workdays``. A number named
    for the fact ``kind`` (``working_days_permit``) goes before the general one.
    """
    kind = facts.get("kind")
    numbers = dict(rule.numbers)
    for unit in ("hours", "days", "working_days", "months"):
        number = numbers.get(f"{unit}_{kind}", numbers.get(unit))
        if number is None:
            continue
        if unit == "hours":
            return start + number * HOUR_MS
        offset = timedelta(minutes=cast("int", facts.get("utc_offset_minutes", CHINA_MINUTES)))
        day = (datetime.fromtimestamp(start // 1000, UTC) + offset).date()
        last = _last_day(day, unit, number, facts, counts_first_day=counts_first_day)
        midnight = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1) - offset
        return int(midnight.timestamp() * 1000) - 1
    return None


def _last_day(day: date, unit: str, number: int, facts: Facts, *, counts_first_day: bool) -> date:
    if unit == "months":
        month = day.month - 1 + number
        year, month = day.year + month // 12, month % 12 + 1
        return min(date(year, month, 1) + timedelta(days=day.day - 1), _month_end(year, month))
    if unit == "days":
        return day + timedelta(days=number - counts_first_day)
    holidays, workdays = (cast("tuple[str, ...]", facts.get(name, ())) for name in ("holidays", "workdays"))
    left = number - (counts_first_day and _works(day, holidays, workdays))
    while left > 0:
        day += timedelta(days=1)
        left -= _works(day, holidays, workdays)
    return day


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _works(day: date, holidays: tuple[str, ...], workdays: tuple[str, ...]) -> bool:
    name = day.isoformat()
    return name in workdays or (day.weekday() < SATURDAY and name not in holidays)


def clock(policy: Policy, rule: Rule, facts: Facts) -> str:
    """A rule's clock from an instant, or from between two: in time, too late, or not to be told."""
    first_day = policy.find("OWN-12")
    counts = first_day is not None and rule.id == "REC-11" and bool(first_day.number("first_day"))
    early = cast("int", facts["from_earliest"] if "from_earliest" in facts else facts["from"])
    late = cast("int", facts["from_latest"] if "from_latest" in facts else facts["from"])
    bounds = [deadline(rule, moment, facts, counts_first_day=counts) for moment in (early, late)]
    if bounds[0] is None or bounds[1] is None:
        return "no-figure"
    done = facts.get("done")
    at = cast("int", facts["now"] if done is None else done)
    if at > bounds[1]:
        return "overdue" if done is None else "late"
    if at > bounds[0]:
        return "cannot-tell"
    if done is not None:
        return "on-time"
    soon = policy.find("OWN-1") if rule.id == "REC-1" else None
    return "due-soon" if soon and at >= early + soon.number("hours") * HOUR_MS else "running"


def yearly(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """A day of the year by which the figures of the year before are out."""
    by = f"{cast('int', facts['of_year']) + 1}-{dict(rule.dates)[cast('str', facts['which'])]}"
    return "on-time" if cast("str", facts["done_on"]) <= by else "late"


def filming(policy: Policy, rule: Rule, facts: Facts) -> str:
    """What this rule wants of an act of a kind: nothing, a notice at most, a proposal, a clip, all of it."""
    on_premises = bool(facts.get("premises", False))
    wanted = [
        one
        for one in policy.filming(cast("str", facts["act"]), on_premises=on_premises)
        if one.rule.id == rule.id
    ]
    if not wanted:
        return "no-duty"
    determined = facts.get("determined")
    if rule.effect is Strength.WHEN_NECESSARY and determined is None:
        return "proposal"
    if rule.effect is Strength.WHEN_NECESSARY and not determined:
        return "no-duty"
    if rule.effect is Strength.AS_NEEDED:
        return "notice"
    if rule.effect in (Strength.MAY, Strength.AIM):
        return "no-duty"
    return "whole" if wanted[0].filming is Filming.WHOLE else "any"


def omission(policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether filming may be left out for a text record that reflects the act (REC-7)."""
    whole = any(
        one.filming is Filming.WHOLE and one.rule.effect is not Strength.WHEN_NECESSARY
        for one in policy.filming(cast("str", facts["act"]))
    )
    may = rule.strength is Strength.MAY and bool(facts["text_record"])
    return "may" if may and not whole and not facts.get("determined", False) else "may-not"


def waiver(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """Who may waive a finding: one of the roles, never the person concerned."""
    return "may" if facts["role"] in rule.listing("roles").keys and not facts["concerned"] else "may-not"


def apart(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether who did one thing may do another with the same records."""
    one, other = rule.listing("one").keys, rule.listing("other").keys
    did, wants = facts["did"], facts["wants"]
    is_apart = (did in one and wants in other) or (did in other and wants in one)
    return "may-not" if is_apart else "may"


def enough(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """Heads or devices for so many persons: a share in percent, a least number, persons to a device.

    Numbers named ``…_key`` hold for key units, ``…_other`` for all others.
    """
    numbers = dict(rule.numbers)
    persons, has = cast("int", facts["persons"]), cast("int", facts["has"])
    unit = "key" if facts.get("key_unit", False) else "other"

    def number(name: str) -> int | None:
        return numbers.get(f"{name}_{unit}", numbers.get(name))

    needed = [
        number("at_least") or 0,
        -(-persons * (number("percent") or 0) // 100),
        -(-persons // each) if (each := number("persons_each")) else 0,
    ]
    if not any(needed):
        return "no-figure"
    return "enough" if has >= max(needed) else "short"


def gate(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether a decision may be taken after what has happened."""
    happened = cast("tuple[str, ...]", facts["happened"])
    return "open" if set(rule.requires) <= set(happened) else "barred"


def limit(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """A measured value against a number of the rule: what is more is beyond."""
    return "within" if cast("int", facts["value"]) <= rule.number(cast("str", facts["number"])) else "beyond"


def listed(_policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether a list of the rule has an item; one that it lacks may be the agency's to add."""
    one = rule.listing(cast("str", facts["list"]))
    if facts["item"] in (*one.items, *one.keys):
        return "listed"
    return "may-be-added" if one.is_open else "not-listed"


def complete(policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether everything is there that a list, or an act's catalogue entry, asks for."""
    if "act" in facts:
        wanted = set(policy.act(cast("str", facts["act"])).documents)
    else:
        one = rule.listing(cast("str", facts["list"]))
        wanted = set(one.keys or one.items)
    return "complete" if wanted <= set(cast("tuple[str, ...]", facts["has"])) else "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One judge: how it decides, its words, the facts it must and may be given."""

    decide: Callable[[Policy, Rule, Facts], str]
    words: tuple[str, ...]
    needs: frozenset[str]
    takes: frozenset[str] = frozenset()


def _judge(decide: Callable[[Policy, Rule, Facts], str], words: str, needs: str, takes: str = "") -> Judge:
    return Judge(
        decide=decide,
        words=tuple(words.split()),
        needs=frozenset(needs.split()),
        takes=frozenset(takes.split()),
    )


JUDGES = {
    "clock": _judge(
        clock,
        "on-time late cannot-tell running due-soon overdue no-figure",
        "",
        "from from_earliest from_latest done now kind holidays workdays utc_offset_minutes",
    ),
    "yearly": _judge(yearly, "on-time late", "of_year which done_on"),
    "filming": _judge(filming, "no-duty notice proposal any whole", "act", "premises determined"),
    "omission": _judge(omission, "may may-not", "act text_record", "determined"),
    "waiver": _judge(waiver, "may may-not", "role concerned"),
    "apart": _judge(apart, "may may-not", "did wants"),
    "enough": _judge(enough, "enough short no-figure", "persons has", "key_unit"),
    "gate": _judge(gate, "open barred", "happened"),
    "limit": _judge(limit, "within beyond", "number value"),
    "listed": _judge(listed, "listed may-be-added not-listed", "list item"),
    "complete": _judge(complete, "complete incomplete", "has", "list act"),
}
"""Every judge by its name in the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one worked example."""

    rule: str
    layer: str
    number: int
    """Which of the rule's examples, from 1."""
    judge: str
    expected: str
    got: str

    @property
    def is_right(self) -> bool:
        """Whether the example holds."""
        return self.got == self.expected


def outcomes(policy: Policy) -> tuple[Outcome, ...]:
    """Every example of every rule in force.

    An example of a rule that the agency changed speaks of the rule before and is left out.
    """
    return tuple(
        Outcome(
            rule=rule.id,
            layer=rule.layer,
            number=number,
            judge=example.judge,
            expected=example.expect,
            got=verdict(policy, rule, example.judge, dict(example.facts)),
        )
        for rule in policy.rules
        if not rule.changes
        for number, example in enumerate(rule.examples, 1)
    )


def verdict(policy: Policy, rule: Rule, judge: str, facts: Facts) -> str:
    """A judge's word; where figures, lists or facts are missing or of another kind, that instead."""
    try:
        return JUDGES[judge].decide(policy, rule, facts)
    except KeyError as error:
        return f"no such {error.args[0]}"
    except (TypeError, ValueError, OverflowError) as error:
        return f"not to be decided: {error}"

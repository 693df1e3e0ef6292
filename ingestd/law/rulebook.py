"""A policy made ready for judging: rules by id, filming by act, working days, the coverage terms. PURE."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ingestd.law.coverage import Terms, Treatment
from ingestd.law.finding import Finding, Level, Value
from ingestd.law.workdays import Workdays
from ingestd.model import Interval, Millis
from ingestd.policy.model import BASELINE, ActFilming, Filming, Policy, Rule, Strength
from ingestd.words import Text

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SECOND_MS = 1_000
_LENGTHS = (("hours", HOUR_MS), ("days", DAY_MS), ("working_days", 2 * DAY_MS), ("months", 31 * DAY_MS))
HOLIDAYS_MS = 31 * DAY_MS
"""Working days are at most twice as many days, with the two long holidays of a year between them."""
_LEVELS = {
    Strength.MUST: Level.VIOLATION,
    Strength.WHEN_NECESSARY: Level.PROPOSAL,
    Strength.AS_NEEDED: Level.NOTICE,
    Strength.OWN: Level.NOTICE,
}
"""What a finding of a rule is; `may` and `aim` make none."""


class Rulebook:
    """The policy in force with what an agency's settings add."""

    def __init__(
        self,
        policy: Policy,
        *,
        workdays: Workdays | None = None,
        commissioned_at: Millis | None = None,
    ) -> None:
        self.policy = policy
        self.workdays = workdays or Workdays()
        self.commissioned_at = commissioned_at
        self._rules = {rule.id: rule for rule in policy.rules}
        self._binding = {rule.id: rule for rule in policy.rules if rule.effect in _LEVELS}
        self._numbers = {rule.id: dict(rule.numbers) for rule in self._binding.values()}
        self._sources = {rule.id: rule.source() for rule in policy.rules}
        self._acts = {act.key: act for act in policy.acts}
        self._kinds = {word: act.key for act in policy.acts for word in act.called}
        self._filming = lru_cache(maxsize=1024)(self._filming_of)
        waive = self._rules.get("OWN-15")
        self._may_waive = waive.listing("roles").keys if waive else ()
        self.coverage = self._coverage()

    def find(self, rule_id: str) -> Rule | None:
        """The rule of an id; None where no layer has it, it binds nobody, or the agency switched it off."""
        return self._binding.get(rule_id)

    def allows(self, rule_id: str) -> Rule | None:
        """A rule that only permits (``may``)."""
        rule = self._rules.get(rule_id)
        return rule if rule is not None and rule.strength is Strength.MAY else None

    def number(self, rule_id: str, name: str) -> int | None:
        """A number of a rule; None where the rule or the number is not there."""
        return self._numbers.get(rule_id, {}).get(name)

    @property
    def store_ms(self) -> int | None:
        """REC-1's limit; None where there is none."""
        hours = self.number("REC-1", "hours")
        return None if hours is None else hours * HOUR_MS

    @property
    def longest_ms(self) -> int:
        """No clock of these rules runs for longer: a working day is at most so many days, holidays between."""
        told = [(name, number) for numbers in self._numbers.values() for name, number in numbers.items()]
        longest = [
            number * length
            for prefix, length in _LENGTHS
            for name, number in told
            if name == prefix or name.startswith(f"{prefix}_")
        ]
        return max(longest, default=0) + HOLIDAYS_MS

    @property
    def clips_ms(self) -> int:
        """No clock that a clip or an act starts runs for longer (REC-1, OWN-13, OWN-18)."""
        return max(self.store_ms or 0, (self.number("OWN-18", "note_hours") or 0) * HOUR_MS)

    def filming(self, kinds: Iterable[str], *, premises: bool) -> tuple[ActFilming, ...]:
        """The rules that want an act of any of these kinds filmed, the most binding and most whole first.

        Where a jurisdiction's rule asks for the same as the house's, the jurisdiction's speaks.
        """
        return self._filming(tuple(kinds), premises)

    def _filming_of(self, kinds: tuple[str, ...], premises: bool) -> tuple[ActFilming, ...]:
        wanted = [
            one
            for kind in kinds
            if kind in self._acts
            for one in self.policy.filming(kind, on_premises=premises)
            if one.rule.effect in _LEVELS
        ]
        wanted.sort(key=lambda one: one.why != "added")  # of two kinds, the one that the text itself means
        found = {one.rule.id: one for one in wanted}
        levels = list(Level)
        return tuple(
            sorted(
                found.values(),
                key=lambda one: (
                    levels.index(self.level(one.rule)),
                    one.filming is Filming.ANY,
                    one.rule.layer == BASELINE,
                    one.rule.id,
                ),
            )
        )

    def kind(self, told: str | None) -> str:
        """The catalogue's key of a kind of act that a platform calls so; else its own word."""
        return self._kinds.get(told or "", told or "")

    def has_kind(self, told: str) -> bool:
        """Whether the catalogue has a kind of act that is called so."""
        return told in self._kinds

    def named(self, kind: str) -> Text:
        """The catalogue's name of a kind of act; its own word where the catalogue has none."""
        act = self._acts.get(kind)
        return Text(kind, kind) if act is None else act.name

    def documents(self, kind: str | None) -> tuple[str, ...]:
        """The text records that the catalogue asks for of an act."""
        act = self._acts.get(self.kind(kind))
        return () if act is None else act.documents

    def level(self, rule: Rule) -> Level:
        """What a finding of this rule is, where its facts are sure."""
        return _LEVELS[rule.effect]

    def _coverage(self) -> Terms:
        """OWN-8's tolerances and OWN-9's treatment; with a rule switched off nothing is tolerated, all recorded."""
        tolerated = {name: self.number("OWN-8", name) or 0 for name in ("begin_s", "end_s", "gap_s")}
        treatment: list[tuple[str, Treatment]] = []
        if (rule := self.find("OWN-9")) is not None:
            lists = {one.name: one.keys for one in rule.lists}
            treatment += [(key, Treatment.NOT_RECORDED) for key in lists.get("not_recorded", ())]
            treatment += [(key, Treatment.DOUBT) for key in lists.get("doubtful", ())]
        return Terms(
            begin_ms=tolerated["begin_s"] * SECOND_MS,
            end_ms=tolerated["end_s"] * SECOND_MS,
            pause_ms=tolerated["gap_s"] * SECOND_MS,
            treatment=tuple(treatment),
        )

    def counts_from(self, kind: str) -> int:
        """How long a stretch of a kind must last to count at all (OWN-9), milliseconds."""
        return (self.number("OWN-9", f"{kind}_s") or 0) * SECOND_MS

    def finding(
        self,
        rule: Rule,
        kind: str,
        about: str,
        *facts: tuple[str, Value],
        since: Interval | Millis,
        level: Level | None = None,
        due_at: Millis | None = None,
        concerns: Iterable[str | None] = (),
    ) -> Finding:
        """A finding of a rule of this policy, or of what the agency added to one."""
        begun = since if isinstance(since, Interval) else Interval(earliest=since, latest=since, basis="told")
        if (added := rule.added) is not None:
            facts = (*facts, ("added_by", added.by), ("added_reason", added.reason.zh))
        return Finding(
            kind=kind,
            about=about,
            rule=rule.id,
            layer=rule.layer,
            section=rule.section,
            source=self._sources[rule.id] if added is None else rule.source(),
            policy_sha256=self.policy.sha256,
            level=level or self.level(rule),
            facts=facts,
            since=begun,
            due_at=due_at,
            concerns=tuple(sorted({officer for officer in concerns if officer is not None})),
            may_waive=self._may_waive,
        )

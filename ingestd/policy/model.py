"""A policy as values: rules, acts, examples, and which layer says each. PURE.

A file is one layer. Layers stand above each other: a jurisdiction's over ``baseline``, the agency's own file over
both. What the layers make together is a `Policy`; every rule and act in it names the layer that spoke.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypedDict

from ingestd.model import Sha256
from ingestd.people.separation import LABEL_RULE
from ingestd.words import Text

BASELINE = "baseline"
AGENCY = "agency"
"""The layer of an agency's own file (``DIR/policy.toml``)."""
PREMISES = "premises"
"""The act of the catalogue that is whatever happens on law-enforcement premises."""
UNKNOWN = "unknown"
SECOND_FACTOR = "second-factor"
"""A word of `Label.export`: a fresh one."""

Fact = str | int | tuple[str, ...]
"""What a worked example says: words, numbers, truth (1 or 0 as `bool`), moments in ms UTC, lists of words."""


class Strength(StrEnum):
    """How binding a rule is in the words of its text."""

    MUST = "must"
    """Not done is a violation."""
    WHEN_NECESSARY = "when_necessary"
    """A person determines necessity: before that a proposal, after it a duty."""
    AS_NEEDED = "as_needed"
    """A notice at most."""
    MAY = "may"
    AIM = "aim"
    """`may` and `aim` can never give a violation."""
    OWN = "own"
    """Of the baseline or of the agency itself."""

    @property
    def words(self) -> Text:
        """The strength for people."""
        return _STRENGTHS[self]


_STRENGTHS = {
    Strength.MUST: Text("应当", "must"),
    Strength.WHEN_NECESSARY: Text("必要时应当", "when necessary"),
    Strength.AS_NEEDED: Text("根据实际情况", "as needed"),
    Strength.MAY: Text("可以", "may"),
    Strength.AIM: Text("探索、鼓励", "aim"),
    Strength.OWN: Text("自行规定", "own"),
}


HOUSE = {
    BASELINE: Text("本机关自行规定（基线）", "agency's own rule (baseline)"),
    AGENCY: Text("本机关自行规定（policy.toml）", "agency's own rule (policy.toml)"),
}
"""Where rules of the house stand, for people."""


class Filming(StrEnum):
    """What a rule wants of its acts."""

    WHOLE = "whole"
    """Filmed from begin to end."""
    ANY = "any"
    """A clip or a photo of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermList:
    """A list of the text, by its short terms."""

    name: str
    items: tuple[str, ...]
    keys: tuple[str, ...]
    """The program's words for the items, in their order; empty where it needs none."""
    is_open: bool
    """The text ends it with 等: the agency may add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a rule that the text states with another strength."""

    strength: Strength
    sections: tuple[str, ...]
    words: Text
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What starts and what stops a rule's clock."""

    start: str
    """A word of `schema.STARTS`; ``not-stated`` where the text says none."""
    stop: str
    start_term: str | None
    """The text's own term of the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example: it runs as a test."""

    judge: str
    """Which of `judges.JUDGES` decides it."""
    facts: tuple[tuple[str, Fact], ...]
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the agency changed in a rule, and why."""

    rule: str
    what: str
    """override, off, extend."""
    numbers: tuple[tuple[str, int], ...]
    """An override's new numbers."""
    items: tuple[str, ...]
    """What an extension added, as ``list: term``, and acts as ``act: key``."""
    by: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as its layer states it."""

    id: str
    layer: str
    """Key of the file that states it."""
    document: str | None
    """The text that it stands in; None in the baseline and the agency's own file."""
    strength: Strength
    qualifier: str | None
    """原则上, 严格: the text's own limit of its strength."""
    treated_as: Strength | None
    """What a rule of the house weighs; None for all others."""
    sections: tuple[str, ...]
    effective: str
    """Date (``2020-01-01`` or ``2020-01``) or ``unknown``."""
    due: str | None
    """Until when it was to be carried out (完成时限), where the text says so."""
    bearer: str | None
    """Whose duty it is, a word of `schema.BEARERS`; None where the text leaves it to the agency."""
    message: Text
    reading: Text | None
    """What the text does not say and the product decides."""
    reason: Text | None
    """Why the house has this rule."""
    note: Text | None
    """What is remarkable in the text: garbled, contradictory, narrower than elsewhere."""
    numbers: tuple[tuple[str, int], ...]
    dates: tuple[tuple[str, str], ...]
    """Days of the year, ``MM-DD``."""
    span: Span | None
    lists: tuple[TermList, ...]
    terms: tuple[str, ...]
    acts: tuple[str, ...]
    """Keys of the act catalogue."""
    filming: Filming | None
    bears_on: tuple[str, ...]
    """`filming` also for acts that bear directly on these (`schema.DIRECT`)."""
    premises: bool
    """`filming` also on law-enforcement premises."""
    requires: tuple[str, ...]
    """What must have happened before (`schema.REQUIREMENTS`)."""
    parts: tuple[Part, ...]
    examples: tuple[Example, ...]
    changes: tuple[Change, ...]
    """What the agency's own file changed in it."""

    @property
    def section(self) -> str:
        """Where in the document; ``own`` in the baseline and the agency's file."""
        return "、".join(self.sections) or "own"

    @property
    def effect(self) -> Strength:
        """The strength that a finding goes by: a rule of the house weighs what the house says."""
        return self.treated_as or self.strength

    def number(self, name: str) -> int:
        """A number of the rule. Raises KeyError."""
        return dict(self.numbers)[name]

    def listing(self, name: str) -> TermList:
        """A list of the rule. Raises KeyError."""
        return {one.name: one for one in self.lists}[name]

    @property
    def all_terms(self) -> tuple[str, ...]:
        """Every term of the text that the rule cites, each once."""
        listed = (item for one in self.lists for item in one.items)
        parts = (term for part in self.parts for term in part.terms)
        return tuple(dict.fromkeys((*self.terms, *listed, *parts)))

    @property
    def said(self) -> Text:
        """The rule in our words, its numbers filled in."""
        return self.message.format(**dict(self.numbers), **dict(self.dates))

    def of_entry(self, entry: str) -> Rule:
        """The rule as the layer says it that lists an entry (of `Change.items`): the agency's, where it added it."""
        added = next((one for one in self.changes if entry in one.items), None)
        return self if added is None else replace(self, layer=AGENCY, sections=(), changes=(added,))

    @property
    def added(self) -> Change | None:
        """By what the agency speaks here, in a list that another layer leaves open (`of_entry`)."""
        return self.changes[0] if self.layer == AGENCY and self.changes else None

    def source(self) -> Text:
        """Where it stands, for people."""
        if self.added is not None:
            by, why = self.added.by, self.added.reason
            return Text(
                f"本机关按“等”增列（policy.toml），{by}：{why.zh}",
                f"added by the agency to an open list (policy.toml), {by}: {why.en}",
            )
        if self.layer in HOUSE:
            return HOUSE[self.layer]
        return Text(f"{self.document} {self.section}", f"{self.document} {english(self.section)}")


def english(section: str) -> str:
    """A section with the annex named in English: ``清单16`` is number 16 of the document's list."""
    return section.replace("清单", "list ").replace("、", ", ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What follows from a classification label that a clip bears (OWN-24)."""

    key: str
    layer: str
    """Key of the file that states it: ``baseline``, or ``agency`` where the agency changed it."""
    name: Text
    look: tuple[str, ...]
    """Roles that open such a clip (`separation.LOOKERS`); ``officer``: what is his own."""
    preview: bool
    """Whether lists show its frames, to who may open it."""
    export: str
    """What taking it away takes, a word of `schema.EXPORTS`."""
    by: str | None
    """Who changed it; None in the baseline."""
    reason: Text

    def source(self) -> Text:
        """Where it stands, for people."""
        return HOUSE[self.layer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One kind of enforcement act, as the catalogue has it."""

    key: str
    layer: str
    name: Text
    also: tuple[str, ...]
    """Other words of texts and platforms that mean it, and it alone."""
    stage: str
    """A word of `schema.STAGES`."""
    begin: Text
    """What counts as its begin, its end: our reading, or the agency's."""
    end: Text
    direct: tuple[str, ...]
    """What such an act bears directly on by its nature (`schema.DIRECT`)."""
    documents: tuple[str, ...]
    """Text records that the case file needs of it."""
    retention_days: int | None
    """How long its records are kept; None: nobody said, so nothing is disposed of."""

    @property
    def called(self) -> tuple[str, ...]:
        """Every word by which a platform may call it."""
        return (self.key, self.name.zh, self.name.en, *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFilming:
    """That one rule wants an act filmed, and how."""

    rule: Rule
    filming: Filming
    why: str
    """listed, bears-on, premises, added (by the agency, and by nothing else; the rule is then its own)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file."""

    key: str
    title: Text
    document: str | None
    issued: str | None
    """Date or ``unknown``; None in the baseline and the agency's file."""
    scope: tuple[str, ...]
    rests_on: tuple[str, ...]
    none: tuple[str, ...]
    """Rules that the text was looked through for and does not have."""
    none_notes: tuple[tuple[str, Text], ...]
    rules: tuple[Rule, ...]
    acts: tuple[Act, ...]
    labels: tuple[Label, ...]
    sha256: Sha256
    """Of the file."""


class Citation(TypedDict):
    """What a finding says of its rule, as `intake.findings.opened` takes it."""

    rule: str
    layer: str
    policy_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in force at a station."""

    key: str
    title: Text
    document: str | None
    layers: tuple[Layer, ...]
    """As they were read, lowest first: baseline, jurisdiction, agency."""
    rules: tuple[Rule, ...]
    acts: tuple[Act, ...]
    labels: tuple[Label, ...]
    off: tuple[Rule, ...]
    """Rules of the baseline that the agency switched off; their last change says why."""
    sha256: Sha256
    """Digest over the digests of its files, in the order baseline, jurisdiction, agency (`merge.digest`)."""
    agency_sha256: Sha256 | None
    """Digest of the agency's own file; None without one."""

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id, the jurisdiction's before the baseline's. Raises KeyError."""
        found = self.find(rule_id)
        if found is None:
            raise KeyError(rule_id)
        return found

    def find(self, rule_id: str) -> Rule | None:
        """The rule of this id; None where no layer has it, or the agency switched it off."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def borne(self, keys: Collection[str]) -> tuple[Label, ...]:
        """What follows from these labels; nothing where the agency switched OWN-24 off."""
        return tuple(one for one in self.labels if one.key in keys) if keys and self.find(LABEL_RULE) else ()

    def cite(self, rule_id: str) -> Citation:
        """What a finding says of a rule: its id, the layer that spoke, this policy's digest. Raises KeyError."""
        return Citation(rule=rule_id, layer=self.rule(rule_id).layer, policy_sha256=self.sha256)

    def act(self, key: str) -> Act:
        """A kind of act. Raises KeyError."""
        return {act.key: act for act in self.acts}[key]

    def filming(self, act: str, *, on_premises: bool = False) -> tuple[ActFilming, ...]:
        """The rules that want an act of this kind filmed, in the order of the policy. Raises KeyError."""
        direct, on_premises = frozenset(self.act(act).direct), on_premises or act == PREMISES
        found = []
        for rule in self.rules:
            if rule.filming is None:
                continue
            spoken = rule.of_entry(f"act: {act}")
            why = (
                "listed"
                if act in rule.acts and spoken is rule
                else "premises"
                if rule.premises and on_premises
                else "bears-on"
                if direct & frozenset(rule.bears_on)
                else "added"
                if act in rule.acts
                else None
            )
            if why:
                by = spoken if why == "added" else rule
                found.append(ActFilming(rule=by, filming=rule.filming, why=why))
        return tuple(found)

"""Facts, policy, now -> findings: whole, or by what an event touches. PURE.

Both ways give the same: a verdict reads nothing but the facts, the rulebook and the moment; `Base.put` says whose
verdicts a fact may change, and a verdict says until when it holds. So nothing is swept: time alone wakes only those
whose moment has come.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ingestd.law.base import Base, Subject
from ingestd.law.facts import Fact
from ingestd.law.finding import Finding, Judgement, joined
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import JUDGES, Judge
from ingestd.model import Millis

Findings = Mapping[str, Finding]
"""By id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What has become of the findings."""

    opened: tuple[Finding, ...] = ()
    closed: tuple[Finding, ...] = ()
    changed: tuple[Finding, ...] = ()
    """Open before and after, on other facts, another rule or another deadline."""

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.changed)


_BY_SUBJECT: dict[str, tuple[Judge, ...]] = {
    kind: tuple(judge for judge in JUDGES if judge.subject == kind)
    for kind in {judge.subject for judge in JUDGES}
}


def judged(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """Everything that the rules say of one subject."""
    return joined([one.judge(base, subject, book, now) for one in _BY_SUBJECT.get(subject.kind, ())])


def evaluate(base: Base, book: Rulebook, now: Millis) -> Findings:
    """All findings there are, from nothing."""
    return {
        finding.id: finding
        for subject in base.subjects()
        for finding in judged(base, subject, book, now).findings
    }


def differences(before: Findings, after: Findings) -> Changes:
    """What turned one set of findings into another, each part in the order of ids.

    A finding keeps the policy under which it was told: another one that says the same is no news.
    """
    return Changes(
        opened=tuple(after[key] for key in sorted(after.keys() - before.keys())),
        closed=tuple(before[key] for key in sorted(before.keys() - after.keys())),
        changed=tuple(
            after[key]
            for key in sorted(after.keys() & before.keys())
            if after[key] != replace(before[key], policy_sha256=after[key].policy_sha256)
        ),
    )


class Engine:
    """Findings that follow the facts. Not safe from several threads."""

    def __init__(self, base: Base, book: Rulebook, now: Millis) -> None:
        """Judge everything once."""
        self.base = base
        self._book = book
        self._of: dict[Subject, tuple[Finding, ...]] = {}
        self._until: dict[Subject, Millis] = {}
        self._heap: list[tuple[Millis, Subject]] = []
        self._judge(base.subjects(), now)

    @property
    def book(self) -> Rulebook:
        """What it judges by."""
        return self._book

    @property
    def findings(self) -> Findings:
        """All findings that stand."""
        return {finding.id: finding for found in self._of.values() for finding in found}

    @property
    def next_at(self) -> Millis | None:
        """When time alone may change a verdict next; None: never."""
        while self._heap and self._until.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def put(self, facts: Iterable[Fact], now: Millis) -> Changes:
        """Take facts in and judge anew what they touch, and what has become due."""
        touched: set[Subject] = set()
        for fact in facts:
            touched |= self.base.put(fact)
        return self._judged(touched, now)

    def drop(self, facts: Iterable[tuple[type[Fact], object]], now: Millis) -> Changes:
        """Forget facts by kind and id."""
        touched: set[Subject] = set()
        for kind, key in facts:
            touched |= self.base.drop(kind, key)
        return self._judged(touched, now)

    def tick(self, now: Millis) -> Changes:
        """Time went on."""
        return self._judged(set(), now)

    def set_policy(self, book: Rulebook, now: Millis) -> Changes:
        """Another policy: everything is judged anew."""
        before = self.findings
        self._book = book
        self._of.clear()
        self._until.clear()
        self._heap.clear()
        self._judge(self.base.subjects(), now)
        return differences(before, self.findings)

    def _judged(self, touched: set[Subject], now: Millis) -> Changes:
        while (due := self.next_at) is not None and due <= now:
            subject = heapq.heappop(self._heap)[1]
            del self._until[subject]
            touched.add(subject)
        before = {finding.id: finding for subject in touched for finding in self._of.get(subject, ())}
        self._judge(touched, now)
        after = {finding.id: finding for subject in touched for finding in self._of.get(subject, ())}
        return differences(before, after)

    def _judge(self, subjects: Iterable[Subject], now: Millis) -> None:
        for subject in subjects:
            told = judged(self.base, subject, self._book, now)
            if told.findings:
                self._of[subject] = told.findings
            else:
                self._of.pop(subject, None)
            if told.until is None:
                self._until.pop(subject, None)
            elif self._until.get(subject) != told.until:
                self._until[subject] = told.until
                heapq.heappush(self._heap, (told.until, subject))

"""Facts, policy, now -> findings: whole, or of some subjects and until when they hold. PURE.

Both ways give the same: a verdict reads nothing but the facts, the rulebook and the moment, and says until when it
holds. So nothing is swept: time alone wakes only those whose moment has come, and no fact is kept for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from ingestd.law.base import Base, Subject
from ingestd.law.finding import Finding, Judgement, joined
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import JUDGES, Judge
from ingestd.model import Millis

Findings = Mapping[str, Finding]
"""By id."""

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


class Engine:
    """Judges subjects and remembers when each has to be judged again, and nothing else of them."""

    def __init__(self) -> None:
        self._until: dict[Subject, Millis] = {}
        self._heap: list[tuple[Millis, Subject]] = []

    def __len__(self) -> int:
        """Subjects whose verdict time alone may change."""
        return len(self._until)

    @property
    def next_at(self) -> Millis | None:
        """When time alone may change a verdict next; None: never."""
        while self._heap and self._until.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: Millis) -> set[Subject]:
        """The subjects whose moment has come. They stay due until they are judged."""
        return {subject for subject, at in self._until.items() if at <= now} if self._is_due(now) else set()

    def _is_due(self, now: Millis) -> bool:
        return (at := self.next_at) is not None and at <= now

    def judge(self, base: Base, subjects: Iterable[Subject], book: Rulebook, now: Millis) -> Findings:
        """The findings of some subjects, from a base that holds all that their verdicts read."""
        found: dict[str, Finding] = {}
        for subject in subjects:
            told = judged(base, subject, book, now)
            found.update((finding.id, finding) for finding in told.findings)
            if told.until is None:
                self._until.pop(subject, None)
            elif self._until.get(subject) != told.until:
                self._until[subject] = told.until
                heapq.heappush(self._heap, (told.until, subject))
        return found

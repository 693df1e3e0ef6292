"""The rules that the engine judges, a module a family. PURE.

Each judge reads the base by the ways that `Base.put` tells of, and says until when its word holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestd.law.base import Base, Subject
from ingestd.law.finding import Judgement
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import (
    audits,
    disclosure,
    documents,
    equipment,
    filming,
    matching,
    narration,
    review,
    storing,
)
from ingestd.model import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One family's word on one kind of subject."""

    rules: tuple[str, ...]
    kinds: tuple[str, ...]
    """Of the findings that it makes."""
    subject: str
    judge: Callable[[Base, Subject, Rulebook, Millis], Judgement]


def _judge(
    subject: str, judge: Callable[[Base, Subject, Rulebook, Millis], Judgement], rules: str, kinds: str
) -> Judge:
    return Judge(subject=subject, judge=judge, rules=tuple(rules.split()), kinds=tuple(kinds.split()))


JUDGES: tuple[Judge, ...] = (
    _judge("clip", storing.stored, "REC-1", "clip-late"),
    _judge("session", storing.session, "REC-1", "clip-time-unknown"),
    _judge("recorder", storing.recorder, "REC-1 OWN-1 OWN-3", "clip-overdue clip-due-soon not-returned"),
    _judge(
        "act",
        filming.judge,
        "REC-4 REC-5a REC-5b REC-6 REC-7 REC-9 OWN-8 OWN-9 OWN-10 OWN-13 OWN-14",
        "filming-proposed act-unfilmed act-gaps act-coverage-unclear",
    ),
    _judge("clip", matching.judge, "OWN-13", "clip-unmatched"),
    _judge("clip", narration.judge, "REC-8 OWN-18", "speech-missing note-missing"),
    _judge("record", documents.signature, "REC-10", "record-unsigned"),
    _judge("act", documents.complete, "REC-26 OWN-19", "documents-missing"),
    _judge("case", documents.case_file, "REC-11 OWN-12", "case-file-overdue case-file-late"),
    _judge(
        "decision",
        disclosure.decision,
        "DIS-1 DIS-2",
        "decision-unpublished decision-published-late decision-not-withdrawn decision-withdrawn-late",
    ),
    _judge("station", disclosure.station, "DIS-4 DIS-6", "year-figures-overdue inspections-unpublished"),
    _judge(
        "case",
        review.decided,
        "REV-1 REV-2 REV-5",
        "decided-unreviewed decided-unchecked decided-undetermined",
    ),
    _judge("case", review.overdue, "OWN-20", "review-overdue"),
    _judge("act", review.certificates, "REV-7", "certificate-invalid"),
    _judge("unit", equipment.judge, "REC-19 REV-6 REV-6b", "recorders-short reviewers-short"),
    _judge("audit", audits.judge, "OWN-7", "audit-unrevealed audit-unjudged"),
    _judge("month", audits.monthly, "OWN-7", "audit-overdue"),
)

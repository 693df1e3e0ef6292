"""REC-10, REC-11 and OWN-19: signatures of text records, an act's documents, the case file in time. PURE."""

from __future__ import annotations

from ingestd.facts import Case
from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Judgement, Level
from ingestd.law.rulebook import Rulebook
from ingestd.law.workdays import Due
from ingestd.model import Interval, Millis
from ingestd.policy.model import Rule


def signature(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REC-10: a record of a kind that the rule lists is signed, or says why the party refused."""
    record, rule = base.records.get(subject.id), book.find("REC-10")
    rule = None if record is None or rule is None else _listing(rule, record.kind)
    if record is None or rule is None:
        return NOTHING
    if record.signed == "yes" or (record.signed == "refused" and record.refusal_value is not None):
        return NOTHING
    act = base.acts.get(record.act or "")
    found = book.finding(
        rule,
        "record-unsigned",
        f"text-record:{record.record}",
        ("record_kind", record.kind),
        ("case", record.case),
        ("act", record.act),
        ("signed", record.signed),
        since=_known(record.made_at),
        # The platform did not tell: nobody has said that it is unsigned.
        level=Level.UNCLEAR if record.signed is None else None,
        concerns=() if act is None else act.officers,
    )
    return Judgement(findings=(found,))


def _known(at: Millis | None) -> Interval:
    return Interval(earliest=at, latest=at, basis="none" if at is None else "register")


def _listing(rule: Rule, kind: str | None) -> Rule | None:
    """The rule as the layer says it that lists records of a kind, by term or key; None: none does."""
    terms = {
        word: term
        for one in rule.lists
        if one.name == "records"
        for words in (one.items, one.keys)
        for word, term in zip(words, one.items, strict=False)  # a list may have no keys
    }
    return rule.of_entry(f"records: {terms[kind]}") if kind in terms else None


def complete(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """OWN-19: once its case is concluded, an act has the documents that the catalogue asks for."""
    act, rule = base.acts.get(subject.id), book.find("OWN-19")
    case = None if act is None else base.cases.get(act.case or "")
    if act is None or rule is None or case is None or case.concluded_at is None:
        return NOTHING
    there = {record.kind for record in base.records_of_act(act)}
    missing = [name for name in book.documents(act.kind) if name not in there]
    if not missing:
        return NOTHING
    found = book.finding(
        rule,
        "documents-missing",
        f"act:{act.act}",
        ("act_kind", act.kind),
        ("case", act.case),
        ("documents", "、".join(missing)),
        since=case.concluded_at,
        concerns=act.officers,
    )
    return Judgement(findings=(found,))


def file_due(case: Case, book: Rulebook) -> Due | None:
    """By when a case's file is to be formed (REC-11); None: no clock runs."""
    days = book.number("REC-11", "days")
    if days is None or case.concluded_at is None:
        return None
    counts_first = bool(book.number("OWN-12", "first_day"))
    return book.workdays.in_days(case.concluded_at, days, counts_first=counts_first)


def case_file(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """REC-11: the case file within so many calendar days of the end of the procedure."""
    case, rule = base.cases.get(subject.id), book.find("REC-11")
    due = None if case is None else file_due(case, book)
    if case is None or rule is None or due is None:
        return NOTHING
    formed = base.files.get(case.case)
    at = now if formed is None else formed.formed_at
    if at < due.at:
        return Judgement(until=due.at) if formed is None else NOTHING
    found = book.finding(
        rule,
        "case-file-overdue" if formed is None else "case-file-late",
        f"case:{case.case}",
        ("concluded_at", case.concluded_at),
        ("days", book.number("REC-11", "days")),
        ("formed_at", None if formed is None else formed.formed_at),
        since=due.at,
        due_at=due.at,
    )
    return Judgement(findings=(found,))

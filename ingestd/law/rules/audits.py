"""OWN-7: each month's recordings are audited at random, by a draw whose nonce is revealed, and judged in time. PURE.

A month's draw takes in the whole month and the whole station; one that is made for a unit or for some days is more
than is asked and does not take its place. A draw whose nonce was not revealed stays a finding until a later one
drew from all that it would have drawn from: who does not like what he would draw gains nothing by keeping silent.
"""

from __future__ import annotations

from ingestd.law import months
from ingestd.law.base import Base, Subject
from ingestd.law.facts import Audit
from ingestd.law.finding import NOTHING, Judgement
from ingestd.law.rulebook import HOUR_MS, Rulebook
from ingestd.model import Millis
from ingestd.policy.model import Rule

RULE = "OWN-7"
DAY_MS = 24 * HOUR_MS


def judge(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """One draw: revealed in time, judged in time."""
    audit, rule = base.audits.get(subject.id), book.find(RULE)
    if audit is None or rule is None:
        return NOTHING
    if audit.drawn_at is not None:
        return _judged(audit, audit.drawn_at, rule, book, now)
    due = audit.reveal_by_at if audit.voided_at is None else audit.voided_at
    if now <= due:
        return Judgement(until=Millis(due + 1))
    if any(_replaces(other, audit) for other in base.audits.values()):
        return NOTHING
    found = book.finding(
        rule,
        "audit-unrevealed",
        f"audit:{audit.audit}",
        ("committed_at", audit.committed_at),
        ("voided_at", audit.voided_at),
        since=due,
        due_at=audit.reveal_by_at,
        concerns=(audit.auditor,),
    )
    return Judgement(findings=(found,))


def _replaces(other: Audit, audit: Audit) -> bool:
    is_later = other.drawn_at is not None and other.committed_at > audit.committed_at
    return is_later and other.covers(audit.since_at, audit.until_at, audit.unit)


def _judged(audit: Audit, drawn_at: Millis, rule: Rule, book: Rulebook, now: Millis) -> Judgement:
    days = book.number(RULE, "judge_days")
    if days is None or audit.judged >= audit.drawn:
        return NOTHING
    due = Millis(drawn_at + days * DAY_MS)
    if now <= due:
        return Judgement(until=Millis(due + 1))
    found = book.finding(
        rule,
        "audit-unjudged",
        f"audit:{audit.audit}",
        ("drawn", audit.drawn),
        ("judged", audit.judged),
        ("judge_days", days),
        since=due,
        due_at=due,
        concerns=(audit.auditor,),
    )
    return Judgement(findings=(found,))


def monthly(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """A draw of a month in which recordings came in, since the station was commissioned."""
    rule, days = book.find(RULE), book.number(RULE, "draw_days")
    if rule is None or days is None or subject.id not in base.months:
        return NOTHING
    offset = book.workdays.utc_offset_minutes
    begin, end = (months.begin_of(one, offset) for one in (subject.id, months.later(subject.id, 1)))
    if book.commissioned_at is None or end <= book.commissioned_at:
        return NOTHING
    if any(_is_of_month(one, begin, end) for one in base.audits.values()):
        return NOTHING
    due = Millis(end + days * DAY_MS)
    if now < due:
        return Judgement(until=due)
    found = book.finding(
        rule,
        "audit-overdue",
        f"month:{subject.id}",
        ("month", subject.id),
        ("draw_days", days),
        since=due,
        due_at=due,
    )
    return Judgement(findings=(found,))


def _is_of_month(audit: Audit, begin: Millis, end: Millis) -> bool:
    return audit.drawn_at is not None and audit.covers(begin, end, None)

"""DIS-1, 2, 4, 6: when decisions, withdrawals and figures are public. PURE.

Working days are those of the Chinese calendar. A deadline that is counted through a year whose days off nobody has
published yet may move: what is past it is a notice until the calendar is known. Our readings: DIS-2 counts from the
day on which it is known that the decision falls; a month's random inspections are published by the end of the next
month.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

from ingestd.facts import Case, Decision
from ingestd.law.base import Base, Subject
from ingestd.law.facts import INSPECTIONS_PUBLIC, YEAR_PUBLIC, YEAR_REPORTED
from ingestd.law.finding import NOTHING, Finding, Judgement, Level, Value, joined
from ingestd.law.months import later
from ingestd.law.rulebook import Rulebook
from ingestd.law.workdays import Due
from ingestd.model import Millis
from ingestd.policy.model import Rule
from ingestd.registers.words import CASE_KINDS, key_of

YEARLY = {"report": YEAR_REPORTED, "public": YEAR_PUBLIC}
"""Dates of DIS-4 and the sheets that they ask for."""


def decision(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """DIS-1 and DIS-2 of one decision."""
    return joined([_public(base, subject, book, now), _withdrawn(base, subject, book, now)])


def _public(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    one, rule = base.decisions.get(subject.id), book.find("DIS-1")
    if one is None or rule is None or one.at is None:
        return NOTHING
    if one.public_at is None and one.revoked_at is not None:
        return NOTHING  # what fell before it was public is not published any more
    case = base.cases.get(one.case or "")
    days = days_to_publish(one, case, book)
    if days is None:
        return NOTHING  # "promptly": no clock
    return _clock(
        book,
        rule,
        ("decision-unpublished", "decision-published-late"),
        f"decision:{one.decision}",
        (("case", one.case), ("decided_at", one.at), ("working_days", days), ("public_at", one.public_at)),
        due=book.workdays.in_workdays(one.at, days),
        done=one.public_at,
        now=now,
    )


def days_to_publish(one: Decision, case: Case | None, book: Rulebook) -> int | None:
    """Within how many working days a decision of its kind is public (DIS-1); None: the rule has no figure."""
    rule = book.find("DIS-1")
    numbers = {} if rule is None else dict(rule.numbers)
    kinds = [key_of(CASE_KINDS, one.kind or ""), None if case is None else case.kind]
    own = next((numbers[f"working_days_{kind}"] for kind in kinds if f"working_days_{kind}" in numbers), None)
    return own or numbers.get("working_days")


def _withdrawn(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    one, rule = base.decisions.get(subject.id), book.find("DIS-2")
    days = book.number("DIS-2", "working_days")
    if one is None or rule is None or days is None or one.revoked_at is None or one.public_at is None:
        return NOTHING
    since = Millis(max(one.revoked_at, one.public_at))
    return _clock(
        book,
        rule,
        ("decision-not-withdrawn", "decision-withdrawn-late"),
        f"decision:{one.decision}",
        (
            ("case", one.case),
            ("revoked_at", one.revoked_at),
            ("working_days", days),
            ("withdrawn_at", one.withdrawn_at),
        ),
        due=book.workdays.in_workdays(since, days),
        done=one.withdrawn_at,
        now=now,
    )


def _clock(
    book: Rulebook,
    rule: Rule,
    kinds: tuple[str, str],
    about: str,
    facts: tuple[tuple[str, Value], ...],
    *,
    due: Due,
    done: Millis | None,
    now: Millis,
) -> Judgement:
    """Overdue or late against a deadline that is the end of a day."""
    at = now if done is None else done
    if at < due.at:
        return Judgement(until=due.at) if done is None else NOTHING
    found = book.finding(
        rule,
        kinds[0] if done is None else kinds[1],
        about,
        *facts,
        ("provisional", int(due.provisional)),
        since=due.at,
        level=Level.NOTICE if due.provisional else None,
        due_at=due.at,
    )
    return Judgement(findings=(found,))


def station(base: Base, _subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """DIS-4's yearly figures and DIS-6's monthly sheet, since the station was commissioned."""
    return joined([_yearly(base, book, now), _monthly(base, book, now)])


def _yearly(base: Base, book: Rulebook, now: Millis) -> Judgement:
    rule = book.find("DIS-4")
    if rule is None or book.commissioned_at is None:
        return NOTHING
    found: list[Finding] = []
    moments: list[Millis] = []
    for which, day in rule.dates:
        if which not in YEARLY:
            continue
        for year in range(_day(book.commissioned_at, book).year, _day(now, book).year + 1):
            due = _end_of(date.fromisoformat(f"{year + 1}-{day}"), book)
            if (YEARLY[which], str(year)) in base.sheets:
                continue
            if now < due:
                moments.append(due)
                continue
            found.append(
                book.finding(
                    rule,
                    "year-figures-overdue",
                    f"sheet:{YEARLY[which]}/{year}",
                    ("sheet", YEARLY[which]),
                    ("period", str(year)),
                    since=due,
                    due_at=due,
                )
            )
    # A new year brings a new duty, which no moment of an older one tells.
    moments.append(_end_of(date(_day(now, book).year, 12, 31), book))
    return Judgement(findings=tuple(found), until=min(moments))


def _monthly(base: Base, book: Rulebook, now: Millis) -> Judgement:
    rule, months = book.find("DIS-6"), book.number("DIS-6", "months")
    if rule is None or months is None or book.commissioned_at is None:
        return NOTHING
    found: list[Finding] = []
    month, this = base.month_of(book.commissioned_at), base.month_of(now)
    while month < this:
        after = later(month, months + 1)
        due = _end_of(date.fromisoformat(f"{after}-01") - timedelta(days=1), book)
        cases = base.inspections_of(month)
        if cases and (INSPECTIONS_PUBLIC, month) not in base.sheets and now >= due:
            found.append(
                book.finding(
                    rule,
                    "inspections-unpublished",
                    f"sheet:{INSPECTIONS_PUBLIC}/{month}",
                    ("sheet", INSPECTIONS_PUBLIC),
                    ("period", month),
                    ("cases", len(cases)),
                    since=due,
                    due_at=due,
                )
            )
        month = later(month, 1)
    until = _end_of(date.fromisoformat(f"{later(this, 1)}-01") - timedelta(days=1), book)
    return Judgement(findings=tuple(found), until=until)


def _zone(book: Rulebook) -> timezone:
    return timezone(timedelta(minutes=book.workdays.utc_offset_minutes))


def _day(at: Millis, book: Rulebook) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(_zone(book)).date()


def _end_of(day: date, book: Rulebook) -> Millis:
    """The first moment after a day at the agency's place."""
    midnight = datetime.combine(day + timedelta(days=1), time(), _zone(book))
    return Millis(round(midnight.timestamp() * 1000))

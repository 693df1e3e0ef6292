"""REV-1, 2, 5, 7 and OWN-20: no major decision without its review, which has a limit; certificates. PURE."""

from __future__ import annotations

from ingestd.facts import Case, Officer, Review
from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Judgement, Level
from ingestd.law.rulebook import Rulebook
from ingestd.law.workdays import Due
from ingestd.model import Interval, Millis
from ingestd.policy.model import Rule
from ingestd.registers.words import OPINIONS
from ingestd.words import Text

GATES = {"REV-1": "decided-unreviewed", "REV-5": "decided-unchecked"}
Barring = tuple[tuple[Rule, tuple[str, ...]], ...]
"""Rules, each with what of `schema.REQUIREMENTS` it misses."""
HEARING = "hearing"
"""The act kind that makes a decision a major one wherever REV-2 lists hearings."""
_HEARD = frozenset({HEARING, "permit-with-hearing"})
_LEVY = {"requisition": "levy"}
"""REV-2 has 行政征收征用 as one kind."""


def major(base: Base, case: Case, book: Rulebook) -> bool | None:
    """Whether a case's decision is a major one (REV-2); None: somebody has to determine it.

    Our reading: what was heard is major where the list has hearings, whatever was stated; a list of kinds leaves
    out all others; every other head is for people to see, and they state it.
    """
    rule = book.find("REV-2")
    lists = {} if rule is None else {one.name: frozenset(one.keys) for one in rule.lists}
    heard = any(book.kind(act.kind) == HEARING for act in base.acts_of_case(case.case))
    if case.major or (heard and lists.get("heads", frozenset()) & _HEARD):
        return True
    kind = _LEVY.get(case.kind or "", case.kind)
    if "kinds" in lists and kind is not None and kind not in lists["kinds"]:
        return False
    return case.major


def opinions(book: Rulebook) -> dict[str, Text]:
    """The opinions that there are, by key: the jurisdiction's in its own words where it lists them (REV-4)."""
    rule = book.find("REV-4")
    outcomes = [one for one in (() if rule is None else rule.lists) if one.name == "outcomes"]
    terms = {key: term for one in outcomes for key, term in zip(one.keys, one.items, strict=True)}
    return {
        key: _named(terms.get(key), one.text) for key, one in OPINIONS.items() if not terms or key in terms
    }


def _named(term: str | None, text: Text) -> Text:
    """An opinion by the text's term, which English has beside ours."""
    return text if term is None or term == text.zh else Text(term, f"{text.en} ({term})")


def through(at: Millis, book: Rulebook) -> Millis:
    """The last moment that a decision's time may mean: a day told without a time lasts to its end."""
    is_day = book.workdays.in_days(Millis(at - 1), 0).at == at
    return Millis(book.workdays.in_days(at, 0).at - 1) if is_day else at


def involved(base: Base, case: str) -> frozenset[str]:
    """Who was on the acts of a case, and so reviews nothing of it (SEP-3, OWN-21)."""
    return frozenset(number for act in base.acts_of_case(case) for number in act.officers)


def happened(base: Base, case: str, at: Millis) -> frozenset[str]:
    """What of `schema.REQUIREMENTS` had happened in a case by a moment: the newest opinion counts.

    That of who was on the case's acts is none (OWN-21), whoever states it.
    """
    rounds, own = base.reviews_of(case), involved(base, case)
    given = [
        (one.opinion_at, one.round, one.opinion)
        for one in rounds
        if one.opinion is not None and one.opinion_at is not None and one.opinion_at <= at
        if one.reviewer not in own
    ]
    done = set()
    if given:
        done.add("review")
        newest = max(given, key=lambda told: (told[1], told[0]))
        done |= {"passed"} if newest[2] == "agree" else set()
    if any(one.self_checked_at is not None and one.self_checked_at <= at for one in rounds):
        done.add("self-check")
    return frozenset(done)


def barring(base: Base, case: str, book: Rulebook, at: Millis) -> Barring:
    """The rules that forbid a major decision in a case at a moment, with what each misses: the gate of REV-1."""
    done = happened(base, case, through(at, book))
    found = []
    for rule_id in GATES:
        rule = book.find(rule_id)
        missing = () if rule is None else tuple(one for one in rule.requires if one not in done)
        if rule is not None and missing:
            found.append((rule, missing))
    return tuple(found)


def decided(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """REV-1 and REV-5 of a major case that was decided; REV-2 where nobody said whether it is one.

    What is dated ahead is held against what has happened by now.
    """
    case = base.cases.get(subject.id)
    is_major = None if case is None else major(base, case, book)
    if case is None or is_major is False:
        return NOTHING
    moments = [one.at for one in base.decisions_of(case.case) if one.at is not None]
    moments += [] if case.decided_at is None else [case.decided_at]
    if not moments:
        return NOTHING
    at = min(moments)
    barred = barring(base, case.case, book, min(at, now))
    if is_major is None:
        return _undetermined(case, book, at, barred)
    own = sorted(
        {one.reviewer for one in base.reviews_of(case.case) if one.opinion is not None and one.reviewer}
        & involved(base, case.case)
    )
    found = [
        book.finding(
            rule,
            GATES[rule.id],
            f"case:{case.case}",
            ("decided_at", at),
            ("lacking", " ".join(missing)),
            ("rounds", len(base.reviews_of(case.case))),
            *((("not_counted", " ".join(own)),) if own else ()),
            since=at,
        )
        for rule, missing in barred
    ]
    return Judgement(findings=tuple(found), until=at if now < at else None)


def _undetermined(case: Case, book: Rulebook, at: Millis, barred: Barring) -> Judgement:
    """What a platform sends as decided passed no gate: whether that needed a review, a person has to say."""
    rule = book.find("REV-2")
    is_backlog = book.commissioned_at is not None and through(at, book) < book.commissioned_at
    if rule is None or not barred or is_backlog:
        return NOTHING
    lacking = sorted({one for _, missing in barred for one in missing})
    found = book.finding(
        rule,
        "decided-undetermined",
        f"case:{case.case}",
        ("decided_at", at),
        ("lacking", " ".join(lacking)),
        since=at,
        level=Level.PROPOSAL,
    )
    return Judgement(findings=(found,))


def limit(review: Review, book: Rulebook) -> Due | None:
    """By when a round has its opinion: the limit that was set for it, else OWN-20's; None: there is none."""
    if review.due_at is not None:
        return book.workdays.in_days(Millis(review.due_at - 1), 0)
    days = book.number("OWN-20", "working_days")
    if days is None or review.submitted_at is None:
        return None
    return book.workdays.in_workdays(review.submitted_at, days)


def overdue(base: Base, subject: Subject, book: Rulebook, now: Millis) -> Judgement:
    """OWN-20: a round of review has its opinion by its limit; of several that wait, the one that is due first."""
    rule = book.find("OWN-20")
    if rule is None or subject.id not in base.cases:
        return NOTHING
    waiting = [(limit(one, book), one) for one in base.reviews_of(subject.id) if one.opinion is None]
    rounds = [(due, one) for due, one in waiting if due is not None]
    if not rounds:
        return NOTHING
    due, first = min(rounds, key=lambda told: (told[0].at, told[1].review))
    if now < due.at:
        return Judgement(until=due.at)
    found = book.finding(
        rule,
        "review-overdue",
        f"case:{subject.id}",
        ("review", first.review),
        ("round", first.round),
        ("submitted_at", first.submitted_at),
        ("provisional", int(due.provisional)),
        since=due.at,
        level=Level.NOTICE if due.provisional else None,
        due_at=due.at,
    )
    return Judgement(findings=(found,))


def certificates(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REV-7: each officer on an act holds a certificate that was valid when it began; auxiliaries hold none.

    Of whom the registers tell no certificate it can't be told: our reading, since who exports them may leave it out.
    """
    act, rule = base.acts.get(subject.id), book.find("REV-7")
    if act is None or rule is None or act.started_at is None:
        return NOTHING
    at, found = act.started_at, []
    for number in act.officers:
        officer = base.officers.get(number, Officer(officer=number))
        begins, ends = officer.valid_from, officer.valid_until
        is_told = officer.certificate is not None or begins is not None or ends is not None
        is_valid = (begins is None or begins <= at) and (ends is None or at < ends)
        if officer.role != "officer" or (is_told and is_valid):
            continue
        found.append(
            book.finding(
                rule,
                "certificate-invalid",
                f"act:{act.act}/{number}",
                ("officer", number),
                ("case", act.case),
                ("started_at", at),
                ("valid_from_at", begins),
                ("valid_until_at", ends),
                since=Interval(earliest=at, latest=at, basis="register"),
                level=None if is_told else Level.UNCLEAR,
                concerns=(number,),
            )
        )
    return Judgement(findings=tuple(found))

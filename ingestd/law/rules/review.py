"""REV-1, REV-5 and REV-7: no major decision without its review, no act without a certificate. PURE."""

from __future__ import annotations

from ingestd.law.base import Base, Subject
from ingestd.law.finding import NOTHING, Judgement
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Millis
from ingestd.policy.model import Rule

GATES = {"REV-1": "decided-unreviewed", "REV-5": "decided-unchecked"}


def happened(base: Base, case: str, at: Millis) -> frozenset[str]:
    """What of `schema.REQUIREMENTS` had happened in a case by a moment: the newest opinion counts."""
    rounds = base.reviews_of(case)
    given = [
        (one.opinion_at, one.round, one.opinion)
        for one in rounds
        if one.opinion is not None and one.opinion_at is not None and one.opinion_at <= at
    ]
    done = set()
    if given:
        done.add("review")
        newest = max(given, key=lambda told: (told[1], told[0]))
        done |= {"passed"} if newest[2] == "agree" else set()
    if any(one.self_checked_at is not None and one.self_checked_at <= at for one in rounds):
        done.add("self-check")
    return frozenset(done)


def barring(base: Base, case: str, book: Rulebook, at: Millis) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
    """The rules that forbid a major decision in a case at a moment, with what each misses: the gate of REV-1."""
    done = happened(base, case, at)
    found = []
    for rule_id in GATES:
        rule = book.find(rule_id)
        missing = () if rule is None else tuple(one for one in rule.requires if one not in done)
        if rule is not None and missing:
            found.append((rule, missing))
    return tuple(found)


def decided(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REV-1 and REV-5 of a major case that was decided."""
    case = base.cases.get(subject.id)
    if case is None or case.major is not True:
        return NOTHING
    moments = [one.at for one in base.decisions_of(case.case) if one.at is not None]
    moments += [] if case.decided_at is None else [case.decided_at]
    if not moments:
        return NOTHING
    at = min(moments)
    found = [
        book.finding(
            rule,
            GATES[rule.id],
            f"case:{case.case}",
            ("decided_at", at),
            ("lacking", " ".join(missing)),
            ("rounds", len(base.reviews_of(case.case))),
            since=at,
        )
        for rule, missing in barring(base, case.case, book, at)
    ]
    return Judgement(findings=tuple(found))


def certificates(base: Base, subject: Subject, book: Rulebook, _now: Millis) -> Judgement:
    """REV-7: each officer on an act holds a certificate that was valid when it began; auxiliaries hold none."""
    act, rule = base.acts.get(subject.id), book.find("REV-7")
    if act is None or rule is None or act.started_at is None:
        return NOTHING
    at, found = act.started_at, []
    for number in act.officers:
        officer = base.officers.get(number)
        if officer is None or officer.role != "officer":
            continue
        begins, ends = officer.valid_from, officer.valid_until
        if (begins is None or begins <= at) and (ends is None or at < ends):
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
                concerns=(number,),
            )
        )
    return Judgement(findings=tuple(found))

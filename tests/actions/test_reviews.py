"""No major decision before its review: who submits, who reviews, what opens the gate, and that refusals are told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.reviews import ReviewActions
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import CaseStated
from ingestd.index import law_queries, registers
from ingestd.index.database import reading
from ingestd.law.finding import Level
from ingestd.law_desk import LawDesk
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.station import Station
from ingestd.telling import case_story
from ingestd.telling.register_views import Reader
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.words import Text
from tests.rig import Rig
from tests.test_law_desk import HOUR, Late

CASES = "案件编号,案件类型,是否重大,决定时间\n"


class Office:
    """An open home under one policy, with a case officer, a reviewer, and a case that one officer is on."""

    def __init__(self, root: Path, policy: str) -> None:
        self.rig, self.clock = Rig(root), Late()
        self.station = Station.open(self.rig.root, self.clock)
        self.station.in_force.policy = catalog.load(policy)
        commissioned = Millis(self.clock.now() - 1000 * HOUR)
        self.station.in_force.config = replace(self.station.config, commissioned_at=commissioned)
        refusals = Refusals(self.station.books, self.clock)
        self.registers = RegisterActions(self.station, refusals)
        self.reviews = ReviewActions(self.station, refusals, self.registers)
        self.officer = person("c-1", "case-officer")
        self.reviewer = person("104333", "legal-reviewer", "case-officer")
        chief = person("chief", "administrator")
        self.add("officer", chief, officer="104333", reviewer="yes")
        self.add("officer", chief, officer="104233", reviewer="yes")
        self.add("case", case="c1", kind="penalty", major="yes")
        self.add(
            "act", act="a1", case="c1", kind="现场检查", started_at="2026-11-01 09:00", officers="104233"
        )

    def add(self, register: str, who: Caller | None = None, **said: str) -> dict[str, Any]:
        return self.registers.add(who or self.officer, {"register": register, "said": said})

    def decide(self, case: str = "c1", **said: str) -> dict[str, Any]:
        return self.add("decision", case=case, **said)

    def submit(self, **told: Any) -> dict[str, Any]:
        return self.reviews.open(self.officer, {"case": "c1", **told})

    def opine(self, opinion: str = "agree", who: Caller | None = None) -> dict[str, Any]:
        said = {"case": "c1", "opinion": opinion, "reason": "事实清楚"}
        return self.reviews.opinion(who or self.reviewer, said)

    def row(self, register: str, key: str) -> Any:
        with reading(self.station.engine) as connection:
            found = registers.one(connection, register, key)
        return None if found is None else found.row

    def told(self, *types: str) -> list[dict[str, Any]]:
        self.station.books.ensure_published(self.station.log.size - 1)
        return self.rig.events(*types)

    def findings(self) -> dict[str, Any]:
        LawDesk(self.station).look(threading.Event())
        with reading(self.station.engine) as connection:
            found = {one.kind: one for one in law_queries.open_findings(connection)}
        return {kind: one for kind, one in found.items() if one.rule in ("REV-1", "REV-2", "REV-5", "OWN-20")}


def person(name: str, *roles: str) -> Caller:
    return Caller(uid=41000, person=name, roles=frozenset(roles))


def refused(office: Office, rule: str, case: str = "c1", **said: str) -> None:
    """Deciding the case is refused by this rule, and the log says so."""
    with pytest.raises(RefusedError) as caught:
        office.decide(case, **said)
    assert f"({rule}, " in caught.value.text.en
    told = office.told("action.refused")[-1]
    assert (told["subject"], told["data"]["rule"]) == (f"case:{case}", rule)
    assert told["data"]["policy_sha256"] == office.station.policy.sha256


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    made = Office(tmp_path / "h", getattr(request, "param", "tongling-jiaoqu"))
    try:
        yield made
    finally:
        made.station.close()


def test_a_major_decision_waits_for_a_passed_review(office: Office) -> None:
    """Tongling: refused without a review, with none that passed, and open after a second round that agrees."""
    refused(office, "REV-1")
    assert office.submit()["round"] == 1
    refused(office, "REV-1", at="2026-11-20")
    office.opine("纠正")
    refused(office, "REV-1")
    with pytest.raises(UsageError):
        office.opine()
    assert office.submit()["round"] == 2
    office.opine()
    assert office.decide()["changed"]
    assert office.findings() == {}
    with reading(office.station.engine) as connection:
        rounds = registers.reviews_of(connection, "c1")
    assert [(one.round, one.opinion, one.reviewer) for one in rounds] == [
        (1, "correct", "104333"),
        (2, "agree", "104333"),
    ]
    assert "事实清楚" not in json.dumps(office.told(), ensure_ascii=False)


@pytest.mark.parametrize("office", ["midong-chengguan"], indirect=True)
def test_an_opinion_goes_by_the_jurisdictions_own_word(office: Office) -> None:
    """Midong says 存在问题: that is asked for and shown; the log has the key that all jurisdictions share."""
    office.submit()
    with pytest.raises(UsageError) as caught:
        office.opine("移送")
    assert caught.value.text == Text(
        "审核意见为同意、存在问题之一。", "an opinion is one of agree, correct (存在问题)."
    )
    office.opine("存在问题")
    assert [one["data"].get("opinion") for one in office.told("review.stated")] == [None, "correct"]
    home, book = Home(office.rig.root), office.station.in_force.book()
    with reading(office.station.engine) as connection:
        story = case_story.read(connection, home, "c1", book, office.clock.now())
    assert story is not None
    reader = Reader(Values(home), zone=timezone(timedelta(hours=8)), lang="zh")
    (said,) = case_story.review_sentences(story, reader)
    assert "意见：存在问题" in said


def test_a_decision_of_the_day_of_its_opinion_is_in_order(office: Office) -> None:
    """A day without a time lasts to its end: at the gate, and for the engine that judges what was let through."""
    office.submit()
    office.opine()
    today = datetime.fromtimestamp(office.clock.now() / 1000, timezone(timedelta(hours=8))).date()
    refused(office, "REV-1", at="2026-10-01")
    assert office.decide(at=today.isoformat())["changed"]
    assert office.findings() == {}


@pytest.mark.parametrize("office", ["changzhou-xinbei"], indirect=True)
def test_where_the_text_does_not_ask_for_passing(office: Office) -> None:
    """Changzhou makes review a precondition, not its outcome; kinds that its list leaves out need none."""
    refused(office, "REV-1")
    office.submit()
    office.opine("存在问题")
    assert office.decide()["changed"]
    office.add("case", case="c2", kind="inspection")
    assert office.decide("c2")["changed"]


@pytest.mark.parametrize("office", ["lingchuan-gongxin"], indirect=True)
def test_the_units_own_check_comes_first(office: Office) -> None:
    """Lingchuan: what was not checked can't be submitted, and not decided either."""
    with pytest.raises(RefusedError, match="REV-5"):
        office.submit()
    assert office.told("action.refused")[-1]["data"]["rule"] == "REV-5"
    office.submit(self_checked_at="2026-11-20")
    office.opine()
    assert office.decide()["changed"]


@pytest.mark.parametrize("office", ["midong-chengguan"], indirect=True)
def test_opinions_are_those_of_the_text(office: Office) -> None:
    """Midong knows agreement and problems, and no transfer."""
    office.submit()
    with pytest.raises(UsageError):
        office.opine("transfer")
    assert office.opine()["changed"]


def test_who_reviews(office: Office) -> None:
    """Only a reviewer of the register, never one on the case, never who submitted it; each refusal by OWN-21."""
    office.submit()
    for who in (
        person("104233", "legal-reviewer"),  # on the act
        person("c-1", "legal-reviewer"),  # submitted it
        person("nobody", "legal-reviewer"),  # not in the register
    ):
        with pytest.raises(RefusedError, match="OWN-21"):
            office.opine(who=who)
    with pytest.raises(RefusedError):
        office.opine(who=person("104333", "supervisor"))
    assert [event["data"].get("rule") for event in office.told("action.refused")] == [*["OWN-21"] * 3, None]
    office.opine()
    office.reviews.escalate(office.officer, {"case": "c1"})
    with reading(office.station.engine) as connection:
        (one,) = registers.reviews_of(connection, "c1")
    assert one.escalated_at is not None
    with pytest.raises(NotFoundError):
        office.reviews.open(office.officer, {"case": "c9"})


def test_what_is_major_is_the_policys_word(office: Office) -> None:
    """Undetermined is asked; a hearing makes it major whatever was stated; who is on the case can't call it minor."""
    office.add("case", case="c2", kind="penalty")
    refused(office, "REV-2", "c2")
    with pytest.raises(RefusedError, match="REV-2"):
        office.add("case", case="c2", decided_at="2026-11-20")
    office.add("case", case="c2", major="no")
    office.add("act", act="a2", case="c2", kind="hearing", started_at="2026-11-02 09:00")
    refused(office, "REV-1", "c2")
    with pytest.raises(RefusedError):
        office.add("case", case="c1", major="no")
    both = person("s-1", "supervisor", "case-officer")
    assert office.add("case", both, case="c1", major="no")["changed"]
    assert office.decide()["changed"]


def test_what_a_platform_tells_is_a_finding(office: Office) -> None:
    """A file says what has happened: it is taken, and REV-1 is found; publication of it is entered by hand."""
    who = person("c-1", "case-officer")
    data = (CASES + "c5,处罚,是,2026-11-03\n").encode()
    given = {"name": "案件.csv", "among": ["case"]}
    (table,) = office.registers.take(who, given, data, lambda _: None)["tables"]
    assert (table["changed"], table["refused"]) == (1, 0)
    assert set(office.findings()) == {"decided-unreviewed"}
    data = "决定书文号,案件编号,决定时间\nd5,c5,2026-11-03\n".encode()
    office.registers.take(who, {"name": "决定.csv", "among": ["decision"]}, data, lambda _: None)
    assert office.decide("c5", decision="d5", public_at="2026-11-05")["changed"]


def test_an_opinion_that_somebody_brings_in_a_file(office: Office) -> None:
    """OWN-21: of who was on the case it is none; the gate opens by that of a reviewer whom the register has."""
    who, head = (
        person("c-1", "case-officer"),
        "审核编号,案件编号,轮次,送审时间,审核人,审核意见,意见时间,理由\n",
    )

    def told(by: str, at: str = "2026-11-02 11:00") -> None:
        row = f"RV1,c1,1,2026-11-01 10:00,{by},同意,{at},好\n"
        given = {"name": "审核.csv", "among": ["review"]}
        (table,) = office.registers.take(who, given, (head + row).encode(), lambda _: None)["tables"]
        assert (table["changed"], table["refused"]) == (1, 0)

    for by in ("900001", "104233"):
        told(by)
        refused(office, "REV-1", at="2026-11-03")
    office.registers.take(
        who, {"name": "案件.csv", "among": ["case"]}, (CASES + "c1,处罚,是,2026-11-03\n").encode(), print
    )
    found = office.findings()["decided-unreviewed"]
    assert dict(found.facts)["not_counted"] == "104233"
    told("104333", at="2031-01-02 11:00")
    refused(office, "REV-1", at="2031-01-03")
    told("104333")
    assert office.findings() == {}
    assert office.decide(at="2026-11-04")["changed"]


def test_what_is_said_with_the_decision_counts_for_it(office: Office) -> None:
    """Not major, or of a kind that never is, in the very words that state the decision."""
    assert office.add("case", case="c7", kind="penalty", major="no", decided_at="2026-11-03")["changed"]
    with pytest.raises(RefusedError):
        office.add("case", case="c8", kind="penalty", major="yes", decided_at="2026-11-03")


def test_what_a_platform_decided_without_saying_whether_it_is_major(office: Office) -> None:
    """No gate was passed: a person determines it, and then it is REV-1's matter or nobody's."""
    who = person("c-1", "case-officer")
    data = (CASES + "c6,处罚,,2026-11-03\n").encode()
    office.registers.take(who, {"name": "案件.csv", "among": ["case"]}, data, lambda _: None)
    (told,) = office.findings().values()
    assert (told.kind, told.rule, told.level) == ("decided-undetermined", "REV-2", Level.PROPOSAL)
    assert dict(told.facts)["lacking"] == "passed review"
    office.add("case", case="c6", major="no")
    assert office.findings() == {}
    both = person("s-1", "supervisor", "case-officer")
    assert office.add("case", both, case="c6", major="yes")["changed"]
    assert set(office.findings()) == {"decided-unreviewed"}


def test_a_review_has_its_limit(office: Office) -> None:
    """OWN-20's five working days are set at the submission; past them it is a finding until the opinion is there."""
    office.submit()
    with reading(office.station.engine) as connection:
        (one,) = registers.reviews_of(connection, "c1")
    assert one.due_at is not None
    assert office.findings() == {}
    office.clock.hours = 24 * 12
    found = office.findings()["review-overdue"]
    assert (found.rule, found.layer, found.due_at) == ("OWN-20", "baseline", one.due_at)
    office.opine()
    assert office.findings() == {}


def test_without_a_rule_there_is_no_gate(tmp_path: Path) -> None:
    """The baseline asks for no review: nothing is refused by a rule that nobody made."""
    office = Office(tmp_path / "h", "baseline")
    try:
        assert office.decide()["changed"]
        office.station.books.append([CaseStated(case="c9", major=True)])
        assert office.decide("c9")["changed"]
    finally:
        office.station.close()

"""The law runs beside the log: what entries say is judged, told once, and taken back by facts; people answer it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller
from ingestd.actions.findings import FindingActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.statements import StatementActions
from ingestd.clock import StationClock
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLinked,
    ClipUnlinked,
    DecisionStated,
    Event,
    MediaAnalysed,
    OfficerStated,
    SessionOpened,
    StretchRecord,
    UnitStated,
)
from ingestd.index import law_queries, registers
from ingestd.index.database import reading
from ingestd.index.law_queries import Told
from ingestd.intake import findings
from ingestd.law_desk import LawDesk
from ingestd.model import Interval, Millis
from ingestd.policy import catalog
from ingestd.station import Station
from ingestd.telling import case_footage
from ingestd.telling.finding_words import bounded_pairs, fact_pairs
from tests.event_samples import T0, secured
from tests.rig import Rig

MINUTE = 60_000
HOUR = 60 * MINUTE


class Late(StationClock):
    """The station's clock, as many hours later as a test says."""

    hours = 0

    def now(self) -> Millis:
        return Millis(super().now() + self.hours * HOUR)


class Office:
    """An open home with its law desk, and people."""

    def __init__(self, root: Path, policy: str = "baseline") -> None:
        self.rig = Rig(root)
        self.clock = Late()
        self.station = Station.open(self.rig.root, self.clock)
        self.station.in_force.policy = catalog.load(policy)
        self.begun = self.clock.now()
        self.station.in_force.config = replace(
            self.station.config, commissioned_at=Millis(self.begun - 1000 * HOUR)
        )
        self.refusals = Refusals(self.station.books, self.clock)
        self.findings = FindingActions(self.station, self.refusals)
        self.statements = StatementActions(self.station, self.refusals)
        self.desk = LawDesk(self.station)

        self.say(SessionOpened(session="s1", slot="1", driver="folder", location="/x"))  # type: ignore[arg-type]  # plain ids

    def say(self, *events: Event) -> None:
        self.station.books.append(list(events))

    def look(self) -> dict[str, Told]:
        """One look of the desk; the findings that stand, by kind and subject."""
        self.desk.look(threading.Event())
        return self.standing()

    def standing(self) -> dict[str, Told]:
        with reading(self.station.engine) as connection:
            return {f"{one.kind} {one.about}": one for one in law_queries.open_findings(connection)}

    def told(self, *types: str) -> list[dict[str, Any]]:
        self.station.books.ensure_published(self.station.log.size - 1)
        return self.rig.events(*types)

    def act(self, kind: str = "seizure", minutes: int = 60, **told: Any) -> ActStated:
        begin = Millis(self.begun - 10 * HOUR)
        plain: dict[str, Any] = {
            "act": "a1",
            "case": "k1",
            "kind": kind,
            "started_at": begin,
            "ended_at": Millis(begin + minutes * MINUTE),
            "officers": ("104233",),
        }
        return ActStated(**plain | told)

    def clip(self, number: int, begin: int, minutes: int) -> Any:
        at = self.begun - 10 * HOUR + begin * MINUTE
        started = Interval(earliest=Millis(at), latest=Millis(at), basis="clock-read")
        end = Millis(at + minutes * MINUTE)
        ended = Interval(earliest=end, latest=end, basis="clock-read")
        stored = Millis(end + HOUR)
        return secured(number, started=started, ended=ended, stored_at=stored, session="s1")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "h")
    try:
        yield made
    finally:
        made.station.close()


def person(name: str, *roles: str) -> Caller:
    return Caller(uid=os.getuid(), person=name, roles=frozenset(roles))


def linked(clip: Any, act: str | None = "a1", by: str = "machine") -> ClipLinked:
    return ClipLinked(acquisition=clip.acquisition, act=act, case=None, by=by, score=9000, reasons=())


def test_an_act_is_judged_as_its_clips_come(office: Office) -> None:
    """Nothing before clips are due; then unfilmed; with a clip a gap, told as a change; whole: ended by facts."""
    first, second = office.clip(0, 0, 30), office.clip(1, 40, 20)
    office.say(office.act())
    assert office.look() == {}
    office.clock.hours = 20
    (key,) = office.look()
    assert key == "act-unfilmed act:a1"
    office.say(first, linked(first))
    assert set(office.look()) == {"act-gaps act:a1"}
    office.say(second, linked(second))
    gaps = office.look()["act-gaps act:a1"]
    facts = dict(gaps.facts)
    assert (facts["missing_ms"], facts["gaps"], gaps.level) == (10 * MINUTE, 1, "violation")
    assert (gaps.rule, gaps.layer, gaps.section, gaps.concerns) == ("REC-4", "baseline", "own", ("104233",))
    office.say(office.act(minutes=30))
    assert office.look() == {}
    kinds = [entry["data"].get("kind") for entry in office.told("finding.opened")]
    assert kinds == ["act-unfilmed", "act-gaps"]
    assert len(office.told("finding.changed")) == 1


def test_a_start_tells_nothing_twice_and_leaves_nothing_open(office: Office) -> None:
    """Another desk over the same home finds what stands; what ended while none ran is closed."""
    office.say(office.act())
    office.clock.hours = 20
    standing = office.look()
    size = office.station.log.size
    office.desk = LawDesk(office.station)
    assert office.look() == standing
    assert office.station.log.size == size
    clip = office.clip(0, 0, 60)
    office.say(clip, linked(clip))
    office.desk = LawDesk(office.station)
    assert office.look() == {}


def test_black_stretches_are_not_recorded(office: Office) -> None:
    """An analysis that comes later makes a gap of what looked whole; a person's unlinking makes it unfilmed."""
    clip = office.clip(0, 0, 60)
    office.say(office.act(), clip, linked(clip))
    office.clock.hours = 20
    assert office.look() == {}
    stretch = StretchRecord(kind="black", begin=20 * MINUTE, end=25 * MINUTE)
    office.say(
        MediaAnalysed(
            acquisition=clip.acquisition,
            sha256=clip.sha256,
            tool="t",
            version="1",
            settings="",
            stretches=(stretch,),
            speech_from_ms=100,
            lead_ms=0,
            codes=(),
            failure=None,
        )
    )
    facts = dict(office.look()["act-gaps act:a1"].facts)
    assert facts["missing_ms"] == 5 * MINUTE
    office.say(
        ClipUnlinked(acquisition=clip.acquisition, act="a1", case=None, by="person", reason_value="ab" * 32)
    )
    assert set(office.look()) == {"act-unfilmed act:a1"}


def test_another_policy_is_another_verdict(office: Office) -> None:
    """Tongling proposes where the baseline demands; what a person determines is a duty or nothing."""
    office.say(office.act())
    office.clock.hours = 20
    assert set(office.look()) == {"act-unfilmed act:a1"}
    office.station.in_force.policy = catalog.load("tongling-jiaoqu")
    found = office.look()
    # REC-4 is a proposal there; that there is no footage at all is still asked, as no violation.
    certificate = found.pop("certificate-invalid act:a1/104233")
    assert (certificate.rule, certificate.level) == ("REV-7", "unclear")  # no register tells of one
    assert set(found) == {"filming-proposed act:a1", "act-unfilmed act:a1"}
    assert found["act-unfilmed act:a1"].level == "notice"
    proposal = found["filming-proposed act:a1"]
    assert (proposal.rule, proposal.layer, proposal.level) == ("REC-4", "tongling-jiaoqu", "proposal")
    asked = {"finding": proposal.finding, "needed": False, "reason": "x"}
    with pytest.raises(RefusedError):
        office.findings.determine(person("104233", "supervisor"), asked)
    with pytest.raises(UsageError):
        office.findings.waive(person("s1", "supervisor"), asked)
    office.findings.determine(person("s1", "supervisor"), asked | {"needed": True})
    told = office.look()["act-unfilmed act:a1"]
    assert (told.level, told.rule) == ("violation", "REC-4")


def test_a_certificate_of_which_nothing_is_told(office: Office) -> None:
    """REV-7: of an officer whom no register has, or has without one, it can't be told; told and valid: nothing."""
    office.station.in_force.policy = catalog.load("tongling-jiaoqu")
    office.say(office.act(officers=("104233", "104198", "104007")))
    office.say(OfficerStated(officer="104198"), OfficerStated(officer="104007", role="auxiliary"))
    office.clock.hours = 1
    found = {about: one.level for about, one in office.look().items() if "certificate" in about}
    assert found == dict.fromkeys(
        [f"certificate-invalid act:a1/{one}" for one in ("104198", "104233")], "unclear"
    )
    office.say(
        OfficerStated(officer="104198", certificate="皖1"), OfficerStated(officer="104233", valid_until=T0)
    )
    found = {about: one.level for about, one in office.look().items() if "certificate" in about}
    assert found == {"certificate-invalid act:a1/104233": "violation"}


@pytest.mark.parametrize("told", [{"ended_at": None}, {"started_at": None, "ended_at": None}])
def test_an_act_of_which_nobody_told_the_end(office: Office, told: dict[str, None]) -> None:
    """Whether it is on film whole can't be told: said a day after it began, or at once where that is not told."""
    office.say(office.act(**told))
    if "started_at" not in told:
        assert office.look() == {}
        office.clock.hours = 20
    (found,) = office.look().values()
    assert (found.kind, found.rule, found.level) == ("act-coverage-unclear", "REC-4", "unclear")
    office.say(office.act(kind="现场检查", **told))
    assert office.look() == {}


@pytest.mark.parametrize(("kind", "days"), [("行政处罚", 7), ("permit", 7), ("罚款", 20), (None, 20)])
def test_a_decision_is_public_in_the_time_of_its_kind(office: Office, kind: str | None, days: int) -> None:
    """DIS-1: by its own kind in a platform's words too, where its case says none."""
    office.station.in_force.policy = catalog.load("tongling-jiaoqu")
    office.say(DecisionStated(decision="d1", case="k9", kind=kind, at=office.begun))
    office.clock.hours = 24 * 60
    facts = dict(office.look()["decision-unpublished decision:d1"].facts)
    assert facts["working_days"] == days


def test_what_happens_on_premises(office: Office) -> None:
    """REC-5b asks for the act that is just that, whether or not the platform fills the other column, too."""
    office.station.in_force.policy = catalog.load("wujin-yingji")
    office.say(office.act("执法办案场所内的活动"))
    office.clock.hours = 20
    found = office.look()["act-unfilmed act:a1"]
    assert (found.rule, found.layer, found.level) == ("REC-5b", "wujin-yingji", "violation")


def test_the_jurisdictions_rule_speaks_before_the_houses(office: Office) -> None:
    """Wujin's REC-5 asks for a seizure whole, as the baseline's REC-4 does: the finding names the text."""
    office.station.in_force.policy = catalog.load("wujin-yingji")
    office.say(office.act())
    office.clock.hours = 20
    found = office.look()["act-unfilmed act:a1"]
    assert (found.rule[:5], found.layer) == ("REC-5", "wujin-yingji")


def test_an_act_of_one_moment(office: Office) -> None:
    """Begun and ended in the same minute: on film where a clip covers that moment; else it is a gap, or unfilmed."""
    office.clock.hours = 48
    covers, misses = office.clip(1, -1, 2), office.clip(2, 1, 2)
    office.say(
        *(office.act(act="a1", minutes=0), office.act(act="a2", minutes=0), office.act(act="a3", minutes=0)),
        *(covers, linked(covers, "a1")),
        *(misses, linked(misses, "a2")),
    )
    told = office.look()
    assert {name for name in told if "act" in name} == {"act-gaps act:a2", "act-unfilmed act:a3"}
    assert dict(told["act-gaps act:a2"].facts)["clips"] == 1
    with reading(office.station.engine) as connection:
        book, acts = office.station.in_force.book(), registers.acts_of(connection, "k1")
        footage = case_footage.read(connection, "k1", acts, book, office.clock.now())
    teller = case_footage.Teller("en", UTC)
    lines = [list(teller.lines(one, act)) for one, act in zip(footage, acts, strict=True)]
    assert [one[0].split(", ")[-1] for one in lines] == ["surely on film", "not on film", "not on film"]
    assert [set(one[1]) for one in lines] == [{"█"}, {"·"}, {"·"}]


def test_a_certificate_is_told_as_its_register_tells_it(tmp_path: Path) -> None:
    """The officer is one of the act; the last valid day stands as a day; a first day that nobody told is left out."""
    office, china = Office(tmp_path / "h", "tongling-jiaoqu"), timezone(timedelta(hours=8))
    last = datetime.fromtimestamp(office.begun / 1000, china).date() - timedelta(days=5)
    until = datetime.combine(last + timedelta(days=1), time(), china)
    try:
        office.say(
            OfficerStated(officer="104233", valid_until=Millis(int(until.timestamp()) * 1000)), office.act()
        )
        facts = office.look()["certificate-invalid act:a1/104233"].facts
    finally:
        office.station.close()
    zh, en = (fact_pairs(facts, lang=lang, zone=china) for lang in ("zh", "en"))
    assert ("证件有效期至", f"{last}") in zh
    assert ("执法人员", "104233") in zh
    assert ("officer", "104233") in en
    assert "使用人" not in dict(zh)
    assert "证件有效期自" not in dict(zh)
    assert bounded_pairs(facts, now=office.begun, lang="zh", zone=china) == zh


def test_the_life_of_a_finding(office: Office) -> None:
    """Acknowledged, explained by the unit and by nobody else, waived by a supervisor who is not concerned."""
    office.say(
        UnitStated(unit="u1"),
        UnitStated(unit="u2"),
        OfficerStated(officer="104233", unit="u1"),
        OfficerStated(officer="mate", unit="u1"),
        OfficerStated(officer="other", unit="u2"),
        office.act(),
    )
    office.clock.hours = 20
    told = office.look()["act-unfilmed act:a1"]
    asked = {"finding": told.finding, "reason": "记录仪没电"}
    acts = office.findings
    with pytest.raises(RefusedError):
        acts.acknowledge(person("x", "outside-supervisor"), asked)
    assert acts.acknowledge(person("mate", "officer"), asked)["changed"]
    assert not acts.acknowledge(person("other", "officer"), asked)["changed"]
    with pytest.raises(RefusedError):
        acts.explain(person("other", "officer"), asked)
    acts.explain(person("mate", "officer"), asked)
    with pytest.raises(RefusedError):
        acts.waive(person("104233", "supervisor"), asked)
    with pytest.raises(RefusedError):
        acts.waive(person("mate", "officer"), asked)
    acts.waive(person("s1", "supervisor"), asked)
    assert not acts.waive(person("s1", "supervisor"), asked)["changed"]
    now = office.look()["act-unfilmed act:a1"]
    assert now.state == "waived"
    with reading(office.station.engine) as connection:
        steps = law_queries.steps(connection, now)
    assert [(one.step, one.said_by) for one in steps] == [
        ("acknowledged", "person:mate"),
        ("explained", "person:mate"),
        ("waived", "person:s1"),
    ]
    assert len(office.told("action.refused")) == 4
    office.refusals.flush(at_end=True)
    assert "没电" not in str(office.told())
    with pytest.raises(NotFoundError):
        acts.waive(person("s1", "supervisor"), {"finding": "0" * 16, "reason": "x"})


def test_the_case_file_and_the_note(tmp_path: Path) -> None:
    """REC-11 counts from the conclusion until the file is stated; REC-8's note ends its finding (Lingchuan)."""
    office = Office(tmp_path / "h", "lingchuan-gongxin")
    try:
        clip = office.clip(0, 0, 10)
        ended = Millis(office.begun - 40 * 24 * HOUR)
        office.say(CaseStated(case="k1", concluded_at=ended), clip, linked(clip, None))
        assert set(office.look()) == {"case-file-overdue case:k1"}
        who = person("c1", "case-officer")
        office.statements.filed(who, {"case": "k1", "at": ended + HOUR})
        assert office.look() == {}
        office.clock.hours = 24
        assert set(office.look()) == {f"note-missing clip:{clip.acquisition}"}
        office.statements.note(who, {"clip": clip.acquisition, "text": "现场检查"})
        assert office.look() == {}
        with pytest.raises(UsageError):
            office.statements.given(who, {"sheet": "year-public", "period": "2026-03"})
    finally:
        office.station.close()


def test_findings_of_custody_rest_on_their_rule(office: Office) -> None:
    """What the dock itself tells names the rule and the layer in force; what rests on none names none."""
    office.say(findings.opened("pulled-early", "recorder:R1"), findings.opened("disk-low", "station"))
    standing = office.standing()
    early = standing["pulled-early recorder:R1"]
    assert (early.rule, early.layer, early.section, early.level) == ("REC-2", "baseline", "own", "violation")
    assert standing["disk-low station"].rule is None

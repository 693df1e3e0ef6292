"""What files and people say of registers becomes events once, with who said it, and personal text outside the log."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller, caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.uploads import Uploads
from ingestd.clock import StationClock
from ingestd.demo.exports import NAMES, exports
from ingestd.errors import BusyError, RefusedError, UsageError
from ingestd.index import hands, registers
from ingestd.index.database import reading
from ingestd.station import Station
from ingestd.vault.values import Values
from tests.rig import Rig, command

OFFICERS = "警号,姓名,单位编号,证件有效期\n001234,张建国（虚构）,u1,2028-06-30\n104198,李敏（虚构）,u1,\n"
CASES = "案件编号,案件类型,案由,当事人,当事人证件号码,当事人类型\n"
CHINA = timezone(timedelta(hours=8))
ID_1, ID_2 = "34070219800101001X", "340702199001010028"

AT_ONCE = 4


class Desk:
    """The actions of an open home, without a daemon."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.station = Station.open(rig.root, StationClock())
        self.refusals = Refusals(self.station.books, self.station.clock)
        self.actions = RegisterActions(self.station, self.refusals)
        self.who = caller(os.getuid(), self.station.config)

    def take(
        self, text: str | bytes, *among: str, name: str = "x.csv", who: Caller | None = None
    ) -> dict[str, Any]:
        data = text.encode() if isinstance(text, str) else text
        given = {"name": name, "among": list(among)}
        (table,) = self.actions.take(who or self.who, given, data, lambda _: None)["tables"]
        return table

    def add(self, register: str, who: Caller | None = None, **said: str) -> dict[str, Any]:
        return self.actions.add(who or self.who, {"register": register, "said": said})

    def row(self, register: str, key: str) -> Any:
        with reading(self.station.engine) as connection:
            found = registers.one(connection, register, key)
        return None if found is None else found.row

    def rows(self, register: str) -> list[Any]:
        with reading(self.station.engine) as connection:
            return [found.row for found in registers.listed(connection, register)]

    def said(self, digest: str | None) -> dict[str, Any] | None:
        return None if digest is None else Values(self.station.home).get(digest)

    def events(self, *types: str) -> list[dict[str, Any]]:
        self.station.books.ensure_published(self.station.log.size - 1)
        return self.rig.events(*types)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(Rig(tmp_path / "h"))
    try:
        yield made
    finally:
        made.station.close()


def numbers(table: dict[str, Any]) -> tuple[int, int, int]:
    return table["changed"], table["same"], table["refused"]


def person(name: str, *roles: str) -> Caller:
    return Caller(uid=41000, person=name, roles=frozenset(roles))


def test_again_is_nothing_and_a_correction_is_one_event(desk: Desk) -> None:
    """Equal rows make no event, whatever file says them; a correction states the row, the old one stays."""
    assert numbers(desk.take(OFFICERS, "officer")) == (2, 0, 0)
    assert desk.take(OFFICERS, "officer")["known_since"] is not None
    assert numbers(desk.take(OFFICERS + "\n", "officer")) == (0, 2, 0)
    assert numbers(desk.take(OFFICERS.replace("2028", "2029").encode("gbk"), "officer")) == (1, 1, 0)
    stated = desk.events("officer.stated")
    assert [event["data"]["officer"] for event in stated] == ["001234", "104198", "001234"]
    assert stated[0]["data"]["name_value"] == stated[2]["data"]["name_value"]
    assert stated[0]["data"]["source"]["row"] == 2
    assert stated[0]["actor"] == "person:keeper-1"
    assert desk.said(stated[0]["data"]["name_value"]) == {"name": "张建国（虚构）"}
    assert "张建国" not in json.dumps(desk.events(), ensure_ascii=False)
    assert len(desk.events("register.imported")) == 3


def test_columns_that_are_not_there_stay(desk: Desk) -> None:
    """A file without a column leaves what is known; an empty cell takes it away; so does a command."""
    desk.take(OFFICERS, "officer")
    desk.take("警号,职务\n001234,中队长\n", "officer")
    row = desk.row("officer", "001234")
    assert (row.title, row.unit) == ("中队长", "u1")
    assert row.valid_until is not None
    desk.take("警号,证件有效期,姓名\n001234,,\n", "officer")
    row = desk.row("officer", "001234")
    assert (row.title, row.valid_until, row.name_value) == ("中队长", None, None)
    assert desk.add("officer", officer="001234", title="中队长")["changed"] is False
    assert desk.add("officer", officer="001234", title="")["changed"] is True
    assert desk.row("officer", "001234").title is None


def test_lost_zeros_and_unknown_ids(desk: Desk) -> None:
    """1234 is refused where 001234 is known, in every column that names officers; unknown ids are notices."""
    desk.take(OFFICERS, "officer")
    table = desk.take(
        "行为编号,案件编号,开始时间,执法人员\nA1,c1,2026-1-2 3:04,1234\nA2,c1,2026-1-2 3:04,104198\n", "act"
    )
    assert numbers(table) == (1, 0, 1)
    assert (table["faults"][0]["line"], table["faults"][0]["column"]) == (2, "执法人员")
    assert "001234" in table["faults"][0]["en"]
    assert [notice["en"] for notice in table["notices"]] == ["c1 is not among the cases (yet)."]
    assert numbers(desk.take("警号,姓名\n1234,x\n", "officer")) == (0, 0, 1)
    assert desk.row("officer", "1234") is None
    desk.take(CASES + "c1,检查,x,,,\n", "case")
    assert desk.take("行为编号,案件编号,开始时间\nA3,c1,2026-1-2 3:04\n", "act")["notices"] == []


def test_kinds_of_acts_that_no_rule_knows(desk: Desk) -> None:
    """A kind by key, Chinese or English name is known; others are taken and told once, by file and by hand."""
    rows = "a1,喝茶\na2,查封\na3,Seizure\na4,hearing\na5,hearing\na6,喝茶\na7,\n".replace(
        "\n", ",2026-1-2 3:04\n"
    )
    table = desk.take("行为编号,行为类型,开始时间\n" + rows, "act")
    assert numbers(table) == (7, 0, 0)
    assert [(one["line"], one["column"]) for one in table["notices"]] == [(2, "行为类型"), (4, "行为类型")]
    assert all("喝茶" in table["notices"][0][lang] for lang in ("zh", "en"))
    assert "cannot be judged" in table["notices"][0]["en"]
    (notice,) = desk.add("act", act="a8", kind="喝茶", started_at="2026-1-2 3:04")["notices"]
    assert (notice["column"], notice["en"]) == ("kind", table["notices"][0]["en"])
    assert desk.add("act", act="a8", kind="inspection")["notices"] == []


def test_what_happened_does_not_lie_ahead(desk: Desk) -> None:
    """Each row that says so of tomorrow's tomorrow is told; what may lie ahead is not, nor what is today's."""
    now = datetime.now(CHINA)
    ahead, today = f"{now + timedelta(days=3):%Y-%m-%d %H:%M}", f"{now:%Y-%m-%d}"
    acts = (
        f"行为编号,开始时间,结束时间\na1,{ahead},\na2,{today} 00:00,{ahead}\na3,{today} 00:00,{today} 00:01\n"
    )
    table = desk.take(acts + "a4,2026-1-2 3:04,9999-12-31 0:00\n", "act")
    assert (numbers(table), table["faults"][0]["line"]) == ((3, 0, 1), 5)
    assert [(one["line"], one["column"]) for one in table["notices"]] == [(2, "开始时间"), (3, "结束时间")]
    assert desk.take(f"警号,证件生效,证件有效期\n1,{ahead},2099-12-31\n", "officer")["notices"] == []
    said = {"opened_at": today, "decided_at": ahead}
    assert [one["column"] for one in desk.add("case", case="c1", **said)["notices"]] == ["decided_at"]
    assert [one["column"] for one in desk.add("decision", case="c1", at=ahead)["notices"]] == ["at"]
    assert [one["column"] for one in desk.add("record", case="c1", made_at=ahead)["notices"]] == ["made_at"]
    review = f"审核编号,案件编号,审核期限,送审时间,意见时间\nr1,c1,{ahead},{today},{ahead}\n"
    assert [one["column"] for one in desk.take(review, "review")["notices"]] == ["意见时间"]
    with pytest.raises(UsageError):
        desk.add("decision", case="c1", at="2206-01-02")


def test_subjects_are_found_by_number(desk: Desk) -> None:
    """One number is one subject in all cases; without a number a name means somebody only within its case."""
    rows = (
        f"c1,处罚,a,李某（虚构）;某店（虚构）,{ID_1};91340700MA2EXAMP01,\n"
        f"c2,处罚,b,李某（虚构）,{ID_1},自然人\nc3,处罚,c,王某（虚构）,,\nc4,处罚,d,王某（虚构）,,\n"
    )
    assert numbers(desk.take(CASES + rows, "case")) == (4, 0, 0)
    first, second, third, fourth = (desk.row("case", f"c{n}").subjects for n in (1, 2, 3, 4))
    assert second == first[:1]
    assert third != fourth
    assert [desk.row("subject", one).kind for one in first] == ["person", "organisation"]
    assert numbers(desk.take(CASES + rows + "\n", "case")) == (0, 4, 0)
    assert len(desk.rows("subject")) == 4
    # Later the number of the third is known: it is the same subject, now with a number.
    assert numbers(desk.take(CASES + f"c3,处罚,c,王某（虚构）,{ID_2},\n", "case")) == (1, 0, 0)
    assert desk.row("case", "c3").subjects == third
    with reading(desk.station.engine) as connection:
        assert registers.cases_of_party(connection, first[0]) == ("c1", "c2")
        assert [one.party for one in registers.parties_of(connection, "c1")] == list(first)
    assert not any(ID_1 in json.dumps(event) for event in desk.events())


def test_the_register_of_subjects(desk: Desk) -> None:
    """Addresses come by a file of their own and stay with the subject; a subject of no case needs no case."""
    desk.take(CASES + f"c1,处罚,a,李某（虚构）,{ID_1},\n", "case")
    table = desk.take(
        f"当事人,证件号码,地址,案件编号\n李某（虚构）,{ID_1},某路 1 号,\n丁某（虚构）,,某路 2 号,c1\n",
        "subject",
    )
    assert numbers(table) == (2, 0, 0)
    first, second = desk.row("case", "c1").subjects
    assert desk.said(desk.row("subject", first).party_value)["address"] == "某路 1 号"
    assert desk.said(desk.row("subject", second).party_value)["name"] == "丁某（虚构）"
    assert numbers(desk.take("当事人,案件编号\n戊某（虚构）,nowhere\n", "subject")) == (0, 0, 1)
    assert numbers(desk.take("对象编号,地址\nnobody,x\n", "subject")) == (0, 0, 1)
    assert numbers(desk.take(f"对象编号,地址\n{first},某路 3 号\n", "subject")) == (1, 0, 0)


def test_what_rows_cannot_be(desk: Desk) -> None:
    """Circles of units, ends before beginnings, subjects that do not match: refused, the rest is taken."""
    units = "单位编号,上级单位编号\na,b\nb,c\nc,a\nd,d\ne,a\n"
    table = desk.take(units, "unit")
    assert [fault["line"] for fault in table["faults"]] == [4, 5]
    acts = "行为编号,开始时间,结束时间,结果\nA1,2026-1-2 3:04,2026-1-2 3:00,\nA2,,,\nA3,2026-1-2 3:04,,当事人晕倒\n"
    table = desk.take(acts, "act")
    assert [(fault["line"], fault["column"]) for fault in table["faults"]] == [
        (2, "结束时间"),
        (3, "开始时间"),
    ]
    act = desk.row("act", "A3")
    assert (act.result, desk.said(act.note_value)) == ("other", {"result": "当事人晕倒"})
    assert numbers(desk.take("行为编号,开始时间,结束时间\nA4,2026-1-2 3:04,2026-1-2 3:04\n", "act")) == (
        1,
        0,
        0,
    )
    desk.take("行为编号,结果\nA3,\n", "act")
    act = desk.row("act", "A3")
    assert (act.result, act.note_value) == (None, None)
    table = desk.take(CASES + "c1,处罚,a,甲;乙,1;2;3,\nc2,处罚,a,甲,,神仙\n", "case")
    assert numbers(table) == (0, 0, 2)


def test_who_may(desk: Desk) -> None:
    """Each register has its people; a refusal is an event; reviews by hand go another way."""
    officer, case_officer = person("104233", "officer"), person("c-1", "case-officer")
    reviewer = person("104333", "legal-reviewer")
    for who, register in ((officer, "case"), (case_officer, "officer"), (reviewer, "decision")):
        with pytest.raises(RefusedError):
            desk.add(register, who, **{register: "x"})
        with pytest.raises(RefusedError):
            desk.take(OFFICERS if register == "officer" else CASES, register, who=who)
    assert desk.add("case", case_officer, case="c1", kind="处罚", major="是")["changed"]
    with pytest.raises(UsageError):
        desk.add("review", case_officer, review="r1", case="c1", opinion="同意")
    assert {event["data"]["verb"] for event in desk.events("action.refused")} >= {"case.add", "decision.add"}


def test_a_decision_decides_its_case(desk: Desk) -> None:
    """The case is decided when its decision is, where it does not say itself; ids are made where none is given."""
    desk.add("case", case="c1")
    desk.add("decision", case="c1", decision="d1", at="2026-11-20", kind="罚款")
    case = desk.row("case", "c1")
    assert (case.decision, case.decided_at) == ("罚款", desk.row("decision", "d1").at)
    desk.add("decision", case="c1", decision="d2", at="2026-11-25")
    assert desk.row("case", "c1").decided_at == case.decided_at
    made = desk.add("record", case="c1", kind="现场检查笔录", signed="拒签", refusal="不识字")
    assert desk.row("record", made["key"]).signed == "refused"
    for wrong in ({"case": ""}, {"case": "1E+5"}, {"case": "c", "no": "x"}, {"case": "c", "kind": "x"}):
        with pytest.raises(UsageError):
            desk.add("case", **wrong)


def test_a_roster(desk: Desk) -> None:
    """Assignments by file: once, with their modes; unknown officers are a notice, unknown recorders a fault."""
    for number in ("KD00001", "KD00002"):
        desk.station.books.append([_enrolled(number)])
    roster = (
        "记录仪,警号,方式,起,止\nkd00001,104233,固定,,\nKD00001,104198,当班,2026-11-21 8:00,2026-11-21 17:30\n"
        "KD00002,104301,,2026-11-21,2026-11-21\nKD00003,1,,,\nKD00002,,,,\n"
    )
    table = desk.take(roster, "assignment")
    assert numbers(table) == (4, 0, 1)
    assert table["faults"][0]["line"] == 5
    assert len(table["notices"]) == 3
    assert numbers(desk.take(roster + "\n", "assignment")) == (0, 4, 1)
    with reading(desk.station.engine) as connection:
        said = hands.statements(connection, "KD00001")
    assert [(one.officer, one.mode) for one in said][:2] == [("104233", "permanent"), ("104198", "shift")]
    shift = said[1]
    assert shift.until_at - shift.since_at == (9 * 60 + 30) * 60_000


def _enrolled(recorder: str) -> Any:
    from ingestd.events import RecorderEnrolled

    return RecorderEnrolled(recorder=recorder, family=None, driver=None, claims=())


def test_findings_of_files(desk: Desk) -> None:
    """Refused rows open a finding with how many; a later file that is whole closes it."""
    desk.take(CASES + "c1,抢劫,x,,,\n", "case")
    desk.events()
    assert desk.rig.findings() == ["import-refused"]
    desk.take(CASES + "c1,处罚,x,,,\n", "case")
    desk.events()
    assert desk.rig.findings() == []


def test_the_demonstrations_platform(desk: Desk) -> None:
    """Its exports fit: no fault, no unknown id, whatever moment and zone; said again they are known."""
    for offset, again in ((480, False), (480, True)):
        now = desk.station.clock.now()
        for name, data in exports(now, offset).items():
            table = desk.take(data + (b"\r\n" if again else b""), name.partition(".")[0], name=name)
            assert table["refused"] == 0, table
            assert table["unknown_columns"] == []
            assert table["notices"] == []
    assert set(exports(now, 480)) == set(NAMES)
    assert (len(desk.rows("unit")), len(desk.rows("officer")), len(desk.rows("case"))) == (3, 8, 8)
    with reading(desk.station.engine) as connection:
        tree = registers.units(connection)
        assert registers.below(tree, "340799") == {"340799", "34079901", "34079903"}
        (act,) = registers.acts_of(connection, "铜郊罚〔2026〕32号")
        assert act.officers == ("104233", "104198")


def test_a_rebuild_gives_the_same_registers(desk: Desk) -> None:
    """All of it follows from the log: `rebuild` makes the same rows."""
    for name, data in exports(desk.station.clock.now(), 480).items():
        desk.take(data, name.partition(".")[0], name=name)
    before = {register: desk.rows(register) for register in ("officer", "case", "act", "review", "subject")}
    desk.events()
    desk.station.close()
    assert command("rebuild", "--home", desk.rig.root).code == 0
    desk.station = Station.open(desk.rig.root, StationClock())
    assert {register: desk.rows(register) for register in before} == before


def test_two_imports_at_once(desk: Desk) -> None:
    """Two people import the same rows: each is stated once."""
    rows = "警号,姓名\n" + "".join(f"{n},张{n}\n" for n in range(300))
    taken: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda end=end: taken.append(desk.take(rows + end, "officer")))
        for end in ("", "\n")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(table["changed"] for table in taken) == [0, 300]
    assert len(desk.events("officer.stated")) == 300


def test_uploads_have_limits() -> None:
    """Parts in order, one file a caller, few callers at once, gone when idle."""

    class Ticking(StationClock):
        at = 0.0

        def monotonic(self) -> float:
            return self.at

    clock = Ticking()
    uploads = Uploads(clock, most=lambda: 4 << 20, at_once=AT_ONCE)
    callers = [person(f"p{n}", "administrator") for n in range(AT_ONCE + 1)]
    callers = [Caller(uid=n, person=one.person, roles=one.roles) for n, one in enumerate(callers)]
    for one in callers[:AT_ONCE]:
        uploads.add(one, {"part": "YWI=", "offset": 0})
    with pytest.raises(BusyError):
        uploads.add(callers[-1], {"part": "YWI=", "offset": 0})
    uploads.add(callers[0], {"part": "Yw==", "offset": 2})
    assert uploads.take(callers[0]) == b"abc"
    for wrong in ({"part": "YWI=", "offset": 5}, {"part": "!", "offset": 0}, {"part": "YWI=", "offset": "x"}):
        with pytest.raises(UsageError):
            uploads.add(callers[1], wrong)
    with pytest.raises(UsageError):
        uploads.take(callers[0])
    clock.at = 1000.0
    uploads.add(callers[-1], {"part": "YWI=", "offset": 0})
    with pytest.raises(UsageError):
        uploads.take(callers[2])

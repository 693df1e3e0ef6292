"""Reports of a real home: figures equal those counted from the log by other code, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestd.events import ActStated, CaseStated, ClipLinked, OfficerStated, PartyStated, UnitStated
from ingestd.model import Interval, Millis
from ingestd.vault.layout import Home
from ingestd.vault.values import Values, new_salt
from tests.reports.office import DAY, HOUR, YEAR_BEGAN, Counted, Year, clip, year
from tests.rig import Rig

SHOWN = ("clips", "on_time", "late", "untold", "acts")


def report(rig: Rig, *words: str) -> Any:
    done = rig.run("report", *words, "--json")
    assert done.code == 0, done.err
    return done.json


def rows(told: Any, sheet: str, key: str) -> dict[Any, Any]:
    return {row[key] if isinstance(row[key], str) else None: row for row in told["sheets"][sheet]}


@pytest.fixture(scope="module", params=[1, 2])
def rig(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Rig:
    made = Year(tmp_path_factory.mktemp("year") / "h")
    made.say(*year(request.param))
    made.judge()
    return made.close()


@pytest.mark.parametrize("label", ["2026", "2026-03", "2025-12"])
def test_figures_are_those_of_the_log(rig: Rig, label: str) -> None:
    """By unit with those below, officer, recorder, act, rule, month, kind of case, and in all."""
    counted = Counted(rig.events(), label)
    told = report(rig, "year" if len(label) == 4 else "month", label)
    assert told["log_size"] == len(rig.events())
    all_of = {row["figure"]["en"]: row["value"] for row in told["sheets"]["summary"]}
    assert all_of["recordings"] == counted.by["all"][None]["clips"]
    assert all_of["findings"] == counted.by["all"][None]["findings"]
    units = rows(told, "units", "unit")
    for unit in counted.last["unit"]:
        assert [units[unit][name] for name in SHOWN] == [counted.below(unit, name) for name in SHOWN]
    for sheet, dimension, key in (
        ("officers", "officer", "officer"),
        ("recorders", "recorder", "recorder"),
        ("acts", "act", "act"),
        ("months", "month", "month"),
    ):
        if sheet == "months" and len(label) > 4:
            continue
        found = rows(told, sheet, key)
        for one, figures in counted.by[dimension].items():
            for name in SHOWN:
                if name in found[one]:
                    assert found[one][name] == figures[name], (sheet, one, name)
        assert sum(row["clips"] for row in found.values() if "clips" in row) in (0, all_of["recordings"])
    kinds = {row["kind"]["zh"]: row for row in told["sheets"]["cases"]}
    words = {"penalty": "行政处罚", "inspection": "行政检查", "permit": "行政许可", None: "（不详）"}
    for kind, figures in counted.by["case-kind"].items():
        for name in ("opened", "decided", "concluded"):
            assert kinds[words[kind]][name] == figures[name]
    rules = {row["rule"] or None: row for row in told["sheets"]["rules"]}
    for rule, figures in counted.by["rule"].items():
        assert (rules[rule]["findings"], rules[rule]["standing"]) == (
            figures["findings"],
            figures["standing"],
        )


def test_a_unit_is_its_part_of_the_whole(rig: Rig) -> None:
    """The report of a unit says what its row of the whole says; the units without one above make the whole."""
    whole = rows(report(rig, "year", "2026"), "units", "unit")
    for unit in ("u0", "u1", "u12"):
        own = rows(report(rig, "unit", unit, "--period", "2026"), "units", "unit")
        assert own[unit] == whole[unit] | {"level": 1}
        assert own[None]["clips"] == whole[unit]["clips"]
    unknown = next(
        row
        for row in report(rig, "year", "2026")["sheets"]["units"]
        if row["name"] == {"zh": "（不详）", "en": "(not known)"}
    )
    assert whole["u0"]["clips"] + unknown["clips"] == whole[None]["clips"]
    assert rig.run("report", "unit", "u9").code == 7


def test_the_same_size_gives_the_same_bytes(rig: Rig, tmp_path: Path) -> None:
    """Each form twice; another entry, and the document says so."""
    for form in ("csv", "xlsx", "html"):
        made = []
        for name in ("one", "two"):
            out = tmp_path / f"{name}.{form}"
            done = rig.run("report", "year", "2026", "--format", form, "--out", out)
            assert done.code == 0, done.err
            made.append(out.read_bytes())
        assert made[0] == made[1]
    before = report(rig, "year", "2026")
    assert rig.run("unit", "add", "u0", "--name", "大队").code == 0
    after = report(rig, "year", "2026")
    assert (after["log_size"], after["log_root"]) != (before["log_size"], before["log_root"])
    assert after["log_root"] == rig.run("status", "--json").json["checkpoint"]["root"]


def test_the_borders_of_the_year_are_beijings(tmp_path: Path) -> None:
    """A clip that ended in the last second of the year, one in the first of the next, and one on both sides."""
    made = Year(tmp_path / "h")
    doubtful = Interval(earliest=Millis(YEAR_BEGAN - HOUR), latest=Millis(YEAR_BEGAN + HOUR), basis="listing")
    made.say(
        clip(1, YEAR_BEGAN - 10 * 60_000 - 1000, 10),
        clip(2, YEAR_BEGAN - 10 * 60_000, 10),
        clip(3, YEAR_BEGAN - HOUR, 10, ended=doubtful),
        clip(4, YEAR_BEGAN + 365 * DAY - 10 * 60_000 - 1, 10),
        clip(5, YEAR_BEGAN + 365 * DAY - 10 * 60_000, 10),
    )
    rig = made.close()

    def figures(*words: str) -> dict[str, Any]:
        return {row["figure"]["en"]: row["value"] for row in report(rig, *words)["sheets"]["summary"]}

    assert [figures("year", label)["recordings"] for label in ("2025", "2026", "2027")] == [1, 3, 1]
    assert figures("month", "2026-01")["month in doubt"] == 1
    assert figures("month", "2026-12")["recordings"] == 1
    assert figures("month", "2026-06")["recordings"] == 0


def test_a_month_without_anything(tmp_path: Path) -> None:
    """Every form of an empty report; a period that is none."""
    rig = Year(tmp_path / "h").close()
    told = report(rig, "month", "2025-02")
    assert told["sheets"]["officers"] == told["sheets"]["inspections"] == []
    assert (told["period"], told["state"]["en"]) == ("2025-02", "the period is over")
    for form in ("csv", "xlsx", "html"):
        assert rig.run("report", "month", "2025-02", "--format", form, "--out", tmp_path / form).code == 0
    assert "按人员" in (tmp_path / "html").read_text("utf-8")
    assert "by officer: none" in rig.run("report", "month", "2025-02").out
    for wrong in (("month", "2025"), ("year", "2025-02"), ("month", "2025-13"), ("year", "x")):
        assert rig.run("report", *wrong).code == 2
    assert rig.run("report", "year", "2025", "--sheet", "x").code == 2
    assert rig.run("report", "year", "2025", "--format", "csv", "--out", tmp_path / "no" / "x").code == 2


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "<script>x</script>")


def test_nothing_in_a_report_runs(tmp_path: Path) -> None:
    """Names that a spreadsheet or a browser would run stand in every form as the text that they are."""
    made = Year(tmp_path / "h")
    made.say(
        *(UnitStated(unit=f"u{n}", name=text) for n, text in enumerate(FORMULAS)),
        OfficerStated(officer="-2", unit="u0"),
        clip(1, YEAR_BEGAN, 10, officer="-2", recorder="=R"),
        CaseStated(case="-c", decision="=cmd", random_inspection=True, concluded_at=Millis(YEAR_BEGAN)),
    )
    rig = made.close()
    paths = {form: tmp_path / f"x.{form}" for form in ("csv", "xlsx", "html")}
    for form, path in paths.items():
        assert rig.run("report", "year", "2026", "--format", form, "--out", path).code == 0
    text = paths["csv"].read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    cells = [one for row in csv.reader(io.StringIO(text.decode("utf-8-sig"))) for one in row]
    assert not [one for one in cells if one.startswith(("=", "+", "-", "@", "\t"))]
    assert "'=1+1" in cells
    assert "'-2" in cells
    book = openpyxl.load_workbook(paths["xlsx"])
    values = [one for sheet in book for row in sheet.iter_rows() for one in row if one.value is not None]
    assert {one.data_type for one in values} <= {"s", "n"}
    assert {"=1+1", "-2", "=cmd", "=R"} <= {one.value for one in values}
    page = paths["html"].read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;x" in page
    assert not re.search(r"(src|href)=", page)


def test_random_inspections_are_published_without_persons(tmp_path: Path) -> None:
    """DIS-6: an organisation by its name, a person by none; the month of the conclusion; a plain table as CSV."""
    made = Year(tmp_path / "h")
    names = ("某餐饮店（虚构）", "张三（虚构）")
    digests = Values(Home(made.rig.root)).put([(new_salt(), {"name": name}) for name in names])
    made.say(
        UnitStated(unit="u1", name="一中队"),
        PartyStated(party="p1", kind="organisation", party_value=digests[0]),
        PartyStated(party="p2", kind="person", party_value=digests[1]),
        CaseStated(
            case="c1",
            unit="u1",
            kind="inspection",
            random_inspection=True,
            concluded_at=Millis(YEAR_BEGAN + DAY),
            subjects=("p1", "p2"),
        ),
        CaseStated(case="c2", random_inspection=True, concluded_at=Millis(YEAR_BEGAN - 1)),
        CaseStated(case="c3", concluded_at=Millis(YEAR_BEGAN + DAY)),
        ActStated(act="a1", case="c1", kind="inspection", started_at=YEAR_BEGAN, result="done"),
    )
    rig = made.close()
    out = tmp_path / "x.csv"
    rig.run("report", "month", "2026-01", "--sheet", "inspections", "--format", "csv", "--out", out)
    header, *lines = csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig")))
    assert header[:3] == ["case", "inspected by", "inspected"]
    assert lines == [
        ["c1", "一中队", "某餐饮店（虚构）, a person", "inspection", "2026-01-01", "done", "", "2026-01-02"]
    ]


def test_what_is_open_is_provisional(tmp_path: Path) -> None:
    """An act whose clips may still come is neither whole nor not, and marks its unit's row; time settles it."""
    made = Year(tmp_path / "h")
    now = made.station.clock.now()
    began = Millis(now - 2 * HOUR)
    film = clip(1, began, 60, waited=0.1)
    made.say(
        UnitStated(unit="u1"),
        OfficerStated(officer="o1", unit="u1"),
        ActStated(
            act="a1", kind="seizure", started_at=began, ended_at=Millis(began + 90 * 60_000), officers=("o1",)
        ),
        ActStated(act="a2", kind="seizure", started_at=began, officers=("o1",)),
        film,
        ClipLinked(acquisition=film.acquisition, act="a1", case=None, by="machine", score=1, reasons=()),
    )
    rig = made.close()
    label = report(rig, "year", "2026")["as_of"][:4]
    row = rows(report(rig, "year", label), "units", "unit")["u1"]
    assert (row["due"], row["film_open"], row["whole"], row["not_whole"]) == (2, 2, 0, 0)
    assert row["provisional"] == {"zh": "是", "en": "yes"}
    assert row["whole_share"] == {"part": 0, "whole": 0}


def test_what_is_on_film(tmp_path: Path) -> None:
    """Whole, with a gap, not at all, in doubt, and what need not be: counts and minutes, by unit and kind of act."""
    made = Year(tmp_path / "h")
    day, minute = Millis(YEAR_BEGAN + 40 * DAY), 60_000

    def act(key: str, kind: str = "seizure", officer: str = "o1") -> ActStated:
        end = Millis(day + 60 * minute)
        return ActStated(act=key, kind=kind, started_at=day, ended_at=end, officers=(officer,))

    def film(number: int, key: str, minutes: int, spread: int = 0) -> list[Any]:
        one = clip(number, day, minutes, spread=spread, session=f"s{number}", officer="o1")
        linked = ClipLinked(
            acquisition=one.acquisition, act=key, case=None, by="machine", score=1, reasons=()
        )
        return [one, linked]

    made.say(
        UnitStated(unit="u1"),
        UnitStated(unit="u2"),
        OfficerStated(officer="o1", unit="u1"),
        OfficerStated(officer="o2", unit="u2"),
        *(act("whole"), *film(1, "whole", 60)),
        *(act("gap", "forced-demolition"), *film(2, "gap", 40)),
        act("none", officer="o2"),
        *(act("doubt"), *film(3, "doubt", 60, spread=30 * minute)),
        *(act("free", "inspection"), *film(4, "free", 10)),
    )
    made.judge()
    rig = made.close()
    units = rows(report(rig, "month", "2026-02"), "units", "unit")
    names = ("acts", "due", "whole", "not_whole", "film_untold", "film_open")
    assert [units["u1"][name] for name in names] == [4, 3, 1, 1, 1, 0]
    assert [units["u2"][name] for name in names] == [1, 1, 0, 1, 0, 0]
    assert units["u1"]["whole_share"] == {"part": 1, "whole": 2}
    assert units["u1"]["provisional"] is None
    acts = rows(report(rig, "month", "2026-02"), "acts", "act")
    assert [acts["seizure"][name] for name in ("acts", "acts_with_footage", "due", "unfilmed")] == [
        3,
        2,
        3,
        1,
    ]
    demolition = acts["forced-demolition"]
    assert (demolition["due_hours"], demolition["covered_share"]) == (
        {"ms": 60 * minute},
        {"part": 40, "whole": 60},
    )
    assert acts["inspection"]["due"] == 0
    told = report(rig, "month", report(rig, "year", "2026")["as_of"][:7])
    findings = {row["rule"]: row for row in told["sheets"]["rules"]}
    assert findings["REC-4"]["findings"] == 3
    assert (findings["REC-4"]["violations"], findings["REC-4"]["unclear"]) == (2, 1)
    found = rows(told, "officers", "officer")
    assert (found["o1"]["findings"], found["o2"]["findings"]) == (2, 1)


def test_one_kind_of_act_is_one_row(tmp_path: Path) -> None:
    """Key, Chinese and English name of a kind are one row, its findings too; other words have no key."""
    made = Year(tmp_path / "h")
    day = Millis(YEAR_BEGAN + 40 * DAY)

    def act(key: str, kind: str | None) -> ActStated:
        return ActStated(act=key, kind=kind, started_at=day, ended_at=Millis(day + HOUR))

    film = clip(1, day, 20)
    made.say(
        *(act("a1", "seizure"), act("a2", "查封"), act("a3", "sealing of premises or things")),
        *(act("a4", "喝茶"), act("a5", None)),
        film,
        ClipLinked(acquisition=film.acquisition, act="a2", case=None, by="machine", score=1, reasons=()),
    )
    made.judge()
    rig = made.close()
    told = report(rig, "month", "2026-02")["sheets"]["acts"]
    assert [(row["act"], row["acts"], row["due"]) for row in told] == [
        ("seizure", 3, 3),
        (None, 1, 0),
        (None, 1, 0),
    ]
    assert told[0]["acts_with_footage"] == 1
    assert [row["name"] for row in told[1:]] == ["喝茶", {"zh": "（不详）", "en": "(not known)"}]
    found = report(rig, "month", report(rig, "year", "2026")["as_of"][:7])["sheets"]["acts"]
    assert {row["act"]: row["violations"] for row in found} == {"seizure": 3, None: 0}


def test_what_a_unit_needs(tmp_path: Path) -> None:
    """REC-19 and REV-6 as the rule of the place has them, with what is there and what is short."""
    made = Year(tmp_path / "h")
    made.say(
        UnitStated(unit="u1", key_unit=True, recorders=3),
        UnitStated(unit="u2", parent="u1"),
        *(OfficerStated(officer=f"o{n}", unit="u2", reviewer=n == 0) for n in range(9)),
    )
    rig = made.close()
    rig.configure(policy="changzhou-xinbei")
    found = report(rig, "year", "2026")["sheets"]["staffing"]
    told = {
        row["rule"]: (row["unit"], row["persons"], row["has"], row["needed"], row["short"]) for row in found
    }
    assert told == {"REC-19": ("u1", 9, 3, 5, 2), "REV-6": ("u1", 9, 1, 2, 1)}

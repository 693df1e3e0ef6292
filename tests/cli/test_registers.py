"""The commands of registers as people type them: alone, in both languages, with corrections shown."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ingestd.cli import commands, main
from ingestd.registers.columns import REGISTERS
from ingestd.registers.table import FILE_BYTES
from tests.rig import Done, Rig, command


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "h")
    made.config.write_text(
        made.config.read_text("utf-8").replace('"dock-keeper"]', '"dock-keeper", "legal-reviewer"]'), "utf-8"
    )
    return made


def run(rig: Rig, *words: str) -> Done:
    done = rig.run(*words)
    assert done.code == 0, done.err
    return done


def test_a_case_from_its_opening_to_its_decision(rig: Rig) -> None:
    """All commands of a case, and the story that they make, with every correction."""
    run(rig, "unit", "add", "u1", "--name", "三中队（虚构）", "--key-unit", "是")
    run(
        rig,
        "officer",
        "add",
        "104233",
        "--name",
        "张建国（虚构）",
        "--unit",
        "u1",
        "--valid-until",
        "2027-12-31",
    )
    assert (
        "registered" in run(rig, "case", "add", "c1", "--kind", "处罚", "--title", "占道", "--unit", "u1").out
    )
    assert "nothing was changed" in run(rig, "case", "add", "c1", "--kind", "penalty").out
    run(rig, "subject", "add", "--name", "李某（虚构）", "--case", "c1")
    act = ("act", "add", "a1", "--case", "c1", "--kind", "现场检查")
    run(rig, *act, "--started-at", "2026-11-20 09:10", "--officers", "104233 9", "--place", "某路 1 号")
    run(rig, "act", "add", "a1", "--ended-at", "2026-11-20 09:50")
    document = rig.root.parent / "笔录.pdf"
    document.write_bytes(b"x")
    run(rig, "case", "record", "c1", "--kind", "现场检查笔录", "--signed", "拒签", "--refusal", "不识字", "--file",
        str(document))  # fmt: skip
    run(rig, "officer", "add", "keeper-1", "--reviewer", "yes")
    run(rig, "review", "open", "c1", "--submitted-at", "2026-11-20", "--due-at", "2026-11-25")
    run(rig, "case", "decide", "c1", "--decision", "d1", "--kind", "罚款", "--at", "2026-11-22")
    story = run(rig, "case", "explain", "c1").out
    for told in (
        "c1, penalty: 占道.", "Undertaken by u1 三中队（虚构）.", "李某（虚构）", "104233 张建国（虚构）",
        "9 (not in the register)", "某路 1 号", "refused to sign", "reason: 不识字", "Round 1", "due by 2026-11-25",
        "no opinion yet", "罚款 (d1), 2026-11-22",
        "not published", "— → 2026-11-20 09:50:00 UTC+8",
    ):  # fmt: skip
        assert told in story, told
    facts = run(rig, "case", "explain", "c1", "--json").json
    assert facts["case"]["decided_at"] == "2026-11-21T16:00:00.000Z"
    assert facts["records"][0]["sha256"] is not None
    assert len([one for one in facts["statements"] if not one["is_first"]]) >= 3
    shown = run(rig, "act", "show", "a1").out
    assert "first stated" in shown
    assert "09:50:00" in shown
    zh = command("case", "explain", "--home", rig.root, "c1", "--lang", "zh").out
    assert zh  # `command` adds --lang en; both are parsed
    assert [one["officer"] for one in run(rig, "officer", "list", "--unit", "u1", "--json").json] == [
        "104233"
    ]
    assert run(rig, "officer", "show", "104233", "--json").json["personal"] == {
        "name": {"name": "张建国（虚构）"}
    }
    (subject,) = run(rig, "subject", "list", "--json").json
    assert "cases  c1" in run(rig, "subject", "show", subject["party"]).out
    assert run(rig, "subject", "show", subject["party"], "--json").json["cases"] == ["c1"]
    for register in ("unit", "officer", "subject", "case", "act"):
        assert run(rig, register, "list").out


def test_days_and_labels(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    """A day that was told without a time is shown as that day wherever it is told; each row has its own label."""
    run(rig, "case", "add", "c1", "--opened-at", "2026-01-02", "--concluded-at", "2026-01-05 09:30", "--subject-name",
        "李某（虚构）")  # fmt: skip
    run(rig, "case", "record", "c1", "--record", "r1", "--kind", "询问笔录", "--made-at", "2026-01-03")
    run(rig, "case", "decide", "c1", "--decision", "d1", "--at", "2026-01-04", "--public-at", "2026-01-04")
    run(rig, "officer", "add", "104233", "--valid-until", "2026-01-03")
    run(rig, "act", "add", "a1", "--case", "c1", "--started-at", "2026-01-02 00:00")

    def chinese(*words: str) -> str:
        assert main([*words, "--home", str(rig.root), "--lang", "zh"]) == 0
        return capsys.readouterr().out

    story = chinese("case", "explain", "c1")
    for told in (
        "立案：2026-01-02。",
        "2026-01-03，",
        "2026-01-04，公示 2026-01-04。",
        "终结：2026-01-05 09:30:00 UTC+8",
    ):
        assert told in story, told
    assert "2026-01-02 00:00:00 UTC+8 – 未结束" in story  # an act begins at a time
    shown = chinese("case", "show", "c1")
    assert "\n当事人  " in shown
    assert "\n案件  " not in shown
    assert "2026-01-03" in chinese("officer", "show", "104233")
    (subject,) = run(rig, "subject", "list", "--json").json
    assert "\n当事人  李某" in chinese("subject", "show", subject["party"])


def test_a_large_document_is_hashed_whole(rig: Rig, tmp_path: Path) -> None:
    """The limit of files that are taken in (64 MiB) is none of documents, of which only the digest is stated."""
    document = tmp_path / "卷宗.pdf"
    document.write_bytes(bytes(FILE_BYTES + 1) + b"end")
    run(rig, "case", "add", "c1")
    run(rig, "case", "record", "c1", "--file", str(document))
    with document.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    assert run(rig, "case", "explain", "c1", "--json").json["records"][0]["sha256"] == digest


def test_a_kind_of_act_that_no_rule_knows(rig: Rig, tmp_path: Path) -> None:
    """`act add` and `act import` take it, say that no rule can be judged for it, and end well."""
    told = run(rig, "act", "add", "a1", "--kind", "喝茶", "--started-at", "2026-11-20 09:10").out
    assert "'喝茶' is not in the policy's catalogue" in told
    assert "catalogue" not in run(rig, "act", "add", "a1", "--kind", "查封").out
    file = tmp_path / "acts.csv"
    file.write_text("行为编号,行为类型,开始时间\na2,喝茶,2026-1-2 3:04\n")
    done = run(rig, "act", "import", str(file)).out
    assert "· line 2, '行为类型': '喝茶' is not in the policy's catalogue" in done


def test_import_says_what_was_refused(rig: Rig, tmp_path: Path) -> None:
    """Exit 3, line, column and reason; the same as JSON; what is no file or register is an error in words."""
    file = tmp_path / "案件.csv"
    file.write_bytes("案件编号,案件类型,多余\nc1,处罚,x\nc2,抢劫,y\n".encode("gbk"))
    done = rig.run("case", "import", file)
    assert done.code == 3
    assert "2 rows; 1 with something new, 0 known, 1 refused" in done.out
    assert "line 3, '案件类型'" in done.out
    assert "not read: 多余" in done.out
    again = rig.run("case", "import", file, "--json")
    assert (again.code, again.json["tables"][0]["known_since"] is None) == (0, False)
    assert rig.run("case", "import", tmp_path / "no.csv").code == 2
    file.write_bytes(b"PK\x03\x04")
    assert "CSV UTF-8" in rig.run("case", "import", file).err
    assert rig.run("case", "show", "nowhere").code == 7
    assert rig.run("case", "explain", "nowhere").code == 7
    assert rig.run("case", "add", "c9", "--kind", "抢劫").code == 2
    assert "register case" in rig.run("findings").out


def test_files_of_a_case_are_told_apart(rig: Rig, tmp_path: Path) -> None:
    """`case import` takes what belongs to cases by its header; a roster goes to its recorders."""
    file = tmp_path / "x.csv"
    for text in (
        "文书编号,案件编号,文书类型\nT1,c1,笔录\n",
        "审核编号,案件编号,轮次\nr1,c1,1\n",
        "行为编号,开始时间\na,2026-1-2 3:04\n",
    ):
        file.write_text(text, "utf-8")
        assert rig.run("case", "import", file).code == 0
    file.write_text("案件编号,案由\nc1,x\n", "utf-8")
    assert rig.run("case", "import", file, "--register", "act").code == 2
    run(rig, "recorder", "enroll", "KD00001")
    file.write_text("记录仪编号,警号\nKD00001,104233\n", "utf-8")
    assert rig.run("recorder", "import", file).code == 0
    assert rig.recorder("KD00001")["officer"] == "104233"


def test_a_lost_or_damaged_value_is_said(rig: Rig) -> None:
    """A name whose file is gone or altered is never shown as if nothing were wrong."""
    run(rig, "officer", "add", "1", "--name", "张某（虚构）")
    (value,) = (rig.root / "vault/values").rglob("*.json")
    data = json.loads(value.read_bytes())
    value.chmod(0o644)
    value.write_text(json.dumps(data | {"fields": {"name": "李某"}}))
    out = run(rig, "officer", "show", "1").out
    assert "李某" not in out
    assert "digest" in out
    value.unlink()
    assert "not held here" in run(rig, "officer", "list").out


def test_every_register_has_its_commands() -> None:
    """Five groups with four verbs each, and the verbs of a case."""
    names = {one.name for one in commands()}
    for group in ("unit", "officer", "subject", "case", "act"):
        assert {f"{group} {verb}" for verb in ("import", "add", "show", "list")} <= names
    assert {"case record", "case decide", "review open", "case explain", "recorder import"} <= names
    assert {"record", "decision", "review", "assignment"} <= set(REGISTERS)


def test_a_review_by_commands(tmp_path: Path) -> None:
    """Submitted, refused to decide, given its opinion, decided: `review show` says at each step what is lacking."""
    rig = Rig(tmp_path / "h")
    text = rig.config.read_text("utf-8").replace('"dock-keeper"]', '"dock-keeper", "legal-reviewer"]')
    rig.config.write_text(text.replace('"baseline"', '"tongling-jiaoqu"'), "utf-8")
    run(rig, "case", "add", "c1", "--kind", "penalty")
    assert "not determined" in run(rig, "review", "show", "c1").out
    run(rig, "case", "add", "c1", "--major", "yes")
    run(rig, "officer", "add", "keeper-1", "--reviewer", "yes")
    refused = rig.run("case", "decide", "c1")
    assert (refused.code, "REV-1" in refused.err) == (6, True)
    assert "submitted" in run(rig, "review", "open", "c1").out
    shown = run(rig, "review", "show", "c1", "--json").json
    assert [(one["rule"], one["lacking"]) for one in shown["barred"]] == [("REV-1", ["review", "passed"])]
    assert "lacking: legal review (REV-1" in run(rig, "review", "show", "c1").out
    own = rig.run("review", "opinion", "c1", "agree", "--reason", "x")
    assert (own.code, "OWN-21" in own.err) == (6, True)
    told = next(event for event in rig.events("action.refused") if event["data"]["verb"] == "decision.add")
    assert (told["data"]["rule"], told["data"]["layer"]) == ("REV-1", "tongling-jiaoqu")

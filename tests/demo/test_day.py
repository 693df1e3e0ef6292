"""The demonstration: a day and its cases in words, true to the log, with commands that an outsider can run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestd.cli import main
from ingestd.demo.cast import CAST
from ingestd.demo.exports import NAMES
from ingestd.errors import UsageError

CASES = (
    ("31号、现场检查（", "✔", "有录像 1 段", "REC-6"),
    ("32号、扣押财产（", "✔", "全程有录像：2 台记录仪 2 段，4 分钟没有缺口", "REC-4"),
    ("33号、强制拆除（", "▲", "有缺口，缺口 1：.* 起 (3 分钟 [2-5][0-9] 秒|4 分钟)", "REC-4"),
    ("34号、现场检查（", "●", "没有音像记录，.* 前须处理", "REC-6"),
    ("35号、现场检查（", "●", "没有音像记录，.* 前须处理", "REC-6"),
    ("36号、现场检查（", "▲", "超过规定时限入库", "REC-1"),
    ("37号、留置送达（", "✔", "有录像 1 段", "REC-6"),
    ("38号、调查取证（", "▲", "法制审核", "REV-1"),
    ("0003.mp4（采集 ", "●", "没有对应的执法行为", "OWN-13"),
    ("记录仪 KD01590：", "▲", "未归还", "OWN-3"),
)
"""What the summary says of whom: a sign, words, the rule."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A finished demonstration."""

    home: Path
    out: str
    err: str
    status: int


def _run(home: Path, lang: str) -> Ran:
    command = [sys.executable, "-m", "ingestd", "demo", "--once", "--home", str(home), "--lang", lang]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    return Ran(home=home, out=done.stdout, err=done.stderr, status=done.returncode)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One whole day in Chinese, in a pipe."""
    return _run(tmp_path_factory.mktemp("demo") / "h", "zh")


@pytest.mark.slow
def test_the_day_ends_well_and_tells_its_story(day: Ran) -> None:
    """Every promised turn of the day is told, in plain lines, and nothing is on standard error."""
    assert (day.status, day.err) == (0, "")
    assert "\x1b" not in day.out
    for part in CAST:
        assert f"{part.name}（警号 {part.officer}）· 记录仪 {part.serial}" in day.out
    for word in (
        "虚构",
        "✔ 可取走  1 号槽",
        "读到一半被取走",
        "✔ 可取走  2 号槽",
        "▲ 超时",
        "铜陵市郊区工作方案",
        "慢 9 分钟",
        "▲ 异常，勿取  4 号槽",
        "有 512 B 读不出来",
        "没有索引",
        "昨天 ",
        "今天 ",
        "到哪里看",
    ):
        assert word in day.out, word


@pytest.mark.slow
def test_what_it_tells_is_so(day: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    """The home it leaves verifies in full and says the same."""
    assert main(["verify", "--home", str(day.home), "--all", "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["faulty"] == 0
    stored = sum(int(count) for count in re.findall(r"(\d+) 个文件（", day.out))
    assert checked["checked"] == stored
    assert main(["log", "check", "--home", str(day.home)]) == 0
    assert main(["status", "--home", str(day.home), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.partition("\n")[2])
    states = {slot["slot"]: slot["state"] for slot in found["slots"]}
    assert states == {"1": "may-be-taken", "2": "may-be-taken", "3": "may-be-taken", "4": "problem"}
    kinds = {finding["kind"] for finding in found["findings"]}
    assert {"clip-late", "quarantined", "clock-off", "act-gaps", "act-unfilmed", "clip-unmatched"} <= kinds
    assert "not-returned" in kinds
    left = [path for path in (day.home / "demo/1/card").rglob("*") if path.is_file()]
    assert left == []


@pytest.mark.slow
def test_the_outsiders_commands_run_as_printed(day: Ran) -> None:
    """Copied and pasted, each check succeeds with tools that are not ours."""
    lines = day.out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("外人怎样核验"))
    wanted = [line.strip() for line in lines[start + 1 :] if line.startswith("  ")]
    if shutil.which("b3sum") is None:
        wanted = [line for line in wanted if "b3sum" not in line]
    wanted = [line.replace("ingestd log check", f"{sys.executable} -m ingestd log check") for line in wanted]
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail"],
        input="\n".join(wanted),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "INGESTD_LANG": "zh"},
    )
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    assert told[0].endswith((": OK", ": 成功"))
    assert "CMS Verification successful" in ran.stderr + ran.stdout
    assert "1" in told
    assert any(line.startswith("log/tile/entries/") for line in told)
    assert "✔ 日志完整" in ran.stdout
    if shutil.which("b3sum"):
        pieces = [line for line in told if re.fullmatch("[0-9a-f]{64}", line)]
        assert len(pieces) == 2
        assert pieces[0] == pieces[1]


@pytest.mark.slow
def test_each_case_is_told_with_its_rule_and_source(day: Ran) -> None:
    """One sentence each: what came of it, by which rule, and where that stands."""
    for case, sign, what, rule in CASES:
        (line,) = [line for line in day.out.splitlines() if line.startswith(f"{sign} ") and case in line]
        assert re.search(what, line), line
        source = "本机关自行规定（基线）" if rule.startswith("OWN") else "铜陵市郊区工作方案（2019年11月8日）"
        assert f"{rule}，{source}" in line, line


@pytest.mark.slow
def test_cases_come_by_the_platforms_folder_and_stay_true(
    day: Ran, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every export was taken whole; the commands tell the same of a case afterwards."""
    drop = day.home / "demo" / "platform"
    assert {path.name for path in drop.glob("done/*/*")} == set(NAMES)
    assert not (drop / "refused").exists()
    arguments = ["--home", str(day.home), "--json", "--lang", "en"]
    assert main(["case", "explain", "铜郊强〔2026〕33号", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    (finding,) = told["findings"]
    assert (finding["kind"], finding["rule"], finding["layer"]) == ("act-gaps", "REC-4", "tongling-jiaoqu")
    (footage,) = told["footage"]
    assert [shot["link"]["by"] for shot in footage["shots"]] == ["machine", "machine"]
    assert main(["link", "list", *arguments]) == 0


@pytest.mark.slow
def test_the_other_language_says_the_same(tmp_path: Path) -> None:
    """English but for names, ids and sources."""
    ran = _run(tmp_path / "h", "en")
    assert (ran.status, ran.err) == (0, "")
    for word in (
        "invented",
        "Yesterday, ",
        "It was taken half-way",
        "9 min slow",
        "512 B of",
        "has no index",
        "forced demolition",
        "filmed whole: 2 clips of 2 recorders",
        "a recorder has been out",
        "an act has no footage",
    ):
        assert word in ran.out, word
    assert not re.search(r"[\u4e00-\u9fff]{6,}", re.sub(r"铜[^)]*", "", ran.out))


def test_a_folder_with_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not empty is refused before anything is done."""
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["demo", "--once", "--home", str(tmp_path), "--lang", "en"]) == UsageError.exit_status
    assert "holds something" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]

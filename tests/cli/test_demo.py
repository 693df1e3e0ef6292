"""The demonstration: a day in words, true to the log, with commands that an outsider can run."""

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
from ingestd.demo.cast import CAST, cast_of
from ingestd.errors import UsageError


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
        "这一天发生了什么",
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
    assert {"clip-late", "quarantined", "clock-off"} <= kinds
    left = [path for path in (day.home / "demo/day-1/1/card").rglob("*") if path.is_file()]
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
def test_another_day_in_the_same_home(day: Ran) -> None:
    """The same folder may be used again; the other language says the same."""
    ran = _run(day.home, "en")
    assert (ran.status, ran.err) == (0, "")
    for word in (
        "invented",
        f"recorder {cast_of(2)[0].serial}",
        "It was taken half-way",
        "9 min slow",
        "512 B of",
        "has no index",
        "What happened",
    ):
        assert word in ran.out, word
    assert not re.search(r"[\u4e00-\u9fff]{6,}", re.sub(r"铜陵[^)]*", "", ran.out))


def test_a_folder_with_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that no demonstration made is refused before anything is done."""
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["demo", "--once", "--home", str(tmp_path), "--lang", "en"]) == UsageError.exit_status
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_serials_of_other_days_are_of_the_same_form() -> None:
    """Seven characters, as the families' lengths want; no recorder plays twice."""
    serials = [part.serial for day in range(1, 60) for part in cast_of(day)]
    assert len(set(serials)) == len(serials)
    assert all(re.fullmatch(r"[A-Z]{2}\d{5}", serial) for serial in serials)

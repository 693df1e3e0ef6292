"""The drop folder of a running daemon: real files, whole and half, hostile names, reports, nothing deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rig import RUN, Rig, command, daemon, wait_for

CASES = "案件编号,案件类型,立案时间,当事人\n案〔2026〕1号,行政处罚,2026/11/20,李某（虚构）\n"
BAD_ROW = "案〔2026〕2号,没有这种,2026/11/20,王某（虚构）\n"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    (tmp_path / "drop").mkdir()
    return Rig(tmp_path / "h").configure(**{"drop.folder": str(tmp_path / "drop")})


@pytest.fixture
def drop(rig: Rig) -> Path:
    return rig.root.parent / "drop"


def put(drop: Path, name: str | bytes, data: bytes) -> Path:
    """As a careful platform does: under a name that says unfinished, then renamed."""
    path = drop / os.fsdecode(name)
    unfinished = drop / f"{len(list(drop.iterdir()))}.part"
    unfinished.write_bytes(data)
    unfinished.rename(path)
    return path


def reports(drop: Path, place: str) -> dict[str, dict]:
    """The reports of a place by the name of the file that lies beside each."""
    found = {}
    for path in (drop / place).glob("*.json"):
        for file in path.with_suffix("").iterdir():  # none: the report is written first
            found[file.name] = json.loads(path.read_text("utf-8"))
    return found


def shown(rig: Rig, *arguments: str):
    return command(*arguments, "--home", rig.root, "--json").json


def test_files_are_taken_and_told(rig: Rig, drop: Path) -> None:
    """A good file goes to done, one with a bad row and one that is none to refused; each with its report."""
    with daemon(rig) as running:
        put(drop, "案件1.csv", CASES.encode("gbk"))
        put(drop, "案件2.csv", (CASES + BAD_ROW).encode())
        put(drop, "book.xlsx", b"PK\x03\x04")
        put(drop, "nothing.csv", b"a,b\n1,2\n")
        running.ask("run-job", job="drop")
        wait_for(lambda: not [p for p in drop.iterdir() if p.is_file()], 40, running.said)
        wait_for(lambda: len(reports(drop, "refused")) == 3, 10)
        done, refused = reports(drop, "done"), reports(drop, "refused")
        assert set(done) == {"案件1.csv"}
        assert set(refused) == {"案件2.csv", "book.xlsx", "nothing.csv"}
        (table,) = refused["案件2.csv"]["tables"]
        assert (table["changed"], table["same"], table["refused"]) == (0, 1, 1)
        (fault,) = table["faults"]
        assert (fault["line"], fault["column"]) == (3, "案件类型")
        assert "行政处罚" in fault["zh"]
        assert "header" in refused["nothing.csv"]["refused"]["en"]
        text = next((drop / "refused").glob("*.txt")).read_text("utf-8")
        assert "UTC" in text
    kinds = rig.findings()
    assert sorted(kinds) == ["import-refused", "import-unreadable"]
    assert [one["case"] for one in shown(rig, "case", "list")] == ["案〔2026〕1号"]
    assert "李某" not in json.dumps(rig.events(), ensure_ascii=False)


def test_a_file_is_taken_once(rig: Rig, drop: Path) -> None:
    """The same bytes under another name change nothing and say so; a later whole file ends the finding."""
    with daemon(rig):
        put(drop, "case1.csv", (CASES + BAD_ROW).encode())
        wait_for(lambda: "case1.csv" in reports(drop, "refused"), 40)
        wait_for(lambda: rig.findings() == ["import-refused"])
        put(drop, "case2.csv", (CASES + BAD_ROW).encode())
        wait_for(lambda: "case2.csv" in reports(drop, "done"), 40)
        assert reports(drop, "done")["case2.csv"]["tables"][0]["known_since"] is not None
        put(drop, "case3.csv", CASES.encode())
        wait_for(lambda: rig.findings() == [], 40)
    assert len(rig.events("case.stated")) == 1
    assert len(rig.events("register.imported")) == 2


def test_half_written_hostile_and_not_ours(rig: Rig, drop: Path) -> None:
    """A growing file waits for its end; links and pipes are not opened; folders and unfinished names are left."""
    names = (b"\xff\xfe.csv", b"a\nb\x1b[2J.csv", b"-rf.csv", b"n" * 251 + b".csv")
    with daemon(rig):
        (drop / "sub").mkdir()
        (drop / "x.csv.part").write_bytes(CASES.encode())
        (drop / ".hidden.csv").write_bytes(CASES.encode())
        (drop / "passwd.csv").symlink_to("/etc/passwd")
        os.mkfifo(drop / "pipe.csv")
        for number, name in enumerate(names):
            put(drop, name, CASES.replace("1号", f"{number + 10}号").encode())
        with (drop / "slow.csv").open("wb") as file:
            for part in (CASES[:20], CASES[20:50], CASES[50:]):
                file.write(part.encode())
                file.flush()
                time.sleep(2.0)
        wait_for(lambda: "slow.csv" in reports(drop, "done"), 40)
        wait_for(lambda: len(reports(drop, "done")) == 1 + len(names), 40)
    assert set(reports(drop, "refused")) == {"passwd.csv", "pipe.csv"}
    left = {path.name for path in drop.iterdir()}
    assert left == {"sub", "x.csv.part", ".hidden.csv", "done", "refused"}
    assert {one["case"] for one in shown(rig, "case", "list")} == {
        "案〔2026〕1号", *(f"案〔2026〕{n}号" for n in range(10, 14)),
    }  # fmt: skip
    assert rig.run("log", "check").code == 0


def test_a_folder_that_is_not_there_is_said_once(rig: Rig, drop: Path) -> None:
    """A missing folder opens a finding and stops nothing; when it is there again the finding ends."""
    drop.rmdir()
    with daemon(rig) as running:
        running.job("drop")
        running.job("drop")
        wait_for(lambda: rig.findings() == ["import-unreadable"])
        drop.mkdir()
        wait_for(lambda: rig.findings() == [], 20)
    assert len(rig.events("finding.opened")) == 1


def test_a_crash_between_taking_and_moving(rig: Rig, drop: Path) -> None:
    """What was taken and not moved is known by its digest: it is only moved, nothing is stated twice."""
    put(drop, "case.csv", CASES.encode())
    (drop / "done").write_text("in the way")  # its report cannot be written
    with daemon(rig) as running:
        wait_for(lambda: len(rig.events("register.imported")) == 1, 40, running.said)
        wait_for(lambda: "import-unreadable" in rig.findings())
        running.process.kill()
        running.process.wait()
    (drop / "done").unlink()
    with daemon(rig) as again:
        wait_for(lambda: "case.csv" in reports(drop, "done"), 40, again.said)
    assert len(rig.events("case.stated")) == 1
    assert len(rig.events("register.imported")) == 1


def test_import_by_command_beside_a_daemon(rig: Rig, tmp_path: Path) -> None:
    """A file larger than one request goes in parts; the answer is the same as alone; exit 3 says rows refused."""
    rows = [f"{n:06},张{n}（虚构）,u1,{'证' * 0}C{n},{'区' * 30}" for n in range(12_000)]
    file = tmp_path / "officers.csv"
    file.write_text("警号,姓名,单位,证件编号,执法区域\n" + "\n".join(rows) + "\n,无号,,,\n", "utf-8-sig")
    assert file.stat().st_size > 1 << 20
    with daemon(rig):
        done = subprocess.run(
            [sys.executable, "-c", RUN, "officer", "import", "--home", rig.root, file, "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3, done.stderr
        (table,) = json.loads(done.stdout)["tables"]
        assert (table["changed"], table["refused"], table["rows"]) == (12_000, 1, 12_001)
        assert [(one["line"], one["column"]) for one in table["faults"]] == [(12_002, "警号")]
    alone = command("officer", "import", "--home", rig.root, file, "--json")
    assert alone.json["tables"][0]["known_since"] == table["seq"]

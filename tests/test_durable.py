"""Durable writes: never half a file under its name, never an overwrite, exact modes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingestd import durable


def test_write_puts_a_whole_file_with_its_mode(tmp_path: Path) -> None:
    """Content and mode are exact whatever the umask is; no temporary stays."""
    old = os.umask(0o077)
    try:
        durable.write(tmp_path / "a", b"one")
        durable.write(tmp_path / "a", b"two", mode=0o640)
    finally:
        os.umask(old)
    assert (tmp_path / "a").read_bytes() == b"two"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_stage_never_overwrites_and_follows_no_link(tmp_path: Path) -> None:
    """A name that exists is refused, also where it is a link to nowhere."""
    durable.stage(tmp_path / "a", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("a", "link"):
        with pytest.raises(FileExistsError):
            durable.stage(tmp_path / name, b"y")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert not (tmp_path / "nowhere").exists()


def test_link_new_says_whether_it_was_new(tmp_path: Path) -> None:
    """Put once: the second link changes nothing."""
    durable.stage(tmp_path / "a", b"a")
    durable.stage(tmp_path / "b", b"b")
    assert durable.link_new(tmp_path / "a", tmp_path / "t")
    assert not durable.link_new(tmp_path / "b", tmp_path / "t")
    assert (tmp_path / "t").read_bytes() == b"a"


def test_make_folder_names_what_must_be_settled(tmp_path: Path) -> None:
    """Each new folder's parent, and the last new one; nothing where all is there."""
    touched = durable.make_folder(tmp_path / "x" / "y")
    assert set(touched) == {tmp_path, tmp_path / "x", tmp_path / "x" / "y"}
    assert durable.make_folder(tmp_path / "x" / "y") == []


@pytest.mark.parametrize(("count", "wanted"), [(1, ["fsync"]), (2, ["fsync", "fsync"]), (9, ["syncfs"])])
def test_few_are_fsynced_many_share_one_syncfs(tmp_path: Path, count: int, wanted: list[str]) -> None:
    """The system calls that are promised are made: asked of the kernel's tracer, not of the code."""
    for number in range(count):
        (tmp_path / str(number)).write_bytes(b"x")
    code = (
        "import sys; from pathlib import Path; from ingestd import durable;"
        "durable.settle(sorted(Path(sys.argv[1]).iterdir()))"
    )
    trace = tmp_path.with_name(tmp_path.name + ".trace")
    run = subprocess.run(
        [
            "strace",
            "-f",
            "-e",
            "trace=fsync,syncfs,fdatasync",
            "-o",
            trace,
            sys.executable,
            "-c",
            code,
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert re.findall(r"\b(fsync|syncfs|fdatasync)\(", trace.read_text()) == wanted


def test_settle_reports_what_cannot_be_settled(tmp_path: Path) -> None:
    """A missing object is an error, not a success."""
    with pytest.raises(FileNotFoundError):
        durable.settle([tmp_path / "missing"])

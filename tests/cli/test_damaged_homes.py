"""What the commands say of a home that is not whole: in words, with the exit status of its kind, no traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "home")


def rewrite(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def changed(root: Path, line: int) -> None:
    """One letter of a line of the checkpoint is another."""
    path = root / "log/checkpoint"
    lines = path.read_text("utf-8").split("\n")
    lines[line] = lines[line][:20] + ("A" if lines[line][20] != "A" else "B") + lines[line][21:]
    rewrite(path, "\n".join(lines).encode())


LOGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "spoilt": (lambda root: rewrite(root / "log/checkpoint", b"x\n"), "is not valid"),
    "empty": (lambda root: rewrite(root / "log/checkpoint", b""), "is not valid"),
    "another root": (lambda root: changed(root, 2), "is not valid"),
    "another signature": (lambda root: changed(root, 4), "is not valid"),
    "gone": (lambda root: shutil.rmtree(root / "log"), "there is no log"),
}
KEYS: dict[str, Callable[[Path], None]] = {
    "gone": Path.unlink,
    "spoilt": lambda path: rewrite(path, b"a+b\n"),
    "binary": lambda path: rewrite(path, bytes(range(256))),
    "a folder": lambda path: (path.unlink(), path.mkdir())[0],
}


@pytest.mark.parametrize("damage", LOGS)
def test_status_tells_a_damaged_log_and_the_rest(rig: Rig, damage: str) -> None:
    hurt, word = LOGS[damage]
    hurt(rig.root)
    done = rig.run("status")
    assert (done.code, done.err) == (9, "")
    assert word in done.out
    assert "restore" in done.out
    assert "slots" in done.out
    told = rig.run("status", "--json")
    assert (told.code, told.json["checkpoint"], told.json["log_fault"]["exit_status"]) == (9, None, 9)
    assert word in told.json["log_fault"]["text"]["en"]
    assert rig.run("status", "--board").code == 0
    for command in (("verify", "--all"), ("log", "check")):
        assert rig.run(*command).code == 9


@pytest.mark.parametrize("damage", KEYS)
def test_a_lost_public_key_is_not_a_lost_log(rig: Rig, damage: str) -> None:
    """Said by every command that needs it, and where to take it from; nobody restores a good log."""
    KEYS[damage](rig.root / "keys/log.vkey")
    for command in (("status",), ("verify", "--all"), ("log", "check")):
        done = rig.run(*command)
        assert done.code == 8, command
        said = done.out + done.err
        assert "log.vkey cannot be used" in " ".join(said.split())
        assert "log and evidence themselves are not touched" in " ".join(said.split())
        assert "Errno" not in said
        assert "internal error" not in said


def test_a_home_that_is_none(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "home")
    rig.root = tmp_path / "nowhere"
    assert rig.run("log", "check").code == 8


def test_a_missing_tile_is_told_in_words(rig: Rig) -> None:
    """The file and the system's words, no number of an error, and once."""
    (tile,) = (rig.root / "log/tile/0/000.p").iterdir()
    tile.unlink()
    done = rig.run("log", "check")
    assert done.code == 9
    assert f"▲ {tile}: the tile cannot be read: No such file or directory\n" in done.out
    (bundle,) = (rig.root / "log/tile/entries/000.p").iterdir()
    bundle.unlink()
    said = rig.run("rebuild")
    assert (said.code, "Errno" in said.err) == (9, False)
    assert "No such file or directory" in said.err


DOCTORS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no log": (lambda root: shutil.rmtree(root / "log"), "log"),
    "a spoilt checkpoint": (lambda root: rewrite(root / "log/checkpoint", b"x"), "log"),
    "no index": (lambda root: (root / "index.db").unlink(), "index"),
    "a spoilt index": (lambda root: rewrite(root / "index.db", b"no database" * 999), "index"),
    "a vault for everybody": (lambda root: (root / "vault").chmod(0o777), "folders"),
    "a log for everybody": (lambda root: (root / "log").chmod(0o777), "folders"),
    "no vault": (lambda root: shutil.rmtree(root / "vault"), "folders"),
}


@pytest.mark.parametrize("damage", DOCTORS)
def test_the_doctor_sees_a_home_that_is_not_whole(rig: Rig, damage: str) -> None:
    """Each by its own name, and a good home passes them all."""
    hurt, name = DOCTORS[damage]
    (rig.root / "keys/backed-up").touch()
    before = rig.run("doctor", "--json")
    assert (before.code, [one["name"] for one in before.json if one["level"] == "failure"]) == (0, [])
    hurt(rig.root)
    done = rig.run("doctor", "--json")
    assert done.code == 8
    assert name in [one["name"] for one in done.json if one["level"] == "failure"]


def test_the_doctor_misses_the_folder_of_a_slot(rig: Rig, tmp_path: Path) -> None:
    rig.slot("1", "folder", tmp_path).slot("2", "folder", "/nowhere/dock")
    (found,) = [one for one in rig.run("doctor", "--json").json if one["name"] == "slot-folders"]
    assert (found["level"], "2 (/nowhere/dock)" in found["en"], "1 (" in found["en"]) == (
        "warning",
        True,
        False,
    )


@pytest.mark.parametrize("torn", [False, True])
def test_a_spoilt_index_is_told_as_a_copy(rig: Rig, torn: bool) -> None:
    """Whether it is none at all, or is found damaged on the way; rebuilding makes it good."""
    database = rig.root / "index.db"
    data = database.read_bytes()
    database.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096) if torn else b"no database" * 999)
    done = rig.run("status")
    assert done.code == 9
    for word in ("It is a copy: log and vault are what counts", "delete index.db", "ingestd rebuild"):
        assert word in done.err
    assert "sqlalche" not in done.err
    assert "sqlite3." not in done.err
    database.unlink()
    assert rig.run("rebuild").code == 0
    assert rig.run("status").code == 0

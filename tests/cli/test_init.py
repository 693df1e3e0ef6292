"""`ingestd init`: where a home, and the CA's key, cannot go is said before anything is made."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rig import Done, Rig, command


def init(home: Path, *more: object) -> Done:
    return command("init", "--home", home, "--agency", "a", "--station", "s", "--policy", "baseline", *more)


def of_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file"


def of_another(folder: Path) -> Path:
    return Rig(folder / "other").root / "vault/x"


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a file": (of_file, "no empty folder"),
    "below a file": (lambda folder: of_file(folder) / "home", "no home can be made"),
    "where nobody may": (lambda _: Path("/proc/x"), "no home can be made"),
    "no text": (lambda folder: folder / os.fsdecode(b"\xff\xfe"), "no UTF-8"),
    "inside another": (of_another, "inside another home"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_home_that_cannot_be_there_is_refused_in_words(tmp_path: Path, place: str) -> None:
    where, word = PLACES[place]
    home = where(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = init(home)
    assert done.code == 2
    assert word in done.err
    assert "internal error" not in done.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("to", ["home/keys", "home", "nowhere", "taken"])
def test_the_ca_key_goes_off_the_home_or_nothing_is_made(tmp_path: Path, to: str) -> None:
    """No home with the key in it is left where the key could not leave it."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/ca.key").write_text("x")
    if to == "home":
        (tmp_path / "home").mkdir()
    done = init(tmp_path / "home", "--ca-key-to", tmp_path / to)
    assert (done.code, "internal error" in done.err) == (2, False)
    assert not (tmp_path / "home/keys").exists()


def test_the_ca_key_goes_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    assert init(tmp_path / "home", "--ca-key-to", tmp_path / "stick").code == 0
    assert (tmp_path / "stick/ca.key").exists()
    assert not (tmp_path / "home/keys/private/ca.key").exists()

"""What an output cannot encode, or what would move a terminal's cursor, is an escape: never a fault, never raw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingestd.testing.recorder import CardBuilder
from tests.rig import RUN, Rig, noise

ODD = "DCIM/100MEDIA/IMG_\x1b[2J\n\u202e✔😀.MP4"
RAW = ("\x1b[2J", "\u202e")


@pytest.fixture
def card(tmp_path: Path) -> CardBuilder:
    builder = CardBuilder(tmp_path / "card", "ini")
    builder.identity()
    builder.file(ODD, noise(3000, 1))
    return builder


def told(encoding: str, *arguments: object) -> tuple[int, str, str]:
    """A command as a process of its own, its output in this encoding: exit status, output, errors."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_an_encoding_without_the_signs_fails_nothing(
    tmp_path: Path, card: CardBuilder, encoding: str
) -> None:
    """The docking ends as it was, in sentences and as JSON; so does whatever tells of it."""
    rig = Rig(tmp_path / "home")
    home = ("--home", rig.root)
    code, out, err = told(encoding, "intake", card.root, "--slot", "1", *home)
    assert (code, "\\u2714" in out, err) == (0, True, "")
    for command in (("status",), ("verify", "--all"), ("show", ODD), ("findings",)):
        code, out, err = told(encoding, *command, *home)
        assert (code, err) == (0, ""), command
        code, out, err = told(encoding, *command, "--json", *home)
        assert (code, err) == (0, "")
        facts = json.loads(out)
        if command[0] == "show":
            assert facts["clip"]["path"] == ODD


def test_names_that_are_no_text_fail_nothing(tmp_path: Path) -> None:
    """Strict UTF-8 has no lone surrogates; the name of a folder may have them."""
    name = os.fsdecode(b"\xff\xfe")
    code, _, err = told("utf-8", "status", "--home", tmp_path / name, "--lang", "en")
    assert code == 4
    assert "\\udcff" in err


def test_names_from_cards_move_no_cursor(tmp_path: Path, card: CardBuilder) -> None:
    """A line a clip, whatever its name has in it."""
    rig = Rig(tmp_path / "home")
    assert rig.intake(card.root).code == 0
    for command in (("verify", "--all"), ("show", ODD), ("custody", ODD), ("status",)):
        done = rig.run(*command)
        assert done.code == 0
        assert not any(raw in done.out for raw in RAW), command
    lines = rig.run("verify", "--all").out.splitlines()
    assert [line for line in lines if "\\x1b[2J\\n\\u202e" in line]
    missing = rig.run("show", "\x1b[2J\u202e")
    assert missing.code == 7
    assert not any(raw in missing.err for raw in RAW)

"""Documents that repeat code say what the code says, and their links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ingestd.cli import commands
from ingestd.cli.parsing import build
from ingestd.intake.findings import KINDS
from ingestd.telling.finding_words import ADVICE
from tests import reference

ROOT = Path(__file__).resolve().parents[1]
VERBS = sorted({command.name.split()[0] for command in commands()})
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("[!.]*/README.md")])


def test_generated_tables_are_current() -> None:
    """``python -m tests.reference`` was run after the last change of settings, findings or errors."""
    for path, blocks in reference.PAGES.items():
        page = path.read_text("utf-8")
        assert page.count("<!-- generated:") == blocks
        assert page == reference.filled(page)


def test_every_finding_says_what_to_do() -> None:
    """The kinds of intake and the advice of the command line are the same, in the same order."""
    assert list(ADVICE) == list(KINDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the repository names a file that is there."""
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_in_text_exist(page: Path) -> None:
    """A path of the repository that a page names in code marks is there."""
    named = re.findall(
        r"`((?:ingestd|drivers|policies|tests|docs|tools|systemd)/[\w./-]+\.\w+)`", page.read_text("utf-8")
    )
    for path in named:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_pages_parse(page: Path) -> None:
    """A command line that a page shows is one that the program takes."""
    parser = build(commands(), "en", version="0")
    for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.search(rf"(?:^|[\s/])ingestd ((?:{'|'.join(VERBS)})\b.*)", line)
            if found:
                parser.parse_args(shlex.split(found[1], comments=True))


def test_the_readmes_have_the_same_parts() -> None:
    """What one language promises the other does."""
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
    heads = [re.findall(r"^#+", text, re.MULTILINE) for text in texts]
    blocks = [len(re.findall(r"```", text)) for text in texts]
    assert heads[0] == heads[1]
    assert blocks[0] == blocks[1]

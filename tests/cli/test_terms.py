"""The terminal has a word for every key that intake and card families use."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import ingestd
from ingestd.model import Fault, Flag
from ingestd.telling import terms
from ingestd.words import Text


def test_reasons_for_what_is_left_are_those_of_the_families() -> None:
    """The families' own words, for the core may not import them."""
    common = tomllib.loads(files("ingestd_drivers.families").joinpath("common.toml").read_text("utf-8"))
    assert {word: Text(**said) for word, said in common["reasons"].items()} == terms.LEFT


def test_every_fault_and_flag_has_a_word() -> None:
    """A new fault or flag needs its words."""
    assert set(terms.FAULTS) == {fault.value for fault in Fault}
    assert set(terms.FLAGS) == {flag.value for flag in Flag}


def test_why_something_was_left() -> None:
    """Litter by its word, what is no file by its type; an unknown word as it is."""
    assert terms.left("windows-index").zh == "Windows 的卷信息"
    assert terms.left("not-a-file: fifo") == Text("不是文件（fifo）", "not a file (fifo)")
    assert terms.left("new-word") == Text("new-word", "new-word")


def test_every_basis_of_an_interval_has_a_word() -> None:
    """What the program says that a moment rests on, wherever it says so."""
    package = Path(ingestd.__file__).parent
    told = {one for path in package.rglob("*.py") for one in _bases(ast.parse(path.read_text("utf-8")))}
    assert {"register", "told", "file-time", "none"} <= told <= set(terms.BASES)


def _bases(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        said: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Interval", "Offset"):
            said = [one.value for one in node.keywords if one.arg == "basis"]
        elif isinstance(node, ast.Assign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            said = [node.value] if any(_is_basis(one) for one in targets) else []
        for one in (
            part for whole in said if not isinstance(whole, ast.Subscript) for part in ast.walk(whole)
        ):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield from filter(None, one.value.split("+"))


def _is_basis(target: ast.expr) -> bool:
    return "basis" in (getattr(target, "id", ""), getattr(target, "attr", ""))

"""The terminal has a word for every key that intake and card families use."""

from __future__ import annotations

import tomllib
from importlib.resources import files

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

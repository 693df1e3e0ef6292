"""docs/events.md is the one table of event types; it and the code say the same."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ingestd.events import EVENTS

PAGE = Path(__file__).parents[2] / "docs/events.md"


def rows():
    """The table of types: type, subject, fields, Chinese, English."""
    lines = PAGE.read_text(encoding="utf-8").split("## 类型 / Types")[1].splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")
    ]
    return {cell[0].strip("`"): cell[1:] for cell in cells}


def test_the_page_lists_every_type_once_in_the_order_of_the_code():
    """A type that is missing here is undocumented; one that is missing there is invented."""
    assert list(rows()) == list(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_fields_and_sentences_of_each_type(name):
    """The same fields in the same order, a subject, and a sentence in both languages."""
    subject, names, zh, en = rows()[name]
    assert [field.strip(" `") for field in names.split(",")] == [field.name for field in fields(EVENTS[name])]
    assert subject.startswith("`")
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert en.isascii()
    assert en


def test_subjects_are_those_of_the_events():
    """The subject is written as the code builds it."""
    for name, (subject, *_) in rows().items():
        has_own = any("subject" in base.__dict__ for base in EVENTS[name].__mro__[:-2])
        assert (subject == "`station`") != has_own

"""Labels of a register's facts: two of one row are never called the same."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ingestd.index.register_tables import KEPT
from ingestd.registers.columns import REGISTERS
from ingestd.telling.register_views import label_of


@pytest.mark.parametrize("register", KEPT)
def test_no_two_facts_are_called_the_same(register: str) -> None:
    """In either language: a subject is a party by its id and by its name, a review an opinion and its time."""
    labels = [label_of(REGISTERS[register], one.name) for one in fields(KEPT[register].row)]
    assert len({one.zh for one in labels}) == len(labels)
    assert len({one.en for one in labels}) == len(labels)

"""Each plan's file says what the table says: nothing is missing, nothing is added; the table is the page's."""

from __future__ import annotations

import re

import pytest

from ingestd.policy import catalog, judges
from ingestd.policy.model import Strength
from tests.policy import table

PLANS = sorted(table.none())
ROWS = table.rows()
REMARKS = r"20\d\d-\d\d|list \d+|REC-\d+|三\(二\)\d|no 01-15|2:1"
"""Figures of a value that are no figures of its rule; persons to a device are one figure."""


def own(plan):
    """The layer of a plan's own file."""
    (layer,) = (layer for layer in catalog.load(plan).layers if layer.key == plan)
    return layer


@pytest.mark.parametrize("plan", PLANS)
def test_the_rules_are_those_of_the_table(plan):
    """Both ways: no row without its rule, no rule without its row."""
    assert {rule.id for rule in own(plan).rules} == {row.id for row in ROWS if row.plan == plan}
    assert set(own(plan).none) == table.none()[plan]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.plan}:{row.id}")
def test_a_rule_is_as_the_table_has_it(row):
    """Strength, qualifier, figures, sections, terms and the openness of lists, exactly."""
    rule = {rule.id: rule for rule in own(row.plan).rules}[row.id]
    assert (rule.strength.value, rule.qualifier or "") == (row.strength, row.qualifier)
    assert {name: str(value) for name, value in (*rule.numbers, *rule.dates)} == row.numbers
    assert set(rule.sections) == row.sections
    assert set(rule.all_terms) == row.terms
    assert any(one.is_open for one in rule.lists) == row.is_open


@pytest.mark.parametrize("plan", PLANS)
def test_every_duty_that_figures_decide_has_an_example(plan):
    """A rule with figures, acts to be filmed, requirements or two sides is shown at work."""
    for rule in own(plan).rules:
        is_bare = rule.id == "REC-26" or not (rule.numbers or rule.dates or rule.filming or rule.requires)
        assert is_bare or rule.examples, f"{plan} {rule.id}"


@pytest.mark.parametrize("key", catalog.keys())
def test_worked_examples(key):
    """Every example of every rule in force says what comes out."""
    found = judges.outcomes(catalog.load(key))
    assert len(found) > 30
    assert [one for one in found if not one.is_right] == []


@pytest.mark.parametrize("key", catalog.keys())
def test_parts_are_weaker_than_what_they_stand_in(key):
    """A part is what the text merely allows or aims at: it can give no violation."""
    for rule in catalog.load(key).rules:
        assert {part.strength for part in rule.parts} <= {Strength.MAY, Strength.AIM}


# --- the page beside the checkout -----------------------------------------------------------------


@pytest.fixture(scope="module")
def page(shared):
    return table.page((shared / "jurisdictions.md").read_text("utf-8"))


def test_the_table_has_every_line_of_the_page(page):
    """The same rules a plan, and the same that it does not have."""
    lines, missing = page
    assert {(line.plan, id_) for line in lines for id_ in line.ids} == {(row.plan, row.id) for row in ROWS}
    assert missing == table.none()


def test_the_table_says_what_the_page_says(page):
    """Line by line; of a line that several rules share, what they have together."""
    for line in page[0]:
        mine = [row for row in ROWS if row.plan == line.plan and row.id in line.ids]
        by_id = {row.id: row for row in mine}
        told = list(table.strengths_of(line.strength, len(line.ids)))
        assert [(by_id[i].strength, by_id[i].qualifier) for i in line.ids] == told, line
        assert frozenset().union(*(row.sections for row in mine)) == line.sections, line
        assert frozenset().union(*(row.terms for row in mine)) == line.terms, line
        assert any(row.is_open for row in mine) == line.is_open, line


def test_figures_of_the_table_are_those_of_the_page(page):
    """Each figure of the value stands in the table and the other way round; dates of carrying out are no figures."""
    for line in page[0]:
        figures = [
            figure
            for row in ROWS
            if row.plan == line.plan and row.id in line.ids
            for figure in row.numbers.values()
        ]
        value = re.sub(REMARKS, lambda remark: {"2:1": "2"}.get(remark[0], ""), line.value)
        found = set(re.findall(r"\d\d-\d\d|\d+", value))
        assert {one for one in figures if one != "1" or "1" in found} == found, line


def test_the_readings_of_the_page_are_marked():
    """What a text leaves open and the product decides stands apart from what it says."""
    assert catalog.load("lingchuan-gongxin").rule("DIS-2").reading is not None
    assert catalog.load("lingchuan-gongxin").rule("DIS-1").note is not None
    assert catalog.load("wujin-yingji").rule("DIS-1").numbers == ()

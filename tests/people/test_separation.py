"""The table of deeds says what design and rules say."""

from __future__ import annotations

import pytest

from ingestd.people.separation import BARS, FRESH, RULES, Deed, Tie, barred, go_together, sees


@pytest.mark.parametrize("deed", ["extract", "unlink", "waive", "judge", "dispose"])
@pytest.mark.parametrize("tie", [Tie.WEARER, Tie.ON_ACT])
def test_invariant_5(deed: str, tie: Tie) -> None:
    """Who recorded a clip or was on its act can't extract, unlink, waive, judge its audit or dispose."""
    bar = barred(Deed(deed), {tie})
    assert bar is not None
    assert bar.rule in RULES
    assert barred(Deed(deed), ()) is None


def test_what_takes_a_fresh_second_factor() -> None:
    """Unlink, waive, opinion, hold, seal, dispose (design 5)."""
    assert {deed.value for deed in FRESH} == {"unlink", "waive", "opinion", "hold", "seal", "dispose"}


def test_roles_that_do_not_go_together() -> None:
    """The administrator keeps the dock, and sees no evidence."""
    assert go_together({"administrator", "dock-keeper"})
    for role in (
        "supervisor",
        "officer",
        "archivist",
        "outside-supervisor",
        "legal-reviewer",
        "case-officer",
    ):
        assert not go_together({"administrator", role})
    assert not sees({"administrator", "dock-keeper"}, ())
    assert sees({"supervisor"}, ())
    assert sees({"officer"}, {Tie.WEARER})
    assert not sees({"officer"}, ())


def test_each_rule_is_told_in_both_languages() -> None:
    """And no bar is without one."""
    assert {bar.rule for bar in BARS.values()} <= set(RULES)
    assert all(text.zh and text.en for text in RULES.values())

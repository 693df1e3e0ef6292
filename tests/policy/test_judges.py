"""What a policy alone decides: clocks on days and working days, shares of heads, words where it can't tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.policy import catalog, judges
from ingestd.policy.judges import deadline, verdict

DAY_MS = 86_400_000
TONGLING, BASE = catalog.load("tongling-jiaoqu"), catalog.load("baseline")


def ms(text):
    return int(datetime.fromisoformat(text + "+08:00").timestamp() * 1000)


@given(st.integers(0, 10 * 365 * DAY_MS), st.integers(0, 60), st.sampled_from([0, 480, 330]))
def test_days_end_at_local_midnight(at, days, offset):
    """The last moment is the last of a local day, so many days after the day of the start."""
    rule = replace(BASE.rule("REC-11"), numbers=(("days", days),))
    last = deadline(rule, at, {"utc_offset_minutes": offset})
    local = datetime.fromtimestamp(at // 1000, UTC) + timedelta(minutes=offset)
    end = datetime.fromtimestamp((last + 1) // 1000, UTC) + timedelta(minutes=offset)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert (end.date() - local.date()).days == days + 1


@given(st.integers(0, 3650), st.integers(1, 20))
def test_working_days_are_no_weekends(start, hours):
    """Without holidays, twenty working days are four weeks."""
    at = start * DAY_MS + hours * 3_600_000
    last = deadline(TONGLING.rule("DIS-1"), at, {"utc_offset_minutes": 0})
    day = datetime.fromtimestamp(last // 1000, UTC)
    assert day.weekday() < 5
    assert (last + 1) // DAY_MS - start in (29, 28, 27)


def test_day_one_may_count():
    """The setting of the case file's clock moves the deadline by a day, and no other rule's."""
    own = '[[override]]\nrule = "OWN-12"\nnumbers = { first_day = 1 }\nby = "x"\nreason = "y"\n'
    counts = catalog.load("tongling-jiaoqu", own.encode())
    facts = {"from": ms("2026-03-02T10:00:00"), "done": ms("2026-04-01T12:00:00")}
    assert verdict(TONGLING, TONGLING.rule("REC-11"), "clock", facts) == "on-time"
    assert verdict(counts, counts.rule("REC-11"), "clock", facts) == "late"
    other = {"from": ms("2026-03-02T10:00:00"), "done": ms("2026-03-11T12:00:00"), "kind": "permit"}
    assert verdict(counts, counts.rule("DIS-1"), "clock", other) == "on-time"


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-11-30", "2026-12-30"),
        ("2026-12-05", "2027-01-05"),
    ],
)
def test_months(start, last):
    """A month ends on the same day of the next, or on its last."""
    facts = {"from": ms(f"{start}T10:00:00"), "done": ms(f"{last}T23:59:59")}
    rule = TONGLING.rule("DIS-9")
    assert verdict(TONGLING, rule, "clock", facts) == "on-time"
    assert verdict(TONGLING, rule, "clock", facts | {"done": facts["done"] + 1000}) == "late"


def test_what_cannot_be_decided_is_said():
    """A judge asked for what the rule has not, or given facts of another kind, never raises."""
    rule = TONGLING.rule("REC-1")
    assert verdict(TONGLING, rule, "listed", {"list": "heads", "item": "x"}) == "no such heads"
    assert verdict(TONGLING, rule, "clock", {}) == "no such from"
    assert verdict(TONGLING, rule, "clock", {"from": "noon", "done": 1}).startswith("not to be decided")
    assert verdict(TONGLING, rule, "filming", {"act": "flying"}) == "no such flying"


_ANY = st.one_of(
    st.integers(), st.booleans(), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2).map(tuple)
)


@given(st.sampled_from(sorted(judges.JUDGES)), st.sampled_from([*TONGLING.rules]), st.data())
def test_no_facts_bring_a_judge_down(name, rule, data):
    """An agency may write any example."""
    judge = judges.JUDGES[name]
    facts = {fact: data.draw(_ANY) for fact in sorted(judge.needs | judge.takes)}
    assert isinstance(verdict(TONGLING, rule, name, facts), str)


def test_examples_of_a_changed_rule_are_left_out():
    """They speak of the figures before; all others still run."""
    own = '[[override]]\nrule = "REC-1"\nnumbers = { hours = 1 }\nby = "x"\nreason = "y"\n'
    changed = catalog.load("baseline", own.encode())
    left = {(one.rule, one.number) for one in judges.outcomes(BASE)} - {
        (one.rule, one.number) for one in judges.outcomes(changed)
    }
    assert {rule for rule, _ in left} == {"REC-1"}
    assert all(one.is_right for one in judges.outcomes(changed))
    own = '[[extend]]\nrule = "REC-6"\nacts = ["sampling"]\nby = "x"\nreason = "y"\n'
    extended = judges.outcomes(catalog.load("tongling-jiaoqu", own.encode()))
    assert "REC-6" not in {one.rule for one in extended}
    assert all(one.is_right for one in extended)

"""OWN-7: a month without a draw, a nonce that was kept, clips that nobody judged."""

from __future__ import annotations

from dataclasses import replace

from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from ingestd.law.facts import Fact, RecordedMonth
from ingestd.law.finding import Finding
from ingestd.model import Millis
from tests.law.cases import DAY, FEBRUARY, HOUR, JANUARY, T0, audit, rulebook

BOOK = rulebook()


def standing(now: int, *facts: Fact) -> dict[str, Finding]:
    found = evaluate(Base(facts), BOOK, Millis(now)).values()
    return {f"{one.kind} {one.about}": one for one in found}


def test_a_month_is_drawn_within_its_days() -> None:
    """Ten days after it at the latest; by a draw of the whole month and the whole station."""
    february = RecordedMonth(month="2026-02")
    assert standing(FEBRUARY + 28 * DAY + 10 * DAY - 1, february) == {}
    due = FEBRUARY + 28 * DAY + 10 * DAY
    (one,) = standing(due, february).values()
    assert (one.kind, one.about, one.rule, one.level) == (
        "audit-overdue",
        "month:2026-02",
        "OWN-7",
        "violation",
    )
    drawn = audit(drawn_at=Millis(due), judged=3)
    assert standing(due, february, drawn) == {}
    for less in (
        replace(drawn, unit="u1"),
        replace(drawn, since_at=Millis(FEBRUARY + 1)),
        replace(drawn, until_at=Millis(FEBRUARY + 27 * DAY)),
        replace(drawn, drawn_at=None),
    ):
        assert "audit-overdue month:2026-02" in standing(due, february, less)


def test_a_month_without_recordings_and_one_before_the_station_need_none() -> None:
    """Nothing to draw from, or not ours."""
    assert standing(T0 + 300 * DAY) == {}
    book = rulebook(commissioned_at=FEBRUARY)
    base = Base([RecordedMonth(month="2026-01")])
    assert evaluate(base, book, Millis(T0 + 300 * DAY)) == {}


def test_a_nonce_that_is_kept_is_a_finding_until_another_draw_takes_its_place() -> None:
    """After 24 hours, or as soon as it is given up; a draw from less does not replace it."""
    kept = audit("x1")
    assert standing(kept.reveal_by_at, kept) == {}
    (one,) = standing(kept.reveal_by_at + 1, kept).values()
    assert (one.kind, one.about, one.concerns) == ("audit-unrevealed", "audit:x1", ("o1",))
    given_up = replace(kept, voided_at=Millis(T0 + HOUR))
    assert set(standing(T0 + 2 * HOUR, given_up)) == {"audit-unrevealed audit:x1"}
    other = audit("x2", committed_at=Millis(T0 + HOUR), drawn_at=Millis(T0 + HOUR), judged=3)
    assert standing(T0 + 2 * DAY, kept, other) == {}
    for less in (
        replace(other, since_at=Millis(JANUARY + 1)),
        replace(other, unit="u1"),
        replace(other, committed_at=Millis(T0 - 1)),
        replace(other, drawn_at=None),
    ):
        assert "audit-unrevealed audit:x1" in standing(T0 + 2 * DAY, kept, less)


def test_what_is_drawn_is_judged() -> None:
    """Within twenty days, all of it."""
    drawn = audit(drawn_at=T0, judged=2)
    assert standing(T0 + 20 * DAY, drawn) == {}
    (one,) = standing(T0 + 20 * DAY + 1, drawn).values()
    assert (one.kind, dict(one.facts)["judged"]) == ("audit-unjudged", 2)
    assert standing(T0 + 20 * DAY + 1, replace(drawn, judged=3)) == {}

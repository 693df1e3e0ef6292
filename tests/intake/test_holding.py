"""Who had a recorder when: statements over each other, contradictions, intervals; nobody is chosen silently."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingestd.intake.holding import (
    CANNOT_TELL,
    MODES,
    NOBODY,
    Holder,
    Statement,
    holder_at,
    holder_in,
    officers_of,
    span_of,
    stretches,
)
from ingestd.model import Interval


def said(at, officer, mode="permanent", since=None, until=None):
    return Statement(
        said_at=at, officer=officer, mode=mode, since_at=at if since is None else since, until_at=until
    )


def when(low, high):
    return Interval(earliest=low, latest=high, basis="name")


def officer_at(statements, *moments):
    return [holder_at(statements, at).officer for at in moments]


def test_permanent_until_something_else_is_said():
    """From its moment on; nobody before; the next one takes over; nobody's ends it."""
    history = [said(10, "a"), said(20, "b"), said(30, None)]
    assert officer_at(history, 9, 10, 19, 20, 29, 30) == [None, "a", "a", "b", "b", None]
    assert holder_at(history, 10) == Holder(officer="a", mode="permanent")
    assert holder_at(history, 30) == NOBODY


def test_a_shift_ends_by_itself():
    """It goes before permanent while it lasts, and falls back to whom it belongs to."""
    history = [said(0, "a"), said(5, "b", "shift", 10, 20)]
    assert officer_at(history, 9, 10, 19, 20) == ["a", "b", "b", "a"]
    assert officer_at(history[1:], 9, 19, 20) == [None, "b", None]


def test_ad_hoc_goes_before_a_shift():
    """Who was given it in between has it."""
    history = [said(0, "a"), said(0, "b", "shift", 10, 30), said(15, "c", "ad-hoc", 15, 20)]
    assert officer_at(history, 9, 14, 15, 19, 20, 30) == ["a", "b", "c", "c", "b", "a"]


def test_what_lies_ahead_can_be_changed():
    """A shift entered wrongly is replaced before it begins, or from the moment of the correction on."""
    history = [said(0, "a", "shift", 10, 20), said(5, "b", "shift", 10, 20)]
    assert officer_at(history, 10, 19) == ["b", "b"]
    late = [said(0, "a", "shift", 10, 20), said(15, "b", "shift", 15, 20)]
    assert officer_at(late, 14, 15) == ["a", "b"]


def test_two_statements_about_the_past_contradict():
    """Nobody is chosen where somebody says afterwards that another had it; a new statement alone is taken."""
    history = [said(0, "a"), said(100, "b", "permanent", 50)]
    assert holder_at(history, 60) == CANNOT_TELL
    assert officer_at(history, 49, 100) == ["a", "b"]
    assert officer_at([said(0, "a"), said(100, "b", "shift", 50, 60)], 49, 50, 60) == ["a", "b", "a"]
    same = [said(0, "a"), said(100, "a", "permanent", 50)]
    assert officer_at(same, 60) == ["a"]


def test_taken_back_ends_everything():
    """Nobody's: also a shift that still runs; what is said later counts again."""
    history = [said(0, "a"), said(0, "b", "shift", 10, 30), said(20, None), said(25, "c", "ad-hoc", 25, 28)]
    assert officer_at(history, 19, 20, 25, 28) == ["b", None, "c", None]


def test_an_interval_needs_one_holder():
    """A clip is somebody's only where every moment within its bounds is."""
    history = stretches([said(10, "a"), said(20, "b")])
    assert holder_in(history, when(11, 15)).officer == "a"
    assert holder_in(history, when(20, 99)).officer == "b"
    assert holder_in(history, when(15, 25)) == CANNOT_TELL
    assert holder_in(history, when(5, 15)) == CANNOT_TELL
    assert holder_in(history, when(1, 5)) == NOBODY
    assert holder_in(history, when(None, 5)) == NOBODY
    assert holder_in(history, when(None, 15)) == CANNOT_TELL
    assert holder_in(history, when(25, None)).officer == "b"
    assert holder_in(stretches([]), when(None, None)) == NOBODY


def test_before_the_history_nothing_is_known():
    """A history that begins somewhere says nothing of what was before."""
    history = stretches([said(10, "a")], since=50)
    assert holder_in(history, when(60, 70)).officer == "a"
    assert holder_in(history, when(40, 70)) == CANNOT_TELL
    assert holder_in(history, when(None, 70)) == CANNOT_TELL


def test_what_decides_whose_a_clip_is():
    """Its start and what is certain of it; an end that nobody knows gives it to nobody else."""
    assert span_of(when(5, 7), when(9, 99)) == when(5, 9)
    assert span_of(when(5, 7), when(None, 99)) == when(5, 7)
    assert span_of(when(None, 7), when(None, 99)) == when(None, 7)
    assert span_of(when(5, None), when(9, None)) == when(5, None)


MOMENTS = st.integers(0, 12)
STATEMENTS = st.lists(
    st.builds(
        lambda at, officer, mode, since, length: said(
            at, officer, mode, since, None if length is None else since + length
        ),
        MOMENTS,
        st.sampled_from([None, "a", "b"]),
        st.sampled_from(MODES),
        MOMENTS,
        st.none() | st.integers(1, 6),
    ),
    max_size=6,
).map(lambda statements: sorted(statements, key=lambda one: one.said_at))


@given(STATEMENTS)
def test_stretches_say_what_every_moment_says(statements):
    """Without a gap, in order, no two alike in a row."""
    history = stretches(statements)
    for at in range(-1, 25):
        stretch = [s for s in history if s.since_at is None or s.since_at <= at][-1]
        assert stretch.holder == holder_at(statements, at)
    starts = [s.since_at for s in history[1:]]
    assert starts == sorted(set(starts))
    assert all(one.holder != two.holder for one, two in pairwise(history))


@given(STATEMENTS, MOMENTS, MOMENTS)
def test_nobody_is_chosen_silently(statements, one, two):
    """Where an interval has an officer, every moment in it has the same one; otherwise it says so."""
    low, high = sorted((one, two))
    found = holder_in(stretches(statements), when(low, high))
    each = {holder_at(statements, at) for at in range(low, high + 1)}
    officers = {holder.officer for holder in each}
    if found.officer is not None or found.is_clear:
        assert officers == {found.officer}
        assert all(holder.is_clear for holder in each)
    else:
        assert len(officers) > 1 or not all(holder.is_clear for holder in each)


@given(STATEMENTS)
def test_officers_are_those_who_were_named(statements):
    """Nobody else ever had it."""
    assert officers_of(stretches(statements)) <= {s.officer for s in statements}

"""Holes in a recorder's numbering: what is missing is named, roll-over and reset are none."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ingestd.intake.numbering import Numbered, holes, runs
from ingestd.model import Kind, Millis
from tests.event_samples import T0

HOUR = 3_600_000
DAY = 24 * HOUR


def clip(number, at=None, kind=Kind.VIDEO, folder="DCIM"):
    """A recording ten minutes after the one with the number before, unless told otherwise."""
    moment = Millis(T0 + number * 600_000 if at is None else at)
    return Numbered(number=number, kind=kind, path=f"{folder}/{number:04}.MP4", at=moment)


def found(new, known=(), per="card", window_ms=DAY):
    return [(h.first, h.last) for h in holes(new, known, per=per, window_ms=window_ms)]


def clips(*numbers, **changes):
    return [clip(number, **changes) for number in numbers]


def test_between_the_clips_of_a_docking():
    """A run of missing numbers is one hole, named with its neighbours."""
    made = holes(clips(1, 2, 5, 6, 8), (), per="card", window_ms=DAY)
    assert [(h.first, h.last, h.before.number, h.after.number) for h in made] == [(3, 4, 2, 5), (7, 7, 6, 8)]


def test_between_two_dockings():
    """The nearest number known before counts, whatever came in since."""
    assert found(clips(7, 8), clips(1, 2, 3)) == [(4, 6)]
    assert found(clips(4, 5), clips(1, 2, 3)) == []
    assert found(clips(7), clips(5, 12)) == [(6, 6)]
    assert found(clips(7, 8)) == []


def test_what_is_known_is_not_missing():
    """Released at an earlier docking, or another kind with the same counter."""
    assert found(clips(1, 6), clips(2, 3, 4, 5)) == []
    assert found([*clips(1, 4), clip(2, kind=Kind.PHOTO), clip(3, kind=Kind.AUDIO)]) == []
    assert found([*clips(1, 5), clip(3, kind=Kind.PHOTO)]) == [(2, 2), (4, 4)]


def test_kinds_with_counters_of_their_own():
    """A photo's number says nothing of the films' where they are far apart."""
    assert found([clip(57, T0, Kind.PHOTO), clip(120, T0 + HOUR), clip(121, T0 + 2 * HOUR)]) == []


def test_a_roll_over_is_no_hole():
    """998, 999, 1, 2: the times say which came first."""
    rolled = [clip(998, T0), clip(999, T0 + 1 * HOUR), clip(1, T0 + 2 * HOUR), clip(2, T0 + 3 * HOUR)]
    assert found(rolled) == []
    assert found(rolled, [clip(997, T0 - HOUR)]) == []
    assert found(rolled, [clip(995, T0 - HOUR)]) == [(996, 997)]


def test_a_reset_is_no_hole():
    """The counter begins anew: in one docking, and from one to the next."""
    assert found([clip(41, T0), clip(42, T0 + HOUR), clip(1, T0 + 2 * HOUR), clip(2, T0 + 3 * HOUR)]) == []
    assert found([clip(1, T0 + DAY), clip(2, T0 + DAY + HOUR)], [clip(41, T0), clip(42, T0 + HOUR)]) == []


def test_a_counter_that_was_set_ahead_is_no_hole():
    """Nobody records more clips than there are seconds."""
    assert found([clip(12, T0), clip(9000, T0 + HOUR)]) == []
    assert found([clip(12, T0), clip(20, T0 + 5_000)]) == []
    assert found([clip(12, T0), clip(20, T0 + 10_000)]) == [(13, 19)]


def test_a_clock_that_was_reset_hides_no_hole():
    """Times that go back within a docking: the docking's own span is what there was time for."""
    assert found([clip(1, T0), clip(2, T0 + HOUR), clip(5, T0 - 30 * 365 * DAY)]) == [(3, 4)]


def test_a_counter_of_each_folder_or_day():
    """Only neighbours in one series are compared; a file of no known day in none."""
    two = [*clips(1, 3, folder="20261121"), *clips(1, 2, 5, folder="20261122")]
    made = holes(two, (), per="folder", window_ms=DAY)
    assert [(h.series, h.first, h.last) for h in made] == [("20261121", 2, 2), ("20261122", 3, 4)]
    days = [clip(7, T0), clip(9, T0 + HOUR), clip(2, T0 + DAY), clip(12, T0 + 2 * DAY)]
    assert found(days, per="day") == [(8, 8)]
    untold = Numbered(number=9, kind=Kind.VIDEO, path="x", at=None)
    assert found([clip(1), untold], per="day") == []


def test_files_that_are_no_recordings_count_nothing():
    """Logs and sidecars may have numbers of their own."""
    assert found([clip(1, kind=Kind.LOG), clip(9, kind=Kind.LOG)]) == []


NUMBERS = st.sets(st.integers(0, 60), max_size=30)


@given(NUMBERS, NUMBERS)
def test_holes_are_what_nothing_has(here, before):
    """Whatever was deleted: holes hold no known number, and lie between known ones."""
    known = clips(*before)
    for hole in holes(clips(*here), known, per="card", window_ms=DAY):
        missing = set(range(hole.first, hole.last + 1))
        assert missing
        assert not missing & (here | before)
        assert hole.before.number < hole.first <= hole.last < hole.after.number
        assert hole.after.number in here


@given(st.integers(1, 40), st.sets(st.integers(2, 39)), st.data())
def test_every_deleted_clip_shows(count, deleted, data):
    """Numbers in an unbroken row, some taken out between the first and the last: exactly those are missing."""
    numbers = [n for n in range(1, count + 1) if n not in deleted or n in (1, count)]
    cut = data.draw(st.integers(0, len(numbers)))
    first, second = clips(*numbers[:cut]), clips(*numbers[cut:])
    told = {n for a, b in (*found(first), *found(second, first)) for n in range(a, b + 1)}
    assert told == set(range(1, count + 1)) - set(numbers)


@given(st.sets(st.integers(0, 30)))
def test_runs_say_the_numbers(numbers):
    """No more and no fewer, in as few runs as there can be."""
    made = list(runs(sorted(numbers)))
    assert {n for first, last in made for n in range(first, last + 1)} == numbers
    assert all(one[1] + 1 < two[0] for one, two in itertools.pairwise(made))

"""What is said of an act's film holds for every clock within the bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.law import spans
from ingestd.law.coverage import Coverage, Gap, Piece, Reel, Terms, Treatment, Verdict, cover
from ingestd.model import Millis, Stretch

MIN = 60_000
ACT = (0, 30 * MIN)
TERMS = Terms(
    begin_ms=60_000,
    end_ms=60_000,
    pause_ms=10_000,
    treatment=(
        ("black", Treatment.NOT_RECORDED),
        ("frozen", Treatment.DOUBT),
        ("silent", Treatment.RECORDED),
    ),
)


def reel(*clips: tuple[int, int], error: tuple[int, int] = (0, 0), name: str = "KD1", **stretches) -> Reel:
    """Footage in minutes; ``black=(2, 4)`` marks minutes of the first piece."""
    marked = tuple(Stretch(kind=k, begin=b * MIN, end=e * MIN) for k, (b, e) in stretches.items())
    pieces = tuple(
        Piece(
            acquisition=f"{name}-{n}",
            begin=Millis(b * MIN),
            end=Millis(e * MIN),
            stretches=marked if n == 0 else (),
        )
        for n, (b, e) in enumerate(clips)
    )
    return Reel(recorder=name, pieces=pieces, earlier=error[0] * MIN, later=error[1] * MIN)


def said(*reels: Reel, act: spans.Span = ACT, more_may_come: bool = False) -> Coverage:
    return cover(act, reels, TERMS, more_may_come=more_may_come)


def test_filmed_whole_by_two():
    """The second begins before the first ends: no gap, five minutes on both."""
    found = said(reel((-1, 20)), reel((15, 31), name="KD2"))
    assert (found.verdict, found.gaps, found.covered) == (Verdict.WHOLE, (), (ACT,))
    assert found.overlaps == ((15 * MIN, 20 * MIN),)


def test_a_gap_with_its_times():
    """Four minutes are on nobody's film."""
    found = said(reel((0, 12)), reel((16, 30), name="KD2"))
    assert found.verdict is Verdict.GAPS
    assert found.gaps == (
        Gap(begin_earliest=Millis(12 * MIN), begin_latest=Millis(12 * MIN), length=4 * MIN),
    )
    assert found.missing_at_least == 4 * MIN


def test_a_pause_is_certain_though_its_place_is_not():
    """One recorder, wrong by up to five minutes: it paused for four, somewhere within fourteen."""
    found = said(reel((-10, 12), (16, 40), error=(-5, 5)))
    assert found.verdict is Verdict.GAPS
    assert found.gaps == (Gap(begin_earliest=Millis(7 * MIN), begin_latest=Millis(17 * MIN), length=4 * MIN),)


def test_doubt_is_no_gap():
    """The clip is long enough; only its clock does not say whether it began in time."""
    found = said(reel((0, 30), error=(-5, 5)))
    assert (found.verdict, found.gaps, found.missing_at_least) == (Verdict.CANNOT_TELL, (), 0)
    assert found.covered == ((5 * MIN, 25 * MIN),)
    assert found.doubtful == ((0, 5 * MIN), (25 * MIN, 30 * MIN))


def test_too_short_wherever_it_lies():
    """Twenty minutes of film cannot cover thirty."""
    found = said(reel((5, 25), error=(-10, 10)))
    assert (found.verdict, found.missing_at_least, found.gaps) == (Verdict.GAPS, 10 * MIN, ())


def test_a_wide_margin_needs_no_good_clock():
    """It began ten minutes early and ended ten late."""
    assert said(reel((-10, 40), error=(-9, 9))).verdict is Verdict.WHOLE


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("black", Verdict.GAPS), ("frozen", Verdict.CANNOT_TELL), ("silent", Verdict.WHOLE)],
)
def test_what_counts_as_not_recorded_is_the_policys(kind, verdict):
    """Five minutes of each, treated as the policy says."""
    assert said(reel((0, 30), **{kind: (10, 15)})).verdict is verdict


def test_the_other_recorder_saw_it():
    """A covered lens is no gap where somebody else filmed."""
    assert said(reel((0, 30), black=(10, 15)), reel((9, 16), name="KD2")).verdict is Verdict.WHOLE


def test_nothing_yet_and_nothing():
    """Within the time that recorders have it is *not yet*; then it is nothing."""
    assert said(more_may_come=True).verdict is Verdict.NOT_YET
    assert said(reel((0, 12)), more_may_come=True).verdict is Verdict.NOT_YET
    assert said(reel((0, 30)), more_may_come=True).verdict is Verdict.WHOLE
    assert said().verdict is Verdict.NONE
    assert said(reel((40, 50))).verdict is Verdict.NONE


@pytest.mark.parametrize(
    ("clips", "verdict"),
    [
        (((1, 29),), Verdict.WHOLE),
        (((2, 29),), Verdict.GAPS),
        (((1, 28),), Verdict.GAPS),
        (((0, 15), (16, 30)), Verdict.GAPS),
    ],
)
def test_a_minute_at_begin_and_end_is_tolerated_and_none_between(clips, verdict):
    """As the policy's figures say."""
    assert said(reel(*clips)).verdict is verdict


def test_a_pause_within_the_tolerance_is_none():
    """Eight seconds for a new file."""
    pieces = (
        Piece(acquisition="a", begin=Millis(0), end=Millis(10 * MIN)),
        Piece(acquisition="b", begin=Millis(10 * MIN + 8000), end=Millis(30 * MIN)),
    )
    found = cover(ACT, [Reel(recorder="KD1", pieces=pieces, earlier=0, later=0)], TERMS, more_may_come=False)
    assert (found.verdict, found.gaps) == (Verdict.WHOLE, ())


def test_a_film_of_unknown_length_is_doubt_and_no_gap():
    """It began within the act and was never finalised: surely it covers nothing, and maybe all that follows."""
    piece = Piece(acquisition="a", begin=Millis(10 * MIN), end=Millis(10 * MIN), spare=40 * MIN)
    found = said(reel((0, 12)), Reel(recorder="KD2", pieces=(piece,), earlier=0, later=0))
    assert (found.verdict, found.gaps) == (Verdict.CANNOT_TELL, ())
    assert (found.covered, found.doubtful) == (((0, 12 * MIN),), ((12 * MIN, 30 * MIN),))


# --- whatever the true clocks are ---------------------------------------------------------------

_MOMENT = st.integers(-20, 60)
_SPAN = st.tuples(_MOMENT, st.integers(1, 25)).map(lambda s: (s[0], s[0] + s[1]))


@st.composite
def _reels(draw):
    found = []
    for n in range(draw(st.integers(0, 3))):
        clips = spans.union(draw(st.lists(_SPAN, min_size=1, max_size=3)))
        low = draw(st.integers(-8, 8))
        told = reel(*clips, error=(low, low + draw(st.integers(0, 8))), name=f"KD{n}")
        spares = draw(st.lists(st.sampled_from([0, 0, 0, 9]), min_size=len(clips), max_size=len(clips)))
        pieces = tuple(
            replace(piece, spare=spare * MIN) for piece, spare in zip(told.pieces, spares, strict=True)
        )
        found.append(replace(told, pieces=pieces))
    return found


@given(_reels(), st.data())
def test_every_statement_holds_for_the_true_clocks(reels, data):
    """Choose true errors and lengths within the bounds: sure is covered, gaps are bare, so much is missing."""
    terms = Terms(begin_ms=0, end_ms=0, pause_ms=0)
    found = cover(ACT, reels, terms, more_may_come=False)
    errors = [data.draw(st.integers(one.earlier, one.later)) for one in reels]
    film = spans.union(
        (piece.begin + error, piece.end + data.draw(st.integers(0, piece.spare)) + error)
        for one, error in zip(reels, errors, strict=True)
        for piece in one.pieces
    )
    true = spans.within(film, ACT)
    bare = spans.without([ACT], film)
    assert spans.without(found.covered, true) == ()
    assert spans.length(bare) >= found.missing_at_least
    for gap in found.gaps:
        assert any(
            begin <= gap.begin_latest and gap.begin_earliest <= end - gap.length and end - begin >= gap.length
            for begin, end in bare
        )
    if found.verdict is Verdict.WHOLE:
        assert bare == ()
    if found.verdict in (Verdict.GAPS, Verdict.NONE):
        assert bare


@given(_reels())
def test_exact_clocks_leave_no_doubt(reels):
    """With clocks known exactly the act is covered or bare, nothing else, and the gaps are all that is bare."""
    exact = [
        replace(r, pieces=tuple(replace(p, spare=0) for p in r.pieces), earlier=0, later=0) for r in reels
    ]
    found = cover(ACT, exact, Terms(begin_ms=0, end_ms=0, pause_ms=0), more_may_come=False)
    assert found.doubtful == ()
    assert spans.length(found.covered) + sum(gap.length for gap in found.gaps) == found.length
    assert found.verdict is not Verdict.CANNOT_TELL

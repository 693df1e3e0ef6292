"""Stretches from samples, case numbers from texts, analyses from what a child says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.media.analysis.codes import case_numbers
from ingestd.media.analysis.model import Analysis, AnalysisError, Presence
from ingestd.media.analysis.stretches import SHORTEST_MS, joined, longest, reaching

SPANS = st.lists(st.integers(0, 10**7), max_size=30).map(lambda at: list(pairwise(sorted(set(at)))))


@given(SPANS)
def test_joined_spans_are_apart_long_and_no_longer_than_told(spans):
    """What touches is one; nothing is added; the short ones are gone."""
    found = joined(spans)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert all(end - begin >= SHORTEST_MS for begin, end in longest(found, 9))
    assert sum(end - begin for begin, end in found) <= sum(end - begin for begin, end in spans)
    assert longest(found, 2) == sorted(longest(found, 2))


def test_the_ends_of_the_clip_are_reached_from_its_outer_samples():
    """And from no others."""
    assert reaching([(40, 9_000)], first_ms=40, last_ms=9_000, end_ms=10_000) == [(0, 10_000)]
    assert reaching([(50, 8_000)], first_ms=40, last_ms=9_000, end_ms=10_000) == [(50, 8_000)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("案号：AJ-17", "AJ-17"),
        ("case: k1", "k1"),
        ("黎自然资执罚〔2026〕12号", "黎自然资执罚〔2026〕12号"),
        (" LC20260417001 ", "LC20260417001"),
        ("20260417001", "20260417001"),
        ("https://example.org/2026", None),
        ("110101199003071233", None),
        ("11010120000307123X", None),
        ("13812342026", None),
        ("案号：13812342026", None),
        ("张三", None),
        ("wxid_ab12", None),
        ("案号：", None),
        ("二〇二六 2026", None),
    ],
)
def test_case_numbers_are_told_from_all_else(text, number):
    """A telephone, an identity card, an address never pass."""
    assert case_numbers([text, text]) == (() if number is None else (number,))


GOOD = {
    "duration_ms": 9_000,
    "picture": "there",
    "sound": "absent",
    "stretches": [["silent", 0, 9_000]],
    "speech_from_ms": None,
    "codes": ["案〔2026〕1"],
    "track": {"timed_by": "satellite", "points": [[1_790_000_000_000, 26_000_000, 110_000_000, 50]]},
}


def test_an_answer_that_is_in_bounds_is_taken():
    """As it was told."""
    found = Analysis.from_json(GOOD)
    assert (found.sound, found.codes, found.stretches[0].end) == (Presence.ABSENT, ("案〔2026〕1",), 9_000)
    assert found.track.points[0].lon == 110_000_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration_ms": -1},
        {"duration_ms": 10**12},
        {"picture": "x"},
        {"stretches": [["x", 0, 1]]},
        {"stretches": [["black", 5, 5]]},
        {"stretches": [["black", 0, 1]] * 501},
        {"stretches": 7},
        {"speech_from_ms": True},
        {"codes": ["a b"]},
        {"codes": [1]},
        {"track": {"timed_by": "x", "points": []}},
        {"track": {"timed_by": "recorder", "points": [[None, 90_000_001, 0, 0]]}},
        {"track": {"timed_by": "recorder", "points": [[1]]}},
        {"track": 3},
    ],
)
def test_an_answer_out_of_bounds_is_refused(wrong):
    """A hostile clip may have answered."""
    with pytest.raises(AnalysisError):
        Analysis.from_json(GOOD | wrong)
    for nothing in (None, [], {}, "x"):
        with pytest.raises(AnalysisError):
            Analysis.from_json(nothing)

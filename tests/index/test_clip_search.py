"""Clips by many things at once, in either database: what is found, in which order, and how far a page looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLinked,
    ClipQueued,
    FindingOpened,
    LinkCandidate,
    OfficerStated,
)
from ingestd.index import clip_search
from ingestd.index.clip_search import Place, Wanted
from ingestd.index.projection import project
from ingestd.model import Interval, Kind, Millis
from tests.event_samples import T0, Entry, quarantined, secured

HOUR = 3_600_000
_CANDIDATE = LinkCandidate(act="A", case="C", score=1, reasons=())


@pytest.fixture
def found(engine):
    """Eight clips an hour apart, by two officers in turn; what of them is asked for, by their numbers."""
    happened = [
        OfficerStated(officer="a", unit="u1"),
        OfficerStated(officer="b", unit="u2"),
        CaseStated(case="C", unit="u1"),
        ActStated(act="A", case="C", kind="现场检查"),
        *(_clip(number) for number in range(8)),
        _linked(1, act="A", case=None),
        _linked(2, act=None, case="C"),
        ClipQueued(
            acquisition=_id(3),
            zh="x",
            en="x",
            candidates=(LinkCandidate(act="A", case="C", score=1, reasons=()),),
        ),
        _finding(4, "clip-late", "REC-1"),
        _finding(5, "clip-unmatched", "OWN-13"),
    ]
    with engine.begin() as connection:
        project(
            connection,
            [
                (Entry(seq=seq, at=Millis(T0 + seq), actor="daemon"), event)
                for seq, event in enumerate(happened)
            ],
        )

    def ask(*, before=None, limit=50, **wanted):
        with engine.connect() as connection:
            page = clip_search.page(connection, Wanted(**wanted), before=before, limit=limit)
        return [int(row.acquisition[:4]) for row in page.rows], page

    return ask


def _id(number):
    return f"{number:04}0000-0000-7000-8000-000000000000"


def _clip(number):
    begin = Millis(T0 + number * HOUR)
    made = (quarantined if number == 7 else secured)()
    return replace(
        made,
        acquisition=_id(number),
        officer=("a", "b")[number % 2] if number != 6 else None,
        recorder=f"r{number % 3}",
        started=Interval(earliest=begin, latest=begin, basis="name"),
        ended=Interval(earliest=Millis(begin + 600_000), latest=Millis(begin + 600_000), basis="name"),
        kind=Kind.AUDIO if number == 0 else Kind.VIDEO,
        supersedes=(),
        duplicate_of=None,
    )


def _linked(number, *, act, case):
    return ClipLinked(
        acquisition=_id(number), act=act, case=case, by="machine", score=1, margin=1, reasons=()
    )


def _finding(number, kind, rule):
    return FindingOpened(
        finding=f"f{number}",
        kind=kind,
        about=f"clip:{_id(number)}",
        rule=rule,
        layer="baseline",
        policy_sha256=None,
        facts=(),
    )


_EACH = [
    ({}, [7, 6, 5, 4, 3, 2, 1, 0]),
    ({"officers": ("a",)}, [4, 2, 0]),
    ({"officers": ("a", "b")}, [7, 5, 4, 3, 2, 1, 0]),
    ({"recorders": ("r1",)}, [7, 4, 1]),
    ({"recorders": ("r1", "r2"), "officers": ("b",)}, [7, 5, 1]),
    ({"units": frozenset(("u2",))}, [7, 5, 3, 1]),
    ({"seen_by": frozenset(("u2",))}, [7, 6, 5, 3, 1]),
    ({"seen_by": frozenset()}, [6]),
    ({"case": "C"}, [2, 1]),
    ({"act": "A"}, [1]),
    ({"act_kinds": ("现场检查",)}, [1]),
    ({"link": "linked"}, [2, 1]),
    ({"link": "unlinked", "officers": ("b",)}, [7, 5, 3]),
    ({"link": "queued"}, [3]),
    ({"kinds": (Kind.AUDIO,)}, [0]),
    ({"trouble": "any"}, [5, 4]),
    ({"trouble": "late"}, [4]),
    ({"trouble": "quarantined"}, [7]),
    ({"trouble": "damaged"}, []),
    ({"rule": "OWN-13"}, [5]),
    ({"rule": "REC-1", "officers": ("b",)}, []),
    ({"since": T0 + 2 * HOUR, "until": T0 + 4 * HOUR}, [3, 2]),
    ({"since": T0 + 2 * HOUR + 300_000, "until": T0 + 3 * HOUR}, [2]),
    ({"since": T0 + 2 * HOUR + 700_000, "until": T0 + 3 * HOUR}, []),
]
"""What is wanted, and the clips that are it."""


def test_wanted(found):
    """Each condition, and some together."""
    for wanted, numbers in _EACH:
        assert found(**wanted)[0] == numbers, wanted


def test_pages(found):
    """A page goes on where the last one ended, none twice, none left out."""
    seen, before = [], None
    while True:
        numbers, page = found(before=before, limit=3)
        seen += numbers
        before = page.next
        if before is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1, 0]
    assert found(officers=("a",), before=Place(start=T0 + 2 * HOUR, seq=0))[0] == [0]


def test_a_page_says_how_far_it_looked(found, monkeypatch):
    """What is rare is not looked for to the beginning of time at once."""
    monkeypatch.setattr(clip_search, "SCAN", 3)
    numbers, page = found(kinds=(Kind.AUDIO,))
    assert (numbers, page.looked_to) == ([], T0 + 5 * HOUR)
    numbers, page = found(kinds=(Kind.AUDIO,), before=page.next)
    assert (numbers, page.looked_to) == ([], T0 + 2 * HOUR)
    numbers, page = found(kinds=(Kind.AUDIO,), before=page.next)
    assert (numbers, page.next, page.looked_to) == ([0], None, None)


def test_out_of_those_that_are_known(engine, found):
    """The same conditions hold for clips that are given by id."""
    known = [_id(number) for number in range(8)]
    with engine.connect() as connection:
        for wanted, numbers in _EACH:
            page = clip_search.among(connection, Wanted(**wanted), known)
            assert [int(row.acquisition[:4]) for row in page.rows] == numbers, wanted
        page = clip_search.among(connection, Wanted(), known, limit=3)
    assert [int(row.acquisition[:4]) for row in page.rows] == [7, 6, 5]


def test_what_came_in_last(engine, found):
    """By the log, not by when it was recorded; of units, what is theirs or has no officer."""

    def asked(**more):
        with engine.connect() as connection:
            return clip_search.came_in(connection, **{"seen_by": None, "limit": 50} | more)

    every = asked()
    assert [int(clip.acquisition[:4]) for clip in every] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert asked(limit=2) == every[:2]
    assert asked(before=every[2].seq, limit=2) == every[3:5]
    assert [int(clip.acquisition[:4]) for clip in asked(seen_by=frozenset(("u2",)))] == [7, 6, 5, 3, 1]

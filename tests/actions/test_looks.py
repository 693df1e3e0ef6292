"""Looks: published before they are answered, one's own, told whole at their end, whoever ends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ingestd.actions.looks import IDLE_MS, ITEMS, RANGES, STRIPS_MS, LookActions, joined
from ingestd.errors import NotFoundError, PurposeDueError, RefusedError, UsageError
from ingestd.index import looks
from ingestd.index.database import reading
from tests.actions.accounts_desk import CHEAP, Desk
from tests.event_samples import secured
from tests.rig import Rig

CLIP, OTHER = (f"clip:{secured(number).acquisition}" for number in (0, 1))


class Office(Desk):
    """A desk with the verbs of looking and two clips."""

    def __init__(self, rig: Rig) -> None:
        super().__init__(rig)
        self.looks = LookActions(self.station, self.refusals)
        self.station.books.append([secured(0), secured(1)])

    def look(self, verb: str, session: str, **given: Any) -> dict[str, Any]:
        asked = getattr(self.looks, verb)
        found: dict[str, Any] = asked(self.who(f"look.{verb}", session=session), given)
        return found

    def closed(self) -> list[dict[str, Any]]:
        return [one["data"] for one in self.events("look.closed")]


@pytest.fixture
def office(tmp_path) -> Iterator[Office]:
    rig = Rig(tmp_path)
    rig.configure(**CHEAP)
    made = Office(rig)
    yield made
    made.close()


def test_published_before_it_is_answered(office):
    """The checkpoint on the disk covers the look when its id is told."""
    session = office.user("104288", "supervisor")
    told = office.look("open", session, about=CLIP, what="player")
    assert office.station.log.checkpoint.size > told["seq"]
    with reading(office.station.engine) as connection:
        found = looks.look(connection, told["look"])
    assert (found.person, found.about, found.what, found.closed_at) == ("104288", CLIP, "player", None)


def test_what_is_no_look(office):
    """Nothing of that name, no such part, odd stretches: nothing is opened, nothing is told."""
    session = office.user("104288", "supervisor")
    with pytest.raises(UsageError):
        office.look("open", session, about=CLIP, what="everything")
    for about in ("clip:01a1fd53-912d-73f5-bf83-94ced1f99e18", "clip:x", "station", "text-record:none", ""):
        with pytest.raises(NotFoundError):
            office.look("open", session, about=about, what="player")
    look = office.look("open", session, about=CLIP, what="player")["look"]
    for ranges in ([[1]], [[2, 1]], [["a", 2]], "x", [[-1, 2]], [[0, 1 << 60]], [[0, 1.5]]):
        with pytest.raises(UsageError):
            office.look("see", session, look=look, ranges=ranges)
    for wrong in (True, -1, "1"):
        with pytest.raises(UsageError):
            office.look("see", session, look=look, ranges=[], watched_ms=wrong)
    with pytest.raises(UsageError):
        office.look("open", session, about=CLIP, what="snapshot", sha256="x", at_ms=1)
    assert len(office.events("look.opened")) == 1


def test_another_persons_look(office):
    """It is refused, the refusal is logged, and the look goes on."""
    mine, theirs = office.user("104288", "supervisor"), office.user("104333", "legal-reviewer")
    look = office.look("open", mine, about=CLIP, what="player")["look"]
    again = office.log_in("104288")["session"]
    for session in (theirs, again):
        for verb, more in (("serve", {}), ("see", {"ranges": []}), ("close", {})):
            with pytest.raises(RefusedError):
                office.look(verb, session, look=look, **more)
    assert [one["data"]["about"] for one in office.events("action.refused")] == [CLIP] * 2
    office.look("serve", mine, look=look)
    assert not office.closed()


def test_told_at_the_end(office):
    """What was sent comes in parts and is joined; of what was played the last word counts."""
    session = office.user("104288", "supervisor")
    look = office.look("open", session, about=CLIP, what="player")["look"]
    office.look("serve", session, look=look, served=[[0, 100], [300, 400]])
    office.look("see", session, look=look, ranges=[[0, 10]], watched_ms=10)
    office.look("see", session, look=look, ranges=[[0, 10], [5, 30]], watched_ms=25)
    office.look("close", session, look=look, served=[[100, 200]])
    (told,) = office.closed()
    assert told["served"] == [[0, 200], [300, 400]]
    assert (told["seen"], told["watched_ms"], told["why"]) == ([[0, 30]], 25, "closed")
    with pytest.raises(NotFoundError):
        office.look("close", session, look=look)
    with pytest.raises(NotFoundError):
        office.look("serve", session, look=look)


def test_who_goes_away(office):
    """A look that nobody closes ends ten minutes after its last byte, or with its login; once."""
    session = office.user("104288", "supervisor")
    idle = office.look("open", session, about=CLIP, what="player")["look"]
    office.looks.expire()
    office.clock.at += IDLE_MS - 1000
    used = office.look("open", session, about=OTHER, what="preview")["look"]
    office.look("serve", session, look=used, served=[[0, 7]])
    office.clock.at += 2000
    office.looks.expire()
    assert [(one["look"], one["why"]) for one in office.closed()] == [(idle, "idle")]
    office.ask("session.end", session=session)
    office.looks.expire()
    office.looks.expire()
    (_, last) = office.closed()
    assert (last["look"], last["why"], last["served"]) == (used, "login-ended", [[0, 7]])


def test_after_a_restart(office):
    """Looks of before are known by the log, and end in their time with what is known: nothing."""
    session = office.user("104288", "supervisor")
    office.look("open", session, about=CLIP, what="player")
    office.looks = LookActions(office.station, office.refusals)
    office.looks.expire()
    assert not office.closed()
    office.clock.at += IDLE_MS
    office.looks.expire()
    (told,) = office.closed()
    assert (told["why"], told["seen"], told["watched_ms"], told["served"]) == ("idle", [], None, [])


def test_strips_once_an_hour(office):
    """One look a person and hour, with the clips whose strips were shown; an administrator has none (SEP-6)."""
    session = office.user("104288", "supervisor")
    first = office.look("open", session, what="strip", about="")["look"]
    assert office.look("open", session, what="strip", about="")["look"] == first
    office.look("serve", session, look=first, items=[CLIP[5:], CLIP[5:]])
    office.look("serve", session, look=first, items=[OTHER[5:]])
    office.clock.at += STRIPS_MS
    session = office.log_in("104288")["session"]
    second = office.look("open", session, what="strip", about="")["look"]
    assert second != first
    office.looks.expire()
    (told,) = office.closed()
    assert (told["look"], told["items"]) == (first, [CLIP[5:], OTHER[5:]])
    chief = office.user("204001", "administrator")
    with pytest.raises(RefusedError) as refused:
        office.look("open", chief, what="strip", about="")
    assert refused.value.rule == "SEP-6"
    with pytest.raises(UsageError):
        office.look("serve", session, look=second, items=[1])


def test_a_snapshot(office):
    """It is logged with the picture's digest and place, and is over at once; its owner may take none (REC-3)."""
    session = office.user("104288", "supervisor")
    told = office.look("open", session, about=CLIP, what="snapshot", sha256="ab" * 32, at_ms=4200)
    (opened,) = office.events("look.opened")
    assert (opened["data"]["picture_sha256"], opened["data"]["at_ms"]) == ("ab" * 32, 4200)
    assert "picture_of" not in opened["data"]
    with pytest.raises(UsageError):
        office.look("open", session, about=CLIP, what="snapshot", sha256="ab" * 32, at_ms=4200, of="film")
    assert [one["look"] for one in office.closed()] == [told["look"]]
    officer = office.user("104233", "officer")
    office.look("open", officer, about=CLIP, what="player")
    for what in ("snapshot", "original"):
        with pytest.raises(RefusedError) as refused:
            office.look("open", officer, about=CLIP, what=what, sha256="ab" * 32, at_ms=0)
        assert refused.value.rule == "REC-3"


def test_what_for(office):
    """Where OWN-22 asks, once a login; said again by the next login; never in the log itself."""
    session = office.user("104288", "supervisor")
    policy = office.station.in_force.policy
    rules = tuple(
        replace(one, numbers=(("asked", 1),)) if one.id == "OWN-22" else one for one in policy.rules
    )
    office.station.in_force.policy = replace(policy, rules=rules)
    for purpose in ("", "  "):
        with pytest.raises(PurposeDueError):
            office.look("open", session, about=CLIP, what="player", purpose=purpose)
    office.look("open", session, about=CLIP, what="player", purpose="核对笔录")
    office.look("open", session, about=CLIP, what="preview")
    with pytest.raises(PurposeDueError):
        office.look("open", session, about=OTHER, what="player")
    again = office.log_in("104288")["session"]
    with pytest.raises(PurposeDueError):
        office.look("open", again, about=CLIP, what="player")
    told = office.events("look.opened")
    assert [one["data"]["purpose_value"] is None for one in told] == [False, True]
    assert "核对笔录" not in str(told)


def test_many_stretches():
    """However many there are, what is kept covers all of them, in order, apart, and is bounded."""
    many = [(at * 10, at * 10 + 1 + at % 3) for at in range(4 * RANGES)]
    kept = joined(many)
    assert len(kept) <= RANGES
    assert all(one[1] < other[0] for one, other in pairwise(kept))
    assert (kept[0][0], kept[-1][1]) == (0, many[-1][1])
    assert joined([]) == ()
    assert joined([(5, 9), (0, 5), (2, 3)]) == ((0, 9),)
    assert ITEMS > 100

"""The link desk over a real home: late facts link and unlink, nothing is told twice, people's words stand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestd.clock import StationClock
from ingestd.desks import Desks
from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLinked,
    ClipNoted,
    ClipSecured,
    ClipUnlinked,
    Event,
    OfficerStated,
    RecorderAssigned,
    SessionOpened,
)
from ingestd.index import law_queries, link_queries
from ingestd.index.database import reading
from ingestd.index.link_queries import Link
from ingestd.model import Interval, Millis
from ingestd.station import Station
from tests.event_samples import secured
from tests.rig import Rig

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Ahead(StationClock):
    """The station's clock, as much later as a test says; a look takes as long as a test says."""

    by = 0
    seconds = 0.0

    def now(self) -> Millis:
        return Millis(super().now() + self.by)

    def monotonic(self) -> float:
        return self.seconds


class Office:
    """An open home with its desks."""

    def __init__(self, root: Path) -> None:
        self.rig = Rig(root)
        self.clock = Ahead()
        self.station = Station.open(self.rig.root, self.clock)
        self.begun = self.clock.now()
        settings = replace(self.station.config, commissioned_at=Millis(self.begun - 1000 * DAY))
        self.station.in_force.config = settings
        self.desks = Desks(self.station)

    def say(self, *events: Event) -> None:
        self.station.books.append(list(events))

    def look(self) -> None:
        self.desks.look(threading.Event())

    def restart(self) -> None:
        self.desks = Desks(self.station)
        self.look()

    def link(self, clip: ClipSecured) -> Link | None:
        with reading(self.station.engine) as connection:
            return link_queries.link_of(connection, clip.acquisition)

    def act_of(self, clip: ClipSecured) -> str | None:
        link = self.link(clip)
        return None if link is None else link.act

    def waiting(self) -> dict[str, tuple[str, ...]]:
        """Candidates of the clips that wait for a choice, by path."""
        with reading(self.station.engine) as connection:
            found = link_queries.queue(connection)
        return {one.clip.path: tuple(each.act for each in one.candidates) for one in found}

    def findings(self) -> set[str]:
        with reading(self.station.engine) as connection:
            return {f"{one.kind} {one.about}" for one in law_queries.open_findings(connection)}

    def told(self, *types: str) -> list[dict[str, Any]]:
        self.station.books.ensure_published(self.station.log.size - 1)
        return self.rig.events(*types)

    # --- facts, in minutes from eight hours ago ---------------------------------------------------

    def at(self, minutes: float, days: float = 0) -> Millis:
        return Millis(int(self.begun - 8 * HOUR + minutes * MINUTE + days * DAY))

    def opened(self, session: str = "s1") -> SessionOpened:
        return SessionOpened(session=session, slot="1", driver="folder", location="/x")  # type: ignore[arg-type]  # plain ids

    def clip(self, number: int = 0, begin: float = 0, minutes: float = 40, **told: Any) -> ClipSecured:
        days = told.pop("days", 0)
        spare = 2 * MINUTE
        started, ended = self.at(begin, days), self.at(begin + minutes, days)
        plain = {
            "started": Interval(earliest=Millis(started - spare), latest=started, basis="name"),
            "ended": Interval(earliest=Millis(ended - spare), latest=ended, basis="name"),
            "stored_at": Millis(ended + HOUR),
            "sequence": None,
        }
        return secured(number, **plain | told)

    def act(self, act: str = "a1", begin: float = 0, minutes: float = 40, **told: Any) -> ActStated:
        days = told.pop("days", 0)
        plain: dict[str, Any] = {
            "case": f"case-{act}",
            "kind": "seizure",
            "started_at": self.at(begin, days),
            "ended_at": self.at(begin + minutes, days),
            "officers": ("104233",),
        }
        return ActStated(act=act, **plain | told)

    def assigned(self, officer: str = "104233") -> RecorderAssigned:
        return RecorderAssigned(
            recorder="7-104233",  # type: ignore[arg-type]  # a plain id
            officer=officer,
            mode="permanent",
            since_at=Millis(self.begun - 900 * DAY),
            until_at=None,
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "h")
    try:
        yield made
    finally:
        made.station.close()


def person(clip: ClipSecured, act: str | None) -> ClipLinked:
    return ClipLinked(acquisition=clip.acquisition, act=act, case=None, by="person", score=None, reasons=())


def test_a_clip_is_linked_as_its_act_becomes_known_and_says_why(office: Office) -> None:
    """Nothing while there is no act; then linked with reasons in both languages; told once, after a restart too."""
    clip = office.clip()
    office.say(office.assigned(), office.opened(), clip)
    office.look()
    assert office.link(clip) is None
    office.say(office.act())
    office.look()
    link = office.link(clip)
    assert link is not None
    assert (link.act, link.case, link.by) == ("a1", "case-a1", "machine")
    assert {"time", "officer"} <= {one.what for one in link.reasons}
    assert all(one.text.zh and one.text.en for one in link.reasons)
    assert link.score is not None
    assert abs(link.score - sum(one.weight for one in link.reasons)) <= len(link.reasons)
    assert link.margin is not None
    assert link.margin > 0
    size = office.station.log.size
    office.look()
    office.restart()
    assert office.station.log.size == size


def test_links_are_settled_before_anything_is_missed(office: Office) -> None:
    """Clip, act and deadline met in one look: neither an act without footage nor a clip without an act is told."""
    office.clock.by = 2 * DAY
    office.say(office.act(), office.assigned(), office.opened(), office.clip(), office.clip(9, -300, 20))
    office.look()
    unmatched = {one for one in office.findings() if one.startswith("clip-unmatched")}
    assert len(unmatched) == 1
    assert "act-unfilmed act:a1" not in office.findings()


def test_what_is_not_clear_waits_with_its_candidates_ranked(office: Office) -> None:
    """Two acts of two teams at one time: queued; a person chooses, and no later fact changes that."""
    clip = office.clip(officer=None)
    acts = [office.act("a1", officers=("1",)), office.act("a2", officers=("2",))]
    office.say(office.opened(), clip, *acts)
    office.look()
    assert office.link(clip) is None
    assert {path: set(acts) for path, acts in office.waiting().items()} == {clip.path: {"a1", "a2"}}
    office.say(person(clip, "a2"))
    office.look()
    assert office.waiting() == {}
    office.say(office.assigned("1"), OfficerStated(officer="1"), office.act("a2", begin=200))
    office.look()
    assert office.act_of(clip) == "a2"
    office.restart()
    assert office.act_of(clip) == "a2"
    said_none = ClipUnlinked(
        acquisition=clip.acquisition, act="a2", case=None, by="person", reason_value="ab" * 32
    )
    office.say(said_none, office.act("a1", officers=("104233",)))
    office.look()
    link = office.link(clip)
    assert link is not None
    assert (link.act, link.by) == (None, "person")


def test_the_queue_follows_the_facts(office: Office) -> None:
    """Candidates that fall away are told; a clip whose choice became clear is linked and waits no more."""
    clip = office.clip(officer=None)
    office.say(office.opened(), clip, office.act("a1", officers=("1",)), office.act("a2", officers=("2",)))
    office.look()
    assert set(office.waiting()[clip.path]) == {"a1", "a2"}
    office.say(office.assigned("2"))
    office.look()
    assert office.act_of(clip) == "a2"
    assert office.waiting() == {}
    office.say(office.act("a1", days=-400), office.act("a2", days=-400))
    office.look()
    assert office.link(clip) is None
    assert office.waiting() == {}
    (unlinked,) = office.told("clip.unlinked")
    assert unlinked["data"]["by"] == "machine"


def test_a_link_moves_with_a_correction(office: Office) -> None:
    """The act that it was linked to turns out to be of another day, and another act's time is corrected."""
    clip = office.clip()
    office.say(office.assigned(), office.opened(), clip, office.act("a1"), office.act("a2", begin=300))
    office.look()
    assert office.act_of(clip) == "a1"
    office.say(office.act("a1", begin=300), office.act("a2"))
    office.look()
    assert office.act_of(clip) == "a2"
    kinds = [one["type"] for one in office.told("clip.linked", "clip.unlinked")]
    assert kinds == ["clip.linked", "clip.unlinked", "clip.linked"]


def test_a_note_links(office: Office) -> None:
    """The officer's later note that names the case says which of two acts it is."""
    clip = office.clip(officer=None)
    office.say(office.opened(), clip, office.act("a1", officers=("1",)), office.act("a2", officers=("2",)))
    office.look()
    assert len(office.waiting()) == 1
    digest = office.station.services.put_value({"note": "现场查封，案号 case-a2。"})
    office.say(CaseStated(case="case-a2"), ClipNoted(acquisition=clip.acquisition, note_value=digest))
    office.look()
    assert office.act_of(clip) == "a2"


def test_a_late_act_finds_the_clips_of_an_older_docking(office: Office) -> None:
    """A docking of half a year ago is not kept in memory: it is read, weighed with its neighbours, told."""
    clip = office.clip()
    office.say(office.assigned(), office.opened(), clip)
    office.look()
    office.clock.by = 180 * DAY
    later = office.clip(7, days=179)
    office.say(office.opened("s2"), replace(later, session="s2"))
    office.restart()
    office.say(office.act())
    office.look()
    assert office.act_of(clip) == "a1"
    office.say(office.act(begin=5000))
    office.look()
    assert office.link(clip) is None


def test_a_back_dated_assignment_finds_older_dockings(office: Office) -> None:
    """Who had the recorder half a year ago is entered only now: what it brought then is weighed again."""
    clip, mine = office.clip(officer=None), replace(office.assigned("104233"), since_at=office.at(-60))
    # Two acts at the same time: only who had the recorder tells which of them it is.
    office.say(office.opened(), clip, office.act("a1"), office.act("a2", officers=("104299",)))
    office.look()
    assert office.act_of(clip) is None
    office.clock.by = 180 * DAY
    office.restart()
    office.say(replace(mine, since_at=office.at(0, days=1)))
    office.look()
    assert office.act_of(clip) is None, "it was given to somebody after that docking"
    office.say(mine)
    office.look()
    assert office.act_of(clip) == "a1"


def test_what_came_while_no_desk_ran_is_made_up_for(office: Office) -> None:
    """A start goes on from where the log says that linking had come."""
    office.look()
    clip = office.clip()
    office.say(office.assigned(), office.opened(), clip, office.act())
    office.restart()
    assert office.act_of(clip) == "a1"


def test_a_better_read_inherits_what_a_person_decided(office: Office) -> None:
    """The same file read again without holes is linked as a person said of the first read."""
    first = office.clip(0, officer=None)
    office.say(office.opened(), first, office.act("a1", officers=("1",)), office.act("a2", officers=("2",)))
    office.look()
    office.say(person(first, "a2"))
    again = office.clip(1, officer=None, supersedes=(first.acquisition,))
    office.say(again)
    office.look()
    assert office.act_of(again) == "a2"


def test_a_machine_never_speaks_against_a_person(office: Office) -> None:
    """An entry of the machine that was on its way when a person decided has no effect on the rows."""
    clip = office.clip()
    office.say(office.opened(), clip, person(clip, "a1"))
    machine = ClipLinked(acquisition=clip.acquisition, act="a2", case=None, by="machine", score=1, reasons=())
    unlinked = ClipUnlinked(
        acquisition=clip.acquisition, act="a1", case=None, by="machine", reason_value=None
    )
    office.say(machine, unlinked)
    assert office.act_of(clip) == "a1"


def test_a_long_look_is_followed_by_a_rest(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of files coming in keep the desks busy for a part of the time only, and wait for a minute at most."""
    film = office.clip()
    office.say(office.assigned(), office.opened(), film, CaseStated(case="case-a1"), office.act("a1"))
    look = office.desks._law.look  # how long it takes is the test's to say

    def slow(stop: threading.Event) -> None:
        look(stop)
        office.clock.seconds += 3.0

    monkeypatch.setattr(office.desks._law, "look", slow)
    office.look()
    assert office.act_of(film) == "a1"
    late = office.clip(1, begin=60)
    office.say(late, office.act("a2", begin=60))
    office.clock.seconds += 11.0
    office.look()
    assert office.act_of(late) is None
    office.clock.seconds += 2.0
    office.look()
    assert office.act_of(late) == "a2"

"""By entries and by time the law desk comes to what a full evaluation says, over a real log and index.

Every field of every fact is changed in a world where each is read by the verdicts on others; clocks run out, rules
change, the desk starts anew from where the log says that it had come, and facts come while none runs.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ingestd import __version__
from ingestd.clock import StationClock
from ingestd.events import (
    CardListed,
    CaseFiled,
    ClipLinked,
    ClipNoted,
    ClipSecured,
    ClipUnlinked,
    Event,
    FilmingDetermined,
    LawSettled,
    ListedFile,
    MediaAnalysed,
    RecorderAssigned,
    RecorderLost,
    RecorderUndocked,
    SessionOpened,
    SheetGiven,
    StretchRecord,
)
from ingestd.index import law_queries, link_queries
from ingestd.index.database import reading
from ingestd.index.register_tables import KEPT
from ingestd.law import told
from ingestd.law.facts import CaseFile, Clip, Determination, Recorder, Sheet, WaitingFile
from ingestd.law.kinds import KINDS
from ingestd.law_desk import LawDesk
from ingestd.model import Kind, Millis
from ingestd.policy import catalog
from ingestd.station import Station
from tests.event_samples import secured
from tests.law import whole
from tests.law.cases import CHANGES, DAY, HOUR, MINUTE, POLICIES, T0, WORLD, changed
from tests.rig import Rig

LEAPS = (1, HOUR, 20 * HOUR, 3 * DAY, 30 * DAY, 300 * DAY)
REASON = "ab" * 32
_EVENTS = {kept.row: kept.event for kept in KEPT.values()}


class Set(StationClock):
    """A station clock that stands where a test says."""

    at = Millis(T0 + 2 * DAY)

    def now(self) -> Millis:
        return self.at


class World:
    """A home with the world of the tests in its log, its law desk, and what the log should say."""

    def __init__(self, root: Path, policy: str) -> None:
        Rig(root)
        self.clock = Set()
        self.station = Station.open(root, self.clock)
        config = replace(self.station.config, commissioned_at=Millis(T0 - 400 * DAY))
        self.station.in_force.config = config
        self.rules(policy)
        self.desk = LawDesk(self.station)
        self.clips = 0
        self.say(*(self.opened(one) for one in ("s1", "s2")))
        self.say(*(event for fact in WORLD if not isinstance(fact, Clip) for event in events_of(fact)))
        self.say(*(self.clip(one) for one in ("s1", "s1", "s1", "s2")))

    def rules(self, policy: str) -> None:
        self.station.in_force.policy = catalog.load(policy)

    def say(self, *events: Event) -> None:
        self.station.books.append(list(events))

    def opened(self, session: str) -> SessionOpened:
        return SessionOpened(session=session, slot="1", driver="folder", location="/x")  # type: ignore[arg-type]  # plain ids

    def clip(self, session: str, **told_: Any) -> ClipSecured:
        """Five minutes that go on from the last of its docking's."""
        number, self.clips = self.clips, self.clips + 1
        template = next(fact for fact in WORLD if isinstance(fact, Clip))
        begun = number % 4 * 5 * MINUTE
        plain = {
            "session": session,
            "recorder": "R1",
            "officer": "o1",
            "sequence": number % 4,
            "kind": Kind.VIDEO,
            "started": moved(template.started, begun),
            "ended": moved(template.ended, begun),
            "stored_at": Millis(self.clock.at),
        }
        return secured(number, **plain | told_)

    def look(self) -> None:
        """One look; then the log says what is so."""
        self.desk.look(threading.Event())
        now = self.clock.now()
        with reading(self.station.engine) as connection:
            stands = whole.findings(connection, self.station.in_force.book(), now)
            said = {one.finding: one for one in law_queries.open_findings(connection) if one.kind in KINDS}
        assert {(one.kind, one.about) for one in said.values()} == {
            (one.kind, one.about) for one in stands.values()
        }
        for key, finding in stands.items():
            one = said[key]
            assert (one.rule, one.level, one.facts) == (finding.rule, finding.level.value, told.flat(finding))
            assert (one.since, one.due_at, one.concerns) == (finding.since, finding.due_at, finding.concerns)

    def settle(self) -> None:
        self.say(
            LawSettled(
                size=self.desk.seen,
                version=__version__,
                policy_sha256=self.station.policy.sha256,
                configuration_sha256=self.station.config.sha256,
            )
        )

    def restart(self) -> None:
        self.desk = LawDesk(self.station)


def moved(interval: Any, by: int) -> Any:
    return replace(
        interval,
        earliest=None if interval.earliest is None else Millis(interval.earliest + by),
        latest=None if interval.latest is None else Millis(interval.latest + by),
    )


def events_of(fact: Any) -> list[Event]:
    """What says a fact, as far as one event can."""
    match fact:
        case Determination():
            return [FilmingDetermined(act=fact.act, needed=fact.needed, reason_value=REASON)]
        case CaseFile():
            return [CaseFiled(case=fact.case, formed_at=fact.formed_at)]
        case Sheet():
            return [SheetGiven(sheet=fact.sheet, period=fact.period, given_at=fact.given_at)]
        case Recorder():
            return of_recorder(fact)
        case _:
            made: Any = _EVENTS[type(fact)]
            return [made(**{field.name: getattr(fact, field.name) for field in fields(fact)})]


def of_recorder(fact: Recorder) -> list[Event]:
    id_: Any = fact.recorder
    said: list[Event] = [RecorderAssigned(recorder=id_, officer=fact.officer, mode="permanent")]
    if fact.out_since is not None:
        slot: Any = "1"
        said.append(RecorderUndocked(recorder=id_, slot=slot, not_before_at=fact.out_since))
    if fact.is_lost:
        said.append(RecorderLost(recorder=id_, reason_value=REASON))
    files = tuple(listed(one) for one in fact.waiting)
    session: Any = "s1"
    return [*said, CardListed(session=session, recorder=id_, files=files, complete=True)]


def listed(file: WaitingFile) -> ListedFile:
    told_end = file.ended.earliest
    return ListedFile(
        path=file.path,
        path_b64=None,
        size=1,
        mtime_us=None if told_end is None else told_end * 1000,
        kind=Kind.VIDEO,
        sequence=None,
        plan="acquire",
        why=None,
    )


@pytest.fixture(params=POLICIES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "h", request.param)
    try:
        yield made
    finally:
        made.station.close()


@pytest.mark.parametrize("world", ["lingchuan-gongxin"], indirect=True)
def test_any_one_change(world: World) -> None:
    """Every field of every fact but clips, as each of the ways that it may be, and back."""
    world.look()
    for fact in WORLD:
        if isinstance(fact, Clip):
            continue
        for field, values in enumerate(CHANGES[type(fact)].values()):
            for value in range(len(values)):
                world.say(*events_of(changed(fact, field, value)))
                world.look()
        world.say(*events_of(fact))
    world.look()


class Walk:
    """Changes of all kinds, one after the other, as chance has it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(world.station.policy.key)
        self.facts: list[Any] = [fact for fact in WORLD if not isinstance(fact, Clip)]
        self.steps: tuple[Callable[[], None], ...] = (
            *(self.restate,) * 6, self.film, self.link, self.link, self.unlink, self.analyse, self.note, self.leap,
            self.leap, self.rules, world.settle, world.restart,
        )  # fmt: skip

    def step(self) -> None:
        self.chance.choice(self.steps)()

    def old_clip(self) -> ClipSecured:
        return secured(self.chance.randrange(self.world.clips))

    def restate(self) -> None:
        place = self.chance.randrange(len(self.facts))
        self.facts[place] = changed(self.facts[place], self.chance.randrange(30), self.chance.randrange(30))
        self.world.say(*events_of(self.facts[place]))

    def film(self) -> None:
        before = (self.old_clip().acquisition,) if self.chance.random() < 0.3 else ()
        self.world.say(self.world.clip(self.chance.choice(("s1", "s2")), supersedes=before))

    def link(self) -> None:
        clip, act = self.old_clip().acquisition, self.chance.choice((None, "a1", "a2"))
        by = self.chance.choice(("machine", "person"))
        if act is None and by == "person":
            self.world.say(ClipUnlinked(acquisition=clip, act=None, case=None, by=by, reason_value=REASON))
        else:
            case = None if act else "k1"
            self.world.say(ClipLinked(acquisition=clip, act=act, case=case, by=by, score=None, reasons=()))

    def unlink(self) -> None:
        """As the machine does: with the act that it was linked to."""
        clip = self.old_clip().acquisition
        with reading(self.world.station.engine) as connection:
            stands = link_queries.link_of(connection, clip)
        if stands is not None:
            gone: dict[str, Any] = {
                "act": stands.act,
                "case": stands.case,
                "by": "machine",
                "reason_value": None,
            }
            self.world.say(ClipUnlinked(acquisition=clip, **gone))

    def analyse(self) -> None:
        black = StretchRecord(kind="black", begin=0, end=4 * MINUTE)
        clip = self.old_clip()
        self.world.say(
            MediaAnalysed(
                acquisition=clip.acquisition,
                sha256=clip.sha256,
                tool="t",
                version="1",
                settings="",
                stretches=(black,) if self.chance.random() < 0.5 else (),
                speech_from_ms=self.chance.choice((None, 100)),
                lead_ms=0,
                codes=(),
                failure=self.chance.choice((None, None, "no picture")),
            )
        )

    def note(self) -> None:
        self.world.say(ClipNoted(acquisition=self.old_clip().acquisition, note_value=REASON))

    def leap(self) -> None:
        self.world.clock.at = Millis(self.world.clock.at + self.chance.choice(LEAPS))

    def rules(self) -> None:
        self.world.rules(self.chance.choice(POLICIES))


def test_a_long_walk(world: World) -> None:
    """Changes of all kinds in any order, several between looks, over leaps of time, other rules and starts."""
    walk = Walk(world)
    world.look()
    for _ in range(60):
        for _ in range(walk.chance.randrange(1, 4)):
            walk.step()
        world.look()

"""The links of one station: follows the log, weighs what late facts can touch, tells what came of it.

Kept in memory are the recent dockings and the acts within their reach, without proposals. Of older dockings what
late facts touch is read with its neighbours, weighed, told and forgotten. So memory depends on how much a station
records in two months, not on how much it holds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ingestd import __version__
from ingestd.events import (
    ActStated,
    ClipLinked,
    ClipNoted,
    ClipQuarantined,
    ClipQueued,
    ClipSecured,
    ClipUnlinked,
    MediaAnalysed,
    OfficerStated,
    RecorderAssigned,
    event_of,
)
from ingestd.index import law_queries, link_queries
from ingestd.index.database import reading
from ingestd.index.link_queries import Told
from ingestd.ledger.entry import Entry
from ingestd.link_desk.facts import Facts
from ingestd.link_desk.news import news
from ingestd.linking.act_index import is_in
from ingestd.linking.facts import ClipFact, Decision, Proposal
from ingestd.linking.link import Linked, link, relink, touched_by_acts
from ingestd.linking.recordings import DockingKey, Reach, by_docking, reach_of, recordings_of
from ingestd.linking.weights import DAY_MS, SAME_CLOCK_MS
from ingestd.model import Millis
from ingestd.station import Station

log = logging.getLogger(__name__)

RECENT_MS = 62 * DAY_MS
"""Dockings that are kept weighed. What late facts touch is mostly in the newer half, and has its neighbours."""
STRETCH_MS = 31 * DAY_MS
"""Of older dockings so much is weighed at once."""
AROUND_MS = 2 * SAME_CLOCK_MS
"""What is read around older dockings: those that tell of the recorder's clock, and their neighbours."""
KEPT_MS = DAY_MS
"""After so long the kept dockings are read anew, without those that are not recent any more."""
AT_ONCE = 500
"""Events of one transaction: intake's wait in between."""
_OWN = frozenset({ClipLinked.type, ClipUnlinked.type, ClipQueued.type})
_OF_CLIP = _OWN | {ClipSecured.type, ClipQuarantined.type, MediaAnalysed.type, ClipNoted.type}


@dataclass(slots=True)
class Touched:
    """What entries say something new of."""

    clips: dict[str, None] = field(default_factory=dict)
    acts: dict[str, None] = field(default_factory=dict)
    recorders: dict[str, Millis] = field(default_factory=dict)
    """Given to somebody, each with the earliest moment from which."""
    has_people: bool = False
    """An officer's unit may be another: acts and recorders of all units are read anew."""

    def __bool__(self) -> bool:
        return bool(self.clips or self.acts or self.recorders or self.has_people)

    def add(self, entry: Entry) -> None:
        """What one entry speaks of."""
        id_ = entry.subject.partition(":")[2]
        if entry.type in _OF_CLIP:
            self.clips[id_] = None
        elif entry.type == ActStated.type:
            self.acts[id_] = None
        elif entry.type == RecorderAssigned.type:
            event = event_of(entry.type, dict(entry.data))
            assert isinstance(event, RecorderAssigned)
            since = entry.at if event.since_at is None else event.since_at
            self.recorders[id_] = min(since, self.recorders.get(id_, since))
        elif entry.type == OfficerStated.type:
            self.has_people = True


@dataclass(slots=True)
class _Recent:
    """The dockings since a moment, weighed."""

    linked: Linked
    since: Millis
    read_at: Millis


class LinkDesk:
    """Links clips by themselves. `look` is for one thread at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._recent: _Recent | None = None
        self.seen = 0
        """Entries of the log that are linked."""

    def look(self, stop: threading.Event) -> None:
        """Link what has come since the last look, and again what that touches."""
        station, now = self._station, self._station.clock.now()
        size, recent = station.log.size, self._recent
        if recent is not None and size == self.seen and 0 <= now - recent.read_at < KEPT_MS:
            return
        with reading(station.engine) as connection:
            settled = law_queries.settled(connection)
        is_new = settled is None or not settled.by.startswith(f"{__version__} ")
        if recent is None:
            self.seen = size if settled is None else settled.size
        touched = self._touched(size, stop)
        if stop.is_set():
            return
        is_all = touched.has_people or (recent is None and is_new)
        if recent is None or is_all or not 0 <= now - recent.read_at < KEPT_MS:
            recent = self._recent = self._read(now)
            keys = recent.linked.dockings.keys() if is_all else self._named(recent.linked, touched)
            self._tell(_proposed(recent.linked, _concerned(recent.linked, keys)), stop)
        elif touched:
            recent.linked, keys = self._changed(recent, touched)
            self._tell(_proposed(recent.linked, keys), stop)
        recent.linked = replace(recent.linked, proposals={})
        self._older(touched, recent.since, stop)
        self.seen = size

    def _touched(self, size: int, stop: threading.Event) -> Touched:
        """What the entries since the last look speak of, but for what was told here."""
        touched = Touched()
        for entry in self._station.log.entries(self.seen, size):
            is_own = entry.actor == "daemon" and entry.type in _OWN
            if not is_own:
                touched.add(entry)
            if stop.is_set():
                break
        with self._facts() as facts:
            touched.clips |= dict.fromkeys(facts.linked_to(touched.acts))
        return touched

    # --- recent dockings ----------------------------------------------------------------------------

    def _read(self, now: Millis) -> _Recent:
        begun, since = time.perf_counter(), Millis(now - RECENT_MS)
        linked = self._weighed(since, None)
        clips = sum(len(those) for those in linked.dockings.values())
        log.info("links: %d recent clips weighed, %.1f s", clips, time.perf_counter() - begun)
        return _Recent(linked=linked, since=since, read_at=now)

    def _weighed(self, since: Millis, until: Millis | None) -> Linked:
        """The dockings that began in a stretch of time, with the acts in their reach."""
        with self._facts() as facts:
            clips = list(facts.docked(since, until))
            decided = facts.decisions(clip.acquisition for clip in clips)
            decisions = [one for those in decided.values() for one in those]
            acts = facts.acts_in(_reach(clips, decisions), without=frozenset())
        return link(clips, acts, decisions)

    def _changed(self, recent: _Recent, touched: Touched) -> tuple[Linked, frozenset[DockingKey]]:
        """Weigh what recent dockings say now, and the dockings that this touches."""
        linked = recent.linked
        with self._facts() as facts:
            told = facts.clips(touched.clips)
            known = [one.fact for one in told.values() if one is not None and one.docked_at >= recent.since]
            known += facts.clips_of(touched.recorders, recent.since)
            clips = {clip.acquisition: clip for clip in known}
            decided = facts.decisions(clips)
            decisions = [one for those in decided.values() for one in those]
            stated = facts.acts(touched.acts)
            known_acts = linked.acts.acts.keys()
            near = facts.acts_in(_reach(clips.values(), decisions), without={*known_acts, *touched.acts})
        within = _joined([*linked.reaches.values(), _reach(clips.values(), decisions)])
        acts = [act for act in stated if act.act in known_acts or is_in(act, within)]
        gone = [
            clip
            for those in linked.dockings.values()
            for clip in those
            if clip.acquisition in told and told[clip.acquisition] is None
        ]
        return relink(linked, clips=clips.values(), clips_gone=gone, acts=[*acts, *near], decisions=decided)

    def _named(self, linked: Linked, touched: Touched) -> frozenset[DockingKey]:
        """Of dockings that were read just now, those of which entries spoke."""
        with self._facts() as facts:
            acts = facts.acts(touched.acts)
        return touched_by_acts(acts, linked.reaches) | {
            key
            for key, clips in linked.dockings.items()
            if key.recorder in touched.recorders or any(clip.acquisition in touched.clips for clip in clips)
        }

    # --- older dockings -----------------------------------------------------------------------------

    def _older(self, touched: Touched, before: Millis, stop: threading.Event) -> None:
        """Weigh again what late facts can touch of dockings that are not kept, a month at a time."""
        with self._facts() as facts:
            late = facts.dockings_of(touched.clips, before)
            for act in facts.acts(touched.acts):
                late |= facts.dockings_at(act, before)
            for recorder, since in touched.recorders.items():
                late |= facts.dockings_by(recorder, since, before)
        while late and not stop.is_set():
            first = min(late.values())
            some = {key for key, at in late.items() if at < first + STRETCH_MS}
            last = max(late[key] for key in some)
            linked = self._weighed(Millis(first - AROUND_MS), Millis(last + AROUND_MS))
            self._tell(_proposed(linked, _concerned(linked, some & linked.dockings.keys())), stop)
            late = {key: at for key, at in late.items() if key not in some}

    # --- in and out ---------------------------------------------------------------------------------

    @contextmanager
    def _facts(self) -> Iterator[Facts]:
        with reading(self._station.engine) as connection:
            yield Facts(connection, self._station.home)

    def _tell(self, proposals: Sequence[Proposal], stop: threading.Event) -> None:
        for start in range(0, len(proposals), AT_ONCE):
            some = proposals[start : start + AT_ONCE]
            with reading(self._station.engine) as connection:
                told = link_queries.told(connection, [one.acquisition for one in some])
            events = [event for one in some for event in news(one, told.get(one.acquisition, Told()))]
            if events:
                self._station.books.append(events)
            stop.is_set()  # a pulse: many links take their time


def _reach(clips: Iterable[ClipFact], decisions: Iterable[Decision]) -> Reach:
    """What acts can matter to clips."""
    recordings = (one for those in by_docking(clips).values() for one in recordings_of(those))
    return reach_of(recordings, decisions)


def _joined(reaches: Iterable[Reach]) -> Reach:
    """What acts can matter to any of several dockings."""
    reaches = tuple(reaches)
    windows: list[tuple[int, int]] = []
    for low, high in sorted(window for one in reaches for window in one.windows):
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
        else:
            windows.append((low, high))
    return Reach(
        windows=tuple(windows),
        cases=frozenset(case for one in reaches for case in one.cases),
        acts=frozenset(act for one in reaches for act in one.acts),
    )


def _concerned(linked: Linked, keys: Collection[DockingKey]) -> frozenset[DockingKey]:
    """Dockings that may say something else because these do: their recorders', and those of the same acts."""
    recorders = {key.recorder for key in keys}
    dated = {key for key in linked.dockings if key.recorder in recorders}
    acts = {act for key in dated for act in linked.heeds[key]}
    return frozenset(dated | {key for key, mine in linked.heeds.items() if not acts.isdisjoint(mine)})


def _proposed(linked: Linked, keys: Collection[DockingKey]) -> list[Proposal]:
    return [one for key in sorted(keys) for one in linked.proposals.get(key, ())]

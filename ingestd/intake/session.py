"""One docking, from something in a slot to a clear recorder.

Runs in a thread of the daemon and drives the slot's worker. It never waits for a hung device longer than the
worker's time limit; whatever ends it (pull-out, hang, full disk), what is secured stays so, what is under way
stays in its partial folder, and the log says what happened.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field

from ingestd import canon
from ingestd.device import identity as identities
from ingestd.device.identity import Weighed
from ingestd.errors import (
    DeviceError,
    DeviceGone,
    DeviceHung,
    IngestdError,
    NoSpaceError,
    NotARecorder,
    VaultError,
)
from ingestd.events import (
    DeviceRefused,
    Event,
    RecorderClear,
    RecorderDocked,
    RecorderEnrolled,
    RecorderProblem,
    RecorderPulledEarly,
    SessionClosed,
    SessionOpened,
)
from ingestd.intake import findings, handover
from ingestd.intake.card import Card, Connected, Listing
from ingestd.intake.gather import Gathering
from ingestd.intake.intent import Docking
from ingestd.intake.known import known_again, require_recorder
from ingestd.intake.ports import KnownRecorder, Live
from ingestd.intake.release import Due, Release, due_of
from ingestd.intake.results import Results
from ingestd.intake.services import Services, Stopped, Values
from ingestd.intake.turns import Reader, bus_of
from ingestd.model import UNIDENTIFIED, CardPath, Claim, Millis, RecorderId, SessionId, SlotName
from ingestd.portpath import SCHEME
from ingestd.words import Text

log = logging.getLogger(__name__)

TROUBLES = frozenset({"device-hung", "device-error", "station-error", "intake-failed"})
"""Problems that ended a docking: each is a finding of the same name."""
FAILED = Text(
    "采集程序自身出错（{why}），采集中断；已入库的不受影响，其余仍在记录仪上。请把运行日志交给维护人员，再重新接入。",
    "intake itself failed ({why}) and stopped there; what is secured stays so, the rest is still on the recorder. "
    "Show the journal to who maintains the station, then dock the recorder again.",
)


@dataclass(slots=True, kw_only=True)
class Session:
    """One docking. `run` it once."""

    services: Services
    card: Card
    slot: SlotName
    driver: str
    location: str
    live: Live
    release: bool | None = None
    """True or False as a person asked; None: as the policy says, for identified recorders."""
    is_watched: bool = False
    """Somebody looks at the slot between dockings: what stood in it and is not there now has left it."""
    id: SessionId = field(init=False)
    results: Results = field(init=False, default_factory=Results)
    recorder: RecorderId | None = field(init=False, default=None)
    outcome: str = field(init=False, default="")
    """clear, kept, problem, pulled, interrupted, refused."""
    error: IngestdError | None = field(init=False, default=None)
    release_undone: bool = field(init=False, default=False)
    """A release that was due was not done, or not whole."""
    _has_twin: bool = field(init=False, default=False)
    """Another slot holds a recorder of the same serial: neither is freed."""
    _claims: tuple[Claim, ...] = field(init=False, default=())
    """What a device in a USB slot says of itself."""
    _gathering: Gathering | None = field(init=False, default=None)
    _unsaid: list[Event] = field(init=False, default_factory=list)
    """What came of the release: goes into the transaction that says how the docking ended."""

    def __post_init__(self) -> None:
        self.id = SessionId(self.services.new_id())

    @property
    def _place(self) -> CardPath:
        """The location as the machine has it: a mount point's name may be no text."""
        return CardPath(os.fsencode(self.location))

    @property
    def facts(self) -> dict[str, str | None]:
        """What a line in the journal says of it beside its message."""
        outcome = self.outcome or None
        return {"slot": self.slot, "session": self.id, "recorder": self.recorder, "outcome": outcome}

    def run(self) -> None:
        """Do it all. Raises NoSpaceError where the disk is full: run a new session when there is room.

        Everything else that can go wrong outside ends as `outcome` and `error`, in the log and in findings.
        """
        opened = SessionOpened(
            session=self.id,
            slot=self.slot,
            driver=self.driver,
            location=canon.path_text(self._place),
            location_b64=canon.path_b64(self._place),
        )
        self.live.set(phase="looking", session=self.id, since=self.services.clock.now(), problem=None)
        try:
            self.services.books.append([opened])
            connected = self.card.connect()
            listing = self.card.listing(lambda count: self.live.set(files_total=count))
            self._gathering = self._identify(connected, listing)
            self._gathering.run(listing)
            self._finish(connected)
        except Stopped:
            self._close("interrupted")
        except DeviceGone as error:
            self._pulled(error)
        except NotARecorder as error:
            self._refused(error)
        except DeviceError as error:
            if self.services.stopping():
                self._close("interrupted")
            else:
                self._trouble("device-hung" if isinstance(error, DeviceHung) else "device-error", error)
        except VaultError as error:
            self._trouble("station-error", error)
        except NoSpaceError as error:
            self.error = error
            self.live.set(phase="waiting", problem=error.text.both())
            raise

    def fail(self, error: Exception) -> None:
        """End it as a problem after a fault that nobody foresaw, raised by `run`. Raises NoSpaceError, LogError."""
        fault = FAILED.format(why=type(error).__name__)
        self._trouble("intake-failed", error if isinstance(error, IngestdError) else IngestdError(fault))

    def interrupt(self) -> None:
        """Close it as a start would, where a full disk ended it. May be repeated. Raises NoSpaceError."""
        if self.id in {session for session, _ in self.services.books.open_sessions()}:
            self._close("interrupted")

    # --- who is it ----------------------------------------------------------------------------

    def _identify(self, connected: Connected, listing: Listing) -> Gathering:
        books = self.services.books
        weighed = identities.weigh(connected.identity, (c for item in listing.items for c in item.claims))
        connected, weighed = known_again(books, connected, weighed, listing)
        if self.location.startswith(SCHEME):
            self._claims = connected.identity.claims
            require_recorder(connected, weighed, listing)
        identity = connected.identity
        self.recorder = weighed.recorder
        twins = self.services.places.arrive(self.slot, weighed.recorder)
        identified = weighed.recorder != UNIDENTIFIED
        known = books.recorder(weighed.recorder) if identified else None
        rules, now = self.services.rules(), self.services.clock.now()
        docking = Docking(
            session=self.id,
            slot=self.slot,
            driver=self.driver,
            family=identity.family,
            recorder=weighed.recorder,
            docked_at=now,
            previous_docking=known.last_docked_at if known else None,
            clock=connected.clock,
            clock_asked=self._at(connected.clock_asked_s),
            clock_told=self._at(connected.clock_told_s),
            utc_offset_minutes=rules.utc_offset_minutes,
            uncertainty_ms=self.services.clock.state().uncertainty_ms,
            file_times=connected.file_times,
            counter_runs_on=identity.counter_runs_on,
            commissioned_at=rules.commissioned_at,
            held=() if weighed.device_officers else handover.history_of(known, now),
        )
        values = Values(self.services.put_value)
        gone = (
            handover.left_meanwhile(books, self.slot, now, there=weighed.recorder) if self.is_watched else ()
        )
        books.append(
            [
                *gone,
                *self._arrival(connected, weighed, values, known),
                *handover.arrived(weighed, listing.items, known, self.id),
            ]
        )
        if twins:
            about = f"recorder:{weighed.recorder}"
            books.append([findings.opened("same-serial-twice", about, ("slots", ", ".join(twins)))])
        self.live.set(
            recorder=weighed.recorder,
            officer=handover.holder_of(known, now).officer or weighed.officer,
            family=identity.family,
            battery=connected.battery,
        )
        return Gathering(
            services=self.services,
            card=self.card,
            live=self.live,
            docking=docking,
            weighed=weighed,
            counter_per=identity.counter_per,
            reader=Reader(slot=self.slot, recorder=weighed.recorder, bus=bus_of(self.location)),
            values=values,
            results=self.results,
        )

    def _at(self, monotonic_s: float) -> Millis:
        """Station time at a moment of the machine's monotonic clock, which the worker reads too."""
        clock = self.services.clock
        return Millis(round(clock.now() - (clock.monotonic() - monotonic_s) * 1000))

    def _arrival(
        self, connected: Connected, weighed: Weighed, values: Values, known: KnownRecorder | None
    ) -> list[Event]:
        """A recorder is known, is docked, and what is remarkable about it."""
        identity, clock, recorder = connected.identity, connected.clock, weighed.recorder
        claims = values.records(identity.claims)
        events: list[Event] = []
        if known is None and recorder != UNIDENTIFIED:
            events.append(
                RecorderEnrolled(recorder=recorder, family=identity.family, driver=self.driver, claims=claims)
            )
        events.append(
            RecorderDocked(
                recorder=recorder,
                session=self.id,
                slot=self.slot,
                driver=self.driver,
                family=identity.family,
                evidence=identity.evidence,
                claims=claims,
                battery=connected.battery,
                clock_wall=clock.wall if clock else None,
                clock_zone=clock.zone if clock else None,
            )
        )
        about = f"recorder:{recorder}"
        if recorder == UNIDENTIFIED:
            events.append(findings.opened("recorder-unidentified", f"session:{self.id}", ("slot", self.slot)))
        elif known is None or not known.said:
            events.append(findings.opened("recorder-unassigned", about))
        for conflict in weighed.conflicts:
            facts = tuple((value.value, ", ".join(value.sources)) for value in conflict.values)
            subject = f"session:{self.id}" if recorder == UNIDENTIFIED else about
            events.append(findings.opened("claims-disagree", subject, ("what", conflict.what), *facts))
        return events

    # --- freeing it ---------------------------------------------------------------------------

    def _finish(self, connected: Connected) -> None:
        """Release what is due, and say how the recorder stands."""
        results = self.results
        family = connected.identity.family
        wanted = self.release
        if wanted is None:
            wanted = self.services.rules().release and self.recorder != UNIDENTIFIED
        due = [due for file in results.files.values() if (due := due_of(file, family)) is not None]
        assert self.recorder is not None
        blocked = results.count("failed") or not results.complete
        self._has_twin = bool(self.services.places.twins(self.recorder))
        if self._has_twin:
            wanted = False
        if wanted and blocked:
            self.release_undone = True
        elif wanted and due:
            self._release(due)
        self.card.close()
        problem = self._problem()
        if problem:
            self._trouble(problem, None)
        elif wanted:
            clear = RecorderClear(recorder=self.recorder, session=self.id)
            self._close("clear", clear, *self._ended_by_clear())
        else:
            self._close("kept")

    def _release(self, due: list[Due]) -> None:
        assert self.recorder is not None
        self.live.set(phase="releasing")
        services = self.services
        release = Release(
            self.card, services.books, services.acquirer.vault, session=self.id, recorder=self.recorder
        )
        self.release_undone = True
        released = release.run(due)
        self._unsaid += released.told
        self.results.released(released.gone, dict(released.kept))
        self.release_undone = not released.is_whole

    def _problem(self) -> str | None:
        """The word of what keeps the recorder from being clear, worst first."""
        results = self.results
        unproved = any(file.action == "held" and file.fault for file in results.files.values())
        if results.count("failed") or unproved:
            return "unreadable"
        if not results.complete:
            return "unlistable"
        if results.count("quarantined"):
            return "quarantined"
        if self._has_twin:
            return "same-serial-twice"
        if self.release_undone:
            whys = {file.why for file in results.files.values() if file.acquisition and not file.released}
            return "read-only" if "read-only" in whys else "release-failed"
        return None

    def _ended_by_clear(self) -> list[Event]:
        """Findings that a clear recorder ends: what was wrong with it is over."""
        return [
            findings.closed(kind, f"recorder:{self.recorder}", "recorder is clear")
            for kind in (*sorted(TROUBLES), "release-failed", "card-unlistable")
        ]

    # --- how it ended -------------------------------------------------------------------------

    def _pulled(self, error: DeviceGone) -> None:
        self.error = error
        events: list[Event] = []
        if self.recorder is not None:
            left = self._gathering.listed if self._gathering else 0
            done = sum(f.action in ("secured", "quarantined", "held") for f in self.results.files.values())
            event = RecorderPulledEarly(
                recorder=self.recorder, session=self.id, unsecured=max(0, left - done)
            )
            about = f"recorder:{self.recorder}"
            events = [event, findings.opened("pulled-early", about)]
        self.live.set(phase="problem", problem=error.text.both())
        self._close("pulled", *events)

    def _refused(self, error: NotARecorder) -> None:
        self.error = error
        refused = DeviceRefused(
            slot=self.slot,
            location=canon.path_text(self._place),
            location_b64=canon.path_b64(self._place),
            gate="driver",
            interfaces=(),
            claims=Values(self.services.put_value).records(self._claims),
            why=error.text.en,
        )
        self.live.set(phase="problem", problem=error.text.both())
        opened = findings.opened("device-refused", f"slot:{self.slot}", ("why", "driver"))
        self._close("refused", refused, opened)

    def _trouble(self, problem: str, error: IngestdError | None) -> None:
        self.error = error
        kinds = [problem] if problem in TROUBLES else []
        if self.release_undone:
            kinds.append("release-failed")
        events: list[Event] = []
        recorder = self.recorder or UNIDENTIFIED
        about = f"recorder:{recorder}" if self.recorder else f"slot:{self.slot}"
        detail = error.text.en if error else ""
        events.append(RecorderProblem(recorder=recorder, session=self.id, problem=problem, detail=detail))
        events += [findings.opened(kind, about, ("session", self.id)) for kind in kinds]
        self.live.set(phase="problem", problem=problem)
        self._close("problem", *events)

    def _close(self, outcome: str, *events: Event) -> None:
        """Say how it ended, and what was not said yet, in one transaction; published."""
        files = self.results.files.values()
        self.outcome = outcome
        closed = SessionClosed(
            session=self.id,
            recorder=self.recorder,
            outcome=outcome,
            secured=self.results.count("secured"),
            quarantined=self.results.count("quarantined"),
            released=sum(file.released for file in files),
            left=self.results.count("left"),
            bytes=sum(file.size for file in files if file.action in ("secured", "quarantined")),
        )
        seq = self.services.books.append([*self._unsaid, *events, closed])[-1]
        self.services.books.ensure_published(seq)
        if outcome in ("clear", "kept"):
            self.live.set(phase=outcome)
        log.info(
            "slot %s: docking of %s ended: %s, %d secured, %d quarantined, %d released",
            *(self.slot, self.recorder, outcome, closed.secured, closed.quarantined, closed.released),
            extra=self.facts,
        )

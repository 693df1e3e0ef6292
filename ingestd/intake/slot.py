"""One watched slot: waits for a recorder, runs its docking, notices when it is taken.

A thread a slot. The worker that watches is the worker that reads; when it hangs it is abandoned and a new one
takes over, waiting for the hung device to leave. A docking that a full disk stopped starts again when there is
room.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress

from ingestd.dock.watcher import Dock
from ingestd.errors import DeviceError, IngestdError, LogError, NoSpaceError
from ingestd.events import Event
from ingestd.intake import findings, handover
from ingestd.intake.card import Card
from ingestd.intake.handle import WorkerHandle
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.services import Services
from ingestd.intake.session import Session
from ingestd.intake.socket import UNSEEN, Socket
from ingestd.model import RecorderId, SlotName
from ingestd.portpath import SCHEME, PortPath
from ingestd.pulse import Pulse

log = logging.getLogger(__name__)

ROOM_EVERY_S = 5.0
"""How often a docking that a full disk stopped looks for room."""
ROOM_BYTES = 1 << 20
"""So much more room than before is worth another try at once."""
LONGEST_PATIENCE_S = 320.0
"""Tries that fail become as rare as this: each would only fill a journal, or the log of a disk that is full."""
AFTER_TROUBLE_S = 2.0
"""A watching that ended begins anew after this; one that fails by itself waits twice as long each time."""


class Slot:
    """Watches one location until stopped."""

    def __init__(
        self,
        services: Services,
        *,
        name: SlotName,
        driver: str,
        target: str,
        location: str,
        hang_s: Callable[[], float],
        look_every_s: Callable[[], float],
        dock: Dock,
    ) -> None:
        """``driver`` is its name for the log, ``target`` its ``module:Class`` for the worker.

        Where the location is a USB socket the dock tells what is there, else the worker looks. Raises
        UsageError.
        """
        self.pulse = Pulse(services.clock.monotonic)
        self.live = Live(LiveState(slot=name), self.pulse)
        self.name = name
        self.driver = driver
        self.location = location
        self._socket: Socket | None = None
        if location.startswith(SCHEME):
            port = PortPath.parse(location)
            self._socket = Socket(dock, port, slot=name, books=services.books, live=self.live)
        self._services = services
        self._target = target
        self._hang_s = hang_s
        self._look_every_s = look_every_s
        self._handle: WorkerHandle | None = None
        self._recorder: RecorderId | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"slot-{name}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end: at once when it only watches, after the present batch when it reads."""
        self._stop.set()
        if self._socket is not None:
            self._socket.wake()
        handle = self._handle
        if handle is not None and self.live.state.session is None:
            handle.abandon()

    def kill(self) -> None:
        """End it now: the worker is abandoned, what was copied so far stays in its partial folder."""
        handle = self._handle
        if handle is not None:
            handle.abandon()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def join(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        token: str | None = UNSEEN
        patience_s = AFTER_TROUBLE_S
        while not self._stop.is_set():
            self.pulse.beat()
            self._handle = WorkerHandle(self._target, hang_s=self._hang_s, resting=self.pulse.resting)
            try:
                token = self._serve(self._handle, token)
                patience_s = AFTER_TROUBLE_S
            except IngestdError as error:
                if not self._stop.is_set():
                    log.warning("slot %s: %s", self.name, error, extra={"slot": self.name})
                    self.live.set(phase="problem", problem=error.text.both())
                self._stop.wait(AFTER_TROUBLE_S)
            except Exception as error:
                log.exception(
                    "slot %s: the watching failed and begins anew", self.name, extra={"slot": self.name}
                )
                self._tell_failed(error)
                with self.pulse.resting():
                    self._stop.wait(patience_s)
                patience_s = min(2 * patience_s, LONGEST_PATIENCE_S)
            finally:
                self._handle.abandon()

    def _tell_failed(self, error: Exception) -> None:
        """Say on the board that the slot is not watched well, and as a finding where the log can be written."""
        self.live.set(phase="problem", problem="intake-failed")
        about, why = f"slot:{self.name}", ("why", type(error).__name__)
        with suppress(Exception):  # the log may be what failed; the journal has it
            self._services.books.append([findings.opened("intake-failed", about, why)])

    def _serve(self, handle: WorkerHandle, token: str | None) -> str | None:
        """Watch and dock with one worker, until that is worn out; the token of what is in the slot then."""
        while not self._stop.is_set():
            found = self._watch(handle, token)
            if self._stop.is_set():
                break
            if found != token and token is not None:
                self._taken(token, found)
            if found is not None and not handle.is_running:
                return None  # it ended while it was idle: another one docks what is there
            token = found
            if token is None:
                continue
            session = self._dock(handle)
            self._recorder = session.recorder
            if handle.is_gone:
                break
        return token

    def _watch(self, handle: WorkerHandle, token: str | None) -> str | None:
        """Wait for something else to be there than what this token stands for; the token then."""
        if self._socket is not None:
            with self.pulse.resting():
                return self._socket.wait(token, self._stop.is_set)
        handle.begin("")
        answer = handle.ask(
            "watch", patient=True, location=self.location, token=token, every=self._look_every_s()
        )
        found: str | None = answer["token"]
        return found

    def _dock(self, handle: WorkerHandle) -> Session:
        patience_s = ROOM_EVERY_S
        while True:
            session = Session(
                services=self._services,
                card=Card(handle, self.location),
                slot=self.name,
                driver=self.driver,
                location=self.location,
                live=self.live,
                is_watched=True,
            )
            try:
                _run_session(session, handle)
            except NoSpaceError as error:
                log.warning("slot %s: %s", self.name, error, extra=session.facts)
                if not self._wait_for_room(session, patience_s):
                    return session
                patience_s = min(2 * patience_s, LONGEST_PATIENCE_S)
            else:
                return session
            finally:
                self.live.set(session=None)
                _let_go(handle)

    def _wait_for_room(self, session: Session, patience_s: float) -> bool:
        """Once there is more room, or after so long, the pass of a start; False where the slot is to stop."""
        least, waited_s = self._room(), 0.0
        while not self._stop.wait(ROOM_EVERY_S):
            self.pulse.beat()
            room, waited_s = self._room(), waited_s + ROOM_EVERY_S
            if room < least + ROOM_BYTES and waited_s < patience_s:
                least = min(least, room)
                continue
            try:
                session.interrupt()
                with self.pulse.resting():  # every folder's steps are watched by themselves
                    self._services.partials.recover()
            except NoSpaceError:
                least, waited_s = room, 0.0
            else:
                return True
        return False

    def _room(self) -> int:
        """Bytes free on the vault's disk."""
        room = os.statvfs(self._services.acquirer.home.partial_root)
        return room.f_bavail * room.f_frsize

    def _taken(self, before: str, now: str | None) -> None:
        """Something left the slot, or had left it when the watching began."""
        services, at = self._services, self._services.clock.now()
        events: list[Event] = []
        if before != UNSEEN or self._socket is None:  # a socket ends itself what an earlier run refused
            events.append(findings.closed("device-refused", f"slot:{self.name}", "the device left"))
        if before != UNSEEN:
            events += handover.departed(services.books, self._recorder, self.name, at, was_watched=True)
        elif now is None:
            events += handover.left_meanwhile(services.books, self.name, at, there=None)
        else:
            return  # who is there, and so who is not, its docking tells
        services.books.append([*events, *left(services, self.name)])
        self._recorder = None
        self.live.reset()


def _run_session(session: Session, handle: WorkerHandle) -> None:
    """One docking with this worker. A fault that nobody foresaw ends both. Raises NoSpaceError, LogError."""
    handle.begin(session.id)
    try:
        session.run()
    except (NoSpaceError, LogError):
        raise
    except Exception as error:
        log.exception("slot %s: intake itself failed", session.slot, extra=session.facts)
        handle.abandon()  # what it was asked and has not answered yet is of no use to the next docking
        session.fail(error)


def _let_go(handle: WorkerHandle) -> None:
    """However a docking ended, its worker holds nothing of the recorder any more (a mount, above all)."""
    if not handle.is_gone:
        with suppress(DeviceError):
            handle.ask("close")


def left(services: Services, slot: SlotName) -> list[Event]:
    """What ends because nothing is in a slot any more."""
    alone = services.places.leave(slot)
    if alone is None:
        return []
    return [findings.closed("same-serial-twice", f"recorder:{alone}", "only one of them is docked")]


def dock_once(
    services: Services,
    *,
    name: SlotName,
    driver: str,
    target: str,
    location: str,
    hang_s: float,
    release: bool | None,
    live: Live,
) -> Session:
    """One whole docking at a location, by a worker of its own (`ingestd intake`).

    Where the disk was full it is over, too: `Session.error` says so.
    """
    handle = WorkerHandle(target, hang_s=lambda: hang_s)
    try:
        session = Session(
            services=services,
            card=Card(handle, location),
            slot=name,
            driver=driver,
            location=location,
            live=live,
            release=release,
        )
        try:
            _run_session(session, handle)
        except NoSpaceError:
            with suppress(NoSpaceError):
                session.interrupt()
    finally:
        handle.abandon()
        services.places.leave(name)
    return session

"""The batches of one card on their way: sent to the worker, copied, read back and secured.

While one batch is copied the next already waits at the worker, its folders made, so that the recorder is read
without a pause; what was copied is secured by the daemon's own threads meanwhile. Everything is bounded, and whatever
ends the stream, what is on its way is waited for.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Self

from ingestd.errors import DeviceGone, IngestdError, NoSpaceError
from ingestd.intake.acquire import Outcome
from ingestd.intake.card import Card, CopyReport, Progress
from ingestd.intake.describe import Taken
from ingestd.intake.disk import NO_ROOM
from ingestd.intake.habits import FileClaims
from ingestd.intake.intent import Intent
from ingestd.intake.partials import Partial
from ingestd.intake.services import Services, Stopped
from ingestd.intake.turns import Place, Urgency
from ingestd.model import CardPath, Fault
from ingestd.vault import layout
from ingestd.words import Text, size_text

SENT = 2
"""Batches at the worker: one that is copied, one that waits there."""
SECURING = 4
"""Batches that may wait for their read-back while the next is copied (bounds memory and loss)."""
PULLED = Text(
    "记录仪在读取时被取走；已入库的不受影响，未读完的保留，重新接入后继续。",
    "the recorder was taken while it was read; what is secured stays so, the rest goes on when it is "
    "docked again.",
)


@dataclass(slots=True, kw_only=True)
class Stream:
    """Use it as a context: at its end everything that was put is copied and secured, or an error raised."""

    services: Services
    card: Card
    place: Place
    moved: Progress
    resting: Callable[[], AbstractContextManager[None]]
    """Around every wait for others who are watched themselves (`pulse`)."""
    others: Sequence[FileClaims]
    """What the card's other files claim of their times."""
    kept_partials: dict[CardPath, list[Partial]]
    """Of earlier dockings: each is compared with the first new copy of its file, and leaves this dictionary."""
    reported: Callable[[Sequence[tuple[Intent, CopyReport]]], None]
    settled: Callable[[Sequence[Outcome]], None]
    _sent: deque[list[Intent]] = field(default_factory=deque)
    _securing: deque[Future[list[Outcome]]] = field(default_factory=deque)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Wait for everything. Raises the first error of what was on its way."""
        first: IngestdError | None = None
        try:
            while self._sent or self._securing:
                try:
                    if self._sent:
                        self._receive()
                    else:
                        self._settle()
                except IngestdError as error:
                    first = first or error
        finally:
            wait(self._securing)  # a fault that nobody foresaw leaves nothing under way either
        if first is not None:
            raise first

    def put(self, intents: list[Intent], urgent: Urgency) -> NoSpaceError | None:
        """Send one more batch, when it is this recorder's turn; not sent, and why, where the disk has no room for it.

        A smaller one may still find room. Raises Stopped, DeviceError, NoSpaceError, VaultError.
        """
        while len(self._sent) >= SENT and not self.services.stopping():
            self._receive()
        if not self.place.keeps(urgent) and not self.services.stopping():
            self._receive_all()
            with self.resting():
                self.place.take(urgent, self.services.stopping)
        if self.services.stopping():
            raise Stopped
        if (full := self._admit(sum(intent.size for intent in intents))) is not None:
            return full
        folders = self.services.acquirer.begin(intents)
        self.card.send_copy(list(zip(intents, folders, strict=True)))
        self._sent.append(intents)
        return None

    def _admit(self, size: int) -> NoSpaceError | None:
        """A batch is admitted only if the disk holds it beside the reserve."""
        if size > self._room() - sum(intent.size for batch in self._sent for intent in batch):
            self._receive_all()
            if size > (free := self._room()):
                return NoSpaceError(NO_ROOM.format(need=size_text(size), free=size_text(max(free, 0))))
        return None

    def _room(self) -> int:
        room = os.statvfs(self.services.acquirer.home.partial_root)
        return room.f_bavail * room.f_frsize - self.services.rules().reserve_bytes

    def _receive_all(self) -> None:
        while self._sent:
            self._receive()

    def _receive(self) -> None:
        """Take in the oldest batch at the worker, and have it secured."""
        intents = {intent.acquisition: intent for intent in self._sent.popleft()}
        reports = self.card.copied(self.moved)
        taken = [
            Taken(intent=intents[r.acquisition], sha256=r.sha256, size=r.size, bad=r.bad)
            for r in reports
            if r.sha256 is not None
        ]
        self._compare_partials(taken)
        kept = {r.acquisition for r in reports if r.sha256 or (r.begun and r.fault == Fault.PULLED)}
        self.services.acquirer.forget(sorted(intents.keys() - kept))
        self.reported([(intents[report.acquisition], report) for report in reports])
        while len(self._securing) >= SECURING:
            self._settle()
        if taken:
            secure = self.services.acquirer.secure
            self._securing.append(self.services.securing.submit(secure, taken, self.others))
        if any(report.fault == Fault.PULLED for report in reports):
            raise DeviceGone(PULLED)

    def _settle(self) -> None:
        with self.resting():
            outcomes = self._securing.popleft().result()
        self.settled(outcomes)

    def _compare_partials(self, taken: Sequence[Taken]) -> None:
        for one in taken:
            for partial in self.kept_partials.pop(one.intent.path, ()):
                folder = self.services.acquirer.home.partial(one.intent.acquisition)
                digests = (folder / layout.CHUNKS).read_bytes()
                with self.resting():
                    self.services.partials.compare(partial, digests)

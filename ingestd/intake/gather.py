"""The reading of one card: list, plan, copy, secure, prove, until everything is secured or named.

Batch after batch is copied by the slot's worker while earlier ones are read back by the daemon. A file that
changed under the reader is listed and read again; what can't be acquired is said once, with a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ingestd import canon
from ingestd.device import identity as identities
from ingestd.device.api import CounterPer, Item
from ingestd.device.identity import Weighed
from ingestd.errors import DeviceGone, IngestdError, NoSpaceError, VaultError
from ingestd.events import (
    CardListed,
    ClipDamaged,
    ClipFailed,
    ClipMissing,
    ClipReleased,
    Event,
    ListedFile,
)
from ingestd.intake.acquire import Outcome
from ingestd.intake.card import Card, CopyReport, Listing
from ingestd.intake.describe import claims_of
from ingestd.intake.findings import closed, opened
from ingestd.intake.intent import Docking, Intent, intent_of
from ingestd.intake.partials import Partial
from ingestd.intake.plan import Plan, Proof, Task, batches, claimed_ms, plan
from ingestd.intake.ports import Live
from ingestd.intake.results import Results
from ingestd.intake.services import Services, Stopped, Values
from ingestd.intake.stream import PULLED, Stream
from ingestd.intake.tally import Counted, numbering_events
from ingestd.intake.turns import Reader, Urgency, urgency
from ingestd.model import UNIDENTIFIED, AcquisitionId, CardPath, Fault, Flag, Millis
from ingestd.pulse import time_for
from ingestd.vault import chunks
from ingestd.vault.manifest import Offset

ROUNDS = 3
"""A file that changed under the reader is listed and read again, so many times in all."""
CLOCK_OFF_MS = 60_000
"""A recorder's clock that is off by more is a finding (the product's own figure; GA/T 947: 3 s a day)."""
TRASH_RECORDING = "trash-recording"
"""The family data's word for a recording in a computer's trash folder."""
EVIDENCE_FILES = 400
"""So many recordings of a card are evidence for the times of a batch: more cost more than they tell."""
RETRIED = frozenset({Fault.CHANGED, Fault.GROWING, Fault.VANISHED})
_FileKey = tuple[CardPath, int, int | None]


@dataclass(slots=True, kw_only=True)
class Gathering:
    """The reading of one identified card. `run` it once."""

    services: Services
    card: Card
    live: Live
    docking: Docking
    weighed: Weighed
    reader: Reader
    counter_per: CounterPer | None
    values: Values
    results: Results
    listed: int = 0
    """Files that were to be acquired or proved."""
    _done: set[_FileKey] = field(default_factory=set)
    _seen_before: frozenset[_FileKey] = frozenset()
    _waited: frozenset[CardPath] = frozenset()
    _begun: list[AcquisitionId] = field(default_factory=list)
    _clock_offset: Offset | None = None
    _clock_was_reset: bool = False
    _kept_partials: dict[CardPath, list[Partial]] = field(default_factory=dict)

    def run(self, listing: Listing) -> None:
        """Everything on the card. Raises DeviceError, NoSpaceError, VaultError, Stopped."""
        try:
            self._run(listing)
        finally:
            self.services.acquirer.active.leave(self._begun)

    def _run(self, listing: Listing) -> None:
        with self.live.resting():  # every folder's steps are watched by themselves
            self.services.partials.finish(self.docking.recorder)
        self._kept_partials = self.services.partials.of_recorder(self.docking.recorder)
        self._seen_before = self.services.books.seen_before(self.docking.recorder)
        self._waited = frozenset(path for path, _, _ in self._seen_before)
        for round_ in range(ROUNDS):
            if not self._round(listing, first=round_ == 0) or round_ == ROUNDS - 1:
                break
            listing = self.card.listing(lambda _count: None)
        self._fail_rest()
        self._tell_clock()
        self._tell_numbers(listing)

    def _round(self, listing: Listing, *, first: bool) -> bool:
        """One pass over a listing; whether something is to be listed and read again."""
        held = self.services.books.held_files(self.docking.recorder)
        items = [i for i in listing.items if (i.path, i.size, i.mtime_us) not in self._done]
        done_paths = {path for path, _, _ in self._done}
        planned = plan(items, [h for h in held if h.path not in done_paths])
        if first:
            self._tell_listing(listing, planned)
            self._tell_gone(listing, planned)
            self.results.left(planned.left)
        self.results.retry(task.item for task in planned.tasks)
        due = [task.item for task in planned.tasks] + [proof.item for proof in planned.proofs]
        so_far = self.live.state
        self.live.set(
            phase="receiving",
            files_total=so_far.files_done + len(due),
            clips_total=so_far.clips_done + sum(item.kind.is_recording for item in due),
            bytes_total=so_far.bytes_done + sum(item.size for item in due),
        )
        self.results.complete = listing.complete
        again = self._acquire(planned.tasks)
        return self._acquire(self._prove(planned.proofs)) or again

    def _tell_listing(self, listing: Listing, planned: Plan) -> None:
        self.listed = len(planned.tasks) + len(planned.proofs)
        event = CardListed(
            session=self.docking.session,
            recorder=self.docking.recorder,
            complete=listing.complete,
            files=(
                *(_listed(task.item, "acquire", None) for task in planned.tasks),
                *(_listed(proof.item, "prove", proof.held.acquisition) for proof in planned.proofs),
                *(_listed(left.item, "left", left.why) for left in planned.left),
            ),
        )
        events: list[Event] = [event]
        for left in planned.left:
            if left.item.litter == TRASH_RECORDING:
                about = f"recorder:{self.docking.recorder}/{canon.path_text(left.item.path)}"
                events.append(opened("trash-recording", about))
        if not listing.complete:
            events.append(
                opened(
                    "card-unlistable", f"recorder:{self.docking.recorder}", ("session", self.docking.session)
                )
            )
        self.services.books.append(events)

    def _tell_gone(self, listing: Listing, planned: Plan) -> None:
        """Held files that the card no longer shows: released before a crash, or removed elsewhere."""
        if not listing.complete or self.docking.recorder == UNIDENTIFIED:
            return
        events: list[Event] = []
        present = {item.path for item in listing.items}
        for path in sorted(self._waited - present):
            about = f"recorder:{self.docking.recorder}/{canon.path_text(path)}"
            events.append(opened("gone-unsecured", about))
        for held in planned.gone:
            if held.release_pending:
                events.append(
                    ClipReleased(acquisition=held.acquisition, session=self.docking.session, observed=True)
                )
            else:
                events.append(
                    ClipMissing(
                        acquisition=held.acquisition,
                        session=self.docking.session,
                        recorder=self.docking.recorder,
                    )
                )
                events.append(opened("removed-elsewhere", f"clip:{held.acquisition}"))
        if events:
            self.services.books.append(events)

    # --- copying and securing -----------------------------------------------------------------

    def _acquire(self, tasks: Sequence[Task]) -> bool:
        """Copy batch after batch while earlier ones are read back; whether something is to be tried again.

        What the disk has no room for is left out, so that it holds up nothing that fits. Raises as `run`: then
        NoSpaceError.
        """
        again: list[bool] = []
        full: NoSpaceError | None = None
        recordings = [task for task in tasks if task.item.kind.is_recording]
        with self.services.turns.place(self.reader) as place:
            stream = Stream(
                services=self.services,
                card=self.card,
                place=place,
                moved=self._moved,
                resting=self.live.resting,
                others=[claims_of(self._intent(task)) for task in recordings[:EVIDENCE_FILES]],
                kept_partials=self._kept_partials,
                reported=lambda reports: again.append(self._reported(reports)),
                settled=lambda outcomes: again.append(self._settled(outcomes)),
            )
            with stream:
                for batch in batches(tasks, self._urged):
                    intents = [self._intent(task) for task in batch]
                    self._begun += [intent.acquisition for intent in intents]
                    full = stream.put(intents, self._urgency(batch[0].item)) or full
        if full is not None:
            raise full
        return any(again)

    def _intent(self, task: Task) -> Intent:
        officer, conflict = identities.clip_officer(task.item, self.weighed)
        return intent_of(
            task.item,
            acquisition=AcquisitionId(self.services.new_id()),
            docking=self.docking,
            claims=self.values.records(task.item.claims),
            officer=officer,
            officer_disputed=conflict is not None,
            is_new=not task.earlier
            and (task.item.path, task.item.size, task.item.mtime_us) not in self._seen_before,
            earlier=tuple(held.acquisition for held in task.earlier),
        )

    def _urgency(self, item: Item) -> Urgency:
        """How urgent it is to read on, by what is read next."""
        claimed, within = claimed_ms(item), self.services.rules().store_within_ms
        due = None if claimed is None or within is None else Millis(claimed + within)
        wanted = self.services.books.urged(self.docking.recorder)
        return urgency(marked=item.marked, due=due, urged=wanted.everything or item.path in wanted.paths)

    def _urged(self) -> frozenset[CardPath]:
        """What on this card people want first."""
        return self.services.books.urged(self.docking.recorder).paths

    def _moved(self, count: int) -> None:
        self.live.moved(count, self.services.clock.monotonic())

    def _reported(self, reports: Sequence[tuple[Intent, CopyReport]]) -> bool:
        again = False
        for intent, report in reports:
            if report.sha256 is None:
                assert report.fault is not None
                self.results.failed(intent, report.fault, report.detail)
                again = again or report.fault in RETRIED or report.fault == Fault.VANISHED
        return again

    def _settled(self, outcomes: Sequence[Outcome]) -> bool:
        """Take in what was secured; whether something is to be tried again."""
        again = False
        for outcome in outcomes:
            intent = outcome.intent
            if outcome.action == "failed":
                self.services.acquirer.forget([intent.acquisition])
                self.services.books.append(
                    [
                        self._failure(intent, outcome.fault or "", outcome.detail),
                        opened("read-back-failed", "station", ("path", canon.path_text(intent.path))),
                    ]
                )
                self.results.failed(intent, outcome.fault or "", outcome.detail)
                again = True
                continue
            self._done.add((intent.path, intent.size, intent.mtime_us))
            self._no_longer_waiting(intent)
            self.results.acquired(outcome)
            self._clock_offset = outcome.clock_offset
            self._clock_was_reset = self._clock_was_reset or Flag.CLOCK_RESET in outcome.flags
            self.live.finished(intent.kind)
        return again

    def _waiting(self, intent: Intent) -> str:
        """Subject of findings about a file that waits on the card: the same at every docking."""
        return f"recorder:{intent.docking.recorder}/{canon.path_text(intent.path)}"

    def _no_longer_waiting(self, intent: Intent) -> None:
        """End the finding of an earlier docking that this file could not be acquired."""
        if intent.path in self._waited:
            self.services.books.append([closed("not-acquired", self._waiting(intent), "acquired")])

    def _tell_clock(self) -> None:
        """A recorder's clock that was reset or is far off is a finding; one that is right again ends it."""
        about = f"recorder:{self.docking.recorder}"
        if self.docking.recorder == UNIDENTIFIED or self._clock_offset is None:
            return
        low, high = self._clock_offset.earliest, self._clock_offset.latest
        is_off = (low is not None and low > CLOCK_OFF_MS) or (high is not None and high < -CLOCK_OFF_MS)
        is_right = low is not None and high is not None and max(-low, high) <= CLOCK_OFF_MS
        events: list[Event] = []
        if self._clock_was_reset:
            events.append(opened("clock-reset", about))
        if is_off:
            events.append(opened("clock-off", about, ("at_least_ms", low), ("at_most_ms", high)))
        elif is_right:
            events.append(closed("clock-off", about, "clock is right"))
        if events:
            self.services.books.append(events)

    def _tell_numbers(self, listing: Listing) -> None:
        """Holes in the recorder's own numbering, and those that are filled now."""
        if not listing.complete:
            return
        docking = self.docking
        counted = Counted(
            recorder=docking.recorder,
            per=self.counter_per,
            docked_at=docking.docked_at,
            previous_docking=docking.previous_docking,
        )
        events = numbering_events(self.services.books, counted, listing.items)
        if events:
            self.services.books.append(events)

    def _failure(self, intent: Intent, fault: str, detail: str) -> ClipFailed:
        return ClipFailed(
            acquisition=intent.acquisition,
            session=self.docking.session,
            recorder=intent.docking.recorder,
            path=canon.path_text(intent.path),
            path_b64=canon.path_b64(intent.path),
            fault=fault,
            detail=detail,
        )

    def _fail_rest(self) -> None:
        """What could not be acquired in any round is said once, with a finding."""
        events: list[Event] = []
        for intent, fault, detail in self.results.failures():
            failure = self._failure(intent, fault, detail)
            events += [
                failure,
                opened("not-acquired", self._waiting(intent), ("fault", fault)),
            ]
        if events:
            self.services.books.append(events)

    # --- proving what is held already ---------------------------------------------------------

    def _prove(self, proofs: Sequence[Proof]) -> list[Task]:
        """Read files of earlier dockings again, and their held copies: what differs is acquired anew."""
        tasks = []
        with self.services.turns.place(self.reader) as place:
            for proof in proofs:
                with self.live.resting():
                    place.take(self._urgency(proof.item), self.services.stopping)
                if self.services.stopping():
                    raise Stopped
                digest, fault = self.card.prove(proof.item.path, self._moved)
                if fault == Fault.PULLED:
                    raise DeviceGone(PULLED)
                if digest is None and self._is_remnant(proof, fault):
                    self.results.remnant(proof)
                elif digest is None:
                    self.results.held(proof, fault)
                elif digest != proof.held.sha256 or not self._is_held_well(proof):
                    tasks.append(Task(item=proof.item, earlier=()))
                else:
                    self.results.held(proof)
                self.live.finished(proof.item.kind)
        return tasks

    def _is_remnant(self, proof: Proof, fault: str) -> bool:
        """Whether a file that cannot be read is what a deletion of ours left when it was cut off.

        FAT gives up a file's clusters before or after its name, as the card writes: after a power cut the name may
        stand alone. What it named was proved before that deletion began, and is held.
        """
        return fault == Fault.READ_ERROR and proof.held.release_pending and self._is_held_well(proof)

    def _is_held_well(self, proof: Proof) -> bool:
        """Whether the stored copy is still what was signed; a rotten one is named in the log."""
        vault, digest = self.services.acquirer.vault, proof.held.sha256
        try:
            path = self.services.acquirer.home.clips(digest)
            self.live.beat(time_for(proof.item.size))
            chunks.read_back(path, vault.digests(digest), size=proof.item.size)
        except (VaultError, IngestdError, OSError) as error:
            detail = error.text.en if isinstance(error, IngestdError) else str(error)
            about = f"bytes:{digest}"
            self.services.books.append(
                [
                    ClipDamaged(sha256=digest, found_by="release", detail=detail),
                    opened("clip-damaged", about),
                ]
            )
            return False
        return True


def _listed(item: Item, what: str, why: str | None) -> ListedFile:
    return ListedFile(
        path=canon.path_text(item.path),
        path_b64=canon.path_b64(item.path),
        size=item.size,
        mtime_us=item.mtime_us,
        kind=item.kind,
        sequence=item.sequence,
        plan=what,
        why=why,
    )

"""From complete bytes in a partial folder to a secured clip, step by step, a batch at a time.

Each step is durable before the next and may be run again (design 5, the crash table); `partials` enters at
the step that a crash left. Nothing here talks to a recorder.

    begin       folder and intake record (then the worker copies: bytes, chunks, copied.json)
    read back   the disk's bytes against the digest list
    probe       media facts, in a child; failure is null
    manifest    staged, settled, renamed
    signature   staged, settled, renamed, folder settled
    adopt       linked into clips/ and manifests/, everything settled
    commit      one transaction for the batch
    publish     a signed checkpoint covers the events
    forget      the partial folders go
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestd import durable
from ingestd.clock import Clock
from ingestd.errors import VaultError
from ingestd.events import ClipDamaged, ClipQuarantined, ClipRepaired, ClipSecured, Event
from ingestd.intake import describe, findings, rereads
from ingestd.intake import intent as intents
from ingestd.intake.describe import Stored, Taken
from ingestd.intake.disk import disk
from ingestd.intake.habits import FileClaims
from ingestd.intake.intent import Intent
from ingestd.intake.ports import Books
from ingestd.intake.sink import SMALL_BYTES
from ingestd.media.probe import Prober, ProbeResult
from ingestd.model import AcquisitionId, Fault, Flag, Sha256
from ingestd.pulse import Steps
from ingestd.sign import StationKeys
from ingestd.vault import chunks, layout
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Manifest, Offset, Station, parse
from ingestd.vault.store import Rotten, Sealed, Vault

log = logging.getLogger(__name__)

COPIED = "copied.json"
"""Beside design 5's files: says that the bytes are complete, and which parts of them are holes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file."""

    intent: Intent
    action: str
    """secured, quarantined, or failed (then `fault` says why)."""
    fault: str | None
    detail: str
    sha256: Sha256 | None
    size: int
    manifest: str | None
    duplicate_of: AcquisitionId | None
    flags: tuple[str, ...]
    clock_offset: Offset | None
    """Of the recorder's clock, as this batch told it (milliseconds)."""


@dataclass(slots=True)
class _Work:
    """One file on its way through the steps."""

    taken: Taken
    folder: str
    """Its partial folder, as text: see `ingestd.durable`."""
    stored: Stored | None = None
    probed: ProbeResult | None = None
    manifest: Manifest | None = None
    data: bytes = b""

    @property
    def sealed(self) -> Manifest:
        """The manifest, once there is one."""
        assert self.manifest is not None
        return self.manifest


class Active:
    """The acquisitions that a session works on now: recovery leaves their folders alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[AcquisitionId] = set()

    def add(self, acquisition: AcquisitionId) -> None:
        """A session begins with it."""
        with self._lock:
            self._ids.add(acquisition)

    def leave(self, acquisitions: Iterable[AcquisitionId]) -> None:
        """The session is over: what is unfinished is recovery's."""
        with self._lock:
            self._ids.difference_update(acquisitions)

    def __contains__(self, acquisition: object) -> bool:
        with self._lock:
            return acquisition in self._ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquirer:
    """The steps, with everything that they need. Safe from several threads."""

    home: Home
    vault: Vault
    keys: StationKeys
    prober: Prober
    books: Books
    clock: Clock
    station: Station
    active: Active
    judge: Callable[[ClipSecured | ClipQuarantined], Sequence[Event]]
    """The findings that a stored clip needs by the rules in force (REC-1)."""
    steps: Steps
    """Where a batch under way is watched: a disk that hangs is told from one that is slow."""
    _many: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)
    """Held by the one batch of small files that is past its read-back: such a batch is hundreds of short system
    calls, and two at once hand the GIL to and fro at each (measured: a third more CPU, and none is done sooner)."""

    # --- before the copy ----------------------------------------------------------------------

    def begin(self, batch: Sequence[Intent]) -> list[Path]:
        """Make the partial folders with their intake records, durable. Raises NoSpaceError, VaultError."""
        with disk():
            return self._begin(batch)

    def _begin(self, batch: Sequence[Intent]) -> list[Path]:
        folders = []
        settled: list[durable.StrPath] = [self.home.partial_root]
        for intent in batch:
            folder = self.home.partial_at(intent.acquisition)
            self.active.add(intent.acquisition)
            os.mkdir(folder, mode=0o700)
            record = f"{folder}/{layout.INTAKE_RECORD}"
            staged = f"{folder}/.{layout.INTAKE_RECORD}.new"
            durable.stage(staged, intents.to_bytes(intent))
            durable.stage(f"{folder}/{layout.BYTES}", b"", mode=0o600)
            durable.stage(f"{folder}/{layout.CHUNKS}", b"", mode=0o600)
            os.rename(staged, record)
            settled += [record, folder]
            folders.append(Path(folder))
        durable.settle(settled)
        return folders

    def forget(self, acquisitions: Iterable[AcquisitionId]) -> None:
        """Remove partial folders whose event stands in the log, or which hold nothing worth keeping."""
        with disk():
            for acquisition in acquisitions:
                self.vault.drop_partial(acquisition)

    # --- after the copy -----------------------------------------------------------------------

    def secure(self, batch: Sequence[Taken], others: Sequence[FileClaims] = ()) -> list[Outcome]:
        """All steps from the read-back on, for a batch of one docking.

        ``others`` are what the card's other files claim of their times: evidence for this batch's. A
        read-back that differs is an outcome, no error.

        Raises NoSpaceError, VaultError, LogError: then every folder is left as it is for a later pass.
        """
        with disk(), self.steps.step(sum(taken.size for taken in batch)):
            return self._secure(batch, others)

    def _secure(self, batch: Sequence[Taken], others: Sequence[FileClaims]) -> list[Outcome]:
        again = {taken.intent.acquisition: found for taken in batch if (found := self._as_before(taken))}
        self.forget(again)
        works = [
            _Work(taken=taken, folder=self.home.partial_at(taken.intent.acquisition))
            for taken in batch
            if taken.intent.acquisition not in again
        ]
        failed = [*again.values(), *self._read_back(works)]
        works = [work for work in works if work.stored is not None]
        with self._many if len(works) > 1 else nullcontext():
            self._probe(works)
            self._describe(works, others)
            # Digest lists of small files: the worker wrote them last, when the bytes were durable.
            small = [work.folder for work in works if work.taken.size <= SMALL_BYTES]
            lists = [f"{folder}/{layout.CHUNKS}" for folder in small]
            self._place(works, layout.MANIFEST, [work.data for work in works], also=[*lists, *small])
            return failed + self._seal(works)

    def _as_before(self, taken: Taken) -> Outcome | None:
        """What became of the file in the earlier, quarantined read that this one repeats; None: it is another."""
        found = rereads.repeated(taken, self.books)
        if found is None:
            return None
        acquisition, read = found
        return Outcome(
            intent=replace(taken.intent, acquisition=acquisition),
            action="quarantined",
            fault=read.fault,
            detail="",
            sha256=read.sha256,
            size=read.size,
            manifest=read.manifest,
            duplicate_of=None,
            flags=read.flags,
            clock_offset=None,
        )

    def _read_back(self, works: Sequence[_Work]) -> list[Outcome]:
        failed = []
        for work in works:
            with open(f"{work.folder}/{layout.CHUNKS}", "rb", buffering=0) as file:
                digests = file.readall()
            try:
                how = chunks.read_back(f"{work.folder}/{layout.BYTES}", digests, size=work.taken.size)
            except VaultError as error:
                failed.append(_failed(work.taken, Fault.READ_BACK, error.text.en))
                continue
            root = chunks.root(digests).hex()
            work.stored = Stored(read_back=how, at=self.clock.now(), chunks_root=root)
        return failed

    def _probe(self, works: Sequence[_Work]) -> None:
        recordings = [work for work in works if work.taken.intent.kind.is_recording and work.taken.size]
        found = self.prober.probe_all(
            [(f"{w.folder}/{layout.BYTES}", w.taken.intent.kind) for w in recordings]
        )
        for work, result in zip(recordings, found, strict=True):
            work.probed = result

    def _describe(self, works: Sequence[_Work], others: Sequence[FileClaims]) -> None:
        """The manifest of each file, by the evidence of the whole card as far as it is known."""
        if not works:
            return
        batch = [(w.taken.intent, w.probed.media if w.probed else None) for w in works]
        offset, clips = describe.times_of(batch, others)
        for work, when in zip(works, clips, strict=True):
            assert work.stored is not None
            work.manifest = describe.manifest_of(
                work.taken,
                stored=work.stored,
                probed=work.probed,
                when=when,
                offset=offset,
                station=self.station,
            )
            work.data = work.manifest.to_bytes()

    def _place(
        self, works: Sequence[_Work], name: str, contents: Sequence[bytes], also: Sequence[str] = ()
    ) -> None:
        """Stage one file in each folder, settle all and what they rest on (``also``), rename: a name is complete."""
        staged = []
        for work, data in zip(works, contents, strict=True):
            new = f"{work.folder}/.{name}.new"
            try:
                durable.stage(new, data)
            except FileExistsError:  # an interrupted run left it
                os.unlink(new)
                durable.stage(new, data)
            staged.append(new)
        durable.settle([*staged, *also])
        for work, new in zip(works, staged, strict=True):
            os.rename(new, f"{work.folder}/{name}")

    def _seal(self, works: Sequence[_Work]) -> list[Outcome]:
        """Sign, adopt, commit, publish, forget: every work has its manifest durable in its folder."""
        unsigned = [work for work in works if not self._is_signed(work)]
        self._place(unsigned, layout.SIGNATURE, [self.keys.sign_manifest(work.data) for work in unsigned])
        durable.settle([work.folder for work in works])
        self._adopt(works)
        return self._commit(works)

    def _is_signed(self, work: _Work) -> bool:
        """Whether a good signature lies in the folder already (a crash left it); a bad one goes."""
        signature = f"{work.folder}/{layout.SIGNATURE}"
        if not os.path.exists(signature):
            return False
        try:
            self.keys.verify_manifest(work.data, Path(signature).read_bytes())
        except VaultError:
            os.unlink(signature)
            return False
        return True

    def _adopt(self, works: Sequence[_Work]) -> None:
        """Link into clips/ and manifests/; a rotten copy held already is named in the log, then replaced."""
        sealed = [
            Sealed(
                acquisition=work.taken.intent.acquisition,
                folder=Path(work.folder),
                sha256=work.sealed.sha256,
                docked_at=work.taken.intent.docking.docked_at,
            )
            for work in works
        ]
        while rotten := self.vault.adopt(sealed):
            for found in rotten:
                self._replace(found)

    def _replace(self, rotten: Rotten) -> None:
        digest, about = rotten.sealed.sha256, f"bytes:{rotten.sealed.sha256}"
        damaged = ClipDamaged(sha256=digest, found_by="duplicate", detail=rotten.text.en)
        self.books.append([damaged, findings.opened("clip-damaged", about)])
        self.vault.replace_damaged(rotten.sealed)
        self.books.append(_repaired(digest, rotten.sealed.acquisition))

    def _commit(self, works: Sequence[_Work]) -> list[Outcome]:
        events: list[Event] = []
        outcomes = []
        earlier = dict(self.books.stored_by([work.sealed.sha256 for work in works]))
        for work in works:
            acquisition, digest = work.sealed.acquisition, work.sealed.sha256
            twin = earlier.setdefault(digest, acquisition)
            duplicate_of = None if twin == acquisition else twin
            event = describe.event_of(
                work.sealed,
                work.data,
                duplicate_of=duplicate_of,
                supersedes=rereads.bettered(work.taken.intent, work.sealed, self.books, self.vault),
            )
            events += [event, *self.judge(event)]
            if duplicate_of is not None and self.books.is_damaged(digest):
                events += _repaired(digest, acquisition)
            if isinstance(event, ClipQuarantined):
                facts = (("path", event.path), ("fault", event.fault))
                events.append(findings.opened("quarantined", event.subject, *facts))
            events += [
                findings.closed("quarantined", f"clip:{old}", "superseded") for old in event.supersedes
            ]
            if Flag.CLAIMS_DISAGREE in event.flags:
                events.append(findings.opened("claims-disagree", event.subject, ("path", event.path)))
            if Flag.HOLDER_UNCLEAR in event.flags:
                about = f"session:{event.session}"
                events.append(findings.opened("holder-unclear", about, ("path", event.path)))
            outcomes.append(
                Outcome(
                    intent=work.taken.intent,
                    action="quarantined" if isinstance(event, ClipQuarantined) else "secured",
                    fault=event.fault if isinstance(event, ClipQuarantined) else None,
                    detail="",
                    sha256=digest,
                    size=work.sealed.size,
                    manifest=event.manifest,
                    duplicate_of=duplicate_of,
                    flags=event.flags,
                    clock_offset=work.sealed.recorded.clock_offset_ms,
                )
            )
        if events:
            self.books.ensure_published(self.books.append(events)[-1])
        self.forget(work.taken.intent.acquisition for work in works)
        return outcomes

    def resume(self, intent: Intent, manifest: bytes) -> list[Outcome]:
        """Go on from a durable manifest, signed exactly as it is. Raises ManifestError, and as `secure`."""
        found = parse(manifest)
        taken = Taken(intent=intent, sha256=found.sha256, size=found.size, bad=found.source.bad_ranges)
        folder = self.home.partial_at(intent.acquisition)
        with disk():
            return self._seal([_Work(taken=taken, folder=folder, manifest=found, data=manifest)])


def _repaired(digest: Sha256, acquisition: AcquisitionId) -> list[Event]:
    """A good copy stands where the stored bytes were damaged, or where they were missing."""
    return [
        ClipRepaired(sha256=digest, acquisition=acquisition),
        findings.closed("clip-damaged", f"bytes:{digest}", "repaired"),
    ]


def _failed(taken: Taken, fault: str, detail: str) -> Outcome:
    return Outcome(
        intent=taken.intent,
        action="failed",
        fault=fault,
        detail=detail,
        sha256=None,
        size=taken.size,
        manifest=None,
        duplicate_of=None,
        flags=(),
        clock_offset=None,
    )

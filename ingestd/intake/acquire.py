"""From complete bytes in a partial folder to a secured clip, step by step, a batch at a time.

Each step is durable before the next and may be run again (design 5, the crash table); `recover.py` enters at
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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestd import canon, durable
from ingestd.clock import Clock
from ingestd.errors import NoSpaceError, VaultError
from ingestd.events import ClipDamaged, ClipQuarantined, ClipRepaired, ClipSecured, Event
from ingestd.intake import findings, times
from ingestd.intake import intent as intents
from ingestd.intake.habits import FileClaims
from ingestd.intake.intent import Intent
from ingestd.intake.ports import Books
from ingestd.media.model import Media
from ingestd.media.probe import Prober
from ingestd.model import AcquisitionId, BadRange, Fault, Flag, Interval, Kind, Millis, Sha256
from ingestd.sign import StationKeys
from ingestd.vault import chunks, layout
from ingestd.vault.layout import Home, manifest_name
from ingestd.vault.manifest import Manifest, Offset, Recorded, Source, Station, parse
from ingestd.vault.store import Rotten, Sealed, Vault
from ingestd.words import Text

log = logging.getLogger(__name__)

COPIED = "copied.json"
"""Beside design 5's files: says that the bytes are complete, and which parts of them are holes."""
FULL = Text(
    "磁盘已满，采集停在原处；记录仪上的文件没有改动。请腾出空间，之后会自动继续。",
    "the disk is full: intake stopped where it was and nothing on the recorder was changed. Make room; it goes "
    "on by itself.",
)
PROBED = frozenset({Kind.VIDEO, Kind.AUDIO, Kind.PHOTO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One file whose bytes are complete in its partial folder (or as complete as they will ever be)."""

    intent: Intent
    sha256: Sha256
    size: int
    bad: tuple[BadRange, ...]
    partial: bool = False
    """True: only the beginning was read before the recorder went away."""


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


@dataclass(slots=True)
class _Work:
    """One file on its way through the steps."""

    taken: Taken
    folder: Path
    read_back: str = ""
    stored_at: Millis | None = None
    media: Media | None = None
    when: times.ClipTimes | None = None
    offset: Interval | None = None
    manifest: Manifest | None = None
    data: bytes = b""

    @property
    def sealed(self) -> Manifest:
        """The manifest, once there is one."""
        assert self.manifest is not None
        return self.manifest


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
    judge: Callable[[ClipSecured | ClipQuarantined], Sequence[Event]]
    """The findings that a stored clip needs by the rules in force (REC-1)."""

    # --- before the copy ----------------------------------------------------------------------

    def begin(self, batch: Sequence[Intent]) -> list[Path]:
        """Make the partial folders with their intake records, durable. Raises NoSpaceError, VaultError."""
        with disk():
            return self._begin(batch)

    def _begin(self, batch: Sequence[Intent]) -> list[Path]:
        folders = []
        settled: list[Path] = [self.home.partial_root]
        for intent in batch:
            folder = self.home.partial(intent.acquisition)
            folder.mkdir(mode=0o700)
            record = folder / f".{layout.INTAKE_RECORD}.new"
            durable.stage(record, intents.to_bytes(intent))
            durable.stage(folder / layout.BYTES, b"", mode=0o600)
            durable.stage(folder / layout.CHUNKS, b"", mode=0o600)
            record.rename(folder / layout.INTAKE_RECORD)
            settled += [folder / layout.INTAKE_RECORD, folder]
            folders.append(folder)
        durable.settle(settled)
        return folders

    def forget(self, acquisitions: Iterable[AcquisitionId]) -> None:
        """Remove partial folders whose event stands in the log, or which hold nothing worth keeping."""
        for acquisition in acquisitions:
            self.vault.drop_partial(acquisition)

    # --- after the copy -----------------------------------------------------------------------

    def secure(self, batch: Sequence[Taken], others: Sequence[FileClaims] = ()) -> list[Outcome]:
        """All steps from the read-back on, for a batch of one docking.

        ``others`` are what the card's other files claim of their times: evidence for this batch's. A
        read-back that differs is an outcome, no error.

        Raises NoSpaceError, VaultError, LogError: then every folder is left as it is for a later pass.
        """
        with disk():
            return self._secure(batch, others)

    def _secure(self, batch: Sequence[Taken], others: Sequence[FileClaims]) -> list[Outcome]:
        works = [_Work(taken=taken, folder=self.home.partial(taken.intent.acquisition)) for taken in batch]
        failed = self._read_back(works)
        works = [work for work in works if work.read_back]
        self._probe(works)
        _tell_times(works, others)
        for work in works:
            work.manifest = self._manifest(work)
            work.data = work.manifest.to_bytes()
        self._place(works, layout.MANIFEST, [work.data for work in works])
        return failed + self._seal(works)

    def _read_back(self, works: Sequence[_Work]) -> list[Outcome]:
        failed = []
        for work in works:
            digests = (work.folder / layout.CHUNKS).read_bytes()
            try:
                work.read_back = chunks.read_back(work.folder / layout.BYTES, digests, size=work.taken.size)
            except VaultError as error:
                failed.append(_failed(work.taken, Fault.READ_BACK, error.text.en))
            work.stored_at = self.clock.now()
        return failed

    def _probe(self, works: Sequence[_Work]) -> None:
        for work in works:
            if work.taken.intent.kind in PROBED and work.taken.size:
                work.media = self.prober.probe(work.folder / layout.BYTES, kind=work.taken.intent.kind).media

    def _place(self, works: Sequence[_Work], name: str, contents: Sequence[bytes]) -> None:
        """Stage one file in each folder, settle all, rename: a name that exists is complete."""
        staged = []
        for work, data in zip(works, contents, strict=True):
            new = work.folder / f".{name}.new"
            new.unlink(missing_ok=True)
            durable.stage(new, data)
            staged.append(new)
        durable.settle(staged)
        for work, new in zip(works, staged, strict=True):
            new.rename(work.folder / name)

    def _manifest(self, work: _Work) -> Manifest:
        taken, intent, docking = work.taken, work.taken.intent, work.taken.intent.docking
        assert work.stored_at is not None
        assert work.when is not None
        assert work.offset is not None
        return Manifest(
            acquisition=intent.acquisition,
            sha256=taken.sha256,
            size=taken.size,
            chunks_root=chunks.root((work.folder / layout.CHUNKS).read_bytes()).hex(),
            kind=intent.kind,
            marked=intent.marked,
            sequence=intent.sequence,
            officer=intent.officer,
            source=Source(
                driver=docking.driver,
                family=docking.family,
                recorder=docking.recorder,
                claims=intent.claims,
                slot=docking.slot,
                session=docking.session,
                docked_at=docking.docked_at,
                volume=None,
                path=canon.path_text(intent.path),
                path_b64=canon.path_b64(intent.path),
                told_size=intent.size,
                told_mtime_us=intent.mtime_us,
                bad_ranges=taken.bad,
                partial=taken.partial,
            ),
            recorded=Recorded(
                start=work.when.started,
                end=work.when.ended,
                clock_offset_ms=Offset(
                    earliest=work.offset.earliest, latest=work.offset.latest, basis=work.offset.basis
                ),
            ),
            media=None if work.media is None else work.media.to_json(),
            station=self.station,
            read_back="direct" if work.read_back == "direct" else "evicted",
            stored_at=work.stored_at,
            flags=_flags(taken, work.media, work.when),
        )

    def _seal(self, works: Sequence[_Work]) -> list[Outcome]:
        """Sign, adopt, commit, publish, forget: every work has its manifest durable in its folder."""
        unsigned = [work for work in works if not self._is_signed(work)]
        self._place(unsigned, layout.SIGNATURE, [self.keys.sign_manifest(work.data) for work in unsigned])
        durable.settle([work.folder for work in works])
        self._adopt(works)
        return self._commit(works)

    def _is_signed(self, work: _Work) -> bool:
        """Whether a good signature lies in the folder already (a crash left it); a bad one goes."""
        signature = work.folder / layout.SIGNATURE
        if not signature.exists():
            return False
        try:
            self.keys.verify_manifest(work.data, signature.read_bytes())
        except VaultError:
            signature.unlink()
            return False
        return True

    def _adopt(self, works: Sequence[_Work]) -> None:
        """Link into clips/ and manifests/; a rotten copy held already is named in the log, then replaced."""
        sealed = [
            Sealed(
                acquisition=work.taken.intent.acquisition,
                folder=work.folder,
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
        self.books.append([damaged, *self._finding("clip-damaged", about)])
        self.vault.replace_damaged(rotten.sealed)
        repaired = ClipRepaired(sha256=digest, acquisition=rotten.sealed.acquisition)
        self.books.append([repaired, findings.closed("clip-damaged", about, "repaired")])

    def _finding(self, kind: str, about: str, *facts: tuple[str, str | int | None]) -> list[Event]:
        event = findings.opened(kind, about, *facts)
        return [] if self.books.is_open(event.finding) else [event]

    def _commit(self, works: Sequence[_Work]) -> list[Outcome]:
        events: list[Event] = []
        outcomes = []
        earlier: dict[Sha256, AcquisitionId] = {}
        for work in works:
            acquisition, digest = work.sealed.acquisition, work.sealed.sha256
            twin = earlier.setdefault(digest, self.books.stored_by(digest) or acquisition)
            duplicate_of = None if twin == acquisition else twin
            event = _event(work, duplicate_of)
            events += [event, *self.judge(event)]
            if isinstance(event, ClipQuarantined):
                events += self._finding(
                    "quarantined", event.subject, ("path", event.path), ("fault", event.fault)
                )
            elif event.supersedes is not None:
                events.append(findings.closed("quarantined", f"clip:{event.supersedes}", "superseded"))
            if Flag.CLAIMS_DISAGREE in event.flags:
                events += self._finding("claims-disagree", event.subject, ("path", event.path))
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
        folder = self.home.partial(intent.acquisition)
        with disk():
            return self._seal([_Work(taken=taken, folder=folder, manifest=found, data=manifest)])


@contextmanager
def disk() -> Iterator[None]:
    """Errors of the vault's disk in our words: NoSpaceError where it is full, else VaultError."""
    try:
        yield
    except OSError as error:
        if durable.is_no_space(error):
            raise NoSpaceError(FULL) from error
        raise VaultError(
            Text(
                "证据库磁盘出错（{why}）：采集停在原处，记录仪上的文件没有改动。请检查磁盘。",
                "the vault's disk failed ({why}): intake stopped where it was and nothing on the recorder was "
                "changed. Check the disk.",
            ).format(why=error)
        ) from error


def claims_of(intent: Intent, media: Media | None = None) -> FileClaims:
    """What a file claims of its time, by name, file time and (once probed) container."""
    return FileClaims(
        kind=intent.kind,
        named=intent.named,
        mtime_us=intent.mtime_us,
        created=media.created if media else None,
        created_zone=media.created_zone if media else "utc",
        duration_ms=media.duration_ms if media else None,
        sequence=intent.sequence,
    )


def _tell_times(works: Sequence[_Work], others: Sequence[FileClaims]) -> None:
    """When each file of the batch was recorded, by the evidence of the whole card as far as it is known."""
    if not works:
        return
    docking = works[0].taken.intent.docking
    told = times.docking_times(
        times.Docking(
            now=docking.docked_at,
            uncertainty_ms=docking.uncertainty_ms,
            local_offset_minutes=docking.utc_offset_minutes,
            previous=docking.previous_docking,
            clock=docking.clock,
            file_times=docking.file_times,
        ),
        [*(claims_of(work.taken.intent, work.media) for work in works), *others],
    )
    for work, when in zip(works, told.clips, strict=False):
        work.when, work.offset = when, told.clock_offset


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
    )


def _flags(taken: Taken, media: Media | None, when: times.ClipTimes) -> tuple[str, ...]:
    intent, ended = taken.intent, when.ended.latest
    flags = {
        Flag.EMPTY: taken.size == 0,
        Flag.UNREADABLE_MEDIA: intent.kind in PROBED and taken.size > 0 and media is None,
        Flag.UNKNOWN_KIND: intent.kind is Kind.OTHER,
        Flag.CLAIMS_DISAGREE: intent.officer_disputed,
        Flag.NAME_NOT_TEXT: "\ufffd" in canon.path_text(intent.path),
        Flag.BACKLOG: intent.kind.is_recording
        and ended is not None
        and ended < intent.docking.commissioned_at,
    }
    return tuple(sorted({flag.value for flag, set_ in flags.items() if set_} | {f.value for f in when.flags}))


def _event(work: _Work, duplicate_of: AcquisitionId | None) -> ClipSecured | ClipQuarantined:
    """The event of a signed manifest: says nothing that the manifest does not say."""
    manifest, intent = work.sealed, work.taken.intent
    common: dict[str, Any] = {
        "acquisition": manifest.acquisition,
        "session": manifest.source.session,
        "recorder": manifest.source.recorder,
        "slot": manifest.source.slot,
        "manifest": manifest_name(manifest.acquisition, manifest.source.docked_at),
        "manifest_sha256": canon.sha256(work.data),
        "sha256": manifest.sha256,
        "size": manifest.size,
        "path": manifest.source.path,
        "path_b64": manifest.source.path_b64,
        "mtime_us": manifest.source.told_mtime_us,
        "kind": manifest.kind,
        "marked": manifest.marked,
        "sequence": manifest.sequence,
        "officer": manifest.officer,
        "started": manifest.recorded.start,
        "ended": manifest.recorded.end,
        "stored_at": manifest.stored_at,
        "duplicate_of": duplicate_of,
        "flags": manifest.flags,
    }
    if manifest.source.bad_ranges or manifest.source.partial:
        return ClipQuarantined(
            **common,
            supersedes=None,
            fault=Fault.PULLED if manifest.source.partial else Fault.READ_ERROR,
            bad_ranges=manifest.source.bad_ranges,
            partial=manifest.source.partial,
        )
    return ClipSecured(**common, supersedes=intent.supersedes)

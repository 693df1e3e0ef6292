"""What is said of an acquired file: its times, its manifest, its event. PURE.

The event of a signed manifest says nothing that the manifest does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingestd import canon
from ingestd.device.identity import SERIAL, id_text
from ingestd.events import ClipQuarantined, ClipSecured
from ingestd.intake import times
from ingestd.intake.habits import FileClaims
from ingestd.intake.holding import NOBODY, Holder, holder_in, span_of
from ingestd.intake.intent import Intent
from ingestd.media.model import Media
from ingestd.media.probe import ProbeFailure, ProbeResult
from ingestd.model import AcquisitionId, BadRange, Fault, Flag, Interval, Kind, Millis, RecorderId, Sha256
from ingestd.vault.layout import manifest_name
from ingestd.vault.manifest import Manifest, Offset, ReadBack, Recorded, Source, Station

UNREADABLE = frozenset(
    {ProbeFailure.NO_MEDIA, ProbeFailure.TOO_LARGE, ProbeFailure.TIMED_OUT, ProbeFailure.CRASHED}
)
"""What says something of the clip; a missing analyser is our fault and says nothing of it."""


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
class Stored:
    """The read-back that passed: how, when (REC-1's moment), and the root of the chunk list."""

    read_back: ReadBack
    at: Millis
    chunks_root: str


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
        new=intent.is_new,
    )


def times_of(
    batch: Sequence[tuple[Intent, Media | None]], others: Sequence[FileClaims]
) -> tuple[Interval, tuple[times.ClipTimes, ...]]:
    """The recorder's clock offset, and when each file of a batch (of one docking, not empty) was recorded.

    ``others`` are what the card's other files claim: evidence, as far as it is known.
    """
    docking = batch[0][0].docking
    told = times.docking_times(
        times.Docking(
            now=docking.docked_at,
            clock_asked=docking.clock_asked,
            clock_told=docking.clock_told,
            uncertainty_ms=docking.uncertainty_ms,
            local_offset_minutes=docking.utc_offset_minutes,
            previous=docking.previous_docking,
            clock=docking.clock,
            file_times=docking.file_times,
            sequence_runs_on=docking.counter_runs_on,
        ),
        [*(claims_of(intent, media) for intent, media in batch), *others],
    )
    return told.clock_offset, told.clips[: len(batch)]


def manifest_of(
    taken: Taken,
    *,
    stored: Stored,
    probed: ProbeResult | None,
    when: times.ClipTimes,
    offset: Interval,
    station: Station,
) -> Manifest:
    """The manifest of one file (design 6). ``probed`` None: not a recording, or empty."""
    intent, docking = taken.intent, taken.intent.docking
    media = probed.media if probed else None
    holder = _holder(intent, when)
    return Manifest(
        acquisition=intent.acquisition,
        sha256=taken.sha256,
        size=taken.size,
        chunks_root=stored.chunks_root,
        kind=intent.kind,
        marked=intent.marked,
        sequence=intent.sequence,
        officer=intent.officer or holder.officer,
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
            start=when.started,
            end=when.ended,
            clock_offset_ms=Offset(earliest=offset.earliest, latest=offset.latest, basis=offset.basis),
        ),
        media=media.to_json() if media else None,
        station=station,
        read_back=stored.read_back,
        stored_at=stored.at,
        flags=_flags(taken, probed, when, holder),
    )


def _holder(intent: Intent, when: times.ClipTimes) -> Holder:
    """Who had the recorder while this was recorded, where nothing on the card says whose it is."""
    if intent.officer is not None or intent.officer_disputed or not intent.docking.held:
        return NOBODY
    return holder_in(intent.docking.held, span_of(when.started, when.ended))


def _flags(
    taken: Taken, probed: ProbeResult | None, when: times.ClipTimes, holder: Holder
) -> tuple[str, ...]:
    intent, ended = taken.intent, when.ended.latest
    flags = {
        Flag.EMPTY: taken.size == 0,
        Flag.UNREADABLE_MEDIA: probed is not None and probed.failure in UNREADABLE,
        Flag.UNKNOWN_KIND: intent.kind is Kind.OTHER,
        Flag.CLAIMS_DISAGREE: intent.officer_disputed,
        Flag.HOLDER_UNCLEAR: intent.kind.is_recording and not holder.is_clear,
        Flag.NAME_NOT_TEXT: "\ufffd" in canon.path_text(intent.path),
        Flag.BACKLOG: intent.kind.is_recording
        and ended is not None
        and ended < intent.docking.commissioned_at,
    }
    return tuple(
        sorted({flag.value for flag, holds in flags.items() if holds} | {f.value for f in when.flags})
    )


def event_of(
    manifest: Manifest,
    data: bytes,
    *,
    duplicate_of: AcquisitionId | None,
    supersedes: tuple[AcquisitionId, ...],
) -> ClipSecured | ClipQuarantined:
    """The event of a signed manifest, whose bytes are ``data``."""
    common: dict[str, Any] = {
        "acquisition": manifest.acquisition,
        "session": manifest.source.session,
        "recorder": manifest.source.recorder,
        "slot": manifest.source.slot,
        "manifest": manifest_name(manifest.acquisition, manifest.source.docked_at),
        "manifest_sha256": canon.sha256(data),
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
        "supersedes": supersedes,
        "flags": manifest.flags,
        "claimed_recorder": _claimed_recorder(manifest.source),
    }
    if manifest.source.bad_ranges or manifest.source.partial:
        return ClipQuarantined(
            **common,
            fault=Fault.PULLED if manifest.source.partial else Fault.READ_ERROR,
            bad_ranges=manifest.source.bad_ranges,
            partial=manifest.source.partial,
        )
    return ClipSecured(**common)


def _claimed_recorder(source: Source) -> RecorderId | None:
    """The recorder that the file itself names, where it is one and not the one it came by."""
    named = {id_text(claim.text) for claim in source.claims if claim.what == SERIAL and claim.text}
    return RecorderId(named.pop()) if len(named) == 1 and source.recorder not in named else None

"""Events of clips: stored, gone from the recorder, previewed, damaged, repaired. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import (
    AcquisitionId,
    BadRange,
    Interval,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClipEvent(Event):
    acquisition: AcquisitionId

    @property
    def subject(self) -> str:
        return f"clip:{self.acquisition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClipStored(_ClipEvent):
    """What `clip.secured` and `clip.quarantined` share: enough to project a clip without its manifest."""

    session: SessionId
    recorder: RecorderId
    slot: SlotName
    manifest: str
    """Path of the manifest below ``vault/manifests``, without ``.json``."""
    manifest_sha256: Sha256
    sha256: Sha256
    size: int
    path: str
    path_b64: str | None
    mtime_us: int | None
    """File time as told by the card (with size and path: how a held file is known again)."""
    kind: Kind
    marked: bool
    sequence: int | None
    officer: str | None
    started: Interval
    ended: Interval
    stored_at: Millis
    duplicate_of: AcquisitionId | None
    """An earlier acquisition that holds the same bytes."""
    supersedes: tuple[AcquisitionId, ...]
    """Quarantined acquisitions of the same file, of which this is a better read."""
    flags: tuple[str, ...]
    claimed_recorder: RecorderId | None = None
    """The recorder that the file itself names, where that is another than the one it came by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSecured(_ClipStored):
    """The clip is stored, read back, signed."""

    type = "clip.secured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuarantined(_ClipStored):
    """What could be read is stored, read back and signed; the rest is listed as bad."""

    type = "clip.quarantined"
    fault: str
    bad_ranges: tuple[BadRange, ...]
    partial: bool
    """True: only the beginning was read before the recorder went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFailed(_ClipEvent):
    """A file was listed and could not be acquired in this session (word in `model.Fault`)."""

    type = "clip.failed"
    session: SessionId
    recorder: RecorderId
    path: str
    path_b64: str | None
    fault: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReleased(_ClipEvent):
    """The clip is gone from the recorder."""

    type = "clip.released"
    session: SessionId
    observed: bool
    """True: found gone at a later docking after a release that was interrupted."""
    remnant: bool | None = None
    """True: an interrupted release had left its name alone, unreadable; that was deleted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMissing(_ClipEvent):
    """A secured clip is gone from the recorder without a release: removed elsewhere."""

    type = "clip.missing"
    session: SessionId
    recorder: RecorderId


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMade(_ClipEvent):
    """A preview of a clip exists below derived/ (another file, never the evidence)."""

    type = "preview.made"
    sha256: Sha256
    """Of the clip."""
    preview: str
    preview_sha256: Sha256
    tool: str
    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFailed(_ClipEvent):
    """No preview can be made of these bytes; said once, not tried again."""

    type = "preview.failed"
    sha256: Sha256
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDamaged(Event):
    """Stored bytes do not match their digest any more."""

    type = "clip.damaged"
    sha256: Sha256
    found_by: str
    """duplicate, verification, release, person, look."""
    detail: str

    @property
    def subject(self) -> str:
        return f"bytes:{self.sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRepaired(Event):
    """Damaged bytes are good again: by a new copy, the damaged kept in vault/damaged, or put back by hand."""

    type = "clip.repaired"
    sha256: Sha256
    acquisition: AcquisitionId | None
    """That brought the new copy; None: what was put back was read again in full."""

    @property
    def subject(self) -> str:
        return f"bytes:{self.sha256}"

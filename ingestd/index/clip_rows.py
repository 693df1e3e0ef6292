"""Clips, releases, damaged bytes, previews: what each clip event does to their rows.

Custody states of a clip: secured or quarantined; from there released (gone from the recorder by us),
missing (gone otherwise) or superseded (a better read exists). Damage belongs to bytes, backlog is a flag:
both are shown over the custody state by `queries`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from ingestd import canon
from ingestd.events import (
    ClipDamaged,
    ClipMissing,
    ClipQuarantined,
    ClipReleased,
    ClipRepaired,
    ClipSecured,
    DocumentDamaged,
    PreviewFailed,
    PreviewMade,
    ReleaseFailed,
    ReleaseStarted,
)
from ingestd.index.card_rows import no_longer_waiting
from ingestd.index.hand_rows import no_longer_urged
from ingestd.index.position import Position
from ingestd.index.tables import clips, damaged, path_digest, previews, releases
from ingestd.index.writes import Writes
from ingestd.model import AcquisitionId, Kind, Millis, Sha256

_INSERT_CLIP = insert(clips)
_INSERT_RELEASE = insert(releases)
_INSERT_DAMAGED = insert(damaged)
_INSERT_PREVIEW = insert(previews)

_SUPERSEDE = (
    update(clips)
    .where(clips.c.acquisition == bindparam("old"))
    .values(state="superseded", superseded_by=bindparam("new"))
)
_RELEASED = (
    update(clips)
    .where(clips.c.acquisition == bindparam("a"))
    .values(state="released", released_at=bindparam("at"))
)
_MISSING = update(clips).where(clips.c.acquisition == bindparam("a")).values(state="missing")
_END_RELEASE = delete(releases).where(releases.c.acquisition == bindparam("a"))
_PREVIEWED = (
    update(clips)
    .where(clips.c.sha256 == bindparam("digest"), clips.c.preview_due.is_(True))
    .values(preview_due=False)
)
_REPAIRED = (
    update(damaged)
    .where(damaged.c.sha256 == bindparam("digest"))
    .values(repaired_at=bindparam("at"), repaired_by=bindparam("by"))
)


def _json(value: Any) -> str:
    return canon.encode(value).decode()


def clip_stored(writes: Writes, entry: Position, event: ClipSecured | ClipQuarantined) -> None:
    """A clip stands in the vault: its row, and the card's file is no longer waiting."""
    writes.add(_INSERT_CLIP, row_of(entry, event))
    if not (isinstance(event, ClipQuarantined) and event.partial):
        no_longer_waiting(writes, event)
        no_longer_urged(writes, event)
    writes.add(_SUPERSEDE, *({"old": old, "new": event.acquisition} for old in event.supersedes))


def row_of(entry: Position, event: ClipSecured | ClipQuarantined) -> dict[str, Any]:
    """A clip's row, as of the event that brought it."""
    quarantined = event if isinstance(event, ClipQuarantined) else None
    bad_ranges = quarantined.bad_ranges if quarantined else ()
    return {
        "seq": entry.seq,
        "acquisition": event.acquisition,
        "state": "secured" if quarantined is None else "quarantined",
        "secured_at": entry.at,
        "stored_at": event.stored_at,
        "session": event.session,
        "recorder": event.recorder,
        "slot": event.slot,
        "officer": event.officer,
        "manifest": event.manifest,
        "manifest_sha256": event.manifest_sha256,
        "sha256": event.sha256,
        "size": event.size,
        "path": event.path,
        "path_b64": event.path_b64,
        "path_digest": path_digest(event.path.encode()),
        "mtime_us": event.mtime_us,
        "kind": event.kind.value,
        "marked": event.marked,
        "sequence": event.sequence,
        "started_earliest": event.started.earliest,
        "started_latest": event.started.latest,
        "started_basis": event.started.basis,
        "ended_earliest": event.ended.earliest,
        "ended_latest": event.ended.latest,
        "ended_basis": event.ended.basis,
        "start_key": _start_key(event),
        "flags": _json(list(event.flags)),
        "duplicate_of": event.duplicate_of,
        "supersedes": _json(list(event.supersedes)),
        "superseded_by": None,
        "fault": quarantined.fault if quarantined else None,
        "bad_ranges": _json([[bad.offset, bad.length] for bad in bad_ranges]),
        "partial": quarantined is not None and quarantined.partial,
        "released_at": None,
        "claimed_recorder": event.claimed_recorder,
        # A duplicate's bytes had their turn with the acquisition that brought them first.
        "preview_due": event.kind is Kind.VIDEO and event.duplicate_of is None,
        "analysis_due": event.kind.is_recording and event.duplicate_of is None,
    }


def _start_key(event: ClipSecured | ClipQuarantined) -> Millis:
    for moment in (event.started.earliest, event.started.latest):
        if moment is not None:
            return moment
    return event.stored_at


def clip_released(writes: Writes, entry: Position, event: ClipReleased) -> None:
    """The clip is gone from the recorder, as intended."""
    writes.add(_RELEASED, {"a": event.acquisition, "at": entry.at})
    writes.add(_END_RELEASE, {"a": event.acquisition})


def clip_missing(writes: Writes, entry: Position, event: ClipMissing) -> None:
    """The clip is gone from the recorder, and not by us."""
    del entry
    writes.add(_MISSING, {"a": event.acquisition})
    writes.add(_END_RELEASE, {"a": event.acquisition})


def release_started(connection: Connection, entry: Position, event: ReleaseStarted) -> None:
    """These acquisitions are to be deleted: whether they were is not known until they are released."""
    _end_releases(connection, event.acquisitions)
    rows = [
        {
            "acquisition": acquisition,
            "recorder": event.recorder,
            "session": event.session,
            "started_at": entry.at,
            "started_seq": entry.seq,
        }
        for acquisition in dict.fromkeys(event.acquisitions)
    ]
    if rows:
        connection.execute(_INSERT_RELEASE, rows)


def release_failed(connection: Connection, entry: Position, event: ReleaseFailed) -> None:
    """These acquisitions were not deleted: the intent is over."""
    del entry
    _end_releases(connection, event.acquisitions)


def _end_releases(connection: Connection, acquisitions: tuple[AcquisitionId, ...]) -> None:
    if acquisitions:
        connection.execute(_END_RELEASE, [{"a": acquisition} for acquisition in acquisitions])


def clip_damaged(connection: Connection, entry: Position, event: ClipDamaged) -> None:
    """Stored bytes are rotten, for every acquisition that shares them."""
    put_damaged(connection, entry, event.sha256, event)


def put_damaged(
    connection: Connection, entry: Position, digest: Sha256, event: ClipDamaged | DocumentDamaged
) -> None:
    """What a digest names is damaged."""
    connection.execute(delete(damaged).where(damaged.c.sha256 == digest))
    connection.execute(
        _INSERT_DAMAGED,
        {
            "sha256": digest,
            "found_at": entry.at,
            "found_seq": entry.seq,
            "found_by": event.found_by,
            "detail": event.detail,
            "repaired_at": None,
            "repaired_by": None,
        },
    )


def clip_repaired(connection: Connection, entry: Position, event: ClipRepaired) -> None:
    """A good copy stands in their place."""
    put_repaired(connection, entry, event.sha256, by=event.acquisition)


def put_repaired(
    connection: Connection, entry: Position, digest: Sha256, *, by: AcquisitionId | None
) -> None:
    """What a digest names is good again; ``by`` the acquisition that brought it, where one did."""
    connection.execute(_REPAIRED, {"digest": digest, "at": entry.at, "by": by})


def preview_made(connection: Connection, entry: Position, event: PreviewMade) -> None:
    """A preview of these bytes exists."""
    _preview(
        connection,
        entry,
        event,
        preview=event.preview,
        preview_sha256=event.preview_sha256,
        tool=event.tool,
        settings=event.settings,
    )


def preview_failed(connection: Connection, entry: Position, event: PreviewFailed) -> None:
    """No preview of these bytes can be made; not tried again."""
    _preview(connection, entry, event, failure=event.why)


def _preview(
    connection: Connection, entry: Position, event: PreviewMade | PreviewFailed, **facts: str
) -> None:
    empty = dict.fromkeys(("preview", "preview_sha256", "tool", "settings", "failure"))
    row = {"sha256": event.sha256, "acquisition": event.acquisition, "made_at": entry.at}
    connection.execute(delete(previews).where(previews.c.sha256 == event.sha256))
    connection.execute(_INSERT_PREVIEW, empty | row | facts)
    connection.execute(_PREVIEWED, {"digest": event.sha256})

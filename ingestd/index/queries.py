"""Typed reads of the read model, one function a question. None of them writes or asks the time.

Every one stays below five milliseconds with a million clips but `counts`, which reads one index through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Select, func, select

from ingestd import canon
from ingestd.index import hands
from ingestd.index.facts import (
    Clip,
    Counts,
    Docking,
    Finding,
    HeldFile,
    OpenSession,
    PendingAction,
    Recorder,
    Slot,
    Station,
    StoredBytes,
    Tally,
    WaitingFile,
)
from ingestd.index.row_values import CLIP, clip_of, waiting_file_of
from ingestd.index.tables import (
    actions,
    card_files,
    damaged,
    findings,
    meta,
    path_digest,
    releases,
    sessions,
    subjects,
)
from ingestd.index.tables import (
    clips as clip_rows,
)
from ingestd.index.tables import (
    recorders as recorder_rows,
)
from ingestd.index.tables import (
    slots as slot_rows,
)
from ingestd.model import (
    UNIDENTIFIED,
    AcquisitionId,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
)

_PAGE = 1000
MATCHES_LIMIT = 200
"""A path on a card may have been used over and over; the newest so many are answered."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST_PREFIX = re.compile(r"[0-9a-f]{8,64}")
_ON_RECORDER = ("secured", "quarantined")


# --- what intake compares and goes on from --------------------------------------------------------


def held_files(connection: Connection, recorder: RecorderId) -> tuple[HeldFile, ...]:
    """Secured and quarantined files that this recorder may still have, oldest first.

    Not those released, superseded or known to be missing. A recorder that is not released keeps all its
    files here; the answer then has as many rows as its card has files.
    """
    row = clip_rows.c
    query = (
        select(
            row.acquisition,
            row.path,
            row.path_b64,
            row.size,
            row.mtime_us,
            row.sha256,
            row.state,
            row.partial,
            releases.c.started_seq,
        )
        .join_from(clip_rows, releases, releases.c.acquisition == row.acquisition, isouter=True)
        .where(row.recorder == recorder, row.state.in_(_ON_RECORDER))
        .order_by(row.seq)
    )
    return tuple(
        HeldFile(
            acquisition=found.acquisition,
            path=canon.path_bytes(found.path, found.path_b64),
            size=found.size,
            mtime_us=found.mtime_us,
            sha256=found.sha256,
            state=found.state,
            release_pending=found.started_seq is not None,
            quarantined=found.state == "quarantined",
            partial=found.partial,
        )
        for found in connection.execute(query)
    )


def waiting_files(connection: Connection, recorder: RecorderId) -> tuple[WaitingFile, ...]:
    """Files that listings of this recorder named and that are not secured, gone ones too, by path."""
    query = select(card_files).where(card_files.c.recorder == recorder)
    return tuple(
        sorted(map(waiting_file_of, connection.execute(query).mappings()), key=lambda file: file.path)
    )


def stored_digests(connection: Connection, digests: Sequence[Sha256]) -> dict[Sha256, AcquisitionId]:
    """Of these digests (a batch of 256) those that are held, each with the first acquisition of its bytes."""
    row = clip_rows.c
    query = select(row.seq, row.sha256, row.acquisition).where(row.sha256.in_(digests))
    # Sorted here: ORDER BY or LIMIT tempts PostgreSQL to walk all clips in their order (40 ms of 200 000).
    newest_first = sorted(connection.execute(query), key=lambda found: found.seq, reverse=True)
    return {found.sha256: found.acquisition for found in newest_first}


def last_docking(
    connection: Connection, recorder: RecorderId, *, before: SessionId | None = None
) -> Docking | None:
    """The newest docking of a recorder, other than ``before``, at which its card was listed in full.

    What was on the card at any other is not known. None too for cards that name no recorder.
    """
    if recorder == UNIDENTIFIED:
        return None
    row = sessions.c
    query = select(row.session, row.slot, row.docked_at, row.clock_wall, row.clock_zone, row.outcome).where(
        row.recorder == recorder,
        row.docked_at.is_not(None),
        row.complete.is_(True),
        row.session != (before or ""),
    )
    newest = query.order_by(row.docked_at.desc(), row.seq.desc()).limit(1)
    found = connection.execute(newest).mappings().one_or_none()
    return None if found is None else Docking(**found)


def open_sessions(connection: Connection) -> tuple[OpenSession, ...]:
    """Sessions that were not closed, oldest first: at a start, those that a crash interrupted."""
    row = sessions.c
    query = select(row.session, row.slot, row.driver, row.location, row.opened_at, row.recorder)
    found = connection.execute(query.where(row.closed_at.is_(None)).order_by(row.seq))
    return tuple(OpenSession(**one) for one in found.mappings())


# --- clips ------------------------------------------------------------------------------------------


def is_digest_prefix(key: str) -> bool:
    """Whether this can be a SHA-256 or enough of its beginning to look for (eight digits)."""
    return _DIGEST_PREFIX.fullmatch(key) is not None


def clip(connection: Connection, key: str) -> tuple[Clip, ...]:
    """The clips that a person's key names, newest first.

    A key is an acquisition's id, a SHA-256 or its first eight digits or more, or a path on a card. More than
    one clip means that the key is shared.
    """
    row = clip_rows.c
    if _UUID.fullmatch(key.lower()):
        chosen = CLIP.where(row.acquisition == key.lower())
    elif is_digest_prefix(key.lower()):
        # A range instead of LIKE: it uses the index in every collation ("g" comes after all hex digits).
        chosen = CLIP.where(row.sha256 >= key.lower(), row.sha256 < key.lower() + "g")
    else:
        chosen = CLIP.where(row.path_digest == path_digest(key.encode(errors="replace")))
    return _clips(connection, chosen.order_by(row.seq.desc()).limit(MATCHES_LIMIT))


def clips(
    connection: Connection,
    *,
    recorder: RecorderId | None = None,
    officer: str | None = None,
    state: str | None = None,
    kind: Kind | None = None,
    since: Millis | None = None,
    until: Millis | None = None,
    before_seq: int | None = None,
    limit: int = 50,
) -> tuple[Clip, ...]:
    """Clips by what they have in common, newest first.

    With no filter on recorder, officer, state or time the newest are the last that came in, and
    ``before_seq`` pages on; otherwise the last that were recorded, from ``since`` up to before ``until``.
    """
    row = clip_rows.c
    wanted = [
        (row.recorder, recorder),
        (row.officer, officer),
        (row.state, state),
        (row.kind, kind.value if kind else None),
    ]
    query = CLIP.where(*(column == value for column, value in wanted if value is not None))
    if since is not None:
        query = query.where(row.start_key >= since)
    if until is not None:
        query = query.where(row.start_key < until)
    if before_seq is not None:
        query = query.where(row.seq < before_seq)
    by_start = any(value is not None for value in (recorder, officer, state, since, until))
    order = (row.start_key.desc(), row.seq.desc()) if by_start else (row.seq.desc(),)
    return _clips(connection, query.order_by(*order).limit(limit))


def clips_of(connection: Connection, acquisitions: Collection[str]) -> tuple[Clip, ...]:
    """Those of these acquisitions (a bundle of 256) that there are, in no order."""
    return _clips(connection, CLIP.where(clip_rows.c.acquisition.in_(acquisitions)))


def clip_count(connection: Connection) -> int:
    """How many acquisitions there are; reads one index through."""
    return connection.scalar(select(func.count()).select_from(clip_rows)) or 0


def all_clips(connection: Connection) -> Iterator[Clip]:
    """Every acquisition in the log's order, a page at a time: memory does not grow with their number."""
    after = -1
    query = CLIP.order_by(clip_rows.c.seq).limit(_PAGE)
    while page := connection.execute(query.where(clip_rows.c.seq > after)).mappings().all():
        yield from (clip_of(row) for row in page)
        after = page[-1]["seq"]


def history(connection: Connection, subject: str) -> tuple[int, ...]:
    """Log positions of the chain of a subject (``clip:<id>``, ``recorder:<id>``, ...), in order.

    A clip's chain has its session's events, its releases and what happened to its bytes.
    """
    wanted = [subject]
    name, _, acquisition = subject.partition(":")
    if name == "clip":
        row = clip_rows.c
        query = select(row.session, row.sha256).where(row.acquisition == acquisition)
        for found in connection.execute(query):
            wanted += [f"session:{found.session}", f"bytes:{found.sha256}"]
    query = select(subjects.c.seq).where(subjects.c.subject.in_(wanted)).distinct()
    return tuple(connection.scalars(query.order_by(subjects.c.seq)))


def is_value_referenced(connection: Connection, digest: str) -> bool:
    """Whether an event refers to this personal value."""
    return bool(history(connection, f"value:{digest}"))


def next_to_verify(connection: Connection, after_digest: str, limit: int) -> tuple[StoredBytes, ...]:
    """The next contents of the vault in the order of their digests: where re-verification goes on.

    At most ``limit``, fewer where acquisitions share them; none only at the end.
    """
    row = clip_rows.c
    query = select(row.sha256, row.size).where(row.sha256 > after_digest).order_by(row.sha256).limit(limit)
    found = dict.fromkeys((one.sha256, one.size) for one in connection.execute(query))
    return tuple(StoredBytes(sha256=sha256, size=size) for sha256, size in found)


def without_preview(connection: Connection, limit: int) -> tuple[Clip, ...]:
    """Films of which no preview was made or found impossible, newest first."""
    row = clip_rows.c
    return _clips(connection, CLIP.where(row.preview_due.is_(True)).order_by(row.seq.desc()).limit(limit))


# --- what people look after -------------------------------------------------------------------------


def recorder(
    connection: Connection,
    id: RecorderId,  # noqa: A002 - the caller's word
    at: Millis | None = None,
) -> Recorder | None:
    """One recorder, with who has it at a moment (None: until something else is said)."""
    found = _recorders(connection, recorder_rows.c.recorder == id)
    return next(iter(hands.with_officers(connection, found, at)), None)


def recorders(connection: Connection, at: Millis | None = None) -> tuple[Recorder, ...]:
    """All recorders, by id, with who has them at a moment."""
    return hands.with_officers(connection, _recorders(connection), at)


def slots(connection: Connection, at: Millis | None = None) -> tuple[Slot, ...]:
    """All slots that ever had a session, in natural order (2 before 10), with who has what stands in them."""
    found = [Slot(**one) for one in connection.execute(select(slot_rows)).mappings()]
    by_name = sorted(found, key=lambda slot: (len(slot.slot), slot.slot))
    return hands.slots_with_officers(connection, by_name, at)


def open_findings(connection: Connection) -> tuple[Finding, ...]:
    """Findings that stand, oldest first."""
    row = findings.c
    query = select(*(row[field.name] for field in fields(Finding)))
    found = connection.execute(query.where(row.closed_at.is_(None)).order_by(row.opened_seq))
    return tuple(
        Finding(**{**one, "facts": tuple((name, value) for name, value in json.loads(one["facts"]))})
        for one in found.mappings()
    )


def pending_actions(connection: Connection) -> tuple[PendingAction, ...]:
    """Two-person actions that wait for the second person, oldest first."""
    row = actions.c
    query = select(row.action, row.verb, row.about, row.reason_value, row.proposed_by, row.proposed_at)
    found = connection.execute(query.order_by(row.proposed_seq))
    return tuple(PendingAction(**one) for one in found.mappings())


def next_deadlines(connection: Connection, limit: int) -> tuple[WaitingFile, ...]:
    """Recordings that are seen and not stored, the earliest end as told by the card first."""
    row = card_files.c
    query = select(card_files).where(row.gone_at.is_(None), row.recording.is_(True))
    found = connection.execute(query.order_by(row.told_end, row.recorder, row.path_digest).limit(limit))
    return tuple(map(waiting_file_of, found.mappings()))


def counts(connection: Connection) -> Counts:
    """How much there is of everything; reads one index of the clips through."""
    row = clip_rows.c
    states = connection.execute(select(row.state, func.count(), func.sum(row.size)).group_by(row.state))
    tallies = sorted((state, Tally(clips=clips, bytes=int(size))) for state, clips, size in states)

    def number(query: Select[Any]) -> int:
        return connection.scalar(query) or 0

    def rows_of(table: Any, *where: Any) -> int:
        return number(select(func.count()).select_from(table).where(*where))

    return Counts(
        clips=tuple(tallies),
        damaged=rows_of(damaged, damaged.c.repaired_at.is_(None)),
        unanalysed=rows_of(clip_rows, row.analysis_due.is_(True)),
        waiting=rows_of(card_files, card_files.c.gone_at.is_(None)),
        gone=rows_of(card_files, card_files.c.gone_at.is_not(None)),
        releases=rows_of(releases),
        findings=rows_of(findings, findings.c.closed_at.is_(None)),
        actions=rows_of(actions),
    )


def station(connection: Connection) -> Station | None:
    """The station's own facts; None before `log.created`."""
    found: dict[str, str] = {row.name: row.value for row in connection.execute(select(meta))}
    if "agency" not in found:
        return None

    def number(name: str) -> int | None:
        return int(found[name]) if name in found else None

    def moment(name: str) -> Millis | None:
        return Millis(int(found[name])) if name in found else None

    def digest(name: str) -> Sha256 | None:
        return Sha256(found[name]) if name in found else None

    return Station(
        agency=found["agency"],
        station=found["station"],
        policy=found["policy"],
        policy_sha256=digest("policy_sha256"),
        agency_sha256=digest("agency_sha256"),
        verifier_key=found["verifier_key"],
        started_at=moment("started_at"),
        stopped_at=moment("stopped_at"),
        verified_at=moment("verified_at"),
        verify_cursor=found.get("verify_cursor"),
        value_cursor=found.get("value_cursor"),
        disk_days_left=number("disk_days_left"),
    )


# --- rows to values ---------------------------------------------------------------------------------

_RECORDER_COLUMNS = [column for column in recorder_rows.c if column.name != "claims"]


def _recorders(connection: Connection, *where: Any) -> tuple[Recorder, ...]:
    query = select(*_RECORDER_COLUMNS).where(*where).order_by(recorder_rows.c.recorder)
    return tuple(Recorder(**one) for one in connection.execute(query).mappings())


def _clips(connection: Connection, query: Select[Any]) -> tuple[Clip, ...]:
    return tuple(clip_of(row) for row in connection.execute(query).mappings())

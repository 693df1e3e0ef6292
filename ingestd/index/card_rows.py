"""Files that lie on a card and are not yet secured: what listings and storing do to their rows.

An identified recorder's files are known by their path. Cards that name no recorder share paths, so each
docking of such a card has rows of its own. A file that waited and is not listed any more stays as *gone*:
it left the recorder without ever being secured.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ingestd import canon
from ingestd.events import CardListed, ClipFailed, ClipQuarantined, ClipSecured, ListedFile
from ingestd.index import recorder_rows
from ingestd.index.position import Position
from ingestd.index.tables import card_files, path_digest, sessions
from ingestd.index.writes import Writes
from ingestd.model import UNIDENTIFIED, Millis, RecorderId, SessionId

UNTOLD = -(2**62)
"""Stands for a file time that the card did not tell, where two are compared."""

_INSERT = insert(card_files)
_OF_PATH = (card_files.c.recorder == bindparam("r"), card_files.c.path_digest == bindparam("p"))
_ONE = (*_OF_PATH, card_files.c.card == bindparam("k"))
_FORGET = delete(card_files).where(*_ONE)
_GONE = update(card_files).where(*_ONE).values(gone_at=bindparam("at"))
_FAILED = update(card_files).where(*_ONE).values(fault=bindparam("f"))
_STORED = delete(card_files).where(*_OF_PATH)
_STORED_UNIDENTIFIED = _STORED.where(
    card_files.c.size == bindparam("s"), func.coalesce(card_files.c.mtime_us, UNTOLD) == bindparam("m")
)


def _card(recorder: RecorderId, session: SessionId) -> str:
    return session if recorder == UNIDENTIFIED else ""


def card_listed(connection: Connection, entry: Position, event: CardListed) -> None:
    """The files that wait on the card, as of now; one that waited and is not there any more is *gone*."""
    connection.execute(
        update(sessions)
        .where(sessions.c.session == event.session)
        .values(recorder=event.recorder, listed=len(event.files), complete=event.complete)
    )
    recorder_rows.listed(connection, entry, event)
    card = _card(event.recorder, event.session)
    of_card = (card_files.c.recorder == event.recorder) & (card_files.c.card == card)
    known = {
        row.path_digest: row
        for row in connection.execute(
            select(
                card_files.c.path_digest, card_files.c.size, card_files.c.mtime_us, card_files.c.first_seen_at
            ).where(of_card, card_files.c.gone_at.is_(None))
        )
    }
    listed = {path_digest(canon.path_bytes(file.path, file.path_b64)): file for file in event.files}
    _each(connection, _FORGET, [{"r": event.recorder, "p": digest, "k": card} for digest in listed])
    rows = []
    for digest, file in listed.items():
        if file.plan == "acquire":
            was = known.get(digest)
            same = was is not None and (was.size, was.mtime_us) == (file.size, file.mtime_us)
            first_seen = was.first_seen_at if was is not None and same else entry.at
            rows.append(_card_row(entry, event, file, card=card, digest=digest, first_seen=first_seen))
    _each(connection, _INSERT, rows)
    if event.complete:
        gone = sorted(known.keys() - listed.keys())
        _each(connection, _GONE, [{"r": event.recorder, "p": p, "k": card, "at": entry.at} for p in gone])


def _each(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:  # an empty list would run the statement once, without values
        connection.execute(statement, rows)


def _card_row(
    entry: Position, event: CardListed, file: ListedFile, *, card: str, digest: str, first_seen: Millis
) -> dict[str, Any]:
    told = first_seen if file.mtime_us is None else min(file.mtime_us // 1000, first_seen)
    return {
        "recorder": event.recorder,
        "path_digest": digest,
        "card": card,
        "session": event.session,
        "listed_at": entry.at,
        "first_seen_at": first_seen,
        "path": file.path,
        "path_b64": file.path_b64,
        "size": file.size,
        "mtime_us": file.mtime_us,
        "kind": file.kind.value,
        "recording": file.kind.is_recording,
        "sequence": file.sequence,
        "told_end": told,
        "fault": None,
        "gone_at": None,
    }


def clip_failed(connection: Connection, entry: Position, event: ClipFailed) -> None:
    """The card's file keeps waiting, with what went wrong."""
    del entry
    path = canon.path_bytes(event.path, event.path_b64)
    key = {"r": event.recorder, "p": path_digest(path), "k": _card(event.recorder, event.session)}
    connection.execute(_FAILED, key | {"f": event.fault})


def no_longer_waiting(writes: Writes, event: ClipSecured | ClipQuarantined) -> None:
    """The file of a card is stored whole: it no longer waits there."""
    path = canon.path_bytes(event.path, event.path_b64)
    card = {"r": event.recorder, "p": path_digest(path)}
    if event.recorder != UNIDENTIFIED:
        writes.add(_STORED, card)
        return
    # Cards without a name share paths: only the same size and time is taken for the same file.
    told = {"s": event.size, "m": UNTOLD if event.mtime_us is None else event.mtime_us}
    writes.add(_STORED_UNIDENTIFIED, card | told)

"""Who has a recorder when, who wants it first: assignments and urges, as their events come.

An assignment is a statement about an interval, kept as it was said; who had a recorder at a moment is told by
all of them together (`intake.holding`). One that ends when the recorder is back gets its end at that docking.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, update

from ingestd import canon
from ingestd.events import ClipQuarantined, ClipSecured, RecorderAssigned, RecorderUrged
from ingestd.index.position import Position
from ingestd.index.tables import assignments, path_digest, urges
from ingestd.index.writes import Writes
from ingestd.intake.holding import AD_HOC
from ingestd.model import Millis, RecorderId

EVERYTHING = ""
"""Stands for the path where all of a recorder is urged."""
_NO_LONGER_URGED = delete(urges).where(
    urges.c.recorder == bindparam("r"), urges.c.path_digest == bindparam("p")
)


def assigned(connection: Connection, entry: Position, event: RecorderAssigned) -> None:
    """One more statement."""
    since = entry.at if event.since_at is None else event.since_at
    row = {
        "seq": entry.seq,
        "recorder": event.recorder,
        "officer": event.officer,
        "mode": event.mode,
        "said_by": entry.actor,
        "said_at": entry.at,
        "since_at": since,
        "until_at": event.until_at,
        "till_back": event.mode == AD_HOC and event.until_at is None,
    }
    connection.execute(insert(assignments), row)


def is_back(connection: Connection, recorder: RecorderId, at: Millis) -> None:
    """The recorder was out and is docked: what was said until its return ends here."""
    row = assignments.c
    ended = update(assignments).where(
        row.recorder == recorder, row.till_back.is_(True), row.until_at.is_(None), row.since_at <= at
    )
    connection.execute(ended.values(until_at=at))


def urged(connection: Connection, entry: Position, event: RecorderUrged) -> None:
    """It goes first from now on; said again, it is the first person's."""
    digest = EVERYTHING if event.path is None else path_digest(canon.path_bytes(event.path, event.path_b64))
    where = (urges.c.recorder == event.recorder, urges.c.path_digest == digest)
    connection.execute(delete(urges).where(*where))
    row = {
        "recorder": event.recorder,
        "path_digest": digest,
        "path": event.path,
        "path_b64": event.path_b64,
        "urged_by": entry.actor,
        "urged_at": entry.at,
    }
    connection.execute(insert(urges), row)


def no_longer_urged(writes: Writes, event: ClipSecured | ClipQuarantined) -> None:
    """What was wanted first is stored."""
    digest = path_digest(canon.path_bytes(event.path, event.path_b64))
    writes.add(_NO_LONGER_URGED, {"r": event.recorder, "p": digest})


def done(connection: Connection, recorder: RecorderId) -> None:
    """Everything on the recorder is stored."""
    connection.execute(delete(urges).where(urges.c.recorder == recorder))

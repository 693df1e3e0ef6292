"""What the events of looks do to their rows."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, update

from ingestd import canon
from ingestd.events import LookClosed, LookOpened
from ingestd.index.look_tables import looks
from ingestd.index.position import Position

_PERSON = "person:"


def opened(connection: Connection, entry: Position, event: LookOpened) -> None:
    """Somebody looks."""
    connection.execute(delete(looks).where(looks.c.look == event.look))
    row = {
        "seq": entry.seq,
        "look": event.look,
        "about": event.about,
        "what": event.what,
        "person": entry.actor.removeprefix(_PERSON),
        "login": event.login,
        "case": event.case,
        "purpose_value": event.purpose_value,
        "picture_sha256": event.picture_sha256,
        "at_ms": event.at_ms,
        "opened_at": entry.at,
    }
    connection.execute(insert(looks), row)


def closed(connection: Connection, entry: Position, event: LookClosed) -> None:
    """They look no more."""
    said = {
        "closed_at": entry.at,
        "why": event.why,
        "seen": canon.encode([list(one) for one in event.seen]).decode(),
        "watched_ms": event.watched_ms,
        "served": canon.encode([list(one) for one in event.served]).decode(),
        "items": canon.encode(list(event.items)).decode(),
    }
    this = (looks.c.look == event.look) & looks.c.closed_at.is_(None)
    connection.execute(update(looks).where(this).values(**said))

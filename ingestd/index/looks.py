"""Reads of looks: who looked at what. None of them writes or asks the time."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, or_, select

from ingestd.index.account_tables import logins, tokens
from ingestd.index.law_facts import portions
from ingestd.index.look_tables import looks
from ingestd.model import Millis

Ranges = tuple[tuple[int, int], ...]
_PLAYINGS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One opening of an item by a person."""

    seq: int
    look: str
    about: str
    what: str
    """player, preview, strip, snapshot, document, original."""
    person: str
    login: str | None
    case: str | None
    purpose_value: str | None
    picture_sha256: str | None
    """Of a snapshot that was taken, with where in the film."""
    at_ms: int | None
    opened_at: Millis
    closed_at: Millis | None
    """None: it goes on."""
    why: str | None
    seen: Ranges
    """Milliseconds of the film, as the player told."""
    watched_ms: int | None
    served: Ranges
    """Bytes that were sent."""
    items: tuple[str, ...]
    """Clips whose strips were shown."""


def look(connection: Connection, id_: str) -> Look | None:
    """A look by its id."""
    row = connection.execute(select(looks).where(looks.c.look == id_)).mappings().first()
    return None if row is None else _look(row)


def listed(
    connection: Connection,
    *,
    person: str | None = None,
    about: str | None = None,
    case: str | None = None,
    before_seq: int | None = None,
    limit: int = 50,
) -> tuple[Look, ...]:
    """Looks, newest first: of a person, at an item, at what belongs to a case."""
    row = looks.c
    wanted = [(row.person, person), (row.about, about), (row.case, case)]
    query = select(looks).where(*(column == value for column, value in wanted if value is not None))
    if before_seq is not None:
        query = query.where(row.seq < before_seq)
    return tuple(map(_look, connection.execute(query.order_by(row.seq.desc()).limit(limit)).mappings()))


PLAYED = ("player", "preview", "original")
"""What of a clip is played."""


def played(connection: Connection, person: str, about: str) -> tuple[Look, ...]:
    """A person's playings of a clip, oldest first; the newest few hundred."""
    row = looks.c
    query = select(looks).where(row.about == about, row.person == person, row.what.in_(PLAYED))
    found = connection.execute(query.order_by(row.seq.desc()).limit(_PLAYINGS)).mappings()
    return tuple(map(_look, reversed(found.all())))


def played_of_each(
    connection: Connection, person: str, abouts: Collection[str]
) -> dict[str, tuple[Look, ...]]:
    """A person's playings of each of these clips, oldest first; of those that were never played nothing."""
    row, found = looks.c, dict[str, tuple[Look, ...]]()
    for some in portions(abouts):
        query = select(looks).where(row.about.in_(some), row.person == person, row.what.in_(PLAYED))
        for one in map(_look, connection.execute(query.order_by(row.seq)).mappings()):
            found[one.about] = (*found.get(one.about, ()), one)
    return found


def standing(connection: Connection) -> tuple[Look, ...]:
    """Looks that are not over, oldest first."""
    query = select(looks).where(looks.c.closed_at.is_(None)).order_by(looks.c.seq)
    return tuple(map(_look, connection.execute(query).mappings()))


def of_ended_logins(connection: Connection) -> frozenset[str]:
    """Ids of looks that stand although their login or token is over."""
    row = looks.c
    found: set[str] = set()
    for key, ended in ((logins.c.login, logins.c.ended_at), (tokens.c.token, tokens.c.ended_at)):
        query = select(row.look).join(key.table, key == row.login)
        found.update(connection.scalars(query.where(row.closed_at.is_(None), ended.is_not(None))))
    return frozenset(found)


def is_purpose_told(connection: Connection, login: str, *, about: str, case: str | None) -> bool:
    """Whether what for was said in this login already: for the case, or for an item of none."""
    row = looks.c
    same = row.about == about if case is None else or_(row.about == about, row.case == case)
    query = select(row.seq).where(row.login == login, row.purpose_value.is_not(None), same).limit(1)
    return connection.scalar(query) is not None


def _look(row: RowMapping) -> Look:
    told = {name: json.loads(row[name] or "[]") for name in ("seen", "served", "items")}
    return Look(
        **{name: row[name] for name in row if name not in told},
        seen=tuple((begin, end) for begin, end in told["seen"]),
        served=tuple((begin, end) for begin, end in told["served"]),
        items=tuple(told["items"]),
    )

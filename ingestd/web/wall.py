"""The watch of a supervisor: what is wrong by urgency, and the wall of what has come in, newest first.

A `Wall` is one person's, from the moment that they open the page: every look brings only what is new, and the
tiles that changed since. What others' units brought in never gets on it (SEP-7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ingestd.index import accounts, clip_search, finding_queries
from ingestd.index.facts import Clip
from ingestd.index.finding_queries import Wanted
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips
from ingestd.model import Kind
from ingestd.web.cards import Card, cards
from ingestd.web.desk import Desk
from ingestd.web.findings import urgent
from ingestd.web.sight import Sight
from ingestd.web.tiles import Tile, tiles_of

HOME = "/home"
ON_THE_WALL = 24
WRONG = 25
"""Findings beside the wall; the rest are one link away."""
AT_ONCE = 100
"""New recordings that are taken on at a look."""
LOOKS = 8
"""So often the wall is filled up: most that is not shown has no officer, and is of another unit by its recorder."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong, as far as it is shown."""

    cards: tuple[Card, ...]
    has_more: bool


class Wall:
    """What one person sees of what comes in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: list[Clip] = []
        self._newest = -1

    def look(self, connection: Connection) -> tuple[Tile, ...]:
        """The tiles as they are now, newest first."""
        sight = Sight(self._desk, connection)
        if self._newest < 0:
            self._seen = newest(sight, connection, limit=ON_THE_WALL)
            self._newest = _last(connection)
        else:
            came = _after(connection, self._newest)
            self._newest = max([self._newest, *(clip.seq for clip in came)])
            self._seen = [*sight.clips(came), *_as_they_are(connection, self._seen)][:ON_THE_WALL]
        return tiles_of(self._desk, connection, self._seen)


def newest(sight: Sight, connection: Connection, *, limit: int, before: int | None = None) -> list[Clip]:
    """The newest recordings that a person may see, before a position in the log."""
    found: list[Clip] = []
    for _ in range(LOOKS):
        page = clip_search.came_in(connection, seen_by=sight.units, before=before, limit=limit)
        found += sight.clips(page)
        if len(found) >= limit or len(page) < limit:
            break
        before = page[-1].seq
    return found[:limit]


def _last(connection: Connection) -> int:
    query = select(clips.c.seq).order_by(clips.c.seq.desc()).limit(1)
    found = connection.scalar(query)
    return 0 if found is None else int(found)


def _after(connection: Connection, seq: int) -> list[Clip]:
    """What came in since, newest first; of very much only the newest."""
    query = CLIP.where(clips.c.seq > seq, clips.c.kind.in_(_RECORDINGS))
    rows = connection.execute(query.order_by(clips.c.seq.desc()).limit(AT_ONCE)).mappings()
    return [clip_of(row) for row in rows]


def _as_they_are(connection: Connection, seen: Sequence[Clip]) -> list[Clip]:
    """The same clips, read anew; what a better read superseded is gone."""
    query = CLIP.where(clips.c.acquisition.in_([clip.acquisition for clip in seen]))
    found = [clip_of(row) for row in connection.execute(query).mappings()]
    return sorted((one for one in found if one.state != "superseded"), key=lambda one: -one.seq)


def wrong(desk: Desk, connection: Connection) -> Wrong:
    """What stands, the most urgent first."""
    found, _ = urgent(Sight(desk, connection), connection, Wanted(), limit=WRONG + 1)
    return Wrong(cards=cards(desk, connection, found[:WRONG], back=HOME), has_more=len(found) > WRONG)


def is_still(desk: Desk, connection: Connection) -> bool:
    """Whether the login of an open page stands, and the person is who they were.

    Read from the log's own copy: to ask the daemon would keep an idle login alive. One that is so new that the copy
    does not have it yet was just let in by the daemon.
    """
    who = desk.visitor
    login, account = accounts.login(connection, who.login), accounts.account(connection, who.person)
    return (
        (login is None or login.ended_at is None)
        and account is not None
        and account.active
        and account.locked != "account"
        and frozenset(account.roles) == who.roles
        and account.unit == who.unit
    )


def mark(connection: Connection) -> object:
    """Differs as soon as something of the wrong changes."""
    return finding_queries.mark(connection)

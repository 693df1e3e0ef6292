"""One's own recordings: newest first, with what each still lacks of its officer (REC-8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_

from ingestd.index.facts import Clip
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.said_notes import SaidNote, said_notes
from ingestd.index.tables import clips
from ingestd.index.unnoted import unnoted
from ingestd.model import Flag, Kind, Millis
from ingestd.telling.plain import moment_text
from ingestd.telling.signs import Sign, made
from ingestd.web.desk import Desk
from ingestd.web.player import note_due
from ingestd.web.tiles import Tile, tiles_of
from ingestd.words import Text

PAGE = 40
LACKING_MS = 62 * 86_400_000
"""So far back recordings without a note are looked for: what is older stands among the findings."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)
_HAS = made("●", "green", "已写说明", "noted")
_DUE = made("◔", "yellow", "待写说明", "note to be written")
_LATE = made("✖", "red", "说明逾期", "note overdue")
_NONE = made("○", "default", "无须另写说明", "no note of its own asked for")
_FREE = made("○", "default", "未写说明（规则未要求）", "no note (the rules ask for none)")

Place = tuple[int, int]
"""Where a page goes on: start for order, position in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One recording."""

    tile: Tile
    sign: Sign
    due: Text | None
    """Until when its note is to be written; None: it is, or none is asked for."""
    note: str | None

    @property
    def is_lacking(self) -> bool:
        """Whether its officer may want to write a note."""
        return self.sign in (_DUE, _LATE, _FREE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A page of one's own recordings."""

    own: tuple[Own, ...]
    lacking: int
    """How many lack a note, on this page or not."""
    only_lacking: bool
    older: str | None
    """Where the older ones go on; None: there are none."""


def mine(desk: Desk, connection: Connection, *, only_lacking: bool, before: Place | None) -> Mine:
    """The recordings of the person of a request."""
    person, since = desk.visitor.person, Millis(desk.now - LACKING_MS)
    lacking = [one.acquisition for one in unnoted(connection, since=since, officer=person)]
    where: list[ColumnElement[bool]] = [clips.c.officer == person]
    if only_lacking:
        where.append(clips.c.acquisition.in_(lacking[:PAGE]))
    found, older = _page(connection, where, before)
    notes = said_notes(connection, [one.acquisition for one in found])
    tiles = {one.acquisition: one for one in tiles_of(desk, connection, found)}
    own = [
        _own(desk, one, tiles[one.acquisition], notes.get(one.acquisition), lacking)
        for one in found
        if one.acquisition in tiles
    ]
    return Mine(own=tuple(own), lacking=len(lacking), only_lacking=only_lacking, older=older)


def place_of(told: str | None) -> Place | None:
    """A place as an address has it; None for what is none."""
    start, _, seq = (told or "").partition("-")
    return (int(start), int(seq)) if start.isdecimal() and seq.isdecimal() else None


def _page(
    connection: Connection, where: list[ColumnElement[bool]], before: Place | None
) -> tuple[list[Clip], str | None]:
    row = clips.c
    query = CLIP.where(*where, row.kind.in_(_RECORDINGS), row.state != "superseded")
    if before is not None:
        query = query.where(
            or_(row.start_key < before[0], and_(row.start_key == before[0], row.seq < before[1]))
        )
    newest = query.order_by(row.start_key.desc(), row.seq.desc()).limit(PAGE + 1)
    found = connection.execute(newest).mappings().all()
    older = f"{found[PAGE - 1]['start_key']}-{found[PAGE - 1]['seq']}" if len(found) > PAGE else None
    return [clip_of(one) for one in found[:PAGE]], older


def _own(desk: Desk, clip: Clip, tile: Tile, said: SaidNote | None, lacking: Collection[str]) -> Own:
    is_asked = desk.watch.book.find("REC-8") is not None
    due = note_due(desk, clip) if is_asked else None
    if said is not None:
        sign = _HAS
    elif clip.acquisition not in lacking or Flag.BACKLOG in clip.flags:
        sign = _NONE
    elif not is_asked:
        sign = _FREE
    else:
        sign = _DUE if due is None or due >= desk.now else _LATE
    return Own(
        tile=tile,
        sign=sign,
        due=_until(desk, due) if due is not None and sign in (_DUE, _LATE) else None,
        note=desk.personal(None if said is None else said.note_value, "note"),
    )


def _until(desk: Desk, due: Millis) -> Text:
    zh, en = (moment_text(due, now=desk.now, zone=desk.zone, lang=lang) for lang in ("zh", "en"))
    return Text(f"{zh} 前", f"by {en}")

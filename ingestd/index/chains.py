"""Where in the log the chain of a recorder stands, and how often a clip was looked after."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Text, and_, func, literal, or_, select

from ingestd.index.facts import Clip
from ingestd.index.tables import clips, sessions, subjects, verifications
from ingestd.model import Millis, RecorderId

AT_ONCE = 400
"""Subjects in one query: below what SQLite allows."""
_TROUBLED = ("missing", "quarantined", "superseded")


def recorder_history(connection: Connection, recorder: RecorderId) -> tuple[int, ...]:
    """Log positions of a recorder's chain: its own events, its dockings', and those of clips in trouble."""
    session, clip, row = sessions.c, clips.c, subjects.c
    docked = connection.scalars(select(session.session).where(session.recorder == recorder))
    troubled = connection.scalars(
        select(clip.acquisition).where(clip.recorder == recorder, clip.state.in_(_TROUBLED))
    )
    foreign = connection.scalars(select(clip.acquisition).where(clip.claimed_recorder == recorder))
    own = f"recorder:{recorder}"
    exact = [own, *(f"session:{one}" for one in docked), *(f"clip:{one}" for one in (*troubled, *foreign))]
    name = literal("session:", Text).concat(session.session)
    parts = (
        select(row.seq).where(*_is_part(own)),
        select(row.seq)
        .join_from(sessions, subjects, and_(*_is_part(name)))
        .where(session.recorder == recorder),
    )
    found: set[int] = set()
    for start in range(0, len(exact), AT_ONCE):
        named = row.subject.in_(exact[start : start + AT_ONCE])
        found.update(connection.scalars(select(row.seq).where(named)))
    for query in parts:
        found.update(connection.scalars(query))
    return tuple(sorted(found))


def _is_part(of: str | ColumnElement[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What is below a subject (``recorder:<id>/<path>``); "0" comes after "/"."""
    row = subjects.c
    return row.subject >= of + "/", row.subject < of + "0"


def looked_after(connection: Connection, clip: Clip) -> tuple[int, Millis | None]:
    """How often a clip's bytes were read again since it was secured, and when last."""
    row = verifications.c
    reached = or_(row.up_to == "", row.up_to >= clip.sha256)
    query = select(func.count(), func.max(row.at)).where(row.seq > clip.seq, row.after < clip.sha256, reached)
    times, last = connection.execute(query).one()
    return int(times), None if last is None else Millis(last)

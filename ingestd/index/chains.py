"""Where in the log the chain of a recorder stands, and how often a clip was looked after."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, or_, select

from ingestd.index.facts import Clip
from ingestd.index.tables import clips, sessions, subjects, verifications
from ingestd.model import Millis, RecorderId

AT_ONCE = 400
"""Subjects in one query: below what SQLite allows."""
ROOTS_AT_ONCE = 100
"""Subjects in one query that asks for what is below them too: each is three conditions."""
_TROUBLED = ("missing", "quarantined", "superseded")


def recorder_history(connection: Connection, recorder: RecorderId) -> tuple[int, ...]:
    """Log positions of a recorder's chain: its own events, its dockings', and those of clips in trouble."""
    session, clip = sessions.c, clips.c
    docked = connection.scalars(select(session.session).where(session.recorder == recorder))
    troubled = connection.scalars(
        select(clip.acquisition).where(clip.recorder == recorder, clip.state.in_(_TROUBLED))
    )
    foreign = connection.scalars(select(clip.acquisition).where(clip.claimed_recorder == recorder))
    roots = [f"recorder:{recorder}", *(f"session:{one}" for one in docked)]
    exact = [*(f"clip:{one}" for one in (*troubled, *foreign))]
    found: set[int] = set()
    for start in range(0, len(exact), AT_ONCE):
        named = subjects.c.subject.in_(exact[start : start + AT_ONCE])
        found.update(connection.scalars(select(subjects.c.seq).where(named)))
    for start in range(0, len(roots), ROOTS_AT_ONCE):
        some = or_(*map(_is_of, roots[start : start + ROOTS_AT_ONCE]))
        found.update(connection.scalars(select(subjects.c.seq).where(some)))
    return tuple(sorted(found))


def _is_of(root: str) -> ColumnElement[bool]:
    """A subject and what is below it (``recorder:<id>/<path>``); "0" comes after "/"."""
    row = subjects.c.subject
    return or_(row == root, (row >= f"{root}/") & (row < f"{root}0"))


def looked_after(connection: Connection, clip: Clip) -> tuple[int, Millis | None]:
    """How often a clip's bytes were read again since it was secured, and when last."""
    row = verifications.c
    reached = or_(row.up_to == "", row.up_to >= clip.sha256)
    query = select(func.count(), func.max(row.at)).where(row.seq > clip.seq, row.after < clip.sha256, reached)
    times, last = connection.execute(query).one()
    return int(times), None if last is None else Millis(last)

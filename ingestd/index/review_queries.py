"""Which cases wait for a legal review or have one. None of these reads writes or asks the time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, select

from ingestd.facts import Case, Review
from ingestd.index import registers
from ingestd.index.register_tables import cases, reviews

AT_ONCE = 400
"""Units in one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case with the newest round of its review."""

    case: Case
    round: Review | None
    """None: it was never submitted."""


def _within(units: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if units is None else [cases.c.unit.in_(sorted(units)[:AT_ONCE])]


def in_review(connection: Connection, units: Collection[str] | None, limit: int) -> tuple[Waiting, ...]:
    """Cases of these units (None: of all) with a round that has no opinion, those submitted first in front."""
    row = reviews.c
    query = select(row.case).join(cases, cases.c.case == row.case).where(row.opinion.is_(None))
    query = query.where(*_within(units)).order_by(row.submitted_at, row.review).limit(limit)
    return _with_rounds(connection, connection.scalars(query).all())


def to_submit(connection: Connection, units: Collection[str] | None, limit: int) -> tuple[Waiting, ...]:
    """Major cases of these units that nobody decided and of which no round is open, agreed ones left out."""
    row = cases.c
    settled = exists().where(
        reviews.c.case == row.case, reviews.c.opinion.is_(None) | (reviews.c.opinion == "agree")
    )
    query = select(row.case).where(row.major.is_(True), row.decided_at.is_(None), ~settled)
    query = query.where(*_within(units)).order_by(row.case).limit(limit)
    return _with_rounds(connection, connection.scalars(query).all())


def given(connection: Connection, units: Collection[str] | None, limit: int) -> tuple[Waiting, ...]:
    """The cases of these units that had an opinion last, the newest first."""
    row = reviews.c
    query = select(row.case).join(cases, cases.c.case == row.case).where(row.opinion_at.is_not(None))
    query = query.where(*_within(units)).order_by(row.opinion_at.desc()).limit(limit)
    return _with_rounds(connection, connection.scalars(query).all())


def _with_rounds(connection: Connection, found: Collection[str]) -> tuple[Waiting, ...]:
    keys = list(dict.fromkeys(found))
    known = registers.stated(connection, "case", keys)
    told = []
    for key in keys:
        rounds = registers.reviews_of(connection, key)
        told.append(Waiting(case=known[key].row, round=rounds[-1] if rounds else None))
    return tuple(told)

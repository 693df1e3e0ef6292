"""Lists of findings by urgency, a page at a time. None of these reads writes or asks the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_

from ingestd.index.law_queries import Told, told_where
from ingestd.index.law_rows import WAIVED
from ingestd.index.law_tables import finding_steps
from ingestd.index.tables import FINDING_RANK, FINDING_TIME, findings

AT_ONCE = 100
"""Findings read at once while a list is filled."""

Place = tuple[int, int, int]
"""Where a list goes on: rank, moment, position in the log; of ended ones the moment and position, negative."""
STANDING, ENDED = "standing", "ended"
"""What facts have not ended and nobody waived; what facts ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which findings a list is of."""

    state: str = STANDING
    """standing, open, acknowledged, explained, waived, ended."""
    level: str | None = None
    """violation, unclear, proposal, notice, dock (by no rule)."""
    rule: str | None = None
    officer: str | None = None
    """Whom it concerns."""
    kind: str | None = None
    about: str | None = None


def listed(
    connection: Connection, wanted: Wanted, after: Place | None = None
) -> Iterator[tuple[Place, Told]]:
    """The findings that are wanted, the most urgent first (of ended ones the last), each with its place."""
    for portion in portions(connection, wanted, after):
        yield from portion


def portions(
    connection: Connection, wanted: Wanted, after: Place | None = None
) -> Iterator[Sequence[tuple[Place, Told]]]:
    """The same, `AT_ONCE` at a time, read as they are taken."""
    row = findings.c
    rank, moment, at = (
        (FINDING_RANK, FINDING_TIME, row.opened_seq)
        if wanted.state != ENDED
        else (-row.closed_at, -row.opened_seq, row.opened_seq)
    )
    order = [row.closed_at.desc(), row.opened_seq.desc()] if wanted.state == ENDED else [rank, moment, at]
    while True:
        query = select(row.finding, rank, moment, at).where(*_conditions(wanted))
        if after is not None:
            query = query.where(_beyond(wanted, after))
        page = connection.execute(query.order_by(*order).limit(AT_ONCE)).all()
        told = {one.finding: one for one in told_where(connection, row.finding.in_([one[0] for one in page]))}
        if page:
            yield [((one[1], one[2], one[3]), told[one[0]]) for one in page]
            after = page[-1][1], page[-1][2], page[-1][3]
        if len(page) < AT_ONCE:
            return


def _beyond(wanted: Wanted, after: Place) -> ColumnElement[bool]:
    row = findings.c
    if wanted.state == ENDED:
        return tuple_(row.closed_at, row.opened_seq) < tuple_(-after[0], -after[1])
    return tuple_(FINDING_RANK, FINDING_TIME, row.opened_seq) > tuple_(*after)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    row = findings.c
    yield row.closed_at.is_not(None) if wanted.state == ENDED else row.closed_at.is_(None)
    if wanted.state == STANDING:
        yield row.state != WAIVED
    elif wanted.state != ENDED:
        yield row.state == wanted.state
    if wanted.level is not None:
        yield row.level.is_(None) if wanted.level == "dock" else row.level == wanted.level
    if wanted.officer is not None:  # narrowed by text; who reads the list asks `concerned_by`
        named = f'"{wanted.officer}"'
        yield or_(row.concerns.contains(named, autoescape=True), row.facts.contains(named, autoescape=True))
    for column, value in ((row.rule, wanted.rule), (row.kind, wanted.kind), (row.about, wanted.about)):
        if value is not None:
            yield column == value


def counted(connection: Connection) -> Mapping[str | None, int]:
    """How many stand, by level (None: by no rule)."""
    row = findings.c
    query = select(row.level, func.count()).where(row.closed_at.is_(None), row.state != WAIVED)
    return {one[0]: one[1] for one in connection.execute(query.group_by(row.level))}


def rules(connection: Connection) -> tuple[str, ...]:
    """The rules by which something stands."""
    row = findings.c
    query = select(row.rule).where(row.closed_at.is_(None), row.rule.is_not(None)).distinct()
    return tuple(sorted(connection.scalars(query)))


def mark(connection: Connection) -> tuple[int, int, int]:
    """Differs as soon as a finding is opened, ended or answered: cheap enough to ask at every look."""
    row = findings.c
    standing = select(func.count(), func.coalesce(func.max(row.opened_seq), 0)).where(row.closed_at.is_(None))
    count, newest = connection.execute(standing).one()
    step = connection.scalar(select(func.max(finding_steps.c.seq)))
    return int(count), int(newest), int(step or 0)

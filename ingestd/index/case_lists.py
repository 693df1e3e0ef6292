"""Lists of cases for pages: newest first, by what narrows them down, a page at a time; which are most urgent.

Every query walks an index and ends after a page; none reads all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from ingestd.facts import Case
from ingestd.index import registers
from ingestd.index.law_facts import portions
from ingestd.index.law_tables import links
from ingestd.index.register_tables import act_officers, acts, case_parties, cases, decisions, text_records
from ingestd.index.tables import STANDS, clips, damaged, findings
from ingestd.model import Millis

STATES = ("open", "decided", "concluded")
"""How far a case has come."""
FEW_UNITS = 4
"""Of so many the index by unit is read."""
URGENT_LOOKED_AT = 400
"""Open findings among which the most urgent cases are sought, the newest of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What narrows a list down; None: nothing does."""

    units: frozenset[str] | None = None
    """Of these units."""
    own: str | None = None
    """Or, whatever the unit, with this officer on an act: what a person may see besides."""
    unit: frozenset[str] | None = None
    """Chosen: a unit and those under it."""
    officer: str | None = None
    state: str | None = None
    kind: str | None = None
    party: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list ended: the next one begins after it."""

    opened_at: Millis | None
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How much there is of a case."""

    acts: int = 0
    clips: int = 0
    violations: int = 0
    """Open findings that are violations, or the dock's own."""
    others: int = 0
    due_at: Millis | None = None
    """The first deadline among them."""


def page(connection: Connection, wanted: Wanted, after: Place | None, limit: int) -> tuple[Case, ...]:
    """The next cases, newest first; those of which nobody told when they were opened come last."""
    row = cases.c
    query = select(row.case).where(*_conditions(wanted))
    if after is not None:
        query = query.where(_later_on(after))
    query = query.order_by(row.opened_at.desc().nulls_last(), row.case.desc()).limit(limit)
    keys = list(connection.scalars(query))
    found = registers.stated(connection, "case", keys)
    return tuple(found[key].row for key in keys)


def _later_on(after: Place) -> ColumnElement[bool]:
    row = cases.c
    if after.opened_at is None:
        return and_(row.opened_at.is_(None), row.case < after.case)
    older = and_(row.opened_at == after.opened_at, row.case < after.case)
    return or_(row.opened_at < after.opened_at, older, row.opened_at.is_(None))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    row, found = cases.c, list[ColumnElement[bool]]()
    if wanted.units is not None:
        own = false() if wanted.own is None else _with_officer(wanted.own)
        found.append(or_(_of_units(wanted.units), own))
    elif wanted.own is not None:
        found.append(_with_officer(wanted.own))
    if wanted.unit is not None:
        found.append(_of_units(wanted.unit))
    if wanted.officer is not None:
        found.append(_with_officer(wanted.officer))
    if wanted.kind is not None:
        found.append(row.kind == wanted.kind)
    if wanted.party is not None:
        found.append(row.case.in_(select(case_parties.c.case).where(case_parties.c.party == wanted.party)))
    if wanted.state == "open":
        found.append(and_(row.decided_at.is_(None), row.concluded_at.is_(None)))
    elif wanted.state == "decided":
        found.append(and_(row.decided_at.is_not(None), row.concluded_at.is_(None)))
    elif wanted.state == "concluded":
        found.append(row.concluded_at.is_not(None))
    return found


def _of_units(units: Collection[str]) -> ColumnElement[bool]:
    """Cases of these units; of more than a few the cases are walked in their order, not sorted by unit first."""
    column = cases.c.unit if len(units) <= FEW_UNITS else func.coalesce(cases.c.unit, "")
    return column.in_(sorted(units))


def _with_officer(officer: str) -> ColumnElement[bool]:
    """Cases with an act on which an officer is."""
    on = select(acts.c.case).join(act_officers, act_officers.c.act == acts.c.act)
    return cases.c.case.in_(on.where(act_officers.c.officer == officer, acts.c.case.is_not(None)))


def counted(connection: Connection, keys: Collection[str]) -> dict[str, Counted]:
    """How much there is of these cases (a page of them)."""
    owners = _owners(connection, keys)
    of = {kind: dict.fromkeys(keys, 0) for kind in ("act", "clip")}
    for about, (case, *_) in owners.items():
        if (kind := about.partition(":")[0]) in of:
            of[kind][case] += 1
    worst = _findings(connection, owners)
    return {
        key: Counted(
            acts=of["act"][key],
            clips=of["clip"][key],
            violations=sum(is_bad for is_bad, _ in worst.get(key, ())),
            others=sum(not is_bad for is_bad, _ in worst.get(key, ())),
            due_at=min((due for _, due in worst.get(key, ()) if due is not None), default=None),
        )
        for key in keys
    }


def _owners(connection: Connection, keys: Collection[str]) -> dict[str, list[str]]:
    """What findings may be about, by the case that it belongs to; damaged bytes by every case with a clip of them."""
    found = {f"case:{key}": [key] for key in keys}
    for table, column, kind in (
        (acts, acts.c.act, "act"),
        (decisions, decisions.c.decision, "decision"),
        (text_records, text_records.c.record, "text-record"),
        (links, links.c.acquisition, "clip"),
    ):
        for some in portions(keys):
            rows = connection.execute(select(column, table.c.case).where(table.c.case.in_(some)))
            found |= {f"{kind}:{id_}": [case] for id_, case in rows}
    rotten = select(damaged.c.sha256, links.c.case).distinct().where(damaged.c.repaired_at.is_(None))
    rotten = rotten.join_from(damaged, clips, clips.c.sha256 == damaged.c.sha256)
    rotten = rotten.join(links, links.c.acquisition == clips.c.acquisition)
    for some in portions(keys):
        for sha256, case in connection.execute(rotten.where(links.c.case.in_(some))):
            found.setdefault(f"bytes:{sha256}", []).append(case)
    return found


def _findings(
    connection: Connection, owners: dict[str, list[str]]
) -> dict[str, list[tuple[bool, Millis | None]]]:
    """Whether each open finding of a case is a violation, and its deadline; waived ones count no more."""
    found: dict[str, list[tuple[bool, Millis | None]]] = {}
    row = findings.c
    for some in portions(owners):
        query = select(row.about, row.level, row.due_at).where(
            row.about.in_(some), STANDS, row.state != "waived"
        )
        for about, level, due_at in connection.execute(query):
            for case in owners[about]:
                found.setdefault(case, []).append((level in (None, "violation"), due_at))
    return found


def urgent(connection: Connection) -> tuple[str, ...]:
    """Cases with an open violation, the earliest deadline first, then the newest finding."""
    row = findings.c
    query = select(row.about, row.due_at, row.opened_seq).where(
        row.closed_at.is_(None), row.state != "waived", row.level == "violation"
    )
    rows = connection.execute(query.order_by(row.opened_seq.desc()).limit(URGENT_LOOKED_AT)).all()
    case_of = _cases_of(connection, {one.about for one in rows})
    ranked = sorted(
        (one for one in rows if one.about in case_of),
        key=lambda one: (one.due_at is None, one.due_at or 0, -one.opened_seq),
    )
    return tuple(dict.fromkeys(case_of[one.about] for one in ranked))


def _cases_of(connection: Connection, abouts: Iterable[str]) -> dict[str, str]:
    """The case of each subject of a finding that has one."""
    found: dict[str, str] = {}
    by_kind: dict[str, dict[str, list[str]]] = {}
    for about in abouts:
        kind, _, id_ = about.partition(":")
        if kind == "case":
            found[about] = id_
        else:
            whole = id_.partition("/")[0] if kind == "act" else id_
            by_kind.setdefault(kind, {}).setdefault(whole, []).append(about)
    for kind, table, column in (
        ("act", acts, acts.c.act),
        ("decision", decisions, decisions.c.decision),
        ("text-record", text_records, text_records.c.record),
        ("clip", links, links.c.acquisition),
    ):
        ids = by_kind.get(kind, {})
        for some in portions(ids):
            rows = connection.execute(
                select(column, table.c.case).where(column.in_(some), table.c.case.is_not(None))
            )
            found |= {about: case for id_, case in rows for about in ids[id_]}
    return found

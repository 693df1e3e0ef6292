"""Findings with what people have done about them; what the law desk compares at its start."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from ingestd.index.law_facts import portions
from ingestd.index.law_tables import finding_steps
from ingestd.index.tables import STANDS, findings, meta
from ingestd.law import told
from ingestd.law.base import Subject
from ingestd.law.kinds import KINDS
from ingestd.model import Interval, Millis, Sha256

_ABOUT = {"record": "text-record", "station": "sheet"}
"""What findings are said to be about, by kind of subject; of others the kind itself."""
_WITH_PARTS = {"act": "certificate-invalid", "recorder": "clip-overdue"}
"""Of these a kind of finding is about a part: an officer on the act, a file on the recorder."""

_WITH_PARTS_AT_ONCE = 100
"""Items in one query that asks for their parts too: each is three conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding as the log tells it."""

    finding: str
    kind: str
    about: str
    rule: str | None
    layer: str | None
    section: str | None
    policy_sha256: Sha256 | None
    level: str | None
    """None: a finding of the dock, by no rule."""
    facts: tuple[tuple[str, str | int | None], ...]
    since: Interval | None
    due_at: Millis | None
    concerns: tuple[str, ...]
    state: str
    """open, acknowledged, explained, waived."""
    opened_at: Millis
    opened_seq: int
    closed_at: Millis | None
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a person did about a finding."""

    seq: int
    step: str
    reason_value: str | None
    said_by: str
    at: Millis


def open_findings(connection: Connection) -> Iterator[Told]:
    """Findings that facts have not ended, waived ones too, oldest first."""
    return told_where(connection, findings.c.closed_at.is_(None))


def told_where(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Told]:
    """Findings of which this is so, in the order in which they were opened."""
    query = select(findings).where(*where).order_by(findings.c.opened_seq)
    yield from (_told(row) for row in connection.execute(query).mappings())


def standing(connection: Connection, about: Iterable[str]) -> tuple[Told, ...]:
    """Findings on these items, and on parts of them, that facts have not ended; oldest first."""
    row, found = findings.c, dict[str, Told]()
    for some in portions(about):
        for part in (some[at : at + _WITH_PARTS_AT_ONCE] for at in range(0, len(some), _WITH_PARTS_AT_ONCE)):
            below = [and_(row.about >= f"{one}/", row.about < f"{one}0") for one in part]  # "0" is after "/"
            told = told_where(connection, STANDS, or_(row.about.in_(part), *below))
            found.update((one.finding, one) for one in told)
    return tuple(sorted(found.values(), key=lambda one: one.opened_seq))


def told_of(connection: Connection, subjects: Collection[Subject]) -> list[Told]:
    """The findings of the rules on these subjects that facts have not ended."""
    row, found = findings.c, dict[str, Told]()
    for about in {_ABOUT.get(subject.kind, subject.kind) for subject in subjects}:
        ids = [one.id for one in subjects if _ABOUT.get(one.kind, one.kind) == about]
        wanted: list[ColumnElement[bool]] = [
            row.about.in_([f"{about}:{id_}" for id_ in some]) for some in portions(ids)
        ]
        if (part := _WITH_PARTS.get(about)) is not None:  # "0" comes after "/"
            low, high = f"{about}:{min(ids)}/", f"{about}:{max(ids)}0"
            wanted.append(and_(row.about >= low, row.about < high, row.kind == part))
        elif about == "sheet":
            wanted = [and_(row.about >= "sheet:", row.about < "sheet;")]
        for where in wanted:
            query = select(findings).where(where, STANDS, row.kind.in_(KINDS))
            found.update((one["finding"], _told(one)) for one in connection.execute(query).mappings())
    return [one for one in found.values() if told.subject_of(one.kind, one.about, one.facts) in subjects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How far linking and law had come, by their own word."""

    size: int
    """Of the log."""
    at: Millis
    by: str
    """Program, policy and configuration (`law_rows.rules_text`)."""


def settled(connection: Connection) -> Settled | None:
    """How far linking and law had come; None in a log of before."""
    names = ("settled_size", "settled_at", "settled_by")
    rows = connection.execute(select(meta).where(meta.c.name.in_(names)))
    said: dict[str, str] = {row.name: row.value for row in rows}
    if not said:
        return None
    return Settled(size=int(said["settled_size"]), at=Millis(int(said["settled_at"])), by=said["settled_by"])


def finding(connection: Connection, id_: str) -> Told | None:
    """A finding by its id, ended ones too."""
    query = select(findings).where(findings.c.finding == id_)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _told(row)


def steps(connection: Connection, told: Told) -> tuple[Step, ...]:
    """What people did since it was opened (the last time), oldest first."""
    return steps_of(connection, [told])[told.finding]


def steps_of(connection: Connection, told: Iterable[Told]) -> dict[str, tuple[Step, ...]]:
    """What people did about each of these findings since it was opened (the last time), oldest first."""
    row, opened = finding_steps.c, {one.finding: one.opened_seq for one in told}
    found: dict[str, list[Step]] = {finding: [] for finding in opened}
    for some in portions(opened):
        query = select(finding_steps).where(row.finding.in_(some)).order_by(row.seq)
        for one in connection.execute(query):
            if one.seq > opened[one.finding]:
                said = Step(
                    seq=one.seq, step=one.step, reason_value=one.reason_value, said_by=one.said_by, at=one.at
                )
                found[one.finding].append(said)
    return {finding: tuple(each) for finding, each in found.items()}


_CONCERNING = ("officer", "assigned", "named")
"""Facts of the dock's findings that name a person."""


def concerned_by(told: Told) -> frozenset[str]:
    """The officers whom a finding judges: its own word, for a finding of the dock those that its facts name."""
    named = (str(value) for name, value in told.facts if name in _CONCERNING and value is not None)
    return frozenset(told.concerns) or frozenset(named)


_AS_IS = (
    "finding", "kind", "about", "rule", "layer", "section", "policy_sha256", "level", "due_at", "state",
    "opened_at", "opened_seq", "closed_at", "why",
)  # fmt: skip


def _told(row: RowMapping) -> Told:
    """A row as a value."""
    since = None
    if row["since_basis"] is not None:
        since = Interval(earliest=row["since_earliest"], latest=row["since_latest"], basis=row["since_basis"])
    return Told(
        **{name: row[name] for name in _AS_IS},
        facts=tuple((name, value) for name, value in json.loads(row["facts"])),
        since=since,
        concerns=() if row["concerns"] is None else tuple(json.loads(row["concerns"])),
    )

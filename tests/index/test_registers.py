"""Rows of registers come back as they were stated, in either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from ingestd.events import (
    ActStated,
    CaseStated,
    DecisionStated,
    Event,
    OfficerStated,
    PartyStated,
    UnitStated,
)
from ingestd.facts import Act, Case, FileRow, Officer
from ingestd.index import projection, queries, registers
from ingestd.index.database import reading
from ingestd.model import Millis
from tests.event_samples import T0, Entry

HOUR = 3_600_000
SOURCE = FileRow(sha256="ab" * 32, row=7)


def project(engine: Engine, *events: Event) -> None:
    with engine.begin() as connection:
        projection.project(
            connection,
            [(Entry(seq=n, at=Millis(T0 + n), actor="person:x"), event) for n, event in enumerate(events)],
        )


def act(number: int, hour: float, hours: float | None, *officers: str, **more: Any) -> ActStated:
    started = Millis(int(T0 + hour * HOUR))
    ended = None if hours is None else Millis(int(started + hours * HOUR))
    return ActStated(
        act=f"a{number}", case="c1", started_at=started, ended_at=ended, officers=officers, **more
    )


def test_rows_come_back_whole(engine: Engine) -> None:
    """Every field of a statement, lists in their order, who said it and from where."""
    first = ActStated(act="a", officers=("2", "1"), lat_e6=-1, premises=True, source=SOURCE)
    project(engine, first, CaseStated(case="案〔2026〕1", major=False, subjects=("p2", "p1")))
    with reading(engine) as connection:
        found = registers.one(connection, "act", "a")
        assert found is not None
        assert found.row == Act(act="a", officers=("2", "1"), lat_e6=-1, premises=True)
        assert (found.seq, found.by, found.file, found.line) == (0, "person:x", "ab" * 32, 7)
        assert registers.case(connection, "案〔2026〕1") == Case(
            case="案〔2026〕1", major=False, subjects=("p2", "p1")
        )
        assert registers.one(connection, "act", "b") is None
        assert registers.ids(connection, "act") == {"a"}


def test_the_last_statement_counts(engine: Engine) -> None:
    """A correction replaces row and lists; the chain keeps both; those of an act stand in its case's chain too."""
    project(
        engine,
        CaseStated(case="c1", subjects=("p1", "p2")),
        act(1, 0, 1, "1", "2"),
        act(1, 0, 2, "2"),
        CaseStated(case="c1", subjects=("p2",)),
        DecisionStated(decision="d", case="c1"),
    )
    with reading(engine) as connection:
        assert [one.officers for one in registers.acts_of(connection, "c1")] == [("2",)]
        assert registers.cases_of_party(connection, "p1") == ()
        assert queries.history(connection, "act:a1") == (1, 2)
        assert queries.history(connection, "case:c1") == (0, 1, 2, 3, 4)


def test_units_and_their_officers(engine: Engine) -> None:
    """A tree that may have unknown parents or (an old log) a circle: nobody waits for ever."""
    project(
        engine,
        UnitStated(unit="1", parent="3"),
        UnitStated(unit="2", parent="1"),
        UnitStated(unit="3", parent="2"),
        UnitStated(unit="4", parent="9"),
        OfficerStated(officer="o1", unit="2"),
        OfficerStated(officer="o2", unit="4"),
        PartyStated(party="p"),
    )
    with reading(engine) as connection:
        tree = registers.units(connection)
        assert registers.below(tree, "1") == {"1", "2", "3"}
        assert registers.below(tree, "9") == {"9", "4"}
        assert registers.officers_of(connection, "2") == (Officer(officer="o1", unit="2"),)
        assert [one.row.officer for one in registers.listed(connection, "officer", unit="4")] == ["o2"]


def test_many_ids_in_one_question(engine: Engine) -> None:
    """More ids than a database allows in one statement."""
    project(engine, *(OfficerStated(officer=str(n)) for n in range(1000)))
    with reading(engine) as connection:
        assert len(registers.stated(connection, "officer", [str(n) for n in range(2000)])) == 1000

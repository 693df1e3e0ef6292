"""Everything there is, judged at once from the rows: what the law desk must come to by any way."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from ingestd.index import law_facts, registers
from ingestd.index.law_tables import case_files, determinations
from ingestd.index.tables import clips
from ingestd.law.base import Base
from ingestd.law.engine import Findings, evaluate
from ingestd.law.facts import Fact
from ingestd.law.rulebook import Rulebook
from ingestd.model import Millis

REGISTERS = ("unit", "officer", "case", "act", "record", "decision", "review")


def facts(connection: Connection, now: Millis) -> Iterator[Fact]:
    """All facts, table by table."""
    for name in REGISTERS:
        yield from (stated.row for stated in registers.listed(connection, name))
    yield from law_facts.determined(connection, connection.scalars(select(determinations.c.act)))
    yield from law_facts.filed(connection, connection.scalars(select(case_files.c.case)))
    yield from law_facts.given(connection)
    yield from law_facts.recorders(connection, None, now, frozenset())
    yield from law_facts.clips_of(connection, connection.scalars(select(clips.c.acquisition))).values()


def findings(connection: Connection, book: Rulebook, now: Millis) -> Findings:
    """All findings."""
    return evaluate(Base(facts(connection, now)), book, now)

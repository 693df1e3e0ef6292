"""The tables of the registers: a row is what was stated last, its history is its chain in the log.

Columns are the fields of `ingestd.facts`, with the statement's position, moment, author and file.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from ingestd.events import (
    ActStated,
    CaseStated,
    DecisionStated,
    Event,
    OfficerStated,
    PartyStated,
    ReviewStated,
    TextRecordStated,
    UnitStated,
)
from ingestd.facts import Act, Case, Decision, Officer, Party, Review, TextRecord, Unit
from ingestd.index.tables import PlainText, metadata, partial_index


def _column(name: str, hint: Any, *, is_key: bool) -> Column[Any]:
    arguments = [one for one in typing.get_args(hint) if one is not types.NoneType]
    is_null = types.NoneType in typing.get_args(hint)
    kind = arguments[0] if is_null else hint
    while isinstance(kind, typing.NewType):
        kind = kind.__supertype__
    sql = {str: PlainText, bool: Boolean, int: BigInteger}.get(kind, PlainText)  # a tuple as canonical JSON
    return Column(name, sql, primary_key=is_key, nullable=is_null)


def _table(name: str, row: type[Any], key: str) -> Table:
    hints = typing.get_type_hints(row)
    return Table(
        name,
        metadata,
        *(_column(field.name, hints[field.name], is_key=field.name == key) for field in fields(row)),
        Column("stated_seq", BigInteger, nullable=False),
        Column("stated_at", BigInteger, nullable=False),
        Column("stated_by", PlainText, nullable=False),
        Column("file", PlainText, nullable=True),  # digest of the file that said it, and the line
        Column("line", BigInteger, nullable=True),
    )


units = _table("units", Unit, "unit")
officers = _table("officers", Officer, "officer")
parties = _table("parties", Party, "party")
cases = _table("cases", Case, "case")
acts = _table("acts", Act, "act")
text_records = _table("text_records", TextRecord, "record")
decisions = _table("decisions", Decision, "decision")
reviews = _table("reviews", Review, "review")

Index("officers_unit", officers.c.unit)
Index("cases_unit", cases.c.unit, cases.c.opened_at)
Index("cases_concluded", cases.c.concluded_at)
Index("cases_opened", cases.c.opened_at, cases.c.case)
Index("acts_case", acts.c.case)
Index("acts_started", acts.c.started_at)
Index("text_records_case", text_records.c.case)
Index("text_records_act", text_records.c.act)
Index("decisions_case", decisions.c.case)
Index("reviews_case", reviews.c.case)
_open, _given = reviews.c.opinion.is_(None), reviews.c.opinion_at.is_not(None)
partial_index("reviews_open", reviews.c.review, where=_open)
partial_index("reviews_given", reviews.c.opinion_at, where=_given)
_major = cases.c.major.is_(True) & cases.c.decided_at.is_(None)
partial_index("cases_major", cases.c.case, where=_major)

act_officers = Table(
    "act_officers",
    metadata,
    Column("act", PlainText, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),  # in the act's list
    Column("officer", PlainText, nullable=False),
)
Index("act_officers_officer", act_officers.c.officer)

case_parties = Table(
    "case_parties",
    metadata,
    Column("case", PlainText, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("party", PlainText, nullable=False),
)
Index("case_parties_party", case_parties.c.party)

imports = Table(
    "imports",
    metadata,
    Column("file", PlainText, primary_key=True),
    Column("register", PlainText, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", PlainText, nullable=False),
    Column("name_value", PlainText, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("same", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How a kind of row is kept."""

    event: type[Event]
    row: type[Any]
    table: Table
    key: str


KEPT: dict[str, Kept] = {
    "unit": Kept(event=UnitStated, row=Unit, table=units, key="unit"),
    "officer": Kept(event=OfficerStated, row=Officer, table=officers, key="officer"),
    "subject": Kept(event=PartyStated, row=Party, table=parties, key="party"),
    "case": Kept(event=CaseStated, row=Case, table=cases, key="case"),
    "act": Kept(event=ActStated, row=Act, table=acts, key="act"),
    "record": Kept(event=TextRecordStated, row=TextRecord, table=text_records, key="record"),
    "decision": Kept(event=DecisionStated, row=Decision, table=decisions, key="decision"),
    "review": Kept(event=ReviewStated, row=Review, table=reviews, key="review"),
}
"""By the name of the register (`registers.columns`)."""

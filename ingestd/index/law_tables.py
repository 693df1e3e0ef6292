"""The tables of the law running: links, analyses, notes, determinations, steps that people take on findings."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from ingestd.index.tables import PlainText, metadata


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, PlainText, nullable=null, primary_key=key)


def _number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


links = Table(
    "links",
    metadata,
    _text("acquisition", key=True),
    _text("act", null=True),  # neither act nor case: a person said that it belongs to none
    _text("case", null=True),
    _text("by"),
    _number("score", null=True),
    _number("margin", null=True),
    _text("reasons"),
    _text("reason_value", null=True),
    _text("said_by"),
    _number("at"),
)
Index("links_act", links.c.act)
Index("links_case", links.c.case)

link_queue = Table(
    "link_queue",
    metadata,
    _text("acquisition", key=True),
    _text("zh"),  # why it is not linked
    _text("en"),
    _text("candidates"),
    _number("at"),
)

analyses = Table(
    "analyses",
    metadata,
    _text("sha256", key=True),
    _text("acquisition"),
    _text("tool"),
    _text("version"),
    _text("settings"),
    _text("stretches"),
    _number("speech_from_ms", null=True),
    _number("lead_ms"),
    _text("codes"),
    _text("failure", null=True),
    _number("duration_ms", null=True),
    _text("picture", null=True),
    _text("sound", null=True),
    _text("track_value", null=True),
    _number("at"),
)

notes = Table(
    "notes",
    metadata,
    _text("acquisition", key=True),
    _text("note_value"),
    _text("said_by"),
    _number("at"),
)

determinations = Table(
    "determinations",
    metadata,
    _text("act", key=True),
    Column("needed", Boolean, nullable=False),
    _text("reason_value"),
    _text("said_by"),
    _number("at"),
)

case_files = Table(
    "case_files",
    metadata,
    _text("case", key=True),
    _number("formed_at"),
    _text("said_by"),
    _number("at"),
)

sheets = Table(
    "sheets",
    metadata,
    _text("sheet", key=True),
    _text("period", key=True),
    _number("given_at"),
    _text("said_by"),
    _number("at"),
)

finding_steps = Table(
    "finding_steps",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("finding"),
    _text("step"),  # acknowledged, explained, waived
    _text("reason_value", null=True),
    _text("said_by"),
    _number("at"),
)
Index("finding_steps_finding", finding_steps.c.finding, finding_steps.c.seq)

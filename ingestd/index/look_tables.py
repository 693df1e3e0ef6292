"""The tables of looks: each opening with what became known of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from ingestd.index.tables import PlainText, metadata, partial_index

looks = Table(
    "looks",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("look", PlainText, nullable=False),
    Column("about", PlainText, nullable=False),
    Column("what", PlainText, nullable=False),
    Column("person", PlainText, nullable=False),  # the actor of its entry, without "person:"
    Column("login", PlainText, nullable=True),
    Column("case", PlainText, nullable=True),
    Column("purpose_value", PlainText, nullable=True),
    Column("picture_sha256", PlainText, nullable=True),
    Column("at_ms", BigInteger, nullable=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=True),
    Column("why", PlainText, nullable=True),
    Column("seen", PlainText, nullable=True),  # JSON: [[from, to]...]
    Column("watched_ms", BigInteger, nullable=True),
    Column("served", PlainText, nullable=True),
    Column("items", PlainText, nullable=True),
)
Index("looks_look", looks.c.look)
Index("looks_person", looks.c.person, looks.c.seq)
Index("looks_about", looks.c.about, looks.c.seq)
Index("looks_case", looks.c.case, looks.c.seq)
Index("looks_login", looks.c.login, looks.c.purpose_value)
_open = looks.c.closed_at.is_(None)
partial_index("looks_open", looks.c.seq, where=_open)

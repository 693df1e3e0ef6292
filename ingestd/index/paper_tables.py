"""The tables of documents and of classification labels: what stands in a case file beside film."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from ingestd.index.tables import PlainText, metadata


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, PlainText, nullable=null, primary_key=key)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


documents = Table(
    "documents",
    metadata,
    _text("document", key=True),
    _number("seq"),
    _text("record"),
    _text("case", null=True),
    _text("sha256"),
    _number("size"),
    _text("media"),
    _text("name_value"),
    _text("manifest_sha256"),
    _text("signature_sha256"),
    _text("said_by"),
    _number("at"),
)
Index("documents_record", documents.c.record, documents.c.seq)
Index("documents_case", documents.c.case, documents.c.seq)
Index("documents_sha256", documents.c.sha256)

labels = Table(
    "labels",
    metadata,
    _text("about", key=True),
    _text("labels"),
    _text("reason_value", null=True),
    _text("said_by"),
    _number("at"),
)

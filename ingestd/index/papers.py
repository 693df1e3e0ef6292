"""Documents of text records, labels of clips: what each event does to the rows, and reads of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from ingestd import canon
from ingestd.events import ClipLabelled, DocumentStored
from ingestd.index.law_facts import portions
from ingestd.index.paper_tables import documents, labels
from ingestd.index.position import Position
from ingestd.model import Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file of a text record, as its event stored it."""

    document: str
    seq: int
    record: str
    case: str | None
    sha256: Sha256
    size: int
    media: str
    name_value: str
    manifest_sha256: Sha256
    signature_sha256: Sha256
    said_by: str
    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The labels that a clip has, and who said so last."""

    labels: tuple[str, ...]
    reason_value: str | None
    said_by: str
    at: Millis


# --- rows ----------------------------------------------------------------------------------------


def document_stored(connection: Connection, entry: Position, event: DocumentStored) -> None:
    """One more file."""
    connection.execute(delete(documents).where(documents.c.document == event.document))
    row = {name: getattr(event, name) for name in _SAID}
    connection.execute(insert(documents), {**row, "seq": entry.seq, "said_by": entry.actor, "at": entry.at})


_SAID = (
    "document", "record", "case", "sha256", "size", "media", "name_value", "manifest_sha256", "signature_sha256",
)  # fmt: skip


def labelled(connection: Connection, entry: Position, event: ClipLabelled) -> None:
    """A clip's labels; none leaves the word that there are none."""
    connection.execute(delete(labels).where(labels.c.acquisition == event.acquisition))
    row = {
        "acquisition": event.acquisition,
        "labels": canon.encode(list(event.labels)).decode(),
        "reason_value": event.reason_value,
        "said_by": entry.actor,
        "at": entry.at,
    }
    connection.execute(insert(labels), row)


# --- reads ---------------------------------------------------------------------------------------


def documents_of(connection: Connection, case: str, records: Collection[str] = ()) -> tuple[Document, ...]:
    """The documents of a case, and of these records, in the order in which they came."""
    found = dict[str, Document]()
    for some in portions(records):
        found |= _documents(connection, documents.c.record.in_(some))
    found |= _documents(connection, documents.c.case == case)
    return tuple(sorted(found.values(), key=lambda one: one.seq))


def of_record(connection: Connection, record: str) -> tuple[Document, ...]:
    """The documents of one text record."""
    return tuple(
        sorted(_documents(connection, documents.c.record == record).values(), key=lambda one: one.seq)
    )


def labels_of(connection: Connection, acquisitions: Collection[str]) -> dict[str, Labelled]:
    """The labels of these clips, of those that anybody labelled."""
    found, row = dict[str, Labelled](), labels.c
    for some in portions(acquisitions):
        for one in connection.execute(select(labels).where(row.acquisition.in_(some))).mappings():
            found[one["acquisition"]] = Labelled(
                labels=tuple(json.loads(one["labels"])),
                reason_value=one["reason_value"],
                said_by=one["said_by"],
                at=one["at"],
            )
    return found


def _documents(connection: Connection, where: ColumnElement[bool]) -> dict[str, Document]:
    rows = connection.execute(select(documents).where(where)).mappings()
    return {row["document"]: Document(**row) for row in rows}

"""Documents of text records: what each event does to the rows, and reads of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select

from ingestd.errors import NotFoundError
from ingestd.events import DocumentDamaged, DocumentRepaired, DocumentStored
from ingestd.index import clip_rows
from ingestd.index.law_facts import portions
from ingestd.index.paper_tables import documents
from ingestd.index.position import Position
from ingestd.index.queries import is_digest_prefix
from ingestd.index.tables import damaged
from ingestd.model import Millis, Sha256
from ingestd.words import Text

_PAGE = 1000
_SHOWN = 80
_NONE = Text("没有编号为 {d} 的文书文件。", "there is no document {d}.")


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

    @property
    def subject(self) -> str:
        """Its text record, as the log names it."""
        return f"text-record:{self.record}"


# --- rows ----------------------------------------------------------------------------------------


def document_stored(connection: Connection, entry: Position, event: DocumentStored) -> None:
    """One more file."""
    connection.execute(delete(documents).where(documents.c.document == event.document))
    row = {name: getattr(event, name) for name in _SAID}
    connection.execute(insert(documents), {**row, "seq": entry.seq, "said_by": entry.actor, "at": entry.at})


def document_damaged(connection: Connection, entry: Position, event: DocumentDamaged) -> None:
    """It stands among what is damaged, by the digest of its manifest."""
    for digest in _manifests(connection, event.document):
        clip_rows.put_damaged(connection, entry, digest, event)


def document_repaired(connection: Connection, entry: Position, event: DocumentRepaired) -> None:
    """It is good again."""
    for digest in _manifests(connection, event.document):
        clip_rows.put_repaired(connection, entry, digest, by=None)


def _manifests(connection: Connection, document: str) -> list[Sha256]:
    row = documents.c
    return list(connection.scalars(select(row.manifest_sha256).where(row.document == document)))


_SAID = (
    "document", "record", "case", "sha256", "size", "media", "name_value", "manifest_sha256", "signature_sha256",
)  # fmt: skip


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


def the_document(connection: Connection, document: str) -> Document:
    """The document of an id. Raises NotFoundError."""
    found = _documents(connection, documents.c.document == document)
    if document not in found:
        raise NotFoundError(_NONE.format(d=document[:_SHOWN]))
    return found[document]


def those(connection: Connection, ids: Collection[str]) -> tuple[Document, ...]:
    """Those of these documents (a bundle of 256) that there are, in no order."""
    return tuple(_documents(connection, documents.c.document.in_(ids)).values())


def named(connection: Connection, key: str) -> tuple[Document, ...]:
    """The documents that a person's key names, in the order in which they came.

    A key is a document's id, a text record's, or a SHA-256 of bytes or its first eight digits or more.
    """
    row, text = documents.c, key.lower()
    wanted = [row.document == text, row.record == key]
    if is_digest_prefix(text):
        wanted.append(and_(row.sha256 >= text, row.sha256 < text + "g"))  # "g" comes after all hex digits
    found = _documents(connection, or_(*wanted))
    return tuple(sorted(found.values(), key=lambda one: one.seq))


def next_to_verify(connection: Connection, after_digest: str, limit: int) -> tuple[Document, ...]:
    """All documents of the next digests, at most ``limit`` of these, in their order; none only at the end."""
    row = documents.c
    digests = select(row.sha256).where(row.sha256 > after_digest).distinct().order_by(row.sha256).limit(limit)
    query = select(documents).where(row.sha256.in_(digests)).order_by(row.sha256, row.document)
    return tuple(Document(**one) for one in connection.execute(query).mappings())


def all_documents(connection: Connection) -> Iterator[Document]:
    """Every document in the order of digests, a page at a time: memory does not grow with their number."""
    after = ""
    while page := next_to_verify(connection, after, _PAGE):
        yield from page
        after = page[-1].sha256


def document_count(connection: Connection) -> int:
    """How many documents there are; reads one index through."""
    return connection.scalar(select(func.count()).select_from(documents)) or 0


def damaged_of(connection: Connection, records: Collection[str]) -> frozenset[str]:
    """The documents of text records that were found damaged, and not good again since."""
    found, row, bad = set[str](), documents.c, damaged.c
    query = select(row.document).join(damaged, bad.sha256 == row.manifest_sha256)
    for some in portions(records):
        found |= set(connection.scalars(query.where(row.record.in_(some), bad.repaired_at.is_(None))))
    return frozenset(found)


def size_of_all(connection: Connection) -> int:
    """The bytes of all documents; reads their rows through."""
    return int(connection.scalar(select(func.sum(documents.c.size))) or 0)


def _documents(connection: Connection, where: ColumnElement[bool]) -> dict[str, Document]:
    rows = connection.execute(select(documents).where(where)).mappings()
    return {row["document"]: Document(**row) for row in rows}

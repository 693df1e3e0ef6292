"""Text records and their files for programs: what is known of one, and sending a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.actions.documents import NAME_CHARS
from ingestd.facts import ID_CHARS
from ingestd.web import guard
from ingestd.web.api.asking import Caseworker, Once, Reader, do
from ingestd.web.api.files import Sent, file_of
from ingestd.web.text_records import File, record_page
from ingestd.web.uploads import MOST_BYTES, send

router = APIRouter(tags=["documents"])

ADDRESS = "/documents"
guard.LARGE[f"/api/v1{ADDRESS}"] = MOST_BYTES
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Stored(BaseModel):
    """A file that is stored, signed and in the published log."""

    record: str = Field(examples=["JL-3801-1"], description="id of the text record")
    document: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    sha256: str = Field(examples=[_DIGEST])
    seq: int | None = Field(examples=[18422], description="of its entry; null: the record had this file")


class Document(BaseModel):
    """A file of a text record."""

    document: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    name: str = Field(examples=["现场检查笔录.pdf"], description="as it was called when it was sent")
    kind: str = Field(examples=["PDF"], description="by its content")
    size: int = Field(examples=[482113])
    sha256: str = Field(examples=[_DIGEST])
    at: int = Field(examples=[1795300000000], description="milliseconds UTC")
    by: str = Field(examples=["204102"])
    seq: int = Field(examples=[18422])
    is_newest: bool = Field(description="the one that the record names now")
    damaged: bool = Field(description="what is stored is not what was signed, and is not good again")
    commands: str = Field(
        examples=[f'echo "{_DIGEST}  vault/blobs/sha256/9f/86/{_DIGEST}" | sha256sum -c'],
        description="how an outsider checks it: lines for a shell",
    )


class Statement(BaseModel):
    """What somebody said of a record."""

    seq: int = Field(examples=[18420])
    at: int = Field(examples=[1795300000000])
    by: str = Field(examples=["person:204102"])
    what: str = Field(examples=["首次登记"], description="in the language of the request (cookie `lang`)")


class Record(BaseModel):
    """A text record with its files, the newest first."""

    record: str = Field(examples=["JL-3801-1"])
    case: str | None = Field(examples=["铜郊罚〔2026〕38号"])
    title: str = Field(examples=["现场检查笔录"])
    labels: list[str] = Field(examples=[["privacy"]], description="state, work, trade, privacy (REC-17)")
    facts: dict[str, str] = Field(examples=[{"签名": "已签名"}], description="as its page shows them")
    files: list[Document]
    statements: list[Statement]


@router.get(f"{ADDRESS}/{{record:path}}")
def one(desk: Reader, record: Annotated[str, InPath(max_length=ID_CHARS)]) -> Record:
    """A text record. A file's bytes are at `/media/document/<sha256>?look=`, for a look (`/looks`: `document`)."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"text-record:{record}")
        page = record_page(desk, connection, record)
    return Record(
        record=page.record,
        case=page.case,
        title=page.title,
        labels=list(page.labels),
        facts=dict(page.facts),
        files=[_document(desk, file) for file in page.files],
        statements=[Statement(seq=seq, at=at, by=by, what=what) for seq, at, by, what in page.statements],
    )


@router.post(ADDRESS, openapi_extra=file_of("application/octet-stream"))
def store(  # noqa: PLR0917 - one a cell of the record
    desk: Caseworker,
    file: Sent,
    case: Annotated[str, Query(min_length=1, max_length=ID_CHARS)],
    name: Annotated[
        str, Query(min_length=1, max_length=NAME_CHARS, description="of the file", examples=["笔录.pdf"])
    ],
    record: Annotated[str | None, Query(max_length=ID_CHARS, description="null: a new text record")] = None,
    act: Annotated[str | None, Query(max_length=ID_CHARS)] = None,
    kind: Annotated[
        str | None, Query(max_length=200, description="of a new record", examples=["现场检查笔录"])
    ] = None,
    made_at: Annotated[
        str | None, Query(max_length=40, description="when it was made", examples=["2026-11-20 10:30"])
    ] = None,
    signed: Annotated[
        str | None, Query(max_length=40, description="how it was signed", examples=["signed"])
    ] = None,
    once: Once = None,
) -> Stored:
    """A file for a text record of a case (PDF, OFD, picture, office file by its content), the body; 64 MiB at most.

    It is written once, read back, signed and published before this answers. A newer file stands beside the older.
    """
    send(desk, "document.part", file, case=case)
    told = {"record": record, "act": act, "kind": kind, "made_at": made_at, "signed": signed}
    cells = {key: value for key, value in told.items() if value}
    return Stored(**do(desk, "document.store", once, case=case, name=name, **cells))


def _document(desk: Reader, file: File) -> Document:
    paper = file.paper
    same = ("document", "name", "size", "sha256", "at", "by", "seq", "damaged")
    return Document(
        **{name: getattr(paper, name) for name in same},
        kind=paper.kind.say(desk.lang),
        is_newest=file.is_newest,
        commands="\n".join(file.commands),
    )

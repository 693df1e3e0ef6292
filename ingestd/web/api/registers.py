"""Registers and notes by programs: a case platform states its rows, another system writes what a clip shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from ingestd.actions.findings import NOTE_LIMIT
from ingestd.registers.columns import REGISTERS
from ingestd.registers.table import FILE_BYTES
from ingestd.web import guard
from ingestd.web.api.answers import Words
from ingestd.web.api.asking import KEY_CHARS, Noter, Once, Reader, Registrar, do
from ingestd.web.api.files import Sent, file_of
from ingestd.web.uploads import send

router = APIRouter(tags=["registers"])

IMPORT = "/registers/import"
guard.LARGE[f"/api/v1{IMPORT}"] = FILE_BYTES


class ColumnTold(BaseModel):
    """A field of a register."""

    key: str = Field(examples=["case"])
    names: list[str] = Field(
        examples=[["案件编号", "case"]], description="what the header of a file may call it"
    )
    required: bool
    help: Words


class RegisterTold(BaseModel):
    """A register that rows can be stated of."""

    name: str = Field(examples=["case"])
    words: Words
    columns: list[ColumnTold]


class Row(BaseModel):
    """What is said: text, as a file's cell would have it."""

    said: dict[str, str] = Field(
        examples=[{"unit": "34079903", "name": "三中队（虚构）"}], description="by the keys of the columns"
    )


class Notice(Words):
    """What is said of one field of a row that was taken."""

    column: str = Field(examples=["kind"], description="its key")


class Stated(BaseModel):
    """What came of it."""

    register_: str = Field(alias="register", examples=["unit"])
    key: str = Field(examples=["34079903"])
    seq: int | None = Field(examples=[181], description="of the log's entry; null: nothing new was said")
    changed: bool
    unknown: list[str] = Field(examples=[["unit 34079904"]], description="ids that no register has so far")
    notices: list[Notice] = Field(
        description="what else is to be looked at, such as a kind of act no rule knows"
    )


class Remark(Words):
    """What is said of one cell of a file."""

    line: int = Field(examples=[3], description="line (CSV) or number in the list (JSON), from 1")
    column: str | None = Field(examples=["单位编号"], description="null: of the whole row")


class TableTaken(BaseModel):
    """What came of one table of a file."""

    register_: str = Field(alias="register", examples=["case"])
    rows: int = Field(examples=[12])
    changed: int = Field(examples=[11], description="rows that said something new")
    same: int = Field(examples=[0], description="rows that said what was known")
    refused: int = Field(examples=[1], description="rows that could not be taken")
    faults: list[Remark] = Field(description="why rows were refused; 500 at most")
    notices: list[Remark] = Field(description="what else is to be looked at; 500 at most")
    unknown_columns: list[str] = Field(examples=[["备注"]], description="columns that were not read")
    known_since: int | None = Field(
        examples=[None], description="of the entry that took this file before; then nothing was done"
    )
    seq: int | None = Field(
        examples=[273], description="of the entry that says that it was taken; null: of before"
    )


class Taken(BaseModel):
    """What came of a file."""

    file: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        description="its SHA-256; the same file is never taken twice",
    )
    name: str = Field(examples=["cases.csv"])
    tables: list[TableTaken]


class Note(BaseModel):
    """What a recording shows, in a line (REC-8)."""

    text: str = Field(min_length=1, max_length=NOTE_LIMIT, examples=["现场检查某餐馆后厨（虚构）"])


class Noted(BaseModel):
    """Where the note stands."""

    model_config = ConfigDict(extra="ignore")

    clip: str = Field(examples=["01JDA0B1C2D3E4F5G6H7J8K9M0"])
    seq: int = Field(examples=[182])


@router.get("/registers")
def listed(_: Reader) -> list[RegisterTold]:
    """The registers and their columns."""
    return [
        RegisterTold(
            name=one.name,
            words=Words(zh=one.words.zh, en=one.words.en),
            columns=[
                ColumnTold(
                    key=column.key,
                    names=list(column.names),
                    required=column.is_required,
                    help=Words(zh=column.help.zh, en=column.help.en),
                )
                for column in one.columns
            ],
        )
        for one in REGISTERS.values()
    ]


@router.post(IMPORT, openapi_extra=file_of("text/csv", "application/json", "application/octet-stream"))
def take(
    desk: Registrar,
    file: Sent,
    name: Annotated[
        str, Query(min_length=1, max_length=200, description="of the file", examples=["cases.csv"])
    ],
    among: Annotated[
        list[str],
        Query(
            min_length=1,
            max_length=len(REGISTERS),
            description="the registers that it may fill; its header, or else its name, tells which",
            examples=[["case"]],
        ),
    ],
) -> Taken:
    """A CSV or JSON file of rows (docs/registers.md), in UTF-8 or GBK, row by row: what cannot be taken is told."""
    send(desk, "register.part", file)
    return Taken(**desk.ask("register.import", name=name, among=among))


@router.post("/registers/{register}")
def add(
    desk: Registrar,
    register: Annotated[str, InPath(max_length=KEY_CHARS, description="its name", examples=["unit"])],
    row: Row,
    key: Once = None,
) -> Stated:
    """State one row: all that is known of it now, not only what changed."""
    return Stated(**do(desk, "register.add", key, register=register, said=row.said))


@router.post("/clips/{acquisition}/note", tags=["clips"])
def note(
    desk: Noter,
    acquisition: Annotated[
        str,
        InPath(max_length=KEY_CHARS, examples=["01JDA0B1C2D3E4F5G6H7J8K9M0"], description="the clip's id"),
    ],
    said: Note,
    key: Once = None,
) -> Noted:
    """The note of a clip; a later one takes its place."""
    return Noted(**do(desk, "clip.note", key, clip=acquisition, text=said.text))

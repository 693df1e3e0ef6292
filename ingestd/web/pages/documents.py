"""Text records: their page, and the upload of a file. The bytes pass through; the daemon judges and keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from ingestd.actions.labels import LABELLERS
from ingestd.errors import UsageError
from ingestd.law.labels import labels_known, may_open
from ingestd.web.asking import AtDesk, Fields, keep
from ingestd.web.case_page import label_words
from ingestd.web.guard import LARGE
from ingestd.web.text_records import record_page
from ingestd.web.uploads import MOST_BYTES, send
from ingestd.words import Text

router = APIRouter()

LARGE["/documents"] = MOST_BYTES + (1 << 20)
_FIELDS = 20
_SEE_OTHER = 303
_NO_FILE = Text("请选择一个文件。", "choose a file.")
_CELLS = ("record", "kind", "act", "signed", "made_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form with a file; what is long lies in a temporary file of this process."""

    fields: dict[str, str]
    name: str
    file: BinaryIO


async def _sent(request: Request, desk: AtDesk) -> AsyncIterator[Sent]:
    """The form; it is read only for who is logged in. Raises UsageError."""
    del desk
    keep(request, {})
    async with request.form(max_files=1, max_fields=_FIELDS) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError(_NO_FILE)
        fields = {name: str(value).strip() for name, value in form.items() if isinstance(value, str)}
        keep(request, fields)
        yield Sent(fields=fields, name=file.filename, file=file.file)


@router.post("/documents")
def store(desk: AtDesk, sent: Annotated[Sent, Depends(_sent)]) -> Response:
    """A file for a text record of a case."""
    case = sent.fields.get("case", "")
    send(desk, "document.part", sent.file, case=case)
    told = {name: sent.fields[name] for name in _CELLS if sent.fields.get(name)}
    return desk.do(sent.fields, "document.store", f"/cases/{case}", case=case, name=sent.name, **told)


@router.post("/documents/open")
def open_(desk: AtDesk, fields: Fields) -> Response:
    """Opens a look at a document and leads to its bytes."""
    record, sha256 = fields.get("record", ""), fields.get("sha256", "")
    told = {"purpose": fields["purpose"]} if fields.get("purpose") else {}

    def shown(opened: Mapping[str, Any]) -> Response:
        return RedirectResponse(f"/media/document/{quote(sha256)}?look={quote(opened['look'])}", _SEE_OTHER)

    return desk.tell(fields, "look.open", shown, about=f"text-record:{record}", what="document", **told)


@router.post("/documents/labels")
def label(desk: AtDesk, fields: Fields) -> Response:
    """A text record's labels (REC-17): all that it has from now on."""
    record = fields.get("record", "")
    wanted = [name for name in labels_known(desk.watch.book) if fields.get(f"label-{name}")]
    told = {"record": record, "labels": wanted, "reason": fields.get("reason") or None}
    return desk.do(fields, "record.label", f"/documents/{quote(record)}", **told)


@router.api_route("/documents/{record:path}", methods=["GET", "HEAD"])
def show(desk: AtDesk, record: str) -> Response:
    """A text record with its files."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"text-record:{record}")
        page = record_page(desk, connection, record)
    return desk.draw(
        "record.html",
        page=page,
        may_label=bool(desk.visitor.roles & set(LABELLERS)),
        labels=labels_known(desk.watch.book),
        label_words=label_words,
        may_open=may_open,
    )

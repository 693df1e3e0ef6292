"""Cases: the list, one case whole, what people state of it: notes, labels, its file formed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from ingestd.actions.documents import ATTACHES
from ingestd.actions.labels import LABELLERS
from ingestd.actions.links import LINKS
from ingestd.actions.statements import FILES, NOTES
from ingestd.errors import NotFoundError
from ingestd.facts import is_id
from ingestd.index import registers
from ingestd.index.case_lists import Place
from ingestd.law.labels import labels_known
from ingestd.model import Millis
from ingestd.people.separation import READERS
from ingestd.registers.words import CASE_KINDS, SIGNED
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.case_page import case_page, label_words
from ingestd.web.cases import PROGRESS, Choice, listing
from ingestd.web.desk import Desk
from ingestd.words import Text

router = APIRouter()

_SEE_OTHER = 303
_NO_CASE = Text("没有案件 {c}。", "there is no case {c}.")
_NO_ACT = Text("没有执法行为 {a}。", "there is no act {a}.")


@router.api_route("/cases", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """The list, narrowed down by what its form holds."""
    desk.require(*READERS, "officer")
    asked = desk.request.query_params
    choice, after = chosen(asked), asked.get("after", "")
    place = Place(opened_at=_moment(asked.get("opened", "")), case=after) if after else None
    with desk.reading() as connection:
        found = listing(desk, connection, choice, place)
    return desk.draw("cases.html", listing=found, choice=choice, progress=PROGRESS, kinds=CASE_KINDS)


def chosen(asked: Mapping[str, str]) -> Choice:
    """What a list is narrowed down to; what makes no sense narrows nothing."""
    unit, officer, kind = asked.get("unit", ""), asked.get("officer", "").strip(), asked.get("kind", "")
    return Choice(
        unit=unit if is_id(unit) else "",
        officer=officer if is_id(officer) else "",
        state=asked.get("state", ""),
        kind=kind if kind in CASE_KINDS else "",
    )


def _moment(text: str) -> Millis | None:
    return Millis(int(text)) if text.isascii() and text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004


@router.post("/cases/filed")
def filed(desk: AtDesk, fields: Fields) -> Response:
    """The case's file was formed just now (REC-11)."""
    case = fields.get("case", "")
    return desk.do(fields, "case.filed", f"/cases/{case}", case=case)


@router.api_route("/cases/{case:path}", methods=["GET", "HEAD"])
def one(desk: AtDesk, case: str) -> Response:
    """Everything of one case."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"case:{case}")
        page = case_page(desk, connection, case)
    if page is None:
        raise NotFoundError(_NO_CASE.format(c=case[:80]))
    return desk.draw(
        "case.html",
        page=page,
        may=_may(desk),
        labels=labels_known(desk.watch.book),
        label_words=label_words,
        signed=SIGNED,
        limit_mib=desk.watch.config.documents_limit_mib,
    )


def _may(desk: Desk) -> Mapping[str, bool]:
    """Which forms the person's roles have a use for; what stands against a deed the daemon says."""
    roles = desk.visitor.roles
    return {
        "note": bool(roles & set(NOTES)),
        "label": bool(roles & set(LABELLERS)),
        "link": bool(roles & set(LINKS)),
        "attach": bool(roles & set(ATTACHES)),
        "file": bool(roles & set(FILES)),
    }


@router.api_route("/acts/{act:path}", methods=["GET", "HEAD"])
def act(desk: AtDesk, act: str) -> Response:
    """An act is a part of its case's page; one of no case has none."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"act:{act}")
        case = _case_of(connection, act)
    return RedirectResponse(f"/cases/{quote(case)}#act-{quote(act)}", _SEE_OTHER)


def _case_of(connection: Connection, act: str) -> str:
    """Raises NotFoundError."""
    found = registers.one(connection, "act", act)
    if found is None or found.row.case is None:
        raise NotFoundError(_NO_ACT.format(a=act[:80]))
    case: str = found.row.case
    return case


@router.post("/notes")
def note(desk: AtDesk, fields: Fields) -> Response:
    """A clip's text note (REC-8)."""
    back = f"/cases/{fields.get('case', '')}"
    return desk.do(fields, "clip.note", back, clip=fields.get("clip", ""), text=fields.get("text", ""))


@router.post("/labels")
def label(desk: AtDesk, fields: Fields) -> Response:
    """A clip's labels (REC-17): all that it has from now on."""
    wanted = [name for name in labels_known(desk.watch.book) if fields.get(f"label-{name}")]
    told = {"clip": fields.get("clip", ""), "labels": wanted, "reason": fields.get("reason") or None}
    return desk.do(fields, "clip.label", f"/cases/{fields.get('case', '')}", **told)

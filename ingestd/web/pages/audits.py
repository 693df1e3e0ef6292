"""Random playback audits (OWN-7, REC-15): draw so that nobody can steer it, play, judge, and show how it stands.

The auditor's half of the seed is made by the auditor's browser and stays there until the station's half is signed
(`static/audits.js`); the page is the same protocol as `ingestd audit draw`, step by step.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ingestd.errors import UsageError
from ingestd.index import registers
from ingestd.index.audits import ITEMS
from ingestd.telling import audit_sentences
from ingestd.web import audits
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.audits import AUDITORS, ON_A_PAGE
from ingestd.words import Text

router = APIRouter()

_ID = re.compile(r"[0-9a-f]{16}")
_PLACE, _PLACES = re.compile(r"[0-9]{1,9}"), 1_000_000_000
_NO_NONCE = Text(
    "没有随机数的承诺：请在能运行脚本的浏览器中生成，或用 ingestd audit draw。",
    "no nonce was bound: make one in a browser that runs scripts, or use ingestd audit draw.",
)


@router.api_route("/audits", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """All draws, what waits for this person, who judged how much, and the begin of a draw."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = audits.overview(desk, connection)
        units = registers.listed(connection, "unit")
    return desk.draw(
        "audits.html",
        found=found,
        units=[one.row for one in units],
        rule=desk.watch.book.find("OWN-7"),
        origin=f"{desk.watch.config.agency}/{desk.watch.config.station}",
        finding_word=audits.finding_word,
    )


@router.api_route("/audits/sheet/{period}", methods=["GET", "HEAD"])
def sheet(desk: AtDesk, period: str) -> Response:
    """The result sheet of a month or a year; made to be printed."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = audits.sheet(desk, connection, period)
    return desk.draw("audit_sheet.html", sheet=found, period=period)


@router.post("/audits")
def begin(desk: AtDesk, fields: Fields) -> Response:
    """Binds the nonce's digest; answers once the station's half of the seed is signed."""
    commitment = fields.get("commitment", "")
    if not commitment:
        raise UsageError(_NO_NONCE)
    since, until = audits.span(desk, *(fields.get(name, "") for name in ("month", "since", "until")))
    unit = fields.get("unit") or None
    back = f"/audits/{commitment[:16]}" if _ID.fullmatch(commitment[:16]) else "/audits"
    return desk.do(fields, "audit.commit", back, commitment=commitment, since=since, until=until, unit=unit)


@router.api_route("/audits/{audit}", methods=["GET", "HEAD"])
def one(
    desk: AtDesk, audit: str, begin: Annotated[int, Query(alias="from", ge=0, lt=_PLACES)] = 0
) -> Response:
    """One draw: its proof, and its clips from a place on, with the form."""
    desk.require(*AUDITORS)
    with desk.reading() as connection:
        found = audits.one(desk, connection, audit)
        clips = audits.clips(desk, connection, audit, begin)
    return desk.draw(
        "audit.html",
        one=found,
        clips=clips,
        begin=begin,
        on_a_page=ON_A_PAGE,
        items=audit_sentences.ITEMS,
        answers=audit_sentences.ANSWERS,
        verdicts=audit_sentences.VERDICTS,
        home=str(desk.watch.home.root),
        played=desk.watch.book.find("OWN-23"),
    )


@router.post("/audits/{audit}/reveal")
def reveal(desk: AtDesk, audit: str, fields: Fields) -> Response:
    """Reveals the nonce: what it draws is in the log when this answers."""
    return desk.do(
        fields, "audit.reveal", f"/audits/{audit}", audit=audit, nonce=fields.get("nonce", "").lower()
    )


@router.post("/audits/{audit}/void")
def void(desk: AtDesk, audit: str, fields: Fields) -> Response:
    """Gives up a draw whose nonce is lost."""
    return desk.do(fields, "audit.void", f"/audits/{audit}", audit=audit, reason=fields.get("reason", ""))


@router.post("/audits/{audit}/judge")
def judge(desk: AtDesk, audit: str, fields: Fields) -> Response:
    """What was seen and heard in one clip."""
    clip, begin = fields.get("clip", ""), _PLACE.fullmatch(fields.get("from", ""))
    said: dict[str, Any] = {item: fields.get(item) for item in ITEMS}
    return desk.do(
        fields,
        "audit.judge",
        f"/audits/{audit}" if begin is None else f"/audits/{audit}?from={begin[0]}",
        audit=audit,
        clip=clip,
        verdict=fields.get("verdict"),
        note=fields.get("note") or None,
        **said,
    )

"""`/health` for monitoring: whether pages are live. It says nothing that the dock board does not show."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ingestd.web.asking import Station
from ingestd.words import Text

router = APIRouter()

_GONE = Text("采集服务无应答", "the daemon does not answer")
_OK, _UNAVAILABLE = 200, 503


@router.api_route("/health", methods=["GET", "HEAD"])
def health(watch: Station) -> JSONResponse:
    """200 where the daemon answers and the log is followed, else 503 with what is wrong."""
    known, heard = watch.known, watch.heard
    wrong = ([_GONE] if heard.is_gone else []) + ([known.fault] if known.fault is not None else [])
    behind = watch.behind
    wrong += [] if behind is None else [behind.text]
    facts = {
        "ok": not wrong,
        "daemon": not heard.is_gone,
        "entries": None if known.checkpoint is None else known.checkpoint.size,
        "reading": None if behind is None else {"size": behind.size, "goal": behind.goal},
        "problems": [{"zh": text.zh, "en": text.en} for text in wrong],
    }
    return JSONResponse(facts, _UNAVAILABLE if wrong else _OK)

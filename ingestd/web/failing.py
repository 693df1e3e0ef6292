"""What went wrong, as an answer: a page for people, one shape of JSON for programs, a way to the log-in.

Every error of the API is ``{"error": {"code", "zh", "en", ...}}``, with the code and the facts of the daemon.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ingestd.actions.client import RemoteError
from ingestd.errors import DaemonGoneError, IngestdError
from ingestd.web import guard, refused
from ingestd.web.asking import session_name
from ingestd.web.back import here, stood_on
from ingestd.words import Text

API = "/api/"
LOGIN = "/login"
_SEE_OTHER = 303
_SAFE = ("GET", "HEAD")

_WORDS = {
    HTTPStatus.NOT_FOUND: Text("没有这个页面", "there is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: Text("此页面不接受这种请求", "this page does not take such a request"),
    HTTPStatus.REQUEST_TIMEOUT: Text("传送的内容迟迟未到", "what was sent took too long"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Text("传送的内容过大", "what was sent is too large"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text(
        "同时打开的页面太多，请稍后再试", "too many pages are open; try again later"
    ),
}
_FAULT = Text(
    "网页程序出错，已记入系统日志；采集不受影响", "the pages failed, see the journal; intake is not affected"
)
_GONE = Text(
    "采集服务无应答：刚才的操作可能没有记录，已入库的证据不受影响。请稍后再试；仍无应答的，请通知系统管理员。",
    "the intake service does not answer: what you did may not be recorded; secured evidence is not affected. "
    "Try again in a while; if it still does not answer, tell the administrator.",
)
_REFUSED = Text("请求的内容不合规", "this request makes no sense")
_STATUS = {
    "login": HTTPStatus.UNAUTHORIZED,
    "credentials": HTTPStatus.UNAUTHORIZED,
    "wait": HTTPStatus.TOO_MANY_REQUESTS,
    "usage": HTTPStatus.BAD_REQUEST,
    "not-found": HTTPStatus.NOT_FOUND,
    "damaged": HTTPStatus.GONE,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "daemon-gone": HTTPStatus.SERVICE_UNAVAILABLE,
    "no-space": HTTPStatus.INSUFFICIENT_STORAGE,
}
_AGAIN = ("login", "password-due")
"""Answers after which the log-in goes on where it stands."""
_BY_EXIT = {6: HTTPStatus.FORBIDDEN}
"""Refusals of every kind (`errors.RefusedError`)."""


def install(app: FastAPI) -> None:
    """Answer every error of an application."""

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        told = _WORDS.get(HTTPStatus(error.status_code), _REFUSED)
        if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            told = _too_large(request)
        return await _answer(request, error.status_code, told, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        if not _is_api(request):
            return await _answer(request, HTTPStatus.NOT_FOUND, _WORDS[HTTPStatus.NOT_FOUND])
        where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        told = Text(f"请求的内容不合规：{where}", f"this request makes no sense: {where}")
        return await _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, told)

    @app.exception_handler(IngestdError)
    async def _told(request: Request, error: IngestdError) -> Response:
        code = error.remote_code if isinstance(error, RemoteError) else error.code
        exit_ = error.remote_exit if isinstance(error, RemoteError) else error.exit_status
        facts = error.remote_facts if isinstance(error, RemoteError) else error.facts
        if code in _AGAIN:
            _forget(request)
            if not _is_api(request):
                return await _to_login(request)
        status = _STATUS.get(code) or _BY_EXIT.get(exit_) or HTTPStatus.INTERNAL_SERVER_ERROR
        after = {"Retry-After": str(max(1, int(facts["wait_s"])))} if "wait_s" in facts else None
        told = _GONE if isinstance(error, DaemonGoneError) and not _is_api(request) else error.text
        return await _answer(request, status, told, code=code, facts=facts, headers=after)

    @app.exception_handler(Exception)
    async def _failed(request: Request, _: Exception) -> Response:
        return await _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT, code="bug")


def _is_api(request: Request) -> bool:
    return str(request.scope["path"]).startswith(API)


def _forget(request: Request) -> None:
    """The daemon says that this log-in does not stand as it did: what was heard of it before does not count."""
    token = request.cookies.get(session_name(request))
    if token is not None:
        request.app.state.watch.visitors.drop("session", token)


async def _to_login(request: Request) -> RedirectResponse:
    """Where nobody is logged in: with the way back, and of a form with the word that nothing was recorded."""
    if request.method in _SAFE:
        return RedirectResponse(f"{LOGIN}?back={quote(here(request))}", _SEE_OTHER)
    back = stood_on(request, await refused.typed(request)) or "/"
    return RedirectResponse(f"{LOGIN}?back={quote(back)}&lost=1", _SEE_OTHER)


def _too_large(request: Request) -> Text:
    limit = min(guard.most(request.url.path) >> 20, request.app.state.watch.config.documents_limit_mib)
    return Text(
        f"传送的内容过大：最多 {limit} MiB，没有记录", f"too large: {limit} MiB at most; nothing was recorded"
    )


async def _answer(
    request: Request,
    status: int,
    told: Text,
    *,
    code: str | None = None,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page in the language of whoever asked, or JSON."""
    if _is_api(request):
        name = code or HTTPStatus(status).phrase.lower().replace(" ", "-")
        error = {"code": name, "zh": told.zh, "en": told.en, **(facts or {})}
        return JSONResponse({"error": error}, int(status), headers)
    need = (facts or {}).get("need")
    fields = await refused.typed(request)
    answer = await run_in_threadpool(refused.page, request, int(status), told, need=need, fields=fields)
    answer.headers.update(headers or {})
    return answer

"""The application: pages over what the process knows of the station, behind the guard."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ingestd.web import drawing
from ingestd.web.asking import language
from ingestd.web.guard import Guard
from ingestd.web.pages import board, entrance, health
from ingestd.web.watch import Watch
from ingestd.words import Text

PAGES = (entrance, board, health)
"""Every page's module."""

_WORDS = {
    HTTPStatus.NOT_FOUND: Text("没有这个页面", "there is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: Text("此页面不接受这种请求", "this page does not take such a request"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text(
        "同时打开的页面太多，请稍后再试", "too many pages are open; try again later"
    ),
}
_FAULT = Text(
    "网页程序出错，已记入系统日志；采集不受影响", "the pages failed, see the journal; intake is not affected"
)
_REFUSED = Text("请求的内容不合规", "this request makes no sense")


def create_app(watch: Watch) -> ASGIApp:
    """The whole application. The caller starts and ends ``watch``."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.watch = watch
    for module in PAGES:
        app.include_router(module.router)

    @app.exception_handler(HTTPException)
    def _told(request: Request, error: HTTPException) -> HTMLResponse:
        return _error(
            request, error.status_code, _WORDS.get(HTTPStatus(error.status_code), _REFUSED), error.headers
        )

    @app.exception_handler(RequestValidationError)
    def _refused(request: Request, _: RequestValidationError) -> HTMLResponse:
        return _error(request, HTTPStatus.NOT_FOUND, _WORDS[HTTPStatus.NOT_FOUND])

    @app.exception_handler(Exception)
    def _failed(request: Request, _: Exception) -> HTMLResponse:
        return _error(request, HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT)

    return Guard(app, lambda: watch.config.web_hosts)


def _error(
    request: Request, status: int, told: Text, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The error page, in the language of whoever asked."""
    html = drawing.page("error.html", language(request), status=int(status), told=told)
    return HTMLResponse(html, status, headers)

"""The application: pages over what the process knows of the station, behind the guard."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from ingestd.web import api, failing
from ingestd.web.guard import Guard
from ingestd.web.pages import (
    account,
    audits,
    board,
    cases,
    custody,
    documents,
    entrance,
    figures,
    findings,
    health,
    home,
    interface,
    kiosk,
    login,
    looks,
    media,
    mine,
    people,
    player,
    queue,
    registers,
    reviews,
    search,
)
from ingestd.web.watch import Watch

PAGES = (
    entrance,
    login,
    account,
    audits,
    board,
    cases,
    custody,
    documents,
    figures,
    findings,
    health,
    home,
    interface,
    kiosk,
    looks,
    media,
    mine,
    people,
    player,
    queue,
    registers,
    reviews,
    search,
)
"""Every page's module."""


def create_app(watch: Watch) -> ASGIApp:
    """The whole application. The caller starts and ends ``watch``."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.watch = watch
    for module in PAGES:
        app.include_router(module.router)
    failing.install(app)
    app.state.api = api.create_api(watch)
    app.state.pace = app.state.api.state.pace  # media is asked for by pages and programs alike
    app.mount("/api/v1", app.state.api)
    return Guard(app, lambda: watch.config.web_hosts, lambda: watch.config.web_proxy)

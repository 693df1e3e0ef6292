"""The API: what the pages show and do, for programs. OpenAPI at ``/api/v1/openapi.json``, a page at ``/api``.

A program shows its token (``Authorization: Bearer``), a page's script the session's cookie. Each subject has a
module with a `router` here, over the same views that the page draws.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from ingestd import __version__
from ingestd.actions.tokens import SCOPES
from ingestd.web import failing
from ingestd.web.api import (
    accounts,
    audits,
    cases,
    clips,
    custody,
    documents,
    events,
    findings,
    labels,
    links,
    log,
    looks,
    mine,
    player,
    registers,
    reports,
    reviews,
    rows,
    search,
    station,
)
from ingestd.web.api.answers import ERRORS
from ingestd.web.api.describing import described
from ingestd.web.api.pace import Pace
from ingestd.web.watch import Watch

SUBJECTS = (
    station,
    accounts,
    audits,
    cases,
    clips,
    custody,
    documents,
    events,
    findings,
    labels,
    links,
    log,
    looks,
    mine,
    player,
    registers,
    reports,
    reviews,
    rows,
    search,
)
"""Every subject's module."""
_ABOUT = """Evidence intake for enforcement recorders, for programs.

Show an API token (`ingestd token add`) as `Authorization: Bearer ingestd_...`. A token acts for its account, within
its scopes: SCOPES. Nobody sees more here than on the pages. Times are RFC 3339 in UTC or milliseconds since 1970, as
the name says (`..._ms`). Every error is `{"error": {"code", "zh", "en"}}`."""


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return described(super().openapi())


def create_api(watch: Watch) -> FastAPI:
    """The application under ``/api/v1``."""
    app = _Api(
        title="ingestd",
        summary="Evidence intake: clips, cases, findings, figures, and the log that proves them",
        description=_ABOUT.replace("SCOPES", ", ".join(f"`{one}`" for one in SCOPES)),
        version=__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=ERRORS,
    )
    app.state.watch = watch
    app.state.pace = Pace(watch.clock.monotonic)
    for module in SUBJECTS:
        app.include_router(module.router)
    failing.install(app)
    return app

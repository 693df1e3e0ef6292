"""The API: what the pages show and do, for programs. OpenAPI at ``/api/v1/openapi.json``.

A program shows its token (``Authorization: Bearer``), a page's script the session's cookie. Each subject has a
module with a `router` here, over the same views that the page draws.
"""

from __future__ import annotations

from fastapi import FastAPI

from ingestd import __version__
from ingestd.web import failing
from ingestd.web.api import looks, player, station
from ingestd.web.watch import Watch

SUBJECTS = (
    station,
    looks,
    player,
)
"""Every subject's module."""


def create_api(watch: Watch) -> FastAPI:
    """The application under ``/api/v1``."""
    app = FastAPI(
        title="ingestd",
        version=__version__,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.watch = watch
    for module in SUBJECTS:
        app.include_router(module.router)
    failing.install(app)
    return app

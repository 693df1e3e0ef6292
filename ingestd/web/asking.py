"""What a page is asked with: the station as it is known, and the language of whoever asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from ingestd.web.watch import Watch
from ingestd.words import Lang

COOKIE = "lang"


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


def language(request: Request) -> Lang:
    """Chinese unless this person chose English."""
    return "en" if request.cookies.get(COOKIE) == "en" else "zh"


Station = Annotated[Watch, Depends(_watch)]
Language = Annotated[Lang, Depends(language)]

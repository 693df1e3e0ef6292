"""Ways back within these pages: where a request was, and the page that a form stood on. Never another site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import Request

_PATH = r"/(?![/\\])[\w/.~:@%+()（）〔〕\[\]-]*"
_OWN = re.compile(_PATH + r"(?:\?[\w/.~:@%+*&=,()（）〔〕\[\]-]*)?")
STOOD = "stood"
"""The field by which a form that comes again says where it first stood."""
_SAFE = ("GET", "HEAD")


def own(back: str) -> str:
    """A way back with its query, if it is one of ours; else the first page."""
    return back if _OWN.fullmatch(back) else "/"


def here(request: Request) -> str:
    """The page that a person is on: of a GET with its query but for what was told once, else what a form stood on."""
    if request.method not in _SAFE:
        return stood_on(request) or "/"
    kept = "&".join(one for one in request.url.query.split("&") if one and not one.startswith("told="))
    found = own(f"{request.url.path}?{kept}" if kept else request.url.path)
    return found if found != "/" else own(request.url.path)


def stood_on(request: Request, fields: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The page that a form stood on, by its own word or the browser's; None where that is none of ours."""
    if STOOD in fields:
        return own(fields[STOOD])
    came = urlsplit(request.headers.get("referer", ""))
    if not came.path or came.netloc != request.headers.get("host"):
        return None
    found = own(f"{came.path}?{came.query}" if came.query else came.path)
    return None if found == "/" else found

"""What every request passes and every answer carries, whatever page or error it is.

- Host: an address, this machine's own names, or a configured one. So no other site's name can be pointed here to
  read pages in a visitor's browser (DNS rebinding).
- Changes (POST and the like) come from our own pages: the browser says so (Fetch metadata), else its Origin does.
- A body has so many bytes at most, however it comes; a page that takes files says how many (`LARGE`).
- Answers: a content security policy without any inline code, and no caching unless a page allows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestd.addresses import is_address, is_loopback

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types ingestd"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
}
"""Of every answer."""
BODY_BYTES = 1 << 20
LARGE: dict[str, int] = {}
"""Paths that take files, by their beginning, with the bytes that they take."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?")
_MISDIRECTED, _FORBIDDEN, _TOO_LARGE = 421, 403, 413


class Guard:
    """Stands before the whole application, its error pages included."""

    def __init__(self, app: ASGIApp, hosts: Callable[[], tuple[str, ...]]) -> None:
        """``hosts``: the configured names, as they are now."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get("content-security-policy")
                headers.update(HEADERS)
                if own is not None:
                    headers["content-security-policy"] = own
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, guarded)
        else:
            await self._app(scope, _bounded(receive, _most(scope["path"])), guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return PlainTextResponse("not a name of this station\n", _MISDIRECTED)
        if _declared(headers) > _most(scope["path"]):
            return PlainTextResponse("too large\n", _TOO_LARGE)
        if scope["method"] not in _SAFE and not (_is_program(headers) or _is_own(headers, hosts[0])):
            return PlainTextResponse("this did not come from a page of this station\n", _FORBIDDEN)
        return None

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower()
        return is_loopback(name) or is_address(name) or name in self._hosts()


def _most(path: str) -> int:
    return next((most for begin, most in LARGE.items() if path.startswith(begin)), BODY_BYTES)


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _bounded(receive: Receive, most: int) -> Receive:
    """What is sent in pieces of undeclared length ends like a broken connection once it is too much."""
    left = most

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return bounded


def _is_program(headers: Headers) -> bool:
    """A browser never adds a token by itself, so no other site can make it."""
    return "authorization" in headers


def _is_own(headers: Headers, host: str) -> bool:
    """Whether a request that changes something comes from a page of this origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "").partition("://")[2] == host

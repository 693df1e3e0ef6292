"""What every request passes and every answer carries, whatever page or error it is.

- Host: an address, this machine's own names, or a configured one. So no other site's name can be pointed here to
  read pages in a visitor's browser (DNS rebinding).
- Changes (POST and the like) come from our own pages: the browser says so (Fetch metadata), else its Origin does.
- A body has so many bytes at most, however it comes, and comes without long pauses; a page that takes files says
  how many bytes (`LARGE`).
- What a proxy says of the browser behind it counts only where the configuration names the proxy (`web.proxy`).
- Answers: a content security policy without any inline code, no caching unless a page allows it, over TLS the word
  that browsers are to come by TLS only.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestd.addresses import is_address, is_loopback
from ingestd.words import Text

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types ingestd"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
}
"""Of every answer."""
HSTS = "max-age=31536000"
"""Over TLS: for a year browsers ask by it alone. Without subdomains: those are not this station's to speak for."""
BODY_BYTES = 1 << 20
PIECE_S, BODY_S = 10.0, 900.0
"""How long the next piece of a body may take, and all of it."""
LARGE: dict[str, int] = {}
"""Paths that take files, by their beginning, with the bytes that they take."""
_SAFE = ("GET", "HEAD", "OPTIONS")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?")
_MISDIRECTED, _FORBIDDEN, _TOO_SLOW, _TOO_LARGE = 421, 403, 408, 413
_NO_NAME = Text("这不是本站的名称", "not a name of this station")
_TOO_MUCH = Text("传送的内容过大", "too large")
_FOREIGN = Text("请求不是由本站页面发出的", "this did not come from a page of this station")


class Guard:
    """Stands before the whole application, its error pages included."""

    def __init__(
        self, app: ASGIApp, hosts: Callable[[], tuple[str, ...]], proxies: Callable[[], tuple[str, ...]]
    ) -> None:
        """``hosts``: the configured names, ``proxies``: addresses of trusted proxies, as they are now."""
        self._app = app
        self._hosts = hosts
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = forwarded(scope, self._proxies())

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get("content-security-policy")
                headers.update(HEADERS)
                if own is not None:
                    headers["content-security-policy"] = own
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, guarded)
        else:
            left = (
                0 if self._is_too_large(scope) else most(scope["path"])
            )  # 0: the page says so, nothing is read
            await self._app(scope, _bounded(receive, left), guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return _refused(scope, _MISDIRECTED, _NO_NAME)
        if self._is_too_large(scope) and not _is_upload(scope["path"]):
            return _refused(scope, _TOO_LARGE, _TOO_MUCH)
        if scope["method"] not in _SAFE and not (_is_program(headers) or _is_own(headers, hosts[0])):
            return _refused(scope, _FORBIDDEN, _FOREIGN)
        return None

    @staticmethod
    def _is_too_large(scope: Scope) -> bool:
        return _declared(Headers(scope=scope)) > most(scope["path"])

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower()
        return is_loopback(name) or is_address(name) or name in self._hosts()


def _refused(scope: Scope, status: int, why: Text) -> Response:
    """In a line; to a program in the one shape of the API's errors."""
    if not scope["path"].startswith("/api/"):
        return PlainTextResponse(f"{why.both()}\n", status)
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return JSONResponse({"error": {"code": code, "zh": why.zh, "en": why.en}}, status)


def most(path: str) -> int:
    """The bytes that a path takes."""
    return next((most for begin, most in LARGE.items() if path.startswith(begin)), BODY_BYTES)


def _is_upload(path: str) -> bool:
    """Whether people send files there: the page itself says what is too large."""
    return not path.startswith("/api/") and any(path.startswith(begin) for begin in LARGE)


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def forwarded(scope: Scope, proxies: tuple[str, ...]) -> Scope:
    """A request as its browser made it, where a trusted proxy passed it on; else as it came.

    The last address of ``X-Forwarded-For`` is the one that the proxy itself saw; those before it anybody may write.
    """
    client = scope.get("client")
    if client is None or client[0] not in proxies:
        return scope
    headers = Headers(scope=scope)
    scheme = headers.get("x-forwarded-proto", "").strip().lower()
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    changed = {
        **({"scheme": scheme} if scheme in ("http", "https") else {}),
        **({"client": (address, 0)} if is_address(address) else {}),
    }
    return {**scope, **changed}


def _bounded(receive: Receive, allowed: int) -> Receive:
    """A body of undeclared length, or one that hardly comes, ends as a refusal. Raises HTTPException."""
    left, is_whole = allowed, False
    until = time.monotonic() + BODY_S

    async def bounded() -> Message:
        nonlocal left, is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(PIECE_S, max(0.0, until - time.monotonic())))
        except TimeoutError as error:
            raise HTTPException(_TOO_SLOW) from error
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(_TOO_LARGE)
        is_whole = not message.get("more_body", False)
        return message

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

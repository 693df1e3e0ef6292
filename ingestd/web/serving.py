"""The web process itself: listens, serves, ends in order; hostile callers cost it little.

Connections are bounded in number (what comes beyond is closed unanswered); each gets so many seconds for a
request's head, and a head has so many bytes at most.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ingestd.clock import StationClock
from ingestd.errors import EXIT_BUG, UsageError
from ingestd.service.notify import Notifier
from ingestd.vault.layout import Home
from ingestd.web.app import create_app
from ingestd.web.guard import HEADERS
from ingestd.web.watch import Watch
from ingestd.words import Text

log = logging.getLogger(__name__)

CONNECTIONS = 256
HEAD_BYTES = 16 << 10
HEAD_S = 10.0
"""For the head of a request, the first of a connection as any later one."""
IDLE_S = 5
LAST_S = 2
"""How long answers under way may finish at the end."""

_CANNOT_LISTEN = Text(
    "无法监听 {a} 端口 {p}：{why}；请改用 --listen 或配置 web.listen。",
    "cannot listen on {a} port {p}: {why}; choose another with --listen or web.listen.",
)


class _Protocol(H11Protocol):
    """HTTP/1.1 with a limit on how long a head may take, and our headers on answers that no page gave."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self._limit = self.loop.call_later(HEAD_S, self._too_slow)
        if len(self.connections) > CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._limit.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit.cancel()
        self._limit = self.loop.call_later(HEAD_S + IDLE_S, self._too_slow)

    def _too_slow(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        body = f"{msg}\n"
        self.transport.write(
            f"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
            f"cache-control: no-store\r\nconnection: close\r\n{head}\r\n{body}".encode("ascii")
        )
        self.transport.close()


class _Server(uvicorn.Server):
    """Ends on SIGTERM and SIGINT with exit status 0; open streams are told first."""

    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        super().__init__(config)
        self._watch = watch

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame  # not kept: uvicorn would raise the signal again after an orderly end
        self.end()

    def end(self) -> None:
        """Finish what is under way, and return from `run`."""
        self._watch.close()
        self.should_exit = True


def serve(
    root: Path, *, state: Path, listen: tuple[str, int] | None, is_child: bool, notifier: Notifier
) -> None:
    """Serve the pages of a home until SIGTERM. Raises UsageError and what opening the copy raises.

    ``listen`` None: as configured. ``is_child``: end with whoever holds the other end of standard input.
    """
    watch = Watch(Home(root.resolve()), state, StationClock())
    settings = watch.config
    threading.excepthook = _end_at_once
    listener = _listener(*(listen or settings.web_listen))
    watch.start()
    server = _Server(
        uvicorn.Config(
            create_app(watch),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=LAST_S,
            ssl_certfile=settings.web_certificate,
            ssl_keyfile=settings.web_key,
        ),
        watch,
    )
    if is_child:
        threading.Thread(target=_end_with_parent, args=(server,), name="parent", daemon=True).start()
    keep_what_is_loaded()
    log.info("pages at %s port %d", *listener.getsockname()[:2])
    notifier.ready()
    server.run(sockets=[listener])
    watch.close()


def keep_what_is_loaded() -> None:
    """Leave the program itself out of later searches for garbage: each would stop a page for a tenth of a second."""
    gc.collect()
    gc.freeze()


def _end_at_once(failed: threading.ExceptHookArgs) -> None:
    """A thread that failed by a fault of ours leaves pages that look live and are not: better none at all."""
    log.critical("a thread of the pages failed", exc_info=failed.exc_value)
    os._exit(EXIT_BUG)


def _listener(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise UsageError(_CANNOT_LISTEN.format(a=address, p=port, why=error.strerror)) from error


def _end_with_parent(server: _Server) -> None:
    """Standard input ends when the daemon does, however it ends."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.end()

"""Two pages for machines on loopback: `/metrics` and `/healthz`. GET only; a request says its page and host.

Hostile callers cost little: so many at once, so many bytes, so many seconds in all, then the connection is
closed. A Host that is no loopback name is refused: a web page in a browser of this machine cannot read the
numbers by a name of its own that points here (DNS rebinding).
"""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from ingestd.addresses import is_loopback
from ingestd.clock import Clock
from ingestd.errors import IngestdError
from ingestd.listening import Listening

log = logging.getLogger(__name__)

CALLERS = 8
REQUEST_BYTES = 4096
"""A scraper sends a few hundred bytes."""
REQUEST_S = 3.0
ANSWER_S = 5.0
KEPT_S = 1.0
"""An answer serves everybody who asks within so many seconds: a flood reads the index once a second."""
_REQUEST = re.compile(rb"(?P<verb>[A-Z]{1,16}) (?P<target>[!-~]{1,1024}) HTTP/1\.[01]")
_HOST = re.compile(rb"(?i)host:[ \t]*(?P<name>\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?[ \t]*")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[], Answer]


def json_answer(status: int, facts: Mapping[str, object]) -> Answer:
    """Facts as JSON."""
    body = json.dumps(facts, ensure_ascii=False) + "\n"
    return Answer(status=status, body=body, content_type="application/json")


class Listener:
    """Serves pages on one loopback address until closed."""

    def __init__(self, address: tuple[str, int], pages: Mapping[str, Page], clock: Clock) -> None:
        """Raises OSError where the address cannot be had."""
        self._pages = pages
        self._clock = clock
        self._rendering = threading.Lock()
        self._kept: dict[str, tuple[float, Answer]] = {}
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        made = socket.create_server(address, family=family, backlog=CALLERS)
        self.port: int = made.getsockname()[1]
        self._listening = Listening(made, self._serve, at_once=CALLERS, name="metrics")
        self._listening.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._listening.is_alive

    def close(self) -> None:
        """Answer nobody any more."""
        self._listening.close()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            answer = self._answer(self._request(connection))
            connection.settimeout(ANSWER_S)
            connection.sendall(_bytes(answer))
            connection.shutdown(socket.SHUT_WR)

    def _request(self, connection: socket.socket) -> bytes:
        """The head of a request, b"" where none came in time and size."""
        end, data = self._clock.monotonic() + REQUEST_S, b""
        while b"\r\n\r\n" not in data and len(data) < REQUEST_BYTES:
            left = end - self._clock.monotonic()
            if left <= 0:
                return b""
            connection.settimeout(left)
            more = connection.recv(REQUEST_BYTES - len(data))
            if not more:
                return b""
            data += more
        head, found, _ = data.partition(b"\r\n\r\n")
        return head if found else b""

    def _answer(self, head: bytes) -> Answer:
        first, *headers = head.split(b"\r\n")
        asked = _REQUEST.fullmatch(first)
        if asked is None:
            return _refusal(400)
        if asked["verb"] != b"GET":
            return _refusal(405)
        hosts = [found["name"] for line in headers if (found := _HOST.fullmatch(line))]
        if len(hosts) != 1 or not is_loopback(hosts[0].decode().strip("[]")):
            return _refusal(403)
        page = asked["target"].decode()
        return self._page(page) if page in self._pages else _refusal(404)

    def _page(self, name: str) -> Answer:
        with self._rendering:
            at, answer = self._kept.get(name, (0.0, None))
            if answer is not None and self._clock.monotonic() - at < KEPT_S:
                return answer
            try:
                answer = self._pages[name]()
            except (IngestdError, SQLAlchemyError, OSError):
                log.exception("the page %s failed", name)
                answer = _refusal(500)
            self._kept[name] = (self._clock.monotonic(), answer)
            return answer


def _refusal(status: int) -> Answer:
    return Answer(status=status, body=_REASONS[status] + "\n")


def _bytes(answer: Answer) -> bytes:
    body = answer.body.encode()
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body

"""Who looks at a page: the person of a login, or of an API token, as the daemon knows them.

The web process believes no cookie: it asks the daemon about the token that the cookie holds, and remembers the
answer for a second. A daemon that does not answer lets nobody in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from ingestd.actions import client
from ingestd.people.separation import ADMINISTRATOR

HALF, PASSWORD, FULL, TOKEN = "half", "password", "full", "token"
"""Stages: a log-in without its second factor, one with a password that somebody else gave, a whole one; a program."""
HELD_S = 1.0
"""How long an answer counts: a page and what it loads ask once."""
_MOST = 2000
_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person at a page."""

    person: str
    name: str | None
    roles: frozenset[str]
    unit: str | None
    """Top of the units whose matters they see; None: the whole agency."""
    stage: str
    """half, password, full, kiosk, token (`people.store.Key`)."""
    login: str
    has_totp: bool
    has_pin: bool
    fresh_until: int | None
    scopes: tuple[str, ...]
    """Of a token."""
    shown: Mapping[str, str]
    """What every request to the daemon carries: ``session`` or ``token``."""

    @property
    def administers(self) -> bool:
        """Whether they see no evidence (SEP-6)."""
        return ADMINISTRATOR in self.roles


class Visitors:
    """Everybody who was here within the last second."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._known: OrderedDict[tuple[str, str], tuple[float, Visitor]] = OrderedDict()
        self._lock = Lock()

    def find(self, kind: str, token: str) -> Visitor:
        """The person of a ``session`` or ``token``. Raises RemoteError (code ``login``), DaemonGoneError."""
        key, now = (kind, token), time.monotonic()
        with self._lock:
            found = self._known.get(key)
        if found is not None and now - found[0] < HELD_S:
            return found[1]
        told = client.ask(self._socket, "whoami", None, _ANSWER_S, **{kind: token})
        visitor = _visitor(told, {kind: token})
        with self._lock:
            self._known[key] = now, visitor
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return visitor

    def last(self, kind: str, token: str) -> Visitor | None:
        """Who it was when they were here last: to draw a frame around an error, never to show anything by."""
        with self._lock:
            found = self._known.get((kind, token))
        return None if found is None else found[1]

    def forget(self, visitor: Visitor) -> None:
        """Something about them changed."""
        for kind, token in visitor.shown.items():
            self.drop(kind, token)

    def drop(self, kind: str, token: str) -> None:
        """What was known of a ``session`` or ``token`` no longer counts."""
        with self._lock:
            self._known.pop((kind, token), None)


def _visitor(told: Mapping[str, Any], shown: Mapping[str, str]) -> Visitor:
    return Visitor(
        person=told["person"],
        name=told["name"],
        roles=frozenset(told["roles"]),
        unit=told["unit"],
        stage=told["stage"],
        login=told["login"],
        has_totp=told["has_totp"],
        has_pin=told["has_pin"],
        fresh_until=told["fresh_until"],
        scopes=tuple(told.get("scopes", ())),
        shown=shown,
    )

"""Looks as the web process holds them: whose a look is, what was sent by it, told to the daemon as it goes on.

The daemon is asked about a look when its first bytes are wanted and every few seconds after, with what was sent
meanwhile; so a look that is over stops to serve soon, and its end says what was shown, whoever ends it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from ingestd.actions import client
from ingestd.actions.client import RemoteError
from ingestd.errors import DaemonGoneError, RefusedError
from ingestd.web.visitors import Visitor
from ingestd.words import Text

HELD_S = 5.0
"""How long the daemon's word on a look counts."""
TOLD_S = 2.0
"""What was sent is told after so long at most."""
_ANSWER_S = 30.0
_MOST = 4000
_PENDING = 500
_NOT_THIS = Text("这次查看不含此项内容；请重新打开。", "this look is at something else: open it anew.")


@dataclass(slots=True)
class _Held:
    about: str
    what: str
    login: str
    shown: dict[str, str]
    asked: float
    told: float
    served: list[list[int]] = field(default_factory=list)
    items: dict[str, None] = field(default_factory=dict)


class Looks:
    """Everybody's looks. Safe from any thread."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._strips: dict[str, tuple[str, int]] = {}
        self._lock = Lock()
        self._opening = Lock()

    def find(self, visitor: Visitor, look: str) -> tuple[str, str]:
        """What a look is at, and what of it. Raises RemoteError where it is over or another's, DaemonGoneError."""
        with self._lock:
            held = self._held.get(look)
        if held is None or held.login != visitor.login or time.monotonic() - held.asked > HELD_S:
            held = self._ask(visitor, look)
        return held.about, held.what

    def require(self, visitor: Visitor, look: str, about: str, whats: Collection[str]) -> str:
        """What of an item a look is at. Raises RefusedError for another's or another part, as `find` too."""
        found, what = self.find(visitor, look)
        if found != about or what not in whats:
            raise RefusedError(_NOT_THIS)
        return what

    def sent(self, look: str, begin: int, end: int) -> None:
        """These bytes were sent by a look."""
        with self._lock:
            held = self._held.get(look)
            if held is None or begin >= end:
                return
            last = held.served[-1] if held.served else None
            if last is not None and last[1] == begin:
                last[1] = end
            elif len(held.served) < _PENDING:
                held.served.append([begin, end])

    def strip(self, visitor: Visitor, acquisition: str, now: int) -> None:
        """A strip is about to be shown in a list: logged once a person and hour. Raises as `require`."""
        with self._opening:
            look, until = self._strips.get(visitor.login, ("", 0))
            if until <= now:
                told = client.ask(
                    self._socket, "look.open", None, _ANSWER_S, what="strip", about="", **visitor.shown
                )
                look, until = told["look"], told["until_at"]
                self._strips = {one: (id_, end) for one, (id_, end) in self._strips.items() if end > now}
                self._strips[visitor.login] = look, until
        with self._lock:
            held = self._held.get(look)
        if held is None:
            held = self._ask(visitor, look)
        with self._lock:
            if len(held.items) < _MOST:
                held.items[acquisition] = None

    def taken(self, look: str) -> dict[str, Any]:
        """What was not told yet of a look that is about to be closed; it is forgotten here."""
        with self._lock:
            held = self._held.pop(look, None)
        return {} if held is None else {"served": held.served, "items": [*held.items]}

    def flush(self) -> None:
        """Tell what was sent; called again and again."""
        now = time.monotonic()
        with self._lock:
            due = [
                (look, held)
                for look, held in self._held.items()
                if (held.served or held.items) and now - held.told > TOLD_S
            ]
        for look, held in due:
            with self._lock:
                served, items = held.served, held.items
                held.served, held.items, held.told = [], {}, now
            try:
                self._serve(look, held.shown, served, [*items])
            except RemoteError:
                self._forget(look)  # it is over: what came after its end was under way then
            except DaemonGoneError:
                with self._lock:
                    held.served = [*served, *held.served][:_PENDING]
                    held.items = items | held.items
                return

    def _ask(self, visitor: Visitor, look: str) -> _Held:
        try:
            told = self._serve(look, dict(visitor.shown), [], [])
        except RemoteError:
            self._forget(look)
            raise
        with self._lock:
            held = self._held.get(look)
            if held is None:
                held = _Held(told["about"], told["what"], visitor.login, dict(visitor.shown), 0.0, 0.0)
                self._held[look] = held
            held.asked = time.monotonic()
            self._held.move_to_end(look)
            while len(self._held) > _MOST:
                self._held.popitem(last=False)
        return held

    def _serve(
        self, look: str, shown: dict[str, str], served: list[list[int]], items: list[str]
    ) -> dict[str, Any]:
        return client.ask(
            self._socket, "look.serve", None, _ANSWER_S, look=look, served=served, items=items, **shown
        )

    def _forget(self, look: str) -> None:
        with self._lock:
            self._held.pop(look, None)
            self._strips = {login: one for login, one in self._strips.items() if one[0] != look}

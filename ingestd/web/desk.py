"""A person's request, with everything that a page needs: what they may see, what they ask for, how it is drawn.

A page's function takes a `Desk` (`asking.AtDesk`) and answers with `draw`, or with `do` where something is to be
done: the daemon decides, and the person is led back to a page that shows it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection

from ingestd.actions import client
from ingestd.actions.client import RemoteError
from ingestd.errors import VaultError
from ingestd.index.authority import Bar, against
from ingestd.index.tie_lists import Items
from ingestd.model import Millis
from ingestd.people.separation import Deed
from ingestd.telling.plain import shown_lines
from ingestd.web import drawing
from ingestd.web.back import STOOD, here, stood_on
from ingestd.web.navigation import entries
from ingestd.web.visitors import Visitor
from ingestd.web.watch import Watch
from ingestd.words import Lang, Text

ANSWER_S = 30.0
"""How long a deed may take before the page says that the daemon does not answer."""
SHOWN_S = 2.0
"""How long to wait until what was done is in the pages' own copy (design 5)."""
_LOOK_S = 0.02
_SEE_OTHER, _FORBIDDEN = 303, 403

TOLD: dict[str, Text] = {
    "done": Text("已记录", "recorded"),
    "later": Text("已记录，页面稍后才会显示", "recorded, not yet shown here"),
}
"""What a page says above itself after a deed, by the word in its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One request of one person who is logged in."""

    request: Request
    watch: Watch
    visitor: Visitor
    lang: Lang

    @property
    def now(self) -> Millis:
        """Of the station's clock."""
        return self.watch.clock.now()

    @property
    def zone(self) -> tzinfo:
        """The station's."""
        return timezone(timedelta(minutes=self.watch.config.utc_offset_minutes))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The pages' own copy of the index, as of one moment."""
        with self.watch.reading() as connection:
            yield connection

    def personal(self, digest: str | None, part: str) -> str | None:
        """A part of a personal value with its line breaks, safe to show; where it is not here, in its place why."""
        if digest is None:
            return None
        try:
            found = self.watch.values.get(digest)
        except (VaultError, OSError):
            return None  # the daemon's own checks report it
        told = self.watch.values.absent(digest).say(self.lang) if found is None else found.get(part)
        return shown_lines(told) if isinstance(told, str) else None

    # --- who may ------------------------------------------------------------------------------

    def against(
        self, connection: Connection, deed: Deed, about: str, items: Items | None = None
    ) -> Bar | None:
        """The rule that would keep this person from a deed on an item; None where none does.

        ``items``: what is known of many, for whom asks of many.
        """
        who = self.visitor
        return against(
            connection,
            deed,
            about,
            person=who.person,
            roles=who.roles,
            unit=who.unit,
            policy=self.watch.policy,
            items=items,
        )

    def sees(self, connection: Connection, about: str, items: Items | None = None) -> bool:
        """Whether this person may see an item at all."""
        return self.against(connection, Deed.LOOK, about, items) is None

    def require_sight(self, connection: Connection, about: str, deed: Deed = Deed.LOOK) -> None:
        """Raises RemoteError with the daemon's words, the refusal logged, unless the person may see an item.

        ``deed``: also open it, or see its frames in lists (`separation.SEEN`).
        """
        if self.against(connection, deed, about) is not None:
            self.ask("look.check", about=about, deed=deed.value)

    def require(self, *roles: str) -> None:
        """Raises RemoteError, the refusal logged, unless the person has one of these roles."""
        if not self.visitor.roles & set(roles):
            self.ask("page.check", page=self.request.scope["route"].path, roles=list(roles))

    # --- deeds --------------------------------------------------------------------------------

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """An action as this person. Raises RemoteError, DaemonGoneError."""
        socket = self.watch.home.socket
        return client.ask(socket, verb, None, ANSWER_S, **arguments, **self.visitor.shown)

    def do(self, fields: Mapping[str, str], verb: str, back: str, **arguments: Any) -> Response:
        """A deed that a form asks for; then ``back``, once the deed can be seen there.

        Where it takes a fresh second factor the person is asked for a code, and the same form comes again with it.
        Raises RemoteError, DaemonGoneError.
        """

        def shown(told: Mapping[str, Any]) -> Response:
            word = "done" if self.has(told.get("seq")) else "later"
            return RedirectResponse(f"{back}{'&' if '?' in back else '?'}told={word}", _SEE_OTHER)

        return self.tell(fields, verb, shown, **arguments)

    def tell(
        self,
        fields: Mapping[str, str],
        verb: str,
        shown: Callable[[Mapping[str, Any]], Response],
        **arguments: Any,
    ) -> Response:
        """The same for a deed whose answer is shown at once, as a secret is that is shown only once.

        ``shown`` draws once what was done is in the copy, or after `SHOWN_S`.
        """
        try:
            if "code" in fields:
                self.ask("session.second", code=fields["code"])
                self.watch.visitors.forget(self.visitor)
            told = self.ask(verb, **arguments, **({"key": fields["key"]} if "key" in fields else {}))
        except RemoteError as error:
            if error.remote_code == "second-factor" and error.remote_facts.get("need") == "confirm":
                return self._confirm(fields, None if "code" not in fields else error.text)
            if "code" in fields and error.remote_code in ("credentials", "wait"):
                return self._confirm(fields, error.text)
            raise
        self.shows(told.get("seq"))
        return shown(told)

    def _confirm(self, fields: Mapping[str, str], fault: Text | None) -> HTMLResponse:
        stood = stood_on(self.request, fields) or "/"
        again = {name: value for name, value in fields.items() if name != "code"} | {STOOD: stood}
        return self.draw("confirm.html", _FORBIDDEN, again=again, fault=fault, action=self.request.url.path)

    def has(self, seq: int | None) -> bool:
        """Whether an entry is in the copy."""
        return seq is None or self.watch.entries > seq

    def shows(self, seq: int | None) -> None:
        """Wait until an entry is in the copy, `SHOWN_S` at most."""
        end = time.monotonic() + SHOWN_S
        while not self.has(seq) and time.monotonic() < end:
            time.sleep(_LOOK_S)

    # --- drawing ------------------------------------------------------------------------------

    def draw(self, template: str, status: int = 200, /, **facts: object) -> HTMLResponse:
        """A page within the frame that all desks share."""
        told = TOLD.get(self.request.query_params.get("told", ""))
        html = drawing.page(
            template,
            self.lang,
            visitor=self.visitor,
            entries=entries(self.visitor.roles),
            path=self.request.url.path,
            here=here(self.request),
            station=f"{self.watch.config.agency}/{self.watch.config.station}",
            told=told,
            behind=self.watch.behind,
            key=secrets.token_hex(8),
            now=self.now,
            zone=self.zone,
            **facts,
        )
        return HTMLResponse(html, status)

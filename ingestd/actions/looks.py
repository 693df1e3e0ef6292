"""Looking: who may see an item or a page at all. What is refused is an event, as with any other deed (invariant 5).

The web process decides by its own copy of the log what it draws; before it turns somebody away it asks here, so
that the refusal is the daemon's, with its words, in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.people.separation import Deed
from ingestd.station import Station

_PATH_CHARS = 100


class LookActions:
    """The verbs of looking."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def check(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.check`: whether the person may see the item ``about``. Raises RefusedError."""
        self._authority.require(who, Deed.LOOK, str(arguments["about"]))
        return {}

    def check_page(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`page.check`: whether the person has one of the ``roles`` that ``page`` is for. Raises RefusedError."""
        with self._refusals.watch(who, "page", str(arguments["page"])[:_PATH_CHARS]):
            who.require(*map(str, arguments["roles"]))
        return {}

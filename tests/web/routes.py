"""Every route of the pages and the API, taken from the application itself, with ids of an office to fill them.

A page that is added later is toured without being named here. A parameter whose name says nothing gets an id of each
kind.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from sqlite3 import connect
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute
from sqlalchemy import create_engine

from ingestd import config
from ingestd.index.authority import against
from ingestd.people.separation import Deed
from ingestd.policy import catalog
from ingestd.web import api
from ingestd.web.app import PAGES
from tests.web.office import Office

OPEN = frozenset(
    ("/", "/login", "/logout", "/language/{lang}", "/static/{name}", "/health", "/board", "/board/stream")
)
"""What anybody may ask for, and the kiosk's addresses (`is_open`)."""
_KINDS = {
    "acquisition": "clip", "clip": "clip", "case": "case", "act": "act", "party": "party", "subject": "party",
    "unit": "unit", "officer": "officer", "recorder": "recorder", "finding": "finding", "audit": "audit",
    "record": "record", "document": "record", "account": "account", "review": "case",
}  # fmt: skip
_TABLES = {
    "clip": ("clips", "acquisition"), "case": ("cases", "case"), "act": ("acts", "act"),
    "party": ("parties", "party"),
    "unit": ("units", "unit"), "officer": ("officers", "officer"), "recorder": ("recorders", "recorder"),
    "finding": ("findings", "finding"), "audit": ("audits", "audit"), "record": ("text_records", "record"),
    "account": ("accounts", "account"),
}  # fmt: skip
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address with one method."""

    method: str
    path: str

    @property
    def is_open(self) -> bool:
        """Whether anybody may ask for it."""
        return self.path in OPEN or self.path.startswith("/kiosk") or self.path.endswith("/openapi.json")

    @property
    def places(self) -> list[str]:
        """Names of its parameters."""
        return _PLACE.findall(self.path)

    def filled(self, value: str) -> str:
        """Its address with one value in every place."""
        return _PLACE.sub(lambda _: quote(value, safe=":~"), self.path)

    def kinds(self) -> tuple[str, ...]:
        """Of what the ids in its places are."""
        named = [_KINDS[name] for name in self.places if name in _KINDS]
        return tuple(dict.fromkeys(named)) or tuple(_TABLES)

    def addresses(self, ids: Mapping[str, Collection[str]]) -> Iterator[str]:
        """The address with each id of its kinds; as an item of the log, too, where its name says no kind."""
        if not self.places:
            yield self.path
            return
        is_plain = not any(name in _KINDS for name in self.places)
        for kind in self.kinds():
            for id_ in ids[kind]:
                yield self.filled(id_)
                if is_plain:
                    yield self.filled(f"{kind}:{id_}")


def routes(*methods: str) -> tuple[Route, ...]:
    """All of them, by method and path."""
    found = [(route, "") for page in PAGES for route in page.router.routes]
    found += [(route, "/api/v1") for subject in api.SUBJECTS for route in subject.router.routes]
    return tuple(
        Route(method=method, path=before + route.path)
        for route, before in found
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
        if method in methods
    )


def ids(office: Office, most: int = 1) -> dict[str, list[str]]:
    """Some ids of each kind of thing in the office; one that nothing has where there is none of a kind."""
    with closing(connect(office.home.root / "index.db")) as index:
        return {
            kind: [row[0] for row in index.execute(f'SELECT "{key}" FROM {table} LIMIT {most}')] or ["none"]
            for kind, (table, key) in _TABLES.items()
        }


def foreign(office: Office, person: str, roles: Collection[str], unit: str | None) -> dict[str, list[str]]:
    """Clips, cases and acts that a person may not see, by the rules themselves."""
    engine = create_engine(f"sqlite:///{office.home.root / 'index.db'}")
    asked: dict[str, Any] = {"person": person, "roles": frozenset(roles), "unit": unit}
    asked["policy"] = catalog.load(config.read(office.home.root / "ingestd.toml").policy)
    with engine.connect() as index:
        some = ids(office, 50)
        found = {
            kind: [one for one in some[kind] if against(index, Deed.LOOK, f"{kind}:{one}", **asked)]
            for kind in ("clip", "case", "act")
        }
    engine.dispose()
    return found


def evidence(office: Office) -> list[str]:
    """Words that stand on a page only where evidence is shown: ids of clips, their digests and places on the card."""
    with closing(connect(office.home.root / "index.db")) as index:
        rows = index.execute(
            "SELECT acquisition, sha256, path FROM clips WHERE kind IN ('video', 'audio', 'photo')"
        )
        return [word for row in rows for word in row]

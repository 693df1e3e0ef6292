"""Everything that the pages do the API does too: the table of docs/api.md, held against the application."""

from __future__ import annotations

import re
from pathlib import Path

from tests.web.routes import routes

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"
API = "/api/v1"
_ROUTE = re.compile(r"`((?:GET|POST|PUT) /[^`]*)`")


def cells() -> list[list[str]]:
    """The rows of the document's tables that name pages."""
    rows = [line.strip("| \n").split(" | ") for line in DOCS.read_text("utf-8").splitlines()]
    return [row for row in rows if len(row) > 1 and _ROUTE.search(row[0])]


def test_every_page_is_in_the_api_or_says_why_not():
    """No route of the pages is missing from the table, none of the table is invented, every operation exists."""
    known = {f"{one.method} {re.sub(r':path', '', one.path)}" for one in routes("GET", "POST", "PUT")}
    pages = {one for one in known if f" {API}" not in one}
    operations = {one.replace(API, "") for one in known if f" {API}" in one}
    told = [route for row in cells() for route in _ROUTE.findall(row[0])]
    assert len(told) == len(set(told))
    assert set(told) == pages
    assert {route for row in cells() if len(row) > 2 for route in _ROUTE.findall(row[1])} <= operations

"""Where in the pages a subject of the log is shown."""

from __future__ import annotations

from urllib.parse import quote

_PAGES = {
    "clip": "/clips/{id}",
    "act": "/acts/{id}",
    "case": "/cases/{id}",
    "recorder": "/recorders/{id}",
    "unit": "/units/{id}",
    "officer": "/officers/{id}",
    "text-record": "/documents/{id}",
    "finding": "/findings/{id}",
    "audit": "/audits/{id}",
}
_WITH_PARTS = ("recorder", "act")
"""Of these a subject may be a part, behind a slash: a file on the recorder, an officer on the act."""


def place_of(about: str, case: str | None = None) -> str | None:
    """The page of a subject as events name it (``clip:<id>``); None where it has none.

    ``case``: whose page shows what has none of its own, a decision or a review.
    """
    kind, _, id_ = about.partition(":")
    if kind in ("decision", "review") and case is not None:
        return place_of(f"case:{case}")
    if kind not in _PAGES or not id_:
        return None
    whole = id_.partition("/")[0] if kind in _WITH_PARTS else id_
    return _PAGES[kind].format(id=quote(whole))

"""The entries of the bar above the pages: each page with one of its own says so here, in the order of the bar."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of them."""

    path: str
    word: Text
    roles: tuple[str, ...]
    """Who has it in the bar."""


ENTRIES: tuple[Entry, ...] = ()


def entries(roles: AbstractSet[str]) -> tuple[Entry, ...]:
    """Those of a person with these roles; the first one is where their log-in leads."""
    return tuple(one for one in ENTRIES if roles & set(one.roles))

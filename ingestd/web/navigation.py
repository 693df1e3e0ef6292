"""The entries of the bar above the pages: each page with one of its own says so here, in the order of the bar."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ingestd.people.separation import READERS
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of them."""

    path: str
    word: Text
    roles: tuple[str, ...]
    """Who has it in the bar."""


_WATCH = ("supervisor", "outside-supervisor")

ENTRIES: tuple[Entry, ...] = (
    Entry(path="/home", word=Text("值守", "watch"), roles=_WATCH),
    Entry(path="/mine", word=Text("我的录像", "my recordings"), roles=("officer",)),
    Entry(path="/reviews", word=Text("法制审核", "legal review"), roles=("legal-reviewer", "supervisor")),
    Entry(path="/cases", word=Text("案件", "cases"), roles=READERS),
    Entry(path="/queue", word=Text("待关联", "to link"), roles=("case-officer", "supervisor")),
    Entry(path="/search", word=Text("查找", "search"), roles=READERS),
    Entry(path="/findings", word=Text("异常", "findings"), roles=(*READERS, "officer", "dock-keeper")),
    Entry(path="/audits", word=Text("抽查", "audits"), roles=_WATCH),
    Entry(path="/statistics", word=Text("统计", "figures"), roles=READERS),
    Entry(
        path="/looks", word=Text("查看记录", "looks"), roles=("supervisor", "archivist", "outside-supervisor")
    ),
    Entry(path="/people", word=Text("账户", "accounts"), roles=("administrator",)),
    Entry(path="/board", word=Text("采集站看板", "dock board"), roles=("dock-keeper", "administrator")),
)


def entries(roles: AbstractSet[str]) -> tuple[Entry, ...]:
    """Those of a person with these roles; the first one is where their log-in leads."""
    return tuple(one for one in ENTRIES if roles & set(one.roles))

"""The sentences of looks. Ids only: purposes stand in value files. PURE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.telling import terms
from ingestd.telling.plain import size_text, span_text
from ingestd.telling.terms import word
from ingestd.words import Text


def _opened(e: events.LookOpened) -> Text:
    what = word(terms.LOOKS, e.what)
    zh, en = ("", "") if e.purpose_value is None else ("，写明了用途", ", saying what for")
    if e.what == "strip":
        return Text(f"开始在列表中查看{what.zh}{zh}。", f"Begins to see {what.en} in lists{en}.")
    if e.picture_sha256 is not None:
        at = span_text(e.at_ms or 0, "zh"), span_text(e.at_ms or 0, "en")
        of = Text("", "") if e.picture_of is None else word(terms.PICTURED, e.picture_of)
        return Text(
            f"在{of.zh} {at[0]} 处截图，SHA-256 {e.picture_sha256}{zh}。",
            f"Takes a snapshot {of.en and f'{of.en} '}at {at[1]}, SHA-256 {e.picture_sha256}{en}.",
        )
    return Text(f"打开查看：{what.zh}{zh}。", f"Opens it: {what.en}{en}.")


def _closed(e: events.LookClosed) -> Text:
    why = word(terms.LOOK_ENDS, e.why)
    told_zh, told_en = [], []
    if e.watched_ms is not None:
        told_zh.append(f"实际播放 {span_text(e.watched_ms, 'zh')}")
        told_en.append(f"played for {span_text(e.watched_ms, 'en')}")
    if e.served:
        size = size_text(sum(end - begin for begin, end in e.served))
        told_zh.append(f"传出 {size}")
        told_en.append(f"{size} were sent")
    if e.items:
        told_zh.append(f"{len(e.items)} 段的画面条")
        told_en.append(f"strips of {len(e.items)} clips")
    zh, en = "，".join(("", *told_zh)), "; ".join(("", *told_en))
    return Text(f"查看结束（{why.zh}）{zh}。", f"The look is over ({why.en}){en}.")


SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    events.LookOpened: _opened,
    events.LookClosed: _closed,
}
"""Part of `sentences.sentence`."""

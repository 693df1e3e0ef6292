"""The way of a clip as a drawing: recorder, slot, vault, log, looks, with how long it took from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection, select

from ingestd.index import chains
from ingestd.index.facts import Clip
from ingestd.index.tables import sessions
from ingestd.model import Interval, Millis
from ingestd.telling.plain import shown, size_text, span_text
from ingestd.web.desk import Desk
from ingestd.words import Text

WIDTH, HEIGHT = 1220, 132
_BOX, _GAP = 168, 95
_NAME_CHARS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One box of it."""

    x: int
    width: int
    word: Text
    name: str
    facts: tuple[Text, ...]
    tone: str
    took: Text | None
    """From the stop before to this one."""


def stops(desk: Desk, connection: Connection, clip: Clip) -> tuple[Stop, ...]:
    """The way of one clip, from the recorder on."""
    return tuple(
        Stop(
            x=number * (_BOX + _GAP),
            width=_BOX,
            word=word,
            name=_cut(name),
            facts=facts,
            tone=tone,
            took=took,
        )
        for number, (word, name, facts, tone, took) in enumerate(_told(desk, connection, clip))
    )


_Told = tuple[Text, str, tuple[Text, ...], str, Text | None]


def _told(desk: Desk, connection: Connection, clip: Clip) -> Iterator[_Told]:
    zone, size = desk.zone, desk.watch.entries
    docked = connection.scalar(select(sessions.c.docked_at).where(sessions.c.session == clip.session))
    ended = clip.ended.latest
    who = Text("人员不能确定", "officer: cannot tell")
    if clip.officer is not None:
        who = Text(f"人员 {clip.officer}", f"officer {clip.officer}")
    yield Text("记录仪", "recorder"), clip.recorder, (who, _between(clip.started, zone)), "", None
    at = Text("接入时间未记", "docking not told") if docked is None else _at(docked, zone)
    yield (
        Text("采集槽位", "slot"),
        clip.slot,
        (at, Text("读出、回读、签名", "read, read back, signed")),
        "",
        _took(ended, docked, is_doubtful=clip.ended.earliest != ended),
    )
    bytes_ = size_text(clip.size)
    is_bad = clip.damaged or clip.state == "quarantined"
    yield (
        Text("证据库", "vault"),
        clip.sha256[:12] + "…",
        (_at(clip.stored_at, zone), Text(bytes_, bytes_)),
        "bad" if is_bad else "good",
        _took(docked, clip.stored_at),
    )
    is_covered = clip.seq < size
    covered = Text(f"检查点 {size} 条涵盖", f"covered: {size} entries")
    yield (
        Text("日志", "log"),
        Text(f"第 {clip.seq} 条", f"entry {clip.seq}").say(desk.lang),
        (_at(clip.secured_at, zone), covered if is_covered else Text("尚未公布", "not published yet")),
        "good" if is_covered else "doubt",
        _took(clip.stored_at, clip.secured_at),
    )
    times, last = chains.looked_after(connection, clip)
    read = Text(f"完整复核 {times} 次", f"read again in full: {times}")
    yield (
        Text("此后", "since then"),
        Text("复核与查看", "checks and looks").say(desk.lang),
        (read, Text("见下方链条", "see the chain below") if last is None else _at(last, zone)),
        "bad" if clip.damaged else "",
        None,
    )


def _cut(name: str) -> str:
    name = shown(name)
    return name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…"


def _at(at: int, zone: tzinfo) -> Text:
    there = f"{datetime.fromtimestamp(at / 1000, zone):%m-%d %H:%M:%S}"
    return Text(there, there)


def _between(interval: Interval, zone: tzinfo) -> Text:
    """Its begin in short; one that is known as bounds only says so."""
    if interval.earliest is None or interval.latest is None:
        known = interval.earliest if interval.earliest is not None else interval.latest
        if known is None:
            return Text("录制时间不能确定", "recorded: cannot tell")
        bound = ("不早于", "not before") if interval.earliest is not None else ("不晚于", "not after")
        at = _at(known, zone)
        return Text(f"{bound[0]} {at.zh}", f"{bound[1]} {at.en}")
    doubt = (interval.latest - interval.earliest) // 2000
    middle = _at(Millis((interval.earliest + interval.latest) // 2), zone)
    return Text(f"{middle.zh} ± {doubt} 秒", f"{middle.en} ± {doubt} s") if doubt else middle


def _took(since: int | None, until: int | None, *, is_doubtful: bool = False) -> Text | None:
    if since is None or until is None or until < since:
        return None
    about = "约 " if is_doubtful else "", "about " if is_doubtful else ""
    if until - since < 1000:  # noqa: PLR2004 - a second
        return Text("不到 1 秒", "under 1 s")
    return Text(about[0] + span_text(until - since, "zh"), about[1] + span_text(until - since, "en"))

"""Sentences of random playback audits; the words of their form. PURE."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.index.audits import COMMITTED, DRAWN, EXPIRED, SEEDED, VOIDED, Draw
from ingestd.model import Millis
from ingestd.telling.plain import counted, shown, stamp_text
from ingestd.telling.signs import made
from ingestd.words import Text

VERDICTS = {
    "good": Text("合格", "good"),
    "flawed": Text("有瑕疵", "flawed"),
    "failed": Text("不合格", "failed"),
}
ITEMS = {
    "narrated": Text("开头有语音说明", "begun with narration"),
    "whole": Text("全程完整", "whole"),
    "certificate": Text("出示或佩戴证件", "certificate shown or worn"),
    "informed": Text("告知事由、依据、权利和义务", "party told cause, basis, rights and duties"),
    "proper": Text("执法行为规范", "acts right"),
}
ANSWERS = {"yes": Text("是", "yes"), "no": Text("否", "no"), "none": Text("不适用", "does not apply")}


def _committed(e: events.AuditCommitted, zone: tzinfo) -> Text:
    since, until = stamp_text(e.since_at, zone), stamp_text(e.until_at, zone)
    unit = ("", "") if e.unit is None else (f"，单位 {shown(e.unit)}", f", unit {shown(e.unit)}")
    return Text(
        f"随机抽查 {e.audit} 开始：{since} 至 {until} 入库的录像{unit[0]}，每层 {e.percent}%，至少 {e.at_least} 段；"
        "已记下随机数的承诺。",
        f"Audit {e.audit} began: recordings that came in from {since} until {until}{unit[1]}, {e.percent} % of each "
        f"stratum, at least {e.at_least}; a nonce is bound.",
    )


def _seeded(e: events.AuditSeeded) -> Text:
    return Text(
        f"随机抽查 {e.audit} 以 {e.size} 条的日志检查点为种子的一半。",
        f"The checkpoint of {e.size} entries is one half of audit {e.audit}'s seed.",
    )


def _revealed(e: events.AuditRevealed) -> Text:
    return Text(f"随机抽查 {e.audit} 的随机数已公开。", f"The nonce of audit {e.audit} was revealed.")


def _drawn(e: events.AuditDrawn) -> Text:
    return Text(
        f"随机抽查 {e.audit} 从 {e.population} 段录像中抽中 {len(e.acquisitions)} 段。",
        f"Audit {e.audit} drew {len(e.acquisitions)} of {counted(e.population, 'recording')}.",
    )


def _judged(e: events.AuditJudged) -> Text:
    verdict = VERDICTS.get(e.verdict, Text(shown(e.verdict), shown(e.verdict)))
    return Text(f"抽查调阅后评判：{verdict.zh}。", f"It was played in an audit and judged: {verdict.en}.")


def _voided(e: events.AuditVoided) -> Text:
    return Text(
        f"随机抽查 {e.audit} 作废，随机数未公开；须另行抽取。",
        f"Audit {e.audit} was given up, its nonce not revealed; another draw has to be made.",
    )


SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    events.AuditSeeded: _seeded,
    events.AuditRevealed: _revealed,
    events.AuditDrawn: _drawn,
    events.AuditJudged: _judged,
    events.AuditVoided: _voided,
}
WITH_TIMES: dict[type[Event], Callable[[Any, tzinfo], Text]] = {events.AuditCommitted: _committed}

JUDGED = "judged"
STATES = {
    COMMITTED: made("◔", "blue", "已承诺", "nonce bound"),
    SEEDED: made("◑", "blue", "待公开随机数", "nonce to be revealed"),
    DRAWN: made("●", "yellow", "待评判", "to be judged"),
    JUDGED: made("✔", "green", "已评完", "judged"),
    VOIDED: made("▲", "red", "已作废", "given up"),
    EXPIRED: made("▲", "red", "逾期未公开", "nonce not revealed"),
}


def state_of(draw: Draw, now: Millis) -> str:
    """The key of a draw's state for people: what was drawn is judged once all of it is."""
    is_done = draw.drawn is not None and draw.judged >= draw.drawn
    state = draw.state(now)
    return JUDGED if state == DRAWN and is_done else state

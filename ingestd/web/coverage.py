"""An act's time as a bar: what of it is surely on film, what is missing, what cannot be told (REC-4, REC-5).

Drawn by the macro `coverage` of ``coverage.html``, as SVG in percent, so that it takes any width. A bar says in words
what it shows: the drawing is never the only sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from ingestd.facts import Act
from ingestd.law import spans
from ingestd.law.coverage import Coverage, Gap, Verdict
from ingestd.law.spans import Span
from ingestd.model import Millis
from ingestd.telling import case_footage
from ingestd.telling.plain import span_text
from ingestd.telling.signs import CANNOT_TELL, Sign, made
from ingestd.web.desk import Desk
from ingestd.words import Text

RECORDED, DOUBTFUL, GAP = "recorded", "doubtful", "gap"
"""States of a stretch, as the sheet names them."""
VERDICTS: Mapping[Verdict, Sign] = {
    Verdict.WHOLE: made("●", "green", "全程已录", "whole"),
    Verdict.GAPS: made("✖", "red", "有缺口", "gaps"),
    Verdict.CANNOT_TELL: CANNOT_TELL,
    Verdict.NOT_YET: made("○", "default", "尚可补交", "more may come"),
    Verdict.NONE: made("✖", "red", "未录", "not recorded"),
}
_MOMENT = Text("起止为同一时刻", "begins and ends at one moment")
_MINUTE_MS = 60_000
_HUNDRED = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the bar; percent of its width."""

    state: str
    left: float
    width: float
    told: Text
    """What it is, from when to when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The coverage of one act."""

    key: str
    """Of the drawing's parts, among all of a page."""
    act: str
    begin: Millis
    end: Millis
    from_: str
    until: str
    """Its begin and end on the station's clock, ``09:14``."""
    sign: Sign
    told: Text
    """``已覆盖 52/56 分钟``."""
    lacks: tuple[Text, ...]
    """What is missing and what is doubtful, each in words."""
    stretches: tuple[Stretch, ...]
    missing_ms: int
    doubtful_ms: int


def bars(desk: Desk, connection: Connection, case: str, acts: Sequence[Act]) -> dict[str, Bar]:
    """The bars of a case's acts by their ids, of those whose begin and end are known."""
    footage = case_footage.read(connection, case, acts, desk.watch.book, desk.now)
    return of_footage(footage, acts, desk.zone)


def of_footage(footage: Sequence[case_footage.Footage], acts: Sequence[Act], zone: tzinfo) -> dict[str, Bar]:
    """The same of footage that was read already."""
    known = {act.act: act for act in acts}
    return {
        one.act: bar(known[one.act], one.coverage, zone)
        for one in footage
        if one.act in known and one.coverage is not None
    }


def bar(act: Act, told: Coverage, zone: tzinfo) -> Bar:
    """One act's bar. The act has begun and ended."""
    assert act.started_at is not None
    frame = (int(act.started_at), int(act.started_at) + told.length)
    sign, doubtful = VERDICTS[told.verdict], spans.length(told.doubtful)
    return Bar(
        key=hashlib.sha256(act.act.encode()).hexdigest()[:12],
        act=act.act,
        begin=Millis(frame[0]),
        end=Millis(frame[1]),
        from_=_clock(frame[0], zone),
        until=_clock(frame[1], zone),
        sign=sign,
        told=_MOMENT if told.is_moment else _minutes(spans.length(told.covered), told.length),
        lacks=() if told.is_moment else _lacks(told, doubtful, zone),
        stretches=tuple(_stretches(told, frame, zone)),
        missing_ms=told.missing_at_least,
        doubtful_ms=doubtful,
    )


def _minutes(covered: int, whole: int) -> Text:
    """Whole minutes; of what is shorter than ten, tenths: nothing is rounded up to whole."""
    if whole < 10 * _MINUTE_MS:
        part, full = (f"{int(ms / _MINUTE_MS * 10) / 10:.1f}" for ms in (covered, whole))
    else:
        part, full = str(covered // _MINUTE_MS), str(-(-whole // _MINUTE_MS))
    return Text(f"已覆盖 {part}/{full} 分钟", f"{part}/{full} min recorded")


def _lacks(told: Coverage, doubtful: int, zone: tzinfo) -> tuple[Text, ...]:
    found = [_gap(gap, zone) for gap in told.gaps]
    placed = sum(gap.length for gap in told.gaps)
    if told.verdict is Verdict.GAPS and told.missing_at_least > placed:
        rest = told.missing_at_least - placed
        found.append(
            Text(f"另缺至少 {span_text(rest, 'zh')}，位置不能确定",
                 f"at least {span_text(rest, 'en')} more missing, it cannot be told where")
        )  # fmt: skip
    if doubtful:
        zh, en = span_text(doubtful, "zh"), span_text(doubtful, "en")
        found.append(Text(f"存疑 {zh}", f"doubtful {en}"))
    return tuple(found)


def _gap(gap: Gap, zone: tzinfo) -> Text:
    since = _clock(gap.begin_earliest, zone, seconds=True)
    if gap.begin_latest - gap.begin_earliest >= 1000:  # noqa: PLR2004 - a second: what looks the same is told once
        since = f"{since}–{_clock(gap.begin_latest, zone, seconds=True)}"
    zh, en = span_text(gap.length, "zh"), span_text(gap.length, "en")
    return Text(f"缺口 {since} 起 {zh}", f"gap of {en} from {since}")


def _stretches(told: Coverage, frame: Span, zone: tzinfo) -> list[Stretch]:
    """What lies on the bar; gaps last, so that nothing hides them."""
    words = {
        RECORDED: Text("已记录", "recorded"),
        DOUBTFUL: Text("存疑", "doubtful"),
        GAP: Text("缺口", "gap"),
    }
    gaps = tuple((gap.begin_earliest, gap.begin_latest + gap.length) for gap in told.gaps)
    found = []
    for state, some in ((RECORDED, told.covered), (DOUBTFUL, told.doubtful), (GAP, gaps)):
        for begin, end in spans.within(some, frame):
            since, until = (_clock(at, zone, seconds=True) for at in (begin, end))
            found.append(
                Stretch(
                    state=state,
                    left=round((begin - frame[0]) / told.length * _HUNDRED, 3),
                    width=round((end - begin) / told.length * _HUNDRED, 3),
                    told=Text(f"{words[state].zh} {since}–{until}", f"{words[state].en} {since}–{until}"),
                )
            )
    return found


def _clock(at: int, zone: tzinfo, *, seconds: bool = False) -> str:
    there = datetime.fromtimestamp(at / 1000, zone)
    return f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"

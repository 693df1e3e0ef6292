"""Sizes, spans and moments as people read them, and foreign text made safe: the same on a terminal and on pages.

Names come from cards and may be hostile: whatever could move a cursor, hide or reorder text is shown as an
escape (`shown`). PURE.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, tzinfo

from ingestd.model import UNIDENTIFIED, Interval, Millis
from ingestd.telling.terms import BASES, words
from ingestd.words import Lang, Text, size_text

__all__ = [
    "CANNOT_TELL",
    "counted",
    "day_text",
    "interval_brief",
    "interval_text",
    "moment_text",
    "recorder_name",
    "shown",
    "shown_lines",
    "size_text",
    "span_text",
    "stamp_text",
    "zone_text",
]

_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SECOND_MS = 1000
"""Bounds closer than this look the same."""

CANNOT_TELL = Text("不能确定", "cannot tell")


def shown(text: str) -> str:
    """Foreign text, safe on a terminal and in a log line."""
    return "".join(
        char if unicodedata.category(char) not in _UNSHOWABLE else char.encode("unicode_escape").decode()
        for char in text
    )


def typed(text: str) -> str:
    """What a person typed, as it is kept: a line ends with LF, whatever the browser sends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def shown_lines(text: str) -> str:
    """Text of several lines, safe where these are shown as such (a terminal, ``white-space: pre-line``)."""
    return "\n".join(map(shown, typed(text).split("\n")))


def in_one_line(text: str) -> str:
    """The same for a terminal, a table, a sentence: its lines beside each other."""
    return " / ".join(line.strip() for line in typed(text).split("\n") if line.strip())


def recorder_name(recorder: str) -> Text:
    """What a recorder is called: by its id, but for the one word of the log for those that cannot be told."""
    if recorder == UNIDENTIFIED:
        return Text("未识别", "unidentified")
    return Text(shown(recorder), shown(recorder))


def counted(count: int, noun: str) -> str:
    """An English noun with its number: ``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def span_text(ms: int, lang: Lang) -> str:
    """A length of time in its two largest units: ``3 h 12 min``."""
    seconds = abs(ms) // 1000
    names = ("天", "小时", "分钟", "秒") if lang == "zh" else ("d", "h", "min", "s")
    parts = (seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    told = [f"{part} {name}" for part, name in zip(parts, names, strict=True) if part]
    return " ".join(told[:2]) or f"0 {names[-1]}"


def zone_text(zone: tzinfo, at: Millis) -> str:
    """A zone by its offset at a moment: ``UTC+8``."""
    offset = datetime.fromtimestamp(at / 1000, zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def moment_text(at: Millis, *, now: Millis, zone: tzinfo, lang: Lang) -> str:
    """A moment in station time: ``today 14:02:17``, else with date and zone."""
    there = datetime.fromtimestamp(at / 1000, zone)
    today = datetime.fromtimestamp(now / 1000, zone).date()
    clock = f"{there:%H:%M:%S}"
    if there.date() == today:
        return Text(f"今天 {clock}", f"today {clock}").say(lang)
    if there.date() == today - timedelta(days=1):
        return Text(f"昨天 {clock}", f"yesterday {clock}").say(lang)
    return f"{there:%Y-%m-%d} {clock} {zone_text(zone, at)}"


def stamp_text(at: Millis, zone: tzinfo) -> str:
    """A moment with its date and zone, whatever day it is."""
    try:
        there = datetime.fromtimestamp(at // 1000, zone)
    except (OverflowError, ValueError, OSError):
        return f"{at} ms"  # a claim far outside the calendar is shown as the number it is
    return f"{there:%Y-%m-%d %H:%M:%S} {zone_text(zone, at)}"


def day_or_stamp(at: Millis, zone: tzinfo, *, is_end: bool = False) -> str:
    """A moment of a register: midnight is a day that was told without a time, as an end the day before it."""
    try:
        begin = datetime.fromtimestamp(at // 1000, zone)
    except (OverflowError, ValueError, OSError):
        return stamp_text(at, zone)
    is_day = at % 1000 == 0 and (begin.hour, begin.minute, begin.second) == (0, 0, 0)
    return day_text(Millis(at - is_end), zone) if is_day else stamp_text(at, zone)


def interval_brief(interval: Interval, *, now: Millis, zone: tzinfo, lang: Lang) -> str:
    """A moment with its doubt for narrow places: ``today 09:14:05 – 09:14:41``, without what it rests on."""
    earliest, latest = interval.earliest, interval.latest
    if earliest is None and latest is None:
        return CANNOT_TELL.say(lang)
    if earliest is None or latest is None:
        word = Text("不晚于", "not after") if earliest is None else Text("不早于", "not before")
        known = earliest if latest is None else latest
        assert known is not None
        return f"{word.say(lang)} {moment_text(known, now=now, zone=zone, lang=lang)}"
    begin = moment_text(earliest, now=now, zone=zone, lang=lang)
    if latest - earliest < _SECOND_MS:
        return begin
    first, last = (datetime.fromtimestamp(at / 1000, zone) for at in (earliest, latest))
    if first.date() != last.date():
        return f"{begin} – {moment_text(latest, now=now, zone=zone, lang=lang)}"
    there = f" {zone_text(zone, earliest)}"
    end = f"{last:%H:%M:%S}" + (there if begin.endswith(there) else "")
    return f"{begin.removesuffix(there)} – {end}"


def day_text(at: Millis, zone: tzinfo) -> str:
    """The day of a moment at the station's place: ``2026-11-21``."""
    try:
        return f"{datetime.fromtimestamp(at // 1000, zone):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return f"{at} ms"  # as `stamp_text`


def interval_text(interval: Interval, *, zone: tzinfo, lang: Lang) -> str:
    """A moment with its doubt: both bounds and what they rest on (if told), never a false exact value."""
    earliest, latest = interval.earliest, interval.latest
    if earliest is None:
        if latest is None:
            return CANNOT_TELL.say(lang)
        told = f"{Text('不晚于', 'not after').say(lang)} {stamp_text(latest, zone)}"
    elif latest is None:
        told = f"{Text('不早于', 'not before').say(lang)} {stamp_text(earliest, zone)}"
    elif latest - earliest < _SECOND_MS:
        told = stamp_text(earliest, zone)
    else:
        told = f"{stamp_text(earliest, zone)} – {stamp_text(latest, zone)}"
    return f"{told} ({words(BASES, interval.basis.split('+')).say(lang)})" if interval.basis else told

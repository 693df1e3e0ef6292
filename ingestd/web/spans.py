"""Days and hours as people write them, as spans of the station's time. PURE.

今天, 上周, 最近3天, 11月20日, 20日, 2026-11-20, 11月1日到5日, 9点到11点, 上午, yesterday, last week, 9:00-11:00.
A day without its month or year is the newest one that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ingestd.model import Millis

_DAY = timedelta(days=1)
_NOON = 12
_HOURS_A_DAY = 24
_TO = r"\s*(?:到|至|~|～|—|–|-)\s*"
_NAMED = (
    r"大前天|前天|昨[天日]|今[天日]|本周|这周|上周[一二三四五六日天]|上周|周[一二三四五六日天]|星期[一二三四五六日天]|"
    r"本月|这个月|上个?月|今年|去年|最?近\s*\d{1,3}\s*[天日]|最?近一周|"
    r"(?<![a-z])(?:today|yesterday|this week|last week|this month|last month|last \d{1,3} days)(?![a-z])"
)
_DATE = (
    r"(?<![\d-])20\d\d-\d{1,2}-\d{1,2}(?![\d-])|(?<![\d/])20\d\d/\d{1,2}/\d{1,2}(?![\d/])|(?<![\d.])20\d\d\.\d{1,2}\.\d{1,2}(?![\d.])|"
    r"(?:(?<!\d)20\d\d\s*年\s*)?(?<!\d)\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?|(?<!\d)20\d\d\s*年|"
    r"(?:(?<!\w)|(?<=[到至]))\d{1,2}\s*[日号]"
)
_CLOCK = r"(?<![\d:])(?:\d{1,2}:\d\d(?![\d:])|\d{1,2}\s*[点时](?:半|\s*\d{1,2}\s*分?)?(?!间))"
_PART = r"凌晨|早上|上午|中午|下午|晚上|夜里"
_DAYS = re.compile(rf"(?P<one>{_NAMED}|{_DATE})(?:{_TO}(?P<two>{_NAMED}|{_DATE}))?", re.IGNORECASE)
_HOURS = re.compile(
    rf"(?P<part>{_PART})?\s*(?P<one>{_CLOCK})(?:{_TO}(?P<part2>{_PART})?\s*(?P<two>{_CLOCK}))?|(?P<alone>{_PART})"
)
_PARTS = {
    "凌晨": (0, 6), "早上": (6, 9), "上午": (6, 12), "中午": (11, 14), "下午": (12, 18), "晚上": (18, 24),
    "夜里": (20, 24),
}  # fmt: skip
_WEEKDAYS = {name: at for at, name in enumerate("一二三四五六日")} | {"天": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From the begin of one day up to the begin of another."""

    first: date
    after: date

    @property
    def is_one(self) -> bool:
        """Whether it is a single day."""
        return self.after - self.first == _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of a day, in minutes from its begin."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a moment up to before another."""

    since: Millis
    until: Millis


def found(text: str, today: date) -> Iterator[tuple[int, int, Days | Hours]]:
    """The days and hours in a text, each with where it stands; what is no day of the calendar is left out."""
    taken = [False] * len(text)
    for match in _DAYS.finditer(text):
        days = _days(match, today)
        if days is not None:
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            yield match.start(), match.end(), days
    for match in _HOURS.finditer(text):
        hours = None if any(taken[match.start() : match.end()]) else _hours(match)
        if hours is not None:
            yield match.start(), match.end(), hours


def span(days: Days, hours: Hours | None, zone: tzinfo) -> Span:
    """Days of a zone, or those hours of their one day."""
    begin, end = _moment(days.first, zone), _moment(days.after, zone)
    if hours is None:
        return Span(since=begin, until=end)
    return Span(since=Millis(begin + hours.begin * 60_000), until=Millis(begin + hours.end * 60_000))


def cover(some: list[Days]) -> Days:
    """From the first to the last of several."""
    return Days(first=min(one.first for one in some), after=max(one.after for one in some))


def _moment(day: date, zone: tzinfo) -> Millis:
    return Millis(int(datetime.combine(day, time(), zone).timestamp() * 1000))


# --- days --------------------------------------------------------------------------------------------


def _days(match: re.Match[str], today: date) -> Days | None:
    try:
        one = _day(match["one"], today)
        if match["two"] is None or one is None:
            return one
        # 11月1日到5日: the second is in the month of the first.
        two = _day(match["two"], today, after=one.first)
    except (ValueError, OverflowError):
        return None
    return None if two is None or two.after <= one.first else Days(first=one.first, after=two.after)


def _day(text: str, today: date, *, after: date | None = None) -> Days | None:
    word = re.sub(r"\s+", " ", text).strip().lower()
    named = _named(word.replace(" ", "") if word[0] > "z" else word, today)
    return named or _dated(word, after or today, after is not None)


def _named(word: str, today: date) -> Days | None:
    week = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    fixed = {
        ("今天", "今日", "today"): (today, today + _DAY),
        ("昨天", "昨日", "yesterday"): (today - _DAY, today),
        ("前天",): (today - 2 * _DAY, today - _DAY),
        ("大前天",): (today - 3 * _DAY, today - 2 * _DAY),
        ("本周", "这周", "this week"): (week, week + 7 * _DAY),
        ("上周", "last week"): (week - 7 * _DAY, week),
        ("本月", "这个月", "this month"): (month, _next_month(month)),
        ("上月", "上个月", "last month"): ((month - _DAY).replace(day=1), month),
        ("今年",): (month.replace(month=1), date(today.year + 1, 1, 1)),
        ("去年",): (date(today.year - 1, 1, 1), month.replace(month=1)),
        ("近一周", "最近一周"): (today - 6 * _DAY, today + _DAY),
    }
    for names, (first, after) in fixed.items():
        if word in names:
            return Days(first=first, after=after)
    return _counted(word, today, week)


def _counted(word: str, today: date, week: date) -> Days | None:
    if match := re.fullmatch(r"(?:最?近|last )(\d+)(?:[天日]| days)", word):
        return Days(first=today - (int(match[1]) - 1) * _DAY, after=today + _DAY) if int(match[1]) else None
    if match := re.fullmatch(r"(上)?(?:周|星期)([一二三四五六日天])", word):
        day = week + _WEEKDAYS[match[2]] * _DAY - (7 * _DAY if match[1] else timedelta())
        day -= 7 * _DAY if day > today else timedelta()
        return Days(first=day, after=day + _DAY)
    return None


def _dated(word: str, today: date, is_after: bool) -> Days | None:
    numbers = [int(number) for number in re.findall(r"\d+", word)]
    units = "".join(char for char in word if char in "年月日号").replace("号", "日")
    if units in ("", "年月日"):
        return _one(date(*numbers))
    if units.startswith("年"):
        first = date(*numbers, *(1,) * (3 - len(numbers)))
        return _month(first) if units == "年月" else Days(first=first, after=date(first.year + 1, 1, 1))
    if units == "日":
        return _newest(numbers[0], today, is_after)
    first = date(today.year, *numbers, *(1,) * (2 - len(numbers)))
    if first > today and not is_after:
        first = date(today.year - 1, *numbers, *(1,) * (2 - len(numbers)))
    return _month(first) if units == "月" else _one(first)


def _newest(day: int, today: date, is_after: bool) -> Days:
    """The newest day of that number: this month's, or one of a month before."""
    if is_after or day <= today.day:
        return _one(today.replace(day=day))
    month = today.replace(day=1) - _DAY
    while True:
        try:
            return _one(month.replace(day=day))
        except ValueError:
            if day > 31:  # noqa: PLR2004 - no month has it
                raise
            month = month.replace(day=1) - _DAY


def _one(day: date) -> Days:
    return Days(first=day, after=day + _DAY)


def _month(first: date) -> Days:
    return Days(first=first, after=_next_month(first))


def _next_month(first: date) -> date:
    return (first + 31 * _DAY).replace(day=1)


# --- hours -------------------------------------------------------------------------------------------


def _hours(match: re.Match[str]) -> Hours | None:
    if match["alone"] is not None:
        begin, end = _PARTS[match["alone"]]
        return Hours(begin=begin * 60, end=end * 60)
    one = _minutes(match["one"], match["part"])
    if one is None:
        return None
    if match["two"] is None:
        return Hours(begin=one, end=min(one + 60, _HOURS_A_DAY * 60))
    two = _minutes(match["two"], match["part2"] or match["part"])
    return None if two is None or two <= one else Hours(begin=one, end=two)


def _minutes(text: str, part: str | None) -> int | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    hour, minute = numbers[0], 30 if "半" in text else numbers[1] if len(numbers) > 1 else 0
    if part in ("下午", "晚上", "夜里") and hour < _NOON:
        hour += _NOON
    if part == "中午" and hour < 3:  # noqa: PLR2004 - 中午一点 is after noon
        hour += _NOON
    return hour * 60 + minute if hour * 60 + minute <= _HOURS_A_DAY * 60 and minute < 60 else None  # noqa: PLR2004

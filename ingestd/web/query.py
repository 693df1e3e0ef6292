"""What somebody who types into the search box means: case, officer, recorder, unit, day, hour, rule, words. PURE.

Nothing is guessed silently: each piece of what was typed is told with how it was understood, can be taken away,
and can be looked for as plain text instead (in quotes it always is).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Protocol

from ingestd.index.clip_search import ANY as ANY_TROUBLE
from ingestd.index.clip_search import DAMAGED, LATE, LINKED, QUARANTINED, QUEUED, UNLINKED, Wanted
from ingestd.model import Kind
from ingestd.web import spans
from ingestd.web.grams import phrase, plain
from ingestd.web.spans import Days, Hours
from ingestd.words import Text

QUERY_CHARS = 200
"""What is typed beyond is not read, and the page says so."""
PIECES = 12
_QUOTED = re.compile(r'["“”「]([^"“”「」]*)["“”」]?')
_SPLIT = re.compile(r"[\s,，、;；。]+")
_RULE = re.compile(r"[A-Za-z]{2,4}-\d{1,3}")
_UNCUT = re.compile(r"[〔\[(（第]|[A-Za-z]+-?\d|\d{5}")
"""What looks like a number of something is not cut at a day within it (32号, 2026年)."""

_SINGLE = frozenset(("case", "act", "rule", "link", "trouble", "kind", "hours"))
_FLAGS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("未关联", "无案件", "unlinked"), ("link", UNLINKED)),
    **dict.fromkeys(("已关联", "linked"), ("link", LINKED)),
    **dict.fromkeys(("待关联", "to-link", "queued"), ("link", QUEUED)),
    **dict.fromkeys(("有异常", "异常", "findings"), ("trouble", ANY_TROUBLE)),
    **dict.fromkeys(("超时", "late"), ("trouble", LATE)),
    **dict.fromkeys(("隔离", "quarantined"), ("trouble", QUARANTINED)),
    **dict.fromkeys(("损坏", "已损坏", "damaged"), ("trouble", DAMAGED)),
    **dict.fromkeys(("视频", "录像", "video"), ("kind", Kind.VIDEO.value)),
    **dict.fromkeys(("录音", "音频", "audio"), ("kind", Kind.AUDIO.value)),
    **dict.fromkeys(("照片", "图片", "photo"), ("kind", Kind.PHOTO.value)),
}
FLAG_WORDS: dict[str, Text] = {
    UNLINKED: Text("未关联案件", "linked to no case"),
    LINKED: Text("已关联", "linked"),
    QUEUED: Text("待人工关联", "waits to be linked"),
    ANY_TROUBLE: Text("有未了结的异常", "with open findings"),
    LATE: Text("超时入库", "came too late"),
    QUARANTINED: Text("隔离", "quarantined"),
    DAMAGED: Text("库中字节损坏", "damaged in the vault"),
    Kind.VIDEO.value: Text("视频", "video"),
    Kind.AUDIO.value: Text("音频", "audio"),
    Kind.PHOTO.value: Text("照片", "photo"),
}


class Lookups(Protocol):
    """What words can name, as far as the person may see it."""

    def case(self, word: str) -> str | None: ...
    def act(self, word: str) -> str | None: ...
    def officers(self, word: str) -> tuple[str, ...]: ...
    def recorders(self, word: str) -> tuple[str, ...]: ...
    def units(self, word: str) -> tuple[str, ...]: ...
    def rule(self, word: str) -> str | None: ...
    def act_kinds(self, word: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of what was typed, and how it was understood."""

    typed: str
    what: str
    """case, act, officer, recorder, unit, rule, act-kind, days, hours, flag, text, unused."""
    ids: tuple[str, ...] = ()
    days: Days | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A whole query."""

    pieces: tuple[Piece, ...]
    wanted: Wanted
    terms: tuple[str, ...]
    """Words to look for in texts."""
    span: spans.Span | None
    is_cut: bool = False
    """It was longer than what is read."""


def understand(text: str, lookups: Lookups, *, today: date, zone: tzinfo) -> Asked:
    """What is asked for."""
    pieces = [piece for word in _words(text[:QUERY_CHARS]) for piece in _pieces(word, lookups, today)]
    is_cut = len(text) > QUERY_CHARS or len(pieces) > PIECES
    return _combined(pieces[:PIECES], today, zone, is_cut=is_cut)


def without(asked: Asked, gone: Piece) -> str:
    """The query without a piece."""
    return " ".join(one.typed for one in asked.pieces if one is not gone)


def as_text(asked: Asked, changed: Piece) -> str:
    """The query with a piece as plain text."""
    return " ".join(f'"{one.typed.strip(chr(34))}"' if one is changed else one.typed for one in asked.pieces)


# --- words to pieces ---------------------------------------------------------------------------------


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Words as they are typed, and whether they stood in quotes."""
    at = 0
    for quoted in _QUOTED.finditer(text):
        yield from ((word, False) for word in _spaced(text[at : quoted.start()]))
        if quoted[1].strip():
            yield quoted[1].strip(), True
        at = quoted.end()
    yield from ((word, False) for word in _spaced(text[at:]))


_LASTING = re.compile(r"(?i)\b(last|this) (week|month|\d{1,3} days)\b")


def _spaced(text: str) -> list[str]:
    """Words between spaces; 'last week' is one."""
    kept = _LASTING.sub(lambda found: found[0].replace(" ", "\0"), text)
    return [word.replace("\0", " ") for word in _SPLIT.split(kept) if word]


def _pieces(word: tuple[str, bool], lookups: Lookups, today: date) -> Iterator[Piece]:
    typed, is_quoted = word
    if is_quoted:
        yield _text(f'"{typed}"', typed)
        return
    whole = _whole(typed, lookups)
    if whole is not None:
        yield whole
        return
    yield from _cut(typed, lookups, today)


def _whole(typed: str, lookups: Lookups) -> Piece | None:
    """What a word names as it stands."""
    if (flag := _FLAGS.get(plain(typed))) is not None:
        return Piece(typed=typed, what="flag", ids=flag)
    if _RULE.fullmatch(typed) and (rule := lookups.rule(typed.upper())) is not None:
        return Piece(typed=typed, what="rule", ids=(rule,))
    if (case := lookups.case(typed)) is not None:
        return Piece(typed=typed, what="case", ids=(case,))
    if (act := lookups.act(typed)) is not None:
        return Piece(typed=typed, what="act", ids=(act,))
    for what, found in (
        ("officer", lookups.officers),
        ("recorder", lookups.recorders),
        ("act-kind", lookups.act_kinds),
        ("unit", lookups.units),
    ):
        if ids := found(typed):
            return Piece(typed=typed, what=what, ids=ids)
    return None


def _cut(typed: str, lookups: Lookups, today: date) -> Iterator[Piece]:
    """A word with days or hours in it (张建国昨天), else text."""
    told = [] if _UNCUT.search(typed) and not _is_date(typed, today) else sorted(_times(typed, today))
    at = 0
    for begin, end, piece in told:
        yield from _rest(typed[at:begin], lookups)
        yield piece
        at = end
    yield from _rest(typed[at:], lookups)


def _times(typed: str, today: date) -> Iterator[tuple[int, int, Piece]]:
    for begin, end, one in spans.found(typed, today):
        told = typed[begin:end]
        if isinstance(one, Days):
            yield begin, end, Piece(typed=told, what="days", days=one)
        else:
            yield begin, end, Piece(typed=told, what="hours", hours=one)


def _is_date(typed: str, today: date) -> bool:
    """Whether days and hours are all that a word holds."""
    return sum(end - begin for begin, end, _ in spans.found(typed, today)) == len(typed)


def _rest(typed: str, lookups: Lookups) -> Iterator[Piece]:
    word = typed.strip("的之与和 ")
    if not word:
        return
    whole = _whole(word, lookups)
    yield _text(word, word) if whole is None else whole


def _text(typed: str, term: str) -> Piece:
    return Piece(typed=typed, what="text" if phrase(term) else "unused", ids=(term,))


# --- pieces to one question ----------------------------------------------------------------------------


def _combined(pieces: list[Piece], today: date, zone: tzinfo, *, is_cut: bool) -> Asked:
    days = [one.days for one in pieces if one.days is not None]
    hours = [one.hours for one in pieces if one.hours is not None]
    whole = spans.cover(days) if days else spans.Days(first=today, after=_tomorrow(today)) if hours else None
    if whole is not None and hours and not whole.is_one:
        hours = []  # hours are of one day
        pieces = [replace(one, what="unused") if one.hours is not None else one for one in pieces]
    span = None if whole is None else spans.span(whole, hours[0] if hours else None, zone)
    pieces = list(_once(pieces))
    ids = {
        what: _ids(pieces, what)
        for what in ("officer", "recorder", "unit", "act-kind", "rule", "case", "act")
    }
    flags = {one.ids[0]: one.ids[1] for one in pieces if one.what == "flag"}
    wanted = Wanted(
        officers=ids["officer"] or None,
        recorders=ids["recorder"] or None,
        units=frozenset(ids["unit"]) or None,
        case=next(iter(ids["case"]), None),
        act=next(iter(ids["act"]), None),
        act_kinds=ids["act-kind"],
        since=None if span is None else span.since,
        until=None if span is None else span.until,
        kinds=(Kind(flags["kind"]),) if "kind" in flags else (),
        link=flags.get("link"),
        trouble=flags.get("trouble"),
        rule=next(iter(ids["rule"]), None),
    )
    terms = tuple(one.ids[0] for one in pieces if one.what == "text")
    return Asked(pieces=tuple(pieces), wanted=wanted, terms=terms, span=span, is_cut=is_cut)


def _once(pieces: list[Piece]) -> Iterator[Piece]:
    """Of what only one can be asked for at a time the first; the others are told to be unused."""
    seen = set[str]()
    for one in pieces:
        name = one.ids[0] if one.what == "flag" else one.what
        yield replace(one, what="unused") if name in seen else one
        seen |= {name} & _SINGLE


def _ids(pieces: list[Piece], what: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id_ for one in pieces if one.what == what for id_ in one.ids))


def _tomorrow(today: date) -> date:
    return today.fromordinal(today.toordinal() + 1)

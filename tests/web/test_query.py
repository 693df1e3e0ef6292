"""What a query means, without an office: days, names, rules, words; and what text is cut into."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from ingestd.index.clip_search import UNLINKED
from ingestd.web import query
from ingestd.web.grams import has, phrase, phrases, tokens
from ingestd.web.query import Asked

ZONE = timezone(timedelta(hours=8))
TODAY = date(2026, 11, 22)  # a Sunday


class _Known:
    """A small agency."""

    def case(self, word: str) -> str | None:
        return word if word == "铜郊罚〔2026〕32号" else None

    def act(self, word: str) -> str | None:
        return word if word == "XW-3101" else None

    def officers(self, word: str) -> tuple[str, ...]:
        return {"104233": ("104233",), "张建国": ("104233",), "王伟": ("1", "2")}.get(word, ())

    def recorders(self, word: str) -> tuple[str, ...]:
        return ("KD01234",) if word.upper() == "KD01234" else ()

    def units(self, word: str) -> tuple[str, ...]:
        return ("u3",) if word == "三中队" else ()

    def rule(self, word: str) -> str | None:
        return word if word == "REC-1" else None

    def act_kinds(self, word: str) -> tuple[str, ...]:
        return (word,) if word == "现场检查" else ()


def _asked(text: str) -> Asked:
    return query.understand(text, _Known(), today=TODAY, zone=ZONE)


def _span(text: str) -> tuple[str, str]:
    span = _asked(text).span
    assert span is not None
    return tuple(
        f"{datetime.fromtimestamp(at / 1000, ZONE):%Y-%m-%d %H:%M}" for at in (span.since, span.until)
    )  # type: ignore[return-value]  # two


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("昨天", "2026-11-21 00:00", "2026-11-22 00:00"),
        ("yesterday", "2026-11-21 00:00", "2026-11-22 00:00"),
        ("上周", "2026-11-09 00:00", "2026-11-16 00:00"),
        ("last week", "2026-11-09 00:00", "2026-11-16 00:00"),
        ("周五", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("上周五 9点", "2026-11-13 09:00", "2026-11-13 10:00"),
        ("最近3天", "2026-11-20 00:00", "2026-11-23 00:00"),
        ("2026-11-20", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("2026/11/20 14:05", "2026-11-20 14:05", "2026-11-20 15:05"),
        ("2026年11月", "2026-11-01 00:00", "2026-12-01 00:00"),
        ("去年", "2025-01-01 00:00", "2026-01-01 00:00"),
        ("11月1日到5日", "2026-11-01 00:00", "2026-11-06 00:00"),
        ("11月20日到昨天", "2026-11-20 00:00", "2026-11-22 00:00"),
        ("12月3日", "2025-12-03 00:00", "2025-12-04 00:00"),
        ("30日", "2026-10-30 00:00", "2026-10-31 00:00"),
        ("20日9点到11点", "2026-11-20 09:00", "2026-11-20 11:00"),
        ("昨天 下午3点半到5点", "2026-11-21 15:30", "2026-11-21 17:00"),
        ("昨天 晚上", "2026-11-21 18:00", "2026-11-22 00:00"),
        ("9:00-11:00", "2026-11-22 09:00", "2026-11-22 11:00"),
    ],
)
def test_days_and_hours(text, since, until):
    """As people write them, in the station's time; without a date, the newest that has begun."""
    assert _span(text) == (since, until)


@pytest.mark.parametrize("text", ["2月30日", "25点", "20261120", "0日", "XW-11-20-7", "第3号", "99月"])
def test_no_days(text):
    """What is no day of the calendar, or part of some number, stays text."""
    assert _asked(text).span is None


def test_names_rules_flags():
    """Each piece is what it names; the rest is words; glued words are cut at the day."""
    asked = _asked("张建国昨天 KD01234，REC-1 未关联 三中队 现场检查 酒驾")
    assert [(one.what, one.typed) for one in asked.pieces] == [
        ("officer", "张建国"), ("days", "昨天"), ("recorder", "KD01234"), ("rule", "REC-1"), ("flag", "未关联"),
        ("unit", "三中队"), ("act-kind", "现场检查"), ("text", "酒驾"),
    ]  # fmt: skip
    wanted = asked.wanted
    assert (wanted.officers, wanted.recorders, wanted.rule) == (("104233",), ("KD01234",), "REC-1")
    assert (wanted.link, wanted.units, asked.terms) == (UNLINKED, frozenset(("u3",)), ("酒驾",))
    assert _asked("铜郊罚〔2026〕32号").wanted.case == "铜郊罚〔2026〕32号"
    assert _asked("王伟").wanted.officers == ("1", "2")


def test_quotes_are_words_and_nothing_is_dropped_silently():
    """In quotes nothing is understood; what cannot count is told as not used."""
    assert _asked('“昨天” "104233"').terms == ("昨天", "104233")
    unused = [
        one.typed
        for one in _asked("最近3天 9点 铜郊罚〔2026〕32号 XW-3101 REC-1 已关联 未关联 !!!").pieces
        if one.what == "unused"
    ]
    assert unused == ["9点", "未关联", "!!!"]
    assert _asked("酒 " * 400).is_cut


def test_pieces_can_be_taken_away_and_turned_to_words():
    """The address that a piece's cross leads to, and that of its being words."""
    asked = _asked("张建国 昨天 酒驾")
    assert query.without(asked, asked.pieces[1]) == "张建国 酒驾"
    assert _asked(query.as_text(asked, asked.pieces[0])).terms == ("张建国", "酒驾")


def test_tokens():
    """Two characters are found wherever they stand, one at the begin of a token, other scripts by their words."""
    assert has("涉嫌酒驾逃逸", "酒驾")
    assert has("涉嫌酒驾", "驾")
    assert has("涉嫌酒驾", "酒")
    assert not has("酒后驾车", "酒驾")
    assert has("长江路 12 号（虚构）", "长江路12号")
    assert has("ＫＤ01234 号", "kd012")
    assert not has("长江路 12 号", "江2")
    assert has("张𬭚", "张𬭚")
    assert not has("张三", "张𬭚")
    assert not has("长江路 12 弄", "长江路12号")
    assert phrase('!?*"') is None
    assert tokens("") == []


def test_a_lone_last_character_is_left_to_the_reader():
    """It would be the beginning of a token, and bring together half of all texts; elsewhere nothing is left out."""
    assert phrases(["长江路12号"], is_loose=True) == phrases(["长江路12号"]).replace(' 053f7" *', '"')
    for term in ("酒驾", "号", "12", "路12", "12 ab"):
        assert phrases([term], is_loose=True) == phrases([term])


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "a OR b",
        "NEAR(a b)",
        "*",
        "grams:x",
        "酒驾*",
        "-酒",
        "((((",
        "\0",
        "\ud800",
        "a" * 10_000,
        "酒" * 10_000,
        "“" * 99,
    ],
)
def test_hostile_words_mean_nothing_to_the_index(text):
    """Only hexadecimal digits, quotes of ours and a star of ours ever reach it."""
    wanted = phrase(text) or ""
    assert set(wanted) <= set('0123456789abcdef" *')
    assert len(wanted) < 2_000
    _asked(text)

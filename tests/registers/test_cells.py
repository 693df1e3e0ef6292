"""Cells as people and spreadsheets write them: what is meant is read, what was damaged is refused, never guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.facts import Act, Case, Officer, Unit, is_id
from ingestd.registers import cells, words
from ingestd.registers.cells import CellError, Reading
from ingestd.registers.checks import contradiction, is_circle, lost_zeros, parted
from ingestd.registers.columns import REGISTERS, by_header, header_key

CHINA = Reading(utc_offset_minutes=480)
ZONE = timezone(timedelta(hours=8))


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=ZONE).timestamp() * 1000)  # type: ignore[misc]  # year, month, day, ...


MOMENTS = {
    "2026/1/2": at(2026, 1, 2),
    "2026-1-2 3:04": at(2026, 1, 2, 3, 4),
    "2026-01-02 03:04:05": at(2026, 1, 2, 3, 4, 5),
    "2026.1.2 3:04": at(2026, 1, 2, 3, 4),
    "2026年1月2日": at(2026, 1, 2),
    "2026年1月2日 3时4分": at(2026, 1, 2, 3, 4),
    "2026年1月2日3时4分5秒": at(2026, 1, 2, 3, 4, 5),
    "2026年1月2日 下午 3:04": at(2026, 1, 2, 15, 4),
    "2026/1/2 12:00 AM": at(2026, 1, 2),
    "2026/1/2 上午12:30": at(2026, 1, 2, 0, 30),
    "２０２６／１／２　３：０４": at(2026, 1, 2, 3, 4),
    "20260102": at(2026, 1, 2),
    "202601021504": at(2026, 1, 2, 15, 4),
    "2026-01-02T03:04:05Z": at(2026, 1, 2, 11, 4, 5),
    "2026-01-02T03:04:05.250+09:00": at(2026, 1, 2, 2, 4, 5) + 250,
    "45678.5": at(2025, 1, 21, 12),
    "45678": at(2025, 1, 21),
    "45678.1284722222": at(2025, 1, 21, 3, 5),
}


@pytest.mark.parametrize("text", MOMENTS)
def test_moments(text: str) -> None:
    """Every habit of writing a day or a time, in the station's zone."""
    assert cells.moment_or_day(text, CHINA) == MOMENTS[text]


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026/2/30",
        "2026-1-2 25:00",
        "今天",
        "1/2/2026",
        "12345",
        "99999.5",
        "1950-1-1",
        "1989-12-31 23:59",
        "2100/1/1",
        "9999年12月31日",
        "19891231",
        "32873",
        "73051",
        "2026-1-2x",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    """Nothing is guessed: neither an order of day and month, nor a year."""
    with pytest.raises(CellError):
        cells.moment_or_day(text, CHINA)


def test_years_that_nothing_lies_in() -> None:
    """Mistyped years and "never" are refused in words; the first and the last day of what is taken are taken."""
    for text in ("9999-12-31 23:59", "0206-01-02", "1989-12-31"):
        with pytest.raises(CellError, match="outside the years 1990 to 2099") as error:
            cells.moment_or_day(text, CHINA)
        assert "请更正" in error.value.text.zh
    assert cells.moment_or_day("1990-01-01", CHINA) == cells.moment_or_day("32874", CHINA) == at(1990, 1, 1)
    assert cells.last_day("2099-12-31", CHINA) == cells.last_day("73050", CHINA) == at(2100, 1, 1)


def test_a_day_is_no_time() -> None:
    """An act begins at a time; a certificate ends with its last day."""
    with pytest.raises(CellError, match="a time is needed"):
        cells.moment("2026-01-02", CHINA)
    assert cells.last_day("2026-01-02", CHINA) == at(2026, 1, 3)
    assert cells.last_day("2026-01-02 12:00", CHINA) == at(2026, 1, 2, 12)


@given(st.integers(10**9, 4 * 10**9), st.integers(-720, 840))
def test_moments_round_trip(second: int, offset: int) -> None:
    """What is written in a station's zone is read as that moment, to the second."""
    there = datetime.fromtimestamp(second, timezone(timedelta(minutes=offset)))
    forms = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日%H时%M分%S秒"]
    forms += ["%Y%m%d%H%M%S"]
    for form in forms:
        text = there.strftime(form)
        assert cells.moment_or_day(text, Reading(utc_offset_minutes=offset)) == second * 1000


@given(st.integers(32_874, 73_050), st.integers(0, 86_399))
def test_spreadsheet_days(day: int, second: int) -> None:
    """A spreadsheet's number of days with eleven digits is the second that was meant."""
    text = f"{day + second / 86_400:.11f}"
    wanted = datetime(1899, 12, 30, tzinfo=ZONE) + timedelta(days=day, seconds=second)
    assert cells.moment_or_day(text, CHINA) == round(wanted.timestamp() * 1000)


@pytest.mark.parametrize(
    "text", ["1.1042E+05", "3.40702E+17", "1e5", "104233.0", "a b\tc!", "", "字" * 65, ".."]
)
def test_damaged_ids(text: str) -> None:
    """Digits that a spreadsheet lost are not made up."""
    with pytest.raises(CellError):
        cells.identifier(text, CHINA)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("'001234", "001234"),
        ('="001234"', "001234"),
        (" ００１２３４　", "001234"),
        ("铜郊罚（2026）1号", "铜郊罚（2026）1号"),
        ("铜郊罚〔2026〕1号", "铜郊罚〔2026〕1号"),
        ("\ufeff104233\u200b", "104233"),
        ("ＡＢ－１", "AB-1"),
    ],
)
def test_ids_as_they_are_meant(cell: str, wanted: str) -> None:
    """Full width, apostrophes, formulas and invisible marks are not part of an id; its brackets are."""
    assert cells.identifier(cells.plain(cell), CHINA) == wanted
    assert is_id(wanted)


def test_lists_flags_counts_degrees() -> None:
    """The other kinds of cells."""
    assert cells.identifiers("104233，104198、104233;1", CHINA) == ("104233", "104198", "1")
    assert cells.identifiers("104233 104198　1\u00a02\t3 ,4", CHINA) == ("104233", "104198", *"1234")
    assert [cells.flag(text, CHINA) for text in ("是", "Y", "√", "否", "0", "FALSE")] == [True] * 3 + [
        False
    ] * 3
    assert cells.count("1,234", CHINA) == 1234
    assert cells.degrees(90)("30.945", CHINA) == 30_945_000
    assert cells.degrees(180)("-0.0000019", CHINA) == -1
    assert cells.choice(words.CASE_KINDS)("处罚", CHINA) == "penalty"
    for parse, wrong in (
        (cells.flag, "也许"), (cells.count, "-1"), (cells.count, "1.5"), (cells.degrees(90), "91"),
        (cells.degrees(90), "30°56′"), (cells.digest, "ab"), (cells.label, "长" * 41), (cells.prose, "a\x1b[2J"),
    ):  # fmt: skip
        with pytest.raises(CellError):
            parse(wrong, CHINA)


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_reason(text: str) -> None:
    """No cell breaks a reader: each column gives a value or says why not."""
    for register in REGISTERS.values():
        for column in register.columns:
            with suppress(CellError):
                column.parse(cells.plain(text), CHINA)


def test_headers_mean_one_thing() -> None:
    """No two columns of a register share a name; options and keys are their own."""
    for register in REGISTERS.values():
        seen: dict[str, str] = {}
        for column in register.columns:
            for name in column.names:
                assert seen.setdefault(header_key(name), column.key) == column.key, (register.name, name)
        assert len({column.option for column in register.columns}) == len(register.columns)
        assert by_header(register)[header_key(" *案件 编号（必填）：")] if register.name == "case" else True


def test_words_mean_one_thing() -> None:
    """No word stands for two keys, and each key is found by its own words."""
    for known in (words.ROLES, words.CASE_KINDS, words.STAGES, words.RESULTS, words.SIGNED, words.OPINIONS,
                  words.MODES, words.PARTY_KINDS):  # fmt: skip
        for key, word in known.items():
            for text in (key, word.text.zh, word.text.en, *word.also):
                assert words.key_of(known, text) == key, text


def test_what_a_row_cannot_be() -> None:
    """Ends before beginnings, circles of units, lost zeros, parts that do not match."""
    assert contradiction(Act(act="a"))
    assert contradiction(Act(act="a", started_at=5, ended_at=4))
    assert contradiction(Act(act="a", started_at=5, ended_at=5)) is None  # told to the minute
    day = 86_400_000
    assert contradiction(Case(case="c", opened_at=3 * day, concluded_at=day))
    assert contradiction(Case(case="c", opened_at=day + 5, decided_at=day)) is None  # told to the day
    assert contradiction(Case(case="c", opened_at=2 * day - 1, decided_at=day)) is None
    assert contradiction(Case(case="c", opened_at=2 * day, decided_at=day))
    assert contradiction(Officer(officer="o", valid_from=3 * day, valid_until=day))
    tree = {"a": Unit(unit="a"), "b": Unit(unit="b", parent="a")}
    assert is_circle(tree, Unit(unit="a", parent="b"))
    assert not is_circle(tree, Unit(unit="c", parent="b"))
    assert is_circle({}, Unit(unit="a", parent="a"))
    assert lost_zeros(["001", "2", "0a"]) == {"1": "001"}
    assert parted("甲；乙;", 2) == ["甲", "乙"]
    assert parted("甲", 1) == ["甲"]
    assert parted(None, 2) == [None, None]
    with pytest.raises(CellError):
        parted("1;2;3", 2)

"""Files as platforms and spreadsheets write them: what they say is read, every fault is named, nothing breaks."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestd.registers.cells import Reading
from ingestd.registers.columns import REGISTERS
from ingestd.registers.rows import Parsed, parse
from ingestd.registers.table import FileError, sheets

CHINA = Reading(utc_offset_minutes=480)
HEADER = "案件编号,案件类型,案由,立案时间"


def one(data: bytes | str, name: str = "", **options) -> Parsed:
    raw = data.encode() if isinstance(data, str) else data
    (found,) = parse(raw, CHINA, name=name, **options)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("hint", [False, True])
def test_encodings_ends_and_delimiters(encoding: str, ends: str, delimiter: str, hint: bool) -> None:
    """Every way in which a spreadsheet saves the same rows says the same."""
    rows = [HEADER.split(","), ["案1", "处罚", "占道", "2026/1/2"], ["案2", "检查", "油烟", "2026/1/3"]]
    text = "".join(delimiter.join(row) + ends for row in rows)
    head = f"sep={delimiter}{ends}" if hint else ""
    found = one((head + text).encode(encoding))
    assert [draft.said["case"] for draft in found.drafts] == ["案1", "案2"]
    assert [draft.line for draft in found.drafts] == [2 + hint, 3 + hint]
    assert found.faults == ()


def test_the_habits_of_spreadsheets() -> None:
    """A title above the header, empty columns and rows, quoted line ends, short and long rows, an unknown column."""
    found = one(
        "2026年案件台账,,,,,\n,,,,,\n*案件编号（必填）,案件 类型,案由,立案时间,乱列,,\n"
        '\'案1,处罚,"占道\n经营",45678.5,x,,,\n,,,,,,\n案2,检查\n案3,处罚,y,2026/1/2,,,,多出\n'
    )
    first, second = found.drafts
    assert (first.line, first.said["title"]) == (4, "占道\n经营")
    assert (second.line, second.said["title"], second.said["opened_at"]) == (7, None, None)
    assert found.unknown == ("乱列",)
    (extra,) = found.faults
    assert (extra.line, extra.column) == (8, None)
    assert found.headings["case"] == "*案件编号（必填）"
    assert found.rows == 3


def test_every_fault_is_named_and_good_rows_are_taken() -> None:
    """Line, column as the file calls it, reason in both languages; several faults of one row at once."""
    found = one(HEADER + "\n1.1042E+05,抢劫,x,2026-13-1\n案2,处罚,好,2026/1/2\n,处罚,无号,\n")
    assert [draft.said["case"] for draft in found.drafts] == ["案2"]
    assert [(fault.line, fault.column) for fault in found.faults] == [
        (2, "案件编号"), (2, "案件类型"), (2, "立案时间"), (4, "案件编号"),
    ]  # fmt: skip
    assert all(fault.why.zh and fault.why.en for fault in found.faults)
    assert "行政处罚" in found.faults[1].why.zh


def test_one_id_twice() -> None:
    """Said twice alike counts once; said differently the second is refused with both lines."""
    found = one(f"{HEADER}\n案1,处罚,a,\n案1,处罚,a,\n案1,处罚,b,\n")
    assert len(found.drafts) == 1
    (fault,) = found.faults
    assert fault.line == 4
    assert "line 2" in fault.why.en


@pytest.mark.parametrize("officers", ["104233 104234", "104233　104234", "104233、 104234\n"])
def test_officers_with_blanks_between(officers: str) -> None:
    """Two numbers with a blank between them are two, in CSV and in JSON, never one that nobody has."""
    table = f'行为编号,执法人员,开始时间\nA1,"{officers}",2026-1-2 3:04\n'
    written = json.dumps([{"act": "A1", "officers": officers, "started_at": "2026-1-2 3:04"}])
    listed = json.dumps([{"act": "A1", "officers": [officers], "started_at": "2026-1-2 3:04"}])
    for data in (table, written, listed):
        (draft,) = one(data, "act").drafts
        assert draft.said["officers"] == ("104233", "104234"), data


def test_absent_is_not_empty() -> None:
    """A column that is not there says nothing; an empty cell says that nothing is known. So for JSON keys."""
    assert "title" not in one("案件编号,案件类型\n案1,\n").drafts[0].said
    assert one("案件编号,案件类型\n案1,\n").drafts[0].said["kind"] is None
    first, second = one(json.dumps([{"case": "1", "kind": None}, {"case": "2", "title": "x"}])).drafts
    assert first.said == {"case": "1", "kind": None}
    assert second.said == {"case": "2", "title": "x"}


def test_json_of_several_registers() -> None:
    """An object of lists, in an order in which one refers to those before it; numbers as they are written."""
    data = {
        "cases": [
            {"case": "c", "subjects": [{"name": "甲", "id_number": "1"}, {"name": "乙"}], "major": True}
        ],
        "officers": [{"officer": 104233, "name": "n"}, {"officer": 1.1042e5}, "nonsense", {"officer": {}}],
    }
    officers, cases = parse(json.dumps(data).encode(), CHINA)
    assert (officers.register.name, cases.register.name) == ("officer", "case")
    assert cases.drafts[0].said["subject_name"] == "甲;乙"
    assert cases.drafts[0].said["subject_id_number"] == "1;"
    assert cases.drafts[0].said["major"] is True
    assert [draft.said["officer"] for draft in officers.drafts] == ["104233"]
    assert [fault.line for fault in officers.faults] == [2, 3, 4]


def test_which_register_a_file_fills() -> None:
    """By the beginning of its name, else by its header; what fits none or two is refused."""
    assert one("编号列,行为编号,开始时间\n,A1,2026/1/2 3:04\n").register.name == "act"
    assert one("案件编号,审核编号,轮次\nc,r,1\n").register.name == "review"
    assert one("case,kind\nc,penalty\n", "案件2026.csv").register.name == "case"
    with pytest.raises(FileError, match="more than one"):
        parse(b"recorder,officer,name\nr,o,n\n", CHINA)
    with pytest.raises(FileError, match="header"):
        parse(b"a,b\n1,2\n", CHINA)
    with pytest.raises(FileError, match="header"):
        parse("警号,姓名\n1,x\n".encode(), CHINA, name="案件.csv")
    with pytest.raises(FileError, match="two columns"):
        parse("案件编号,案号,案由\n1,1,x\n".encode(), CHINA)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 a workbook",
        b"\xd0\xcf\x11\xe0",
        b"a\0b",
        b"\xff\xff\xff",
        b"",
        b"[1",
        b"[" * 100_000,
        b"{}",
    ],
)
def test_what_is_no_register(data: bytes) -> None:
    """Workbooks, binaries, nothing, broken or bottomless JSON: refused as a whole, in words."""
    for register in REGISTERS:
        with pytest.raises(FileError):
            parse(data, CHINA, among=(register,))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'[{"case": "1"\n "x"]', "不是 JSON：第 2 行第 2 列有误（Expecting ',' delimiter）。"),
        (b"[" * 100_000, "不是 JSON：嵌套过深（"),
    ],
)
def test_what_is_no_json_is_told_in_chinese(data: bytes, told: str) -> None:
    """Where it is and that it is; the parser's own words stand behind."""
    with pytest.raises(FileError) as caught:
        parse(data, CHINA)
    assert told in caught.value.text.zh


def test_a_quote_that_never_ends() -> None:
    """It takes what follows with it, and that is said: nothing before it is lost."""
    found = one(f'{HEADER}\n案1,处罚,a,\n案2,处罚,"b,\n' + "案3,处罚,c,2026/1/2\n" * 3000)
    assert [draft.said["case"] for draft in found.drafts] == ["案1"]
    assert [fault.line for fault in found.faults] == [3]


CELL = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\u200b\u200c\u200d\u200e\u200f\ufeff\u2060"
    ),
    min_size=1,
    max_size=20,
).filter(lambda text: text.strip("\u3000\u00a0 ") == text and text[0] not in "'\u2018=")


@given(
    st.lists(CELL, min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_names_come_through(names: list[str], encoding: str, delimiter: str, ends: str) -> None:
    """Any name that a spreadsheet can hold is read as it was, quotes, delimiters and all."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=delimiter, lineterminator=ends)
    writer.writerow(["警号", "姓名", "单位"])
    writer.writerows([str(number), name, "u"] for number, name in enumerate(names))
    found = one(sheet.getvalue().encode(encoding), "officer.csv")
    assert [draft.said["name"] for draft in found.drafts] == names
    assert found.faults == ()


@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf")
@example(b"sep=\n")
@example(b'"')
@example("案件编号,案由\n".encode("gbk") + b"\x80\n")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No file breaks the reader."""
    for name in ("", "case.csv", "配发.csv"):
        with suppress(FileError):
            for found in parse(data, CHINA, name=name):
                assert found.rows >= len(found.drafts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["case", "subjects", "name", "kind", "x"]), below, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused(value) -> None:
    """So for JSON of any shape."""
    with suppress(FileError):
        parse(json.dumps(value).encode(), CHINA, name="case.json")


def test_limits_are_said() -> None:
    """Too large, too many rows: refused with the limit."""
    with pytest.raises(FileError, match="64 MiB"):
        sheets(b"x" * ((64 << 20) + 1))
    with pytest.raises(FileError, match="200000 rows"):
        one("案件编号\n" + "1\n" * 200_001, "case.csv")

"""The language of family data."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.templates import TemplateError, compiled, union

LENGTHS = {"officer": "6,8", "serial": "7"}


def fields(template, path):
    return compiled(template, LENGTHS).match(path)


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        (
            "**/{officer}_{serial}_{time}_{sequence}{mark?}.{ext}",
            b"DCIM/x/110423_YZ00417_20251121160000_0001IMP.mp4",
            {"officer": "110423", "serial": "YZ00417", "sequence": "0001", "mark": "IMP"},
        ),
        ("**/{officer}_{serial}.{ext}", b"12345678_abcdefg.MP4", {"officer": "12345678"}),
        ("**/{officer}_{serial}.{ext}", b"1234567_abcdefg.MP4", None),
        ("DCIM/**/*", b"dcim/a/b/c", {}),
        ("DCIM/**/*", b"DCIM", None),
        ("DCIM/*", b"DCIM/a/b", None),
        ("*/**/b", b"a/b", {}),
        ("*/**/b", b"b", None),
        ("PARAM.INI", b"param.ini", {}),
        ("PARAM.INI", b"paramXini", None),
        ("$RECYCLE.BIN/**/*", b"$Recycle.Bin/S-1/x", {}),
    ],
)
def test_examples(template, path, expected):
    """Each documented form matches what it says and nothing near it."""
    found = fields(template, path)
    assert found is expected if expected is None else found.items() >= expected.items()


@pytest.mark.parametrize(
    "template",
    ["**/a/**", "a**b/**/**", "a/**", "{nobody}", "a//b", "", "{officer", "}", "*x*", "a/{serial}{"],
)
def test_nonsense_is_refused(template):
    """A template that means nothing is refused when the data is read, not at the dock."""
    with pytest.raises(TemplateError, match=r"."):
        compiled(template, LENGTHS)


@pytest.mark.parametrize("length", ["", "x", "0", "7-6", "1-1000", "-3"])
def test_lengths_out_of_reason_are_refused(length):
    """Lengths are numbers between 1 and 64."""
    with pytest.raises(TemplateError, match=r"."):
        compiled("{serial}", {"serial": length})


@given(st.lists(st.binary(min_size=1, max_size=255).filter(lambda b: b"/" not in b), min_size=1, max_size=20))
def test_any_path_is_answered(parts):
    """No bytes upset a match, and what matches a field is ASCII text of the field's length."""
    found = compiled("**/{officer}_{serial}_*.{ext}", LENGTHS).match(b"/".join(parts))
    if found is not None:
        assert len(found["officer"]) in (6, 8)
        assert found["serial"].isascii()


@pytest.mark.parametrize("name", [b"1" * 255, b"_" * 255, b"11111111_" * 28, b"20250101" * 31, b"." * 255])
def test_no_name_is_slow(name):
    """The worst name for a backtracking engine costs well under a millisecond."""
    template = compiled("**/*{date}-{clock}-{sequence}{mark?}.{ext}", LENGTHS)
    started = time.perf_counter()
    for _ in range(100):
        template.match(b"/".join([name] * 3))
    assert (time.perf_counter() - started) / 100 < 0.001


def test_no_depth_is_slow():
    """A path of 76 kB, 300 folders deep, is answered in a few milliseconds."""
    template = compiled("**/{officer}_{serial}_{time}_{sequence}{mark?}.{ext}", LENGTHS)
    path = b"/".join([b"1" * 255] * 300)
    started = time.perf_counter()
    assert template.match(path) is None
    assert time.perf_counter() - started < 0.02


def test_a_field_that_stands_twice_is_the_last_one():
    """A folder's time gives way to the file's."""
    path = b"20261120T000000Z/20261120T003015Z_1.mkv"
    assert fields("{stamp}/{stamp}_*", path) == {"stamp": "20261120T003015Z"}


def test_a_union_fits_where_any_fits():
    """The quick question has the same answer as all templates asked one by one."""
    templates = [compiled(text, LENGTHS) for text in ("**/._*", "{serial}/*", "PARAM.INI")]
    for path in (b"a/._b", b"1234567/x", b"param.ini", b"a/PARAM.INI", b"b", b"PARAM.INIx"):
        assert (union(templates).fullmatch(path) is not None) == any(
            t.match(path) is not None for t in templates
        )
    assert union([]).fullmatch(b"") is None

"""Paragraphs fold as people read them, and nothing of them is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ingestd.cli.folding import fold

ANY = st.text("采集，。（）“” ab/.1 MB±_-", max_size=120)


@given(ANY, st.integers(2, 60))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    """Only spaces at the ends of lines go."""
    lines = fold(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_chinese_folds_anywhere_but_not_before_a_stop() -> None:
    """A full stop never begins a line, a bracket never ends one."""
    assert fold("逐字节采集，签名，入库。", 10) == ["逐字节采", "集，签名，", "入库。"]
    assert fold("已经入库（隔离）", 10) == ["已经入库", "（隔离）"]


def test_numbers_keep_their_unit() -> None:
    """``5.17 MB`` stands on one line, as does ``± 16``."""
    assert fold("共三个文件 5.17 MB 入库", 16) == ["共三个文件", "5.17 MB 入库"]


def test_a_long_path_is_broken_where_the_line_is_full() -> None:
    """A path is folded, never cut."""
    assert fold("x DCIM/100MEDIA/abcdef.mp4", 10) == ["x", "DCIM/100ME", "DIA/abcdef", ".mp4"]

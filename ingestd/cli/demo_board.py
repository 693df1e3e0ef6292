"""The live board of the demonstration: one row a slot, the words and shapes of the dock's screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.progress_bar import ProgressBar

from ingestd.cli.render import cell, size_text, span_text, styled, table
from ingestd.demo.cast import CAST
from ingestd.intake.ports import LiveState
from ingestd.telling import signs
from ingestd.telling.signs import Sign
from ingestd.words import Lang, Text

_SIGNS: dict[str, Sign] = {
    "empty": signs.SLOTS["empty"],
    "clear": signs.SLOTS["may-be-taken"],
    "kept": signs.SLOTS["do-not-take"],
    "problem": signs.SLOTS["problem"],
    "receiving": signs.SLOTS["receiving"],
    "looking": Sign(shape="◔", colour="blue", word=Text("识别中", "looking")),
    "checking": Sign(shape="◔", colour="blue", word=Text("核对中", "checking")),
    "releasing": Sign(shape="◔", colour="blue", word=Text("清除中", "deleting")),
    "waiting": Sign(shape="⊖", colour="yellow", word=Text("等待磁盘空间", "waiting for room")),
}
_BAR_COLUMNS = 12
_WIDE = 100
"""Columns of a terminal from which on there is room for everything."""


def board(lives: Sequence[LiveState], lang: Lang, *, width: int) -> RenderableType:
    """All slots as they are now; a narrow terminal gets fewer columns, never cut words."""
    names = {part.slot: part.name for part in CAST}
    rows = [_row(live, names.get(live.slot, ""), lang) for live in lives]
    titles = [
        Text("槽", "slot"),
        Text("状态", "state"),
        Text("人员", "officer"),
        Text("记录仪", "recorder"),
        Text("进度", "progress"),
        Text("文件", "files"),
        Text("剩余", "left"),
        Text("速度", "speed"),
        Text("电量", "battery"),
    ]
    shown = len(titles) if width >= _WIDE else len(titles) - 2
    made = table(lang, Text("采集站 north-1（演示）", "dock north-1 (demonstration)"), *titles[:shown])
    for column in made.columns:
        column.no_wrap = True
    for row in rows:
        made.add_row(*row[:shown])
    return made


def _row(live: LiveState, name: str, lang: Lang) -> tuple[RenderableType, ...]:
    sign = styled(signs.sign(_SIGNS, live.phase), lang)
    if live.phase == "empty":
        return (cell(live.slot), sign, *("" for _ in range(7)))
    is_receiving = live.phase == "receiving"
    bar = ProgressBar(total=max(1, live.bytes_total), completed=live.bytes_done, width=_BAR_COLUMNS)
    return (
        cell(live.slot),
        sign,
        cell(name) if live.officer else "",
        cell(live.recorder or ""),
        bar if live.bytes_total else "",
        f"{live.files_done}/{live.files_total}" if live.files_total else "",
        span_text(live.seconds_left * 1000, lang) if is_receiving and live.seconds_left is not None else "",
        f"{size_text(live.bytes_per_s)}/s" if is_receiving and live.bytes_per_s else "",
        "" if live.battery is None else f"{live.battery}%",
    )

"""One slot on the dock board: what is said of it, most important first, in a tile of whatever size. PURE.

A line is never wider than its tile, whatever a card calls itself; what has no room is left out from the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Styled

from ingestd.cli import glyphs, terms
from ingestd.cli.folding import fold
from ingestd.cli.render import shown, size_text, span_text
from ingestd.cli.terms import Sign
from ingestd.words import Text

SCALES = (3, 2, 1)
LONGEST_WORD = 3
"""Letters of the longest state word."""
LINES_BESIDE = 4
"""Lines that a tile with a large word has for everything else, at the least."""
BORDER_FROM = 6
"""Lines of a tile from which on a border takes nothing that is needed."""
_FRAME = 4
"""Columns of the border beside a slot's name."""
_FULL = 100

_STATES = {
    "empty": "empty",
    "looking": "receiving",
    "receiving": "receiving",
    "checking": "receiving",
    "releasing": "do-not-take",
    "kept": "do-not-take",
    "waiting": "do-not-take",
    "clear": "may-be-taken",
    "problem": "problem",
}
"""What a person at the dock needs to know of a phase."""

_CALL = Text("请勿取走，联系管理员", "do not take it; call the dock's keeper")
_AGAIN = Text("拔下，换一个槽位插入", "take it out and put it into another slot")
_DO = {
    "device-hung": Text("拔下后重新插入，勿带走", "take it out and put it in again; do not carry it off"),
    "device-error": _AGAIN,
    "unreadable": _AGAIN,
    "read-only": Text("检查存储卡的写保护锁", "look at the lock switch of its card"),
    "no-space": Text("请等待，会自动继续", "wait; it goes on by itself"),
    "station-error": Text("联系管理员检查采集站磁盘", "call the keeper: the station's disk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One slot."""

    slot: str
    sign: Sign
    percent: int | None
    lines: tuple[str, ...]
    """Below the word, most important first; foreign text is safe."""


def tile(live: Mapping[str, Any]) -> Tile:
    """The tile of a slot's live facts (`intake.ports.LiveState`)."""
    state = _STATES.get(live["phase"], "problem")
    total = live["bytes_total"] or live["files_total"]
    done = live["bytes_done"] if live["bytes_total"] else live["files_done"]
    is_receiving = live["phase"] == "receiving"
    return Tile(
        slot=shown(live["slot"]),
        sign=terms.SLOTS[state],
        percent=min(_FULL, _FULL * done // total) if is_receiving and total else None,
        lines=tuple(_lines(live, state)),
    )


def _lines(live: Mapping[str, Any], state: str) -> Iterator[str]:
    if live["problem"]:
        problem, do = _problem(live["problem"]), _DO.get(live["problem"], _CALL)
        yield from (problem.zh, do.zh, problem.en, do.en)
    if state == "empty":
        return
    who = " ".join(shown(text) for text in (live["officer"], live["recorder"]) if text)
    if who:
        yield who
    if live["files_total"]:
        done = f"{live['files_done']}/" if live["phase"] == "receiving" else ""
        amount = f"  {size_text(live['bytes_total'])}" if live["bytes_total"] else ""
        yield f"{done}{live['files_total']} 段/clips{amount}"
    if live["phase"] == "receiving" and live["bytes_per_s"]:
        yield f"{size_text(live['bytes_per_s'])}/s"
    if live["seconds_left"] is not None:
        left = 1000 * int(live["seconds_left"])
        yield f"剩余 {span_text(left, 'zh')} / {span_text(left, 'en')} left"
    if live["battery"] is not None:
        yield f"电量/battery {live['battery']}%"


def _problem(told: str) -> Text:
    """A problem's word, or an error's text in both languages (`Text.both`)."""
    zh, between, en = told.partition(" / ")
    return terms.PROBLEMS.get(told) or Text(shown(zh), shown(en if between else zh))


def scale_for(width: int, height: int) -> int:
    """How large the word of a tile of this size may be; 0: as ordinary text."""
    for scale in SCALES:
        columns, lines = glyphs.size(LONGEST_WORD, scale)
        if width - 2 >= columns and height - 2 >= lines + LINES_BESIDE:
            return scale
    return 0


def drawn(one: Tile, width: int, height: int, scale: int) -> list[Styled]:
    """The tile's lines: `height` of them, each exactly `width` columns."""
    if height < BORDER_FROM:
        return [_padded(line, width) for line in _content(one, width, height, 0, before=f"{one.slot} ")]
    style = f"bold {one.sign.colour}"
    title = _cut(f" {one.slot} ", width - _FRAME)
    frame = [Styled(f"┌─{title}{'─' * (width - 3 - cell_len(title))}┐", style=style)]
    within = _content(one, width - 2, height - 2, scale, margin=" ")
    frame += [Styled.assemble(("│", style), _padded(line, width - 2), ("│", style)) for line in within]
    return [*frame, Styled(f"└{'─' * (width - 2)}┘", style=style)]


def _content(
    one: Tile, width: int, height: int, scale: int, *, before: str = "", margin: str = ""
) -> list[Styled]:
    """Lines of at most ``width`` columns, a column less on the right; large letters bring their own margin."""
    sign, room = one.sign, max(2, width - len(margin) - 1)
    told = "" if one.percent is None else f" {one.percent}%"
    if scale and glyphs.is_drawn(sign.word.zh):
        large = glyphs.large(sign.word.zh, scale)
        words = [Styled(_cut(f"{sign.shape} {sign.word.en}{told}", room))]
    else:
        large = []
        first = _cut(f"{before}{sign.shape} {sign.word.zh}{told}", room)
        words = [Styled(first, style="reverse"), Styled(_cut(sign.word.en, room))]
    for line in words:
        line.stylize(f"bold {sign.colour}")
    if one.percent is not None and height > len(large) + len(words) + len(one.lines):
        full = room * one.percent // _FULL
        words.append(Styled("█" * full + "░" * (room - full), style=sign.colour))
    words += [Styled(part) for line in one.lines for part in fold(line, room)]
    lines = [Styled(row, style=f"bold {sign.colour}") for row in large]
    lines += [Styled.assemble(margin, line) for line in words]
    return (lines + [Styled("")] * height)[:height]


def _cut(text: str, width: int) -> str:
    """At most so many columns; what is cut says so."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)).rstrip() + "…"


def _padded(line: Styled, width: int) -> Styled:
    return Styled.assemble(line, " " * max(0, width - line.cell_len))

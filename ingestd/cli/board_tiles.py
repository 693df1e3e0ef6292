"""One slot on the dock board: what is said of it, most important first, in a tile of whatever size. PURE.

A line is never wider than its tile, whatever a card calls itself; what has no room is left out from the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Styled

from ingestd.cli import glyphs
from ingestd.cli.folding import fold
from ingestd.telling.dock import SlotFacts
from ingestd.telling.plain import recorder_name, size_text, span_text
from ingestd.telling.signs import Sign

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One slot."""

    slot: str
    sign: Sign
    percent: int | None
    lines: tuple[str, ...]
    """Below the word, most important first; foreign text is safe."""


def tile(one: SlotFacts) -> Tile:
    """The tile of a slot."""
    return Tile(slot=one.slot, sign=one.sign, percent=one.percent, lines=tuple(_lines(one)))


def _lines(one: SlotFacts) -> Iterator[str]:
    if one.problem is not None and one.advice is not None:
        yield from (one.problem.zh, one.advice.zh, one.problem.en, one.advice.en)
    recorder = None if one.recorder is None else recorder_name(one.recorder)
    name = recorder and (recorder.zh if recorder.zh == recorder.en else recorder.both())
    who = " ".join(text for text in (one.officer, name) if text)
    if who:
        yield who
    if one.amount is not None:
        (count, noun), size = one.amount, f"  {size_text(one.bytes_total)}" if one.bytes_total else ""
        yield f"{count} {noun.zh}/{noun.en}{size}"
    if one.is_receiving and one.bytes_per_s:
        yield f"{size_text(one.bytes_per_s)}/s"
    if one.ms_left is not None:
        yield f"剩余 {span_text(one.ms_left, 'zh')} / {span_text(one.ms_left, 'en')} left"
    if one.battery is not None:
        yield f"电量/battery {one.battery}%"


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

"""Paragraphs folded to a terminal's width, Chinese and Latin mixed; nothing is ever cut. PURE.

A line may end at a space and after or before any wide character, but no line begins with a closing mark and
none ends with an opening one. What has no such place (a long path) is broken where the line is full.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

_NOT_FIRST = frozenset("，。；：、！？）》”’…,.;:!?)")
_NOT_LAST = frozenset("（《“‘(")
_PIECE = re.compile(
    r"\s+|[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’…]|[^\s\u2e80-\u9fff\uff00-\uffef“”‘’…]+"
)
_LONGEST_UNIT = 3
"""``min``."""


def fold(text: str, width: int) -> list[str]:
    """The lines of a paragraph, none wider than ``width`` columns (at least two)."""
    lines, line = [], ""
    for piece in _unbreakable(text):
        if cell_len((line + piece).rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while cell_len(line.rstrip()) > width:
            head = _head(line, width)
            lines.append(head)
            line = line[len(head) :]
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _unbreakable(text: str) -> list[str]:
    """Pieces between which a line may end."""
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        joins = pieces and (piece[0] in _NOT_FIRST or pieces[-1][-1] in _NOT_LAST or _is_unit(pieces, piece))
        if joins:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _is_unit(pieces: list[str], piece: str) -> bool:
    """Whether a space and the next word stay with the number before: ``5.17 MB``, ``± 16``."""
    before = pieces[-1].rstrip()
    counts = before[-1:].isdigit() or before[-1:] == "±"
    if piece.isspace():
        return len(piece) == 1 and counts
    return counts and pieces[-1].endswith(" ") and len(piece) <= _LONGEST_UNIT


def _head(line: str, width: int) -> str:
    """The longest beginning that fits; one character at least."""
    end = 1
    while end < len(line) and cell_len(line[: end + 1]) <= width:
        end += 1
    return line[:end]

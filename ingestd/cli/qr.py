"""A text as a QR code on a terminal: whoever photographs a checkpoint holds it, and types nothing. PURE."""

from __future__ import annotations

import segno
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text as Styled

from ingestd.cli import glyphs

STYLE = "black on white"
"""Dark on light whatever the terminal's colours: that is how a code is read."""
_BORDER = 2


def lines(text: str) -> list[str]:
    """The code in half blocks, each line as wide as the next."""
    made = segno.make(text, error="l", micro=False)
    points = [[bool(point) for point in row] for row in made.matrix_iter(border=_BORDER)]
    if len(points) % 2:
        points.append([False] * len(points[0]))
    return glyphs.halves(points)


class Code:
    """The code where there is room for all of its columns, else nothing: folded, nobody could read it."""

    def __init__(self, text: str) -> None:
        self._lines = lines(text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self._lines[0]) <= options.max_width:
            yield from (Styled(line, style=STYLE, no_wrap=True) for line in self._lines)

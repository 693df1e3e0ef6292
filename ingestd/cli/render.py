"""How facts look on a terminal: times with their zone, doubt as doubt, sizes with units, states as signs.

Names come from cards and may be hostile: no text is ever read as markup, and `telling.plain` makes it safe; its
forms are a command's too, and stand here beside the terminal's own.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text as Styled

from ingestd.cli.folding import fold
from ingestd.telling.plain import (
    CANNOT_TELL,
    counted,
    interval_text,
    moment_text,
    shown,
    size_text,
    span_text,
    stamp_text,
    zone_text,
)
from ingestd.telling.signs import Sign
from ingestd.words import Lang, Text

__all__ = [
    "CANNOT_TELL",
    "Folded",
    "cell",
    "counted",
    "interval_text",
    "moment_text",
    "open_console",
    "shown",
    "size_text",
    "spaced",
    "span_text",
    "stamp_text",
    "styled",
    "table",
    "zone_text",
]

_ENDLESS = 1_000_000
"""Columns of what is no terminal: more than the longest path of a card."""
_NARROWEST = 10


def cell(text: str) -> Styled:
    """Foreign text as a cell or line: safe, and not markup."""
    return Styled(shown(text))


def spaced(*parts: RenderableType) -> RenderableType:
    """Parts below each other with a line of room between them."""
    return Group(*(one for part in parts[:-1] for one in (part, "")), *parts[-1:])


def open_console() -> Console:
    """Standard output: a terminal folds what is too long; elsewhere every line is as long as it is."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_ENDLESS)


class Folded:
    """A paragraph that folds at the width it gets, Chinese as it should be; foreign parts come as `shown`."""

    def __init__(self, text: str, *, indent: int = 0, hanging: int = 0, style: str = "") -> None:
        """``hanging``: columns by which all lines but the first are further in."""
        self._text, self._indent, self._hanging, self._style = text, indent, hanging, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(_NARROWEST, options.max_width - self._indent - self._hanging)
        for number, line in enumerate(fold(self._text, room)):
            margin = self._indent + (self._hanging if number else 0)
            yield Styled(" " * margin + line, style=self._style, no_wrap=True, overflow="ignore")


def styled(sign: Sign, lang: Lang) -> Styled:
    """Shape and word of a state in its colour."""
    return Styled(f"{sign.shape} {sign.word.say(lang)}", style=sign.colour)


def table(lang: Lang, title: Text, *columns: Text) -> Table:
    """An empty table in the house's quiet look."""
    made = Table(title=title.say(lang), title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column.say(lang), overflow="fold")
    return made

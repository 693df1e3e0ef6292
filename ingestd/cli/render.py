"""How facts look on a terminal: times with their zone, doubt as doubt, sizes with units, states as signs.

Names come from cards and may be hostile: no text is ever read as markup, and `telling.plain` makes it safe; its
forms are a command's too, and stand here beside the terminal's own.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text as Styled

from ingestd import canon
from ingestd.cli.folding import fold
from ingestd.cli.terms import BASES, words
from ingestd.events import Event, data_of
from ingestd.model import Interval, Millis
from ingestd.telling.plain import counted, moment_text, shown, size_text, span_text, stamp_text, zone_text
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
    "to_json",
    "zone_text",
]

_SECOND_MS = 1000
"""Bounds closer than this look the same on a terminal."""

_ENDLESS = 1_000_000
"""Columns of what is no terminal: more than the longest path of a card."""
_NARROWEST = 10

CANNOT_TELL = Text("不能确定", "cannot tell")


def cell(text: str) -> Styled:
    """Foreign text as a cell or line: safe, and not markup."""
    return Styled(shown(text))


def interval_text(interval: Interval, *, zone: tzinfo, lang: Lang) -> str:
    """A moment with its doubt: both bounds and what they rest on (if told), never a false exact value."""
    earliest, latest = interval.earliest, interval.latest
    if earliest is None:
        if latest is None:
            return CANNOT_TELL.say(lang)
        told = f"{Text('不晚于', 'not after').say(lang)} {stamp_text(latest, zone)}"
    elif latest is None:
        told = f"{Text('不早于', 'not before').say(lang)} {stamp_text(earliest, zone)}"
    elif latest - earliest < _SECOND_MS:
        told = stamp_text(earliest, zone)
    else:
        told = f"{stamp_text(earliest, zone)} – {stamp_text(latest, zone)}"
    return f"{told} ({words(BASES, interval.basis.split('+')).say(lang)})" if interval.basis else told


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


def to_json(value: Any) -> Any:
    """Facts as JSON values: moments (``*_at``, intervals) as RFC 3339, events as their type and data."""
    if isinstance(value, Event):
        return {"type": value.type, "data": data_of(value)}
    if isinstance(value, Interval):
        return {"earliest": _stamp(value.earliest), "latest": _stamp(value.latest), "basis": value.basis}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _field(field.name, getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(element) for element in value]
    return value.value if isinstance(value, Enum) else value


def _field(name: str, value: Any) -> Any:
    is_moment = isinstance(value, int) and (name == "at" or name.endswith("_at"))
    return _stamp(Millis(value)) if is_moment else to_json(value)


def _stamp(at: Millis | None) -> str | int | None:
    if at is None:
        return None
    try:
        datetime.fromtimestamp(at // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return at
    return canon.timestamp(at)

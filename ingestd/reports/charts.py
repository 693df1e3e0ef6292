"""Charts of a report as SVG: one idea each, labels at the bars, bars that begin at nothing. PURE.

A chart says in words what it shows (title, description); the table beside it has the numbers. Colours and type come
from whatever page it stands in, by class; what matters is never told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ingestd.words import Lang, Text

WIDTH = 640
"""Units of the drawing; it is scaled to where it stands."""
_LABEL, _TOLD = 190, 150
"""Left of the bars their names, right of them what they come to."""
_ROW, _BAR = 30, 16
_TOP, _FOOT = 8, 8
_CHAR = 7.2
"""Width of a Latin letter at the charts' size; a Chinese character takes two."""
_COLUMNS_HIGH, _COLUMNS_TOP, _COLUMNS_FOOT = 150, 44, 30
_WIDEST_COLUMN = 64
_CJK = 0x2E80


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar."""

    label: Text
    value: float | None
    """Its length, in the chart's own measure; None: nothing can be said."""
    told: Text
    """What it comes to, with unit and the numbers behind it."""
    part: float | None = None
    """The filled part of a bar that is drawn as an outline."""
    is_marked: bool = False
    """Stands out from its peers: it has a sign and a word, not just another colour."""
    is_open: bool = False
    """Provisional: hatched."""
    is_own: bool = False
    """The one that the chart is about, among its peers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn."""

    key: str
    """Of its element, within a page."""
    title: Text
    about: Text
    """What it shows, in a sentence."""
    bars: tuple[Bar, ...]
    is_upright: bool = False
    """Months go from left to right; whatever else has a name goes from top to bottom."""
    level: float | None = None
    """Of all together: a line across the bars."""
    level_told: Text | None = None
    left_out: int = 0
    """Bars that there was no room for; the table has them."""
    is_bad: bool = True
    """Whether more of it is worse."""


MARKED = Text("突出", "stands out")
_OPEN = Text("斜纹：暂定。", "Hatched: provisional.")
_LEFT_OUT = Text("另有 {n} 项，见表", "{n} more in the table")


def svg(chart: Chart, lang: Lang) -> str:
    """The drawing, in one language."""
    drawn, high = (_upright if chart.is_upright else _flat)(chart, lang)
    name = escape(chart.key)
    tone = "worse" if chart.is_bad else "better"
    return (
        f'<svg class="plot {tone}" role="img" viewBox="0 0 {WIDTH} {high}" width="{WIDTH}" height="{high}" '
        f'aria-labelledby="{name}-title {name}-about">'
        f'<title id="{name}-title">{escape(chart.title.say(lang))}</title>'
        f'<desc id="{name}-about">{escape(spoken(chart, lang))}</desc>'
        f'<defs><pattern id="{name}-open" class="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="ground" width="6" height="6"/>'
        '<line class="stroke" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
        f"{drawn}</svg>"
    )


def caption(chart: Chart, lang: Lang) -> str:
    """What stands below the title: what the chart shows, and what its signs mean."""
    about = chart.about.say(lang)
    return about if not any(bar.is_open for bar in chart.bars) else f"{about} {_OPEN.say(lang)}".strip()


def spoken(chart: Chart, lang: Lang) -> str:
    """The whole chart as a sentence, for those who hear it."""
    said = "; ".join(f"{bar.label.say(lang)}: {bar.told.say(lang)}" for bar in chart.bars)
    return f"{caption(chart, lang)} {said}"


# --- from top to bottom ------------------------------------------------------------------------------


def _flat(chart: Chart, lang: Lang) -> tuple[str, int]:
    top = _TOP + (18 if chart.level_told is not None else 0)
    foot = top + _ROW * len(chart.bars)
    scale = (WIDTH - _LABEL - _TOLD) / _most(chart)
    drawn = []
    if chart.level is not None and chart.level_told is not None:
        x = _LABEL + chart.level * scale
        drawn.append(f'<line class="level" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{foot}"/>')
        drawn.append(_words(x, top - 9, chart.level_told.say(lang), "aside", "middle"))
    drawn += [_flat_bar(chart, bar, top + _ROW * at, scale, lang) for at, bar in enumerate(chart.bars)]
    drawn.append(f'<line class="axis" x1="{_LABEL}" y1="{top}" x2="{_LABEL}" y2="{foot}"/>')
    if chart.left_out:
        drawn.append(
            _words(_LABEL - 10, foot + 18, _LEFT_OUT.format(n=chart.left_out).say(lang), "aside", "end")
        )
        foot += 22
    return "".join(drawn), foot + _FOOT


def _flat_bar(chart: Chart, bar: Bar, y: float, scale: float, lang: Lang) -> str:
    middle, above = y + _ROW / 2, y + (_ROW - _BAR) / 2
    long = 0.0 if bar.value is None else bar.value * scale
    kind = "framed" if bar.part is not None else "outlier" if bar.is_marked else "value"
    label = "name own" if bar.is_own else "name"
    fill = chart.key if bar.is_open and kind == "value" else None
    shape = [
        _words(_LABEL - 10, middle + 5, _cut(bar.label.say(lang), _LABEL - 14), label, "end"),
        _rect(kind, (_LABEL, above, long, _BAR), fill),
    ]
    if bar.part:
        shape.append(_rect("value", (_LABEL, above, bar.part * scale, _BAR)))
    x = _LABEL + long + 8
    if bar.is_marked:
        shape.append(f'<path class="outlier" d="M{x:.1f} {middle + 5:.1f}h12l-6 -11z"/>')
        x += 18
    told = bar.told.say(lang) + (f" {MARKED.say(lang)}" if bar.is_marked else "")
    shape.append(_words(x, middle + 5, told, "told"))
    return "".join(shape)


# --- from left to right ------------------------------------------------------------------------------


def _upright(chart: Chart, lang: Lang) -> tuple[str, int]:
    foot = _COLUMNS_TOP + _COLUMNS_HIGH
    step = WIDTH / max(1, len(chart.bars))
    wide = min(_WIDEST_COLUMN, step * 0.62)
    scale = _COLUMNS_HIGH / _most(chart)
    drawn = [
        _upright_bar(chart, bar, (step * (at + 0.5), foot, wide), scale, lang)
        for at, bar in enumerate(chart.bars)
    ]
    drawn.append(f'<line class="axis" x1="0" y1="{foot}" x2="{WIDTH}" y2="{foot}"/>')
    return "".join(drawn), foot + _COLUMNS_FOOT


def _upright_bar(chart: Chart, bar: Bar, place: tuple[float, float, float], scale: float, lang: Lang) -> str:
    x, foot, wide = place
    high = 0.0 if bar.value is None else bar.value * scale
    kind = "outlier" if bar.is_marked else "value"
    fill = chart.key if bar.is_open else None
    shape = [
        _rect(kind, (x - wide / 2, foot - high, wide, high), fill),
        _words(x, foot + 19, bar.label.say(lang), "name", "middle"),
    ]
    first, _, second = bar.told.say(lang).partition("\n")
    if first:
        shape.append(_words(x, foot - high - (20 if second else 6), first, "told", "middle"))
    if second:
        shape.append(_words(x, foot - high - 6, second, "aside", "middle"))
    if bar.is_marked:
        shape.append(f'<path class="outlier" d="M{x - 6:.1f} {foot - high - 33:.1f}h12l-6 -11z"/>')
    return "".join(shape)


# --- words -------------------------------------------------------------------------------------------


def _most(chart: Chart) -> float:
    """What the longest bar stands for; anything where all are nothing."""
    values = [bar.value for bar in chart.bars if bar.value is not None]
    return max([*values, chart.level or 0.0], default=0.0) or 1.0


def _rect(kind: str, box: tuple[float, float, float, float], hatch: str | None = None) -> str:
    """``hatch``: the chart whose pattern fills it."""
    x, y, width, height = box
    fill = "" if hatch is None else f' fill="url(#{escape(hatch)}-open)"'
    kind += "" if hatch is None else " unsure"
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"{fill}/>'


def _words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _wide(text: str) -> float:
    """About how wide a text is drawn."""
    return sum(2 if ord(char) > _CJK else 1 for char in text) * _CHAR


def _cut(text: str, room: float) -> str:
    """A name that is too long ends in an ellipsis; the table has it whole."""
    if _wide(text) <= room:
        return text
    kept = list(_fitting(text, room - _wide("…")))
    return "".join(kept) + "…"


def _fitting(text: str, room: float) -> Iterator[str]:
    for char in text:
        room -= _wide(char)
        if room < 0:
            return
        yield char

"""Templates to HTML: autoescaped, in the reader's language first, and the board in parts that change on their own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ingestd import __version__
from ingestd.reports.charts import Chart, caption, svg
from ingestd.reports.document import plain
from ingestd.telling import terms
from ingestd.telling.plain import (
    day_text,
    interval_brief,
    interval_text,
    moment_text,
    recorder_name,
    shown,
    size_text,
    span_text,
    stamp_text,
)
from ingestd.web.board import Board, Tile
from ingestd.words import Lang, Text

TAGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
"""Languages as HTML's ``lang`` names them."""
_QUIET_ZONE = 2
"""Modules of light border around a code: fewer than the standard's four are read well on a white plate."""
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that pages load."""

    content: bytes
    content_type: str


def _assets() -> dict[str, Asset]:
    folder = files("ingestd.web").joinpath("static")
    return {
        file.name: Asset(content=file.read_bytes(), content_type=_TYPES[file.name[file.name.rindex(".") :]])
        for file in folder.iterdir()
    }


ASSETS = _assets()
"""By name: what is not here is not served, whatever a path says."""
BUILD = hashlib.sha256(
    b"\0".join([__version__.encode(), *(asset.content for _, asset in sorted(ASSETS.items()))])
).hexdigest()[:16]
"""Of this version's files: a page that a former version drew loads itself anew."""


def other(lang: Lang) -> Lang:
    """The second language of what shows both."""
    return "en" if lang == "zh" else "zh"


TONES = {"green": "good", "red": "bad", "magenta": "doubt", "yellow": "warn", "blue": "live"}
"""Classes of the style sheets by the colours of signs (`telling.signs`)."""


def tone(colour: str) -> str:
    """The class of a sign's colour; the plain ink where it has none."""
    return TONES.get(colour, "")


def _span(text: Text, lang: Lang) -> Markup:
    """A text in one language, marked as such."""
    return Markup('<span lang="{}">{}</span>').format(TAGS[lang], text.say(lang))


def _timer(ms: int) -> str:
    """``1:34``, ``2:05:10``: the same in every language."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@lru_cache(maxsize=4)
def _code(text: str) -> Markup:
    """A QR code as SVG; it is remembered, as many screens show the same."""
    return _secret_code(text)


def _secret_code(text: str) -> Markup:
    """A QR code as SVG; it holds modules and nothing of the text itself."""
    made = segno.make(text, error="l", micro=False)
    return Markup(made.svg_inline(border=_QUIET_ZONE, omitsize=True, svgclass="code", lineclass=None))  # noqa: S704 - as above


def _drawn(chart: Chart, lang: Lang) -> Markup:
    """A chart as SVG; it escapes what it is told."""
    return Markup(svg(chart, lang))  # noqa: S704 - as above


_PAGES = Environment(
    loader=PackageLoader("ingestd.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals.update(
    build=BUILD,
    tags=TAGS,
    text=Text,
    span=_span,
    code=_code,
    secret_code=_secret_code,
    word=terms.word,
    terms=terms,
    drawn=_drawn,
    captioned=caption,
    plain=plain,
)
_PAGES.filters.update(
    size=size_text,
    timer=_timer,
    shown=shown,
    recorder=recorder_name,
    stamp=stamp_text,
    day=day_text,
    moment=moment_text,
    interval=interval_text,
    brief=interval_brief,
    tone=tone,
    lasting=span_text,
)


def page(name: str, lang: Lang, **facts: object) -> str:
    """A whole page."""
    return _PAGES.get_template(name).render(lang=lang, also=other(lang), **facts)


@lru_cache
def _module(name: str) -> Any:
    return _PAGES.get_template(name).make_module()


def part(template: str, macro: str, *facts: object) -> Markup:
    """A part of a page alone, as one macro of a template draws it."""
    drawn: Markup = getattr(_module(template), macro)(*facts)
    return drawn


@lru_cache
def _macros(lang: Lang) -> Any:
    """What draws the board's parts, in one language first."""
    return _PAGES.get_template("board_parts.html").make_module({"lang": lang, "also": other(lang)})


@lru_cache(maxsize=400)
def _tile(one: Tile, name: str, lang: Lang) -> Markup:
    drawn: Markup = _macros(lang).tile(one, name)
    return drawn


@lru_cache(maxsize=8)
def parts(board: Board, lang: Lang) -> Mapping[str, Markup]:
    """The board's parts by their element's id. Many screens that show the same moment cost one drawing."""
    drawn = _macros(lang)
    made = {f"tile-{at}": _tile(one, f"tile-{at}", lang) for at, one in enumerate(board.tiles, 1)}
    return made | {name: getattr(drawn, name)(board) for name in ("now", "station", "lacking", "checkpoint")}


def whole(board: Board, lang: Lang) -> Markup:
    """All parts in their frame."""
    drawn: Markup = _macros(lang).board(board, parts(board, lang))
    return drawn


def frame(board: Board) -> object:
    """What the frame around the parts shows: where it differs, all of the board is drawn anew."""
    return [tile.facts.slot for tile in board.tiles], board.problems, board.gone

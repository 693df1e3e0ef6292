"""The dock board's facts, ready to be drawn: every slot, the station itself, the newest checkpoint. PURE.

It shows no evidence and nobody logs in for it. A board without its daemon keeps what was known and says since when.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from ingestd.config import Config
from ingestd.model import Millis
from ingestd.telling import signs
from ingestd.telling.deadlines import Deadline
from ingestd.telling.dock import SlotFacts, of_live, of_log
from ingestd.telling.plain import moment_text, shown, zone_text
from ingestd.telling.signs import Sign
from ingestd.web.watch import Heard, Known
from ingestd.words import Text

_SECOND_MS = 1000
_MOST_ACROSS = 10
_WIDE, _TALL = (1160, 744), (744, 1000)
"""Room for the tiles on a 1366x768 screen beside the rail, and on an upright one below it."""
_WORD_HIGH, _WORD_WIDE = 0.29, 0.21
"""The word's size as shares of a tile's height and width: those of the style sheet."""
_NAMED = 4
"""Officers whose missing notes are named; the rest is counted."""
_DAYS = tuple("一二三四五六日")

_NOT_RUNNING = Text("采集服务没有运行", "the daemon is not running")
_SILENT = Text(
    "采集服务无应答，自{since}起；以下为当时所知",
    "no answer from the daemon since {since}; below is what was known then",
)
_SYNCHRONISED = Text("时钟已同步", "clock synchronised")
_FREE = Text("时钟未同步（± {s} 秒）", "clock not synchronised (± {s} s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One slot."""

    facts: SlotFacts
    name: str | None
    """Of the officer, as much of it as everybody may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The recording that is due next."""

    sign: Sign
    when: Text
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """An officer with recordings that lack a note."""

    officer: str
    name: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The newest one."""

    size: int
    root: str
    """Base64, as the note has it."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything on it, as of one moment."""

    name: str
    time: str
    date: Text
    zone: str
    tiles: tuple[Tile, ...]
    across: int
    """Columns on a wide screen."""
    tall: int
    """Columns on an upright one."""
    is_synchronised: bool
    clock: Text | None
    """None before a daemon was heard: then nothing is known of it."""
    problems: tuple[Text, ...]
    """Of the station itself."""
    tally: tuple[tuple[str, Sign, int], ...]
    """How many slots are in each state that there is."""
    due: Due | None
    lacking: tuple[Lacking, ...]
    """Who is asked to the kiosk, as many as there is room for."""
    others: int
    """How many more officers there are."""
    rule: str | None
    """That asks for the notes, where it is in force."""
    checkpoint: Checkpoint | None
    gone: Text | None
    """Why the tiles are old; None where they are live."""


def board(settings: Config, known: Known, heard: Heard, now: Millis) -> Board:
    """The board of a moment."""
    zone = timezone(timedelta(minutes=settings.utc_offset_minutes))
    there = datetime.fromtimestamp(now / _SECOND_MS, zone)
    tiles = _tiles(known, heard)
    clock = None if heard.live is None else heard.live["clock"]
    return Board(
        name=f"{settings.agency}/{settings.station}",
        time=f"{there:%H:%M:%S}",
        date=Text(
            f"{there.month} 月 {there.day} 日 星期{_DAYS[there.weekday()]}", f"{there:%a} {there:%Y-%m-%d}"
        ),
        zone=zone_text(zone, now),
        tiles=tiles,
        across=columns(len(tiles), *_WIDE),
        tall=columns(len(tiles), *_TALL),
        is_synchronised=bool(clock and clock["synchronised"]),
        clock=None if clock is None else _clock(clock),
        problems=_problems(known, heard),
        tally=_tally(tiles),
        due=None if known.next_due is None else _due(known.next_due, now, zone),
        lacking=_lacking(known),
        others=max(0, len(known.unnoted) - _NAMED),
        rule=known.notes_rule,
        checkpoint=_checkpoint(known),
        gone=silence(known, heard, now, zone),
    )


def columns(count: int, width: int, height: int) -> int:
    """So many tiles in so many columns that their words are as large as may be."""

    def word(across: int) -> float:
        rows = max(1, -(-count // across))
        return min(_WORD_HIGH * height / rows, _WORD_WIDE * width / across)

    return max(range(1, max(1, min(count, _MOST_ACROSS)) + 1), key=word)


def _tiles(known: Known, heard: Heard) -> tuple[Tile, ...]:
    """The daemon's slots; before it was ever heard, those that the log knows."""
    if heard.live is None:
        return tuple(Tile(facts=of_log(slot), name=None) for slot in known.slots)
    return tuple(
        Tile(facts=of_live(live), name=heard.names.get(live["officer"] or "")) for live in heard.live["slots"]
    )


def _problems(known: Known, heard: Heard) -> tuple[Text, ...]:
    """What the daemon says is wrong with the station, and why the log cannot be followed."""
    told = [] if heard.live is None or heard.is_gone else [Text(**one) for one in heard.live["problems"]]
    found = [*told, *([known.fault] if known.fault is not None else [])]
    return tuple(Text(shown(text.zh), shown(text.en)) for text in found)


def _clock(clock: Mapping[str, int]) -> Text:
    if clock["synchronised"]:
        return _SYNCHRONISED
    return _FREE.format(s=max(1, round(clock["uncertainty_ms"] / _SECOND_MS)))


def _tally(tiles: Sequence[Tile]) -> tuple[tuple[str, Sign, int], ...]:
    states = [tile.facts.state for tile in tiles]
    return tuple((key, sign, states.count(key)) for key, sign in signs.SLOTS.items() if key in states)


def _due(due: Deadline, now: Millis, zone: timezone) -> Due:
    zh, en = (moment_text(due.due_at, now=now, zone=zone, lang=lang) for lang in ("zh", "en"))
    return Due(
        sign=signs.sign(signs.DEADLINES, due.standing.value),
        when=Text(zh, en),
        recorder=shown(due.file.recorder),
    )


def _lacking(known: Known) -> tuple[Lacking, ...]:
    return tuple(
        Lacking(officer=shown(officer), name=known.unnoted_names.get(officer), count=count)
        for officer, count in known.unnoted[:_NAMED]
    )


def _checkpoint(known: Known) -> Checkpoint | None:
    if known.checkpoint is None:
        return None
    root = base64.b64encode(known.checkpoint.root).decode()
    return Checkpoint(size=known.checkpoint.size, root=root, note=known.checkpoint.text)


def silence(known: Known, heard: Heard, now: Millis, zone: tzinfo) -> Text | None:
    """That the daemon is not heard, and since when; None while it is."""
    if not heard.is_gone:
        return None
    since = heard.at or (known.station.stopped_at if known.station else None)
    if since is None:
        return _NOT_RUNNING
    zh, en = (moment_text(since, now=now, zone=zone, lang=lang) for lang in ("zh", "en"))
    return _SILENT.format(since=Text(zh, en))

"""The dock board in a terminal: full screen, both languages, readable from two metres (`status --watch --board`).

As many tiles as slots, each as large as may be, the state word in block letters where it fits. It shows no
evidence. A board that lost its daemon greys out, says since when, and comes back by itself. PURE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text as Styled

from ingestd.cli import glyphs, qr, terms
from ingestd.cli.board_tiles import Tile, drawn, scale_for
from ingestd.cli.folding import fold
from ingestd.cli.render import moment_text, shown
from ingestd.cli.status import Deadline, NewestCheckpoint
from ingestd.clock import ClockState
from ingestd.model import Millis
from ingestd.words import Text

NARROWEST = 14
"""Columns of a tile that still holds a state's word."""
_SHAPE = 2.4
"""A tile looks square when it is so many times as wide as high (a character is twice as high as wide)."""
LARGE_SHARE = 0.08
"""Of the tiles' height: beside a QR code the state's word stays at least so large (two metres: 3 cm of 40)."""
_GREY = "bright_black"
_SECOND_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything on the board, as of one moment."""

    name: str
    at: Millis
    zone: tzinfo
    tiles: tuple[Tile, ...]
    clock: ClockState
    problems: tuple[Text, ...]
    """Of the station itself."""
    next_due: Deadline | None
    checkpoint: NewestCheckpoint | None
    is_gone: bool
    """No daemon answers; the tiles are the last that was known."""
    gone_since: Millis | None


@dataclass(frozen=True, slots=True)
class _Grid:
    columns: int
    width: int
    height: int
    scale: int

    @property
    def rank(self) -> tuple[int, float]:
        """The larger, the better to read."""
        return self.scale, min(self.width / _SHAPE, self.height)


def board(facts: Board, *, width: int, height: int) -> Group:
    """The picture: at most `height` lines of at most `width` columns."""
    head, foot = _head(facts, width), _foot(facts, width)
    room = max(1, height - len(head) - len(foot))
    lines = _tiles(facts, width, room)
    everything = [*head, *lines, *foot][:height]
    if facts.is_gone:
        quiet = [Styled(line.plain, style=_GREY) for line in everything[1:]]
        everything = [Styled(everything[0].plain, style="bold red"), *quiet]
    for line in everything:
        line.no_wrap, line.overflow = True, "crop"
    return Group(*everything)


def _tiles(facts: Board, width: int, room: int) -> list[Styled]:
    """The tiles, and beside them the checkpoint's QR code where the words stay large."""
    if not facts.tiles:
        told = Text("没有配置槽位", "no slots are configured").both()
        return [Styled(line) for line in fold(told, width)] + [Styled("")] * (room - 1)
    grid = _arranged(len(facts.tiles), width, room)
    # A phone that reads the signed note holds a checkpoint.
    code = [] if facts.checkpoint is None else qr.lines(facts.checkpoint.text)
    if code and len(code) <= room and width - len(code[0]) - 1 >= NARROWEST:
        beside = _arranged(len(facts.tiles), width - len(code[0]) - 1, room)
        if beside.scale and glyphs.size(1, beside.scale)[1] >= LARGE_SHARE * room:
            rows = _drawn(facts.tiles, beside, room)
            return [_with_code(rows, code, at, width) for at in range(room)]
    rows = _drawn(facts.tiles, grid, room)
    return (rows + [Styled("")] * room)[:room]


def _with_code(rows: Sequence[Styled], code: Sequence[str], at: int, width: int) -> Styled:
    row = rows[at] if at < len(rows) else Styled("")
    if at >= len(code):
        return row
    gap = " " * (width - len(code[at]) - row.cell_len)
    return Styled.assemble(row, gap, (code[at], qr.STYLE))


def _arranged(count: int, width: int, room: int) -> _Grid:
    """So many tiles in the grid in which they are read best."""
    most = max(1, min(count, width // NARROWEST))
    return max((_grid(count, columns, width, room) for columns in range(1, most + 1)), key=lambda g: g.rank)


def _grid(count: int, columns: int, width: int, room: int) -> _Grid:
    rows = -(-count // columns)
    tile_width, tile_height = width // columns, max(1, room // rows)
    return _Grid(columns, tile_width, tile_height, scale_for(tile_width, tile_height))


def _drawn(tiles: Sequence[Tile], grid: _Grid, room: int) -> list[Styled]:
    fitting = max(1, room // grid.height) * grid.columns
    hidden = len(tiles) - fitting
    rows: list[Styled] = []
    for first in range(0, min(len(tiles), fitting), grid.columns):
        beside = [
            drawn(one, grid.width, grid.height, grid.scale) for one in tiles[first : first + grid.columns]
        ]
        rows += [Styled.assemble(*parts) for parts in zip(*beside, strict=True)]
    if hidden > 0:
        told = Text(f"屏幕太小，另有 {hidden} 个槽位", f"the screen is too small for {hidden} more slots")
        rows[-1] = Styled(told.both(), style="bold red")
    return rows


# --- above and below ----------------------------------------------------------------------------


def _head(facts: Board, width: int) -> list[Styled]:
    there = datetime.fromtimestamp(facts.at / _SECOND_MS, facts.zone)
    name = f"{shown(facts.name)}  {there:%H:%M:%S}"
    clock = _clock(facts.clock)
    lines = []
    if facts.is_gone:
        lines += [Styled(line, style="bold red") for line in fold(_gone(facts).both(), width)]
    if cell_len(name) + cell_len(clock.plain) + 2 <= width:
        gap = " " * (width - cell_len(name) - clock.cell_len)
        return [*lines, Styled.assemble((name, "bold"), gap, clock)]
    below = [Styled(line, style=clock.style) for line in fold(clock.plain, width)]
    return [*lines, *(Styled(line, style="bold") for line in fold(name, width)), *below]


def _gone(facts: Board) -> Text:
    if facts.gone_since is None:
        return Text("▲ 采集服务没有运行", "the daemon is not running")
    zh, en = (
        moment_text(facts.gone_since, now=facts.at, zone=facts.zone, lang=lang) for lang in ("zh", "en")
    )
    return Text(
        f"▲ 采集服务无应答，自{zh}起；以下为当时所知",
        f"no answer from the daemon since {en}; below is what was known then",
    )


def _clock(clock: ClockState) -> Styled:
    if clock.synchronised:
        return Styled(f"● {Text('时钟已同步', 'clock synchronised').both()}", style="green")
    doubt = f"± {max(1, round(clock.uncertainty_ms / _SECOND_MS))}"
    told = Text(f"时钟未同步（{doubt} 秒）", f"clock not synchronised ({doubt} s)")
    return Styled(f"◐ {told.both()}", style="magenta")


def _foot(facts: Board, width: int) -> list[Styled]:
    lines = [
        Styled(line, style="bold red")
        for text in facts.problems
        for line in fold(f"▲ {shown(text.zh)} / {shown(text.en)}", width)
    ]
    due = _due(facts)
    lines += [Styled(line, style=due.style) for line in fold(due.plain, width)]
    if facts.checkpoint is not None:
        root = facts.checkpoint.text.split("\n")[2]
        told = f"{Text('日志检查点', 'checkpoint').both()}: {facts.checkpoint.size} {root}"
        lines += [Styled(line) for line in fold(told, width)]
    return lines


def _due(facts: Board) -> Styled:
    """The deadline that comes next; one that has passed as what it is."""
    if facts.next_due is None:
        return Styled(Text("没有未入库的录像", "nothing seen waits to be stored").both())
    due = facts.next_due
    sign = terms.sign(terms.DEADLINES, due.standing.value)
    zh, en = (moment_text(due.due_at, now=facts.at, zone=facts.zone, lang=lang) for lang in ("zh", "en"))
    when = Text(f"下一个到期 {zh}", f"next due {en}").both()
    return Styled(f"{sign.shape} {when}  {shown(due.file.recorder)}  {sign.word.both()}", style=sign.colour)

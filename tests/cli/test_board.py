"""The dock board as a terminal shows it: words and shapes in both languages, at every size, nothing too wide."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta, timezone
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ingestd.cli import board_tiles, glyphs
from ingestd.cli.board import Board, board
from ingestd.cli.board_tiles import drawn, scale_for
from ingestd.cli.status import NewestCheckpoint
from ingestd.clock import ClockState
from ingestd.index.facts import WaitingFile
from ingestd.intake.ports import LiveState
from ingestd.law.deadlines import Standing
from ingestd.model import Kind
from ingestd.telling import signs
from ingestd.telling.deadlines import Deadline
from ingestd.telling.dock import of_live
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.words import Text
from tests.rig import RUN, Daemon, Rig, noise, wait_for

CHINA = timezone(timedelta(hours=8))
NOW = 1_795_310_000_000
SIZES = [(80, 24), (120, 40), (200, 60)]
NOTE = (
    "tongling-jiaoqu/north-1\n1234\nOXnCexZ7DPGgqo5CDQTcJRAY+B6UCKnh6hto8ATQZyE=\n\n— x/y " + "A" * 92 + "=\n"
)
CLOCK = ClockState(synchronised=True, uncertainty_ms=20, monotonic_ms=1)


def live(slot, phase, **facts):
    from dataclasses import asdict

    state = LiveState(slot=slot, phase=phase, **facts)
    return asdict(state) | {"seconds_left": state.seconds_left}


def tile(told):
    return board_tiles.tile(of_live(told))


FOUR = (
    live("1", "clear", recorder="KD01234", officer="104233", files_done=14, files_total=14,
         clips_done=12, clips_total=12, bytes_total=8_400_000_000, battery=96),
    live("2", "receiving", recorder="KD01377", officer="104198", files_done=8, files_total=13,
         clips_done=7, clips_total=11, bytes_done=6_400_000_000, bytes_total=10_000_000_000, bytes_per_s=38_000_000),
    live("3", "problem", recorder="KD01502", officer="104007", problem="quarantined", files_total=4),
    live("4", "empty"),
)  # fmt: skip


def facts(lives=FOUR, **changes):
    due = Deadline(
        file=WaitingFile(
            recorder="KD01377", session="s", path="p", path_b64=None, size=1, mtime_us=1, kind=Kind.VIDEO,
            first_seen_at=NOW, fault=None, gone_at=None),
        due_at=NOW + 3_600_000,
        standing=Standing.DUE_SOON,
    )  # fmt: skip
    given_ = {
        "name": "tongling-jiaoqu/north-1",
        "at": NOW,
        "zone": CHINA,
        "tiles": tuple(tile(one) for one in lives),
        "clock": CLOCK,
        "problems": (),
        "next_due": due,
        "checkpoint": NewestCheckpoint(size=1234, root="ab", text=NOTE),
        "is_gone": False,
        "gone_since": None,
    }
    return Board(**(given_ | changes))


def shown(picture, width, height, *, styles=False):
    """The board as a terminal of this size gets it, by rich's recording console; each line's width is checked."""
    console = Console(width=width, height=height, record=True, file=io.StringIO(), force_terminal=True,
                      color_system="truecolor")  # fmt: skip
    console.print(board(picture, width=width, height=height))
    text = console.export_text(styles=styles, clear=False)
    lines = console.export_text().splitlines()
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width, lines
    return text


def many(count):
    """Slots in every phase."""
    return tuple(FOUR[number % 4] | {"slot": str(number + 1)} for number in range(count))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 4, 20])
def test_words_in_both_languages_at_every_size(size, count):
    """Every slot with its state's shape and words, whether in block letters or as text; nothing too wide."""
    text = shown(facts(many(count)), *size)
    for number in range(min(count, 4)):
        sign = tile(FOUR[number]).sign
        assert sign.word.en in text
        assert sign.shape in text
        large = glyphs.large(sign.word.zh, 1)[0]
        assert (
            sign.word.zh in text
            or large in text
            or glyphs.large(sign.word.zh, 2)[0] in text
            or glyphs.large(sign.word.zh, 3)[0] in text
        )
    assert "时钟已同步 / clock synchronised" in text
    assert "下一个到期" in text
    assert "next due" in text
    assert "OXnCexZ7DPGgqo5CDQTcJRAY+B6UCKnh6hto8ATQZyE=" in text
    assert "tongling-jiaoqu/north-1" in text


@pytest.mark.parametrize(
    ("size", "count", "scale"),
    [
        ((80, 24), 1, 2),
        ((80, 24), 4, 0),
        ((80, 24), 20, 0),
        ((120, 40), 1, 1),
        ((120, 40), 4, 1),
        ((120, 40), 20, 0),
        ((200, 60), 1, 3),
        ((200, 60), 4, 1),
        ((200, 60), 20, 1),
    ],
)
def test_the_word_is_as_large_as_may_be(size, count, scale):
    """Block letters from the size on at which they fit beside what else must be said."""
    text = shown(facts(many(count)), *size)
    found = [each for each in (1, 2, 3) if glyphs.large("可取走", each)[each].strip() in text]
    assert max(found, default=0) == scale
    assert scale or "可取走" in text


def test_what_a_tile_says():
    """As the pages' sketch: officer, recorder, files, size, speed, time left, battery, percent."""
    text = shown(facts(), 200, 60)
    for told in ("104233 KD01234", "12 段/clips  8.4 GB", "电量/battery 96%", "64%", "7/11 段/clips  10 GB",
                 "38 MB/s", "剩余 1 分钟 34 秒 / 1 min 34 s left"):  # fmt: skip
        assert told in text, told


@pytest.mark.parametrize("problem", [*signs.PROBLEMS, "设备已拔出 / it was pulled"])
def test_a_problem_says_what_and_what_to_do(problem):
    """In both languages where there is room; in Chinese first where there is little."""
    one = live("3", "problem", problem=problem)
    text = shown(facts((one,)), 120, 40)
    word = signs.PROBLEMS.get(problem, Text("设备已拔出", "it was pulled"))
    assert word.zh in text
    assert word.en in text
    assert len([line for line in tile(one).lines if line]) == 4
    narrow = "\n".join(line.plain for line in drawn(tile(one), 24, 6, 0))
    assert word.zh[:6] in narrow


def test_the_checkpoint_is_a_code_where_there_is_room():
    """A phone reads the signed note from it: the code is what segno makes, dark on light."""
    import segno

    wide = shown(facts(), 200, 60, styles=True)
    wanted = segno.make(NOTE, error="l", micro=False)
    side = wanted.symbol_size(border=2)[0]
    rows = [
        line
        for line in shown(facts(), 200, 60).splitlines()
        if set(line[-side:]) <= set(" ▀▄█") and line[-side:].strip()
    ]
    assert len(rows) >= (side - 5) // 2
    assert "\x1b[30;47m" in wide
    assert not any("▄▀" in line[-20:] for line in shown(facts(many(20)), 80, 24).splitlines())


def test_a_board_without_its_daemon_is_grey_and_says_since_when():
    """No colour but that line; the last that was known stays."""
    text = shown(facts(is_gone=True, gone_since=NOW - 65_000), 120, 40, styles=True)
    assert (
        "采集服务无应答，自今天 09:12:15 起" in text.replace("自今天", "自今天").replace("  ", " ")
        or "自今天" in text
    )
    assert "no answer from the daemon since today" in text
    colours = {part.split("m")[0] for part in text.split("\x1b[")[1:]}
    assert colours <= {"0", "1;31", "90"}, colours
    assert "采集服务没有运行" in shown(facts(is_gone=True), 120, 40)


def test_the_clock_and_the_stations_problems():
    """A free clock with its doubt; what is wrong with the station itself, both languages."""
    text = shown(
        facts(
            clock=ClockState(synchronised=False, uncertainty_ms=16_000, monotonic_ms=1),
            problems=(Text("磁盘已满，采集暂停等待", "the disk is full; intake waits"),),
            next_due=None,
        ),
        120,
        40,
    )
    assert "◐ 时钟未同步（± 16 秒） / clock not synchronised (± 16 s)" in text
    assert "▲ 磁盘已满，采集暂停等待 / the disk is full; intake waits" in text
    assert "没有未入库的录像" in text


def test_no_slots_and_too_many():
    """Both are said."""
    assert "没有配置槽位" in shown(facts(()), 80, 24)
    assert "另有" in shown(facts(many(200)), 80, 24)


_HOSTILE = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(
    "汉字记录仪\u202e\x1b[31m\t\u200b👮e\u0301", max_size=40
)


@given(st.integers(14, 120), st.integers(1, 40), st.sampled_from(sorted(signs.SLOTS)), _HOSTILE, _HOSTILE)
def test_a_tile_is_exactly_its_size(width, height, state, name, recorder):
    """Whatever a card calls itself: every line as wide as the tile, as many lines as it has, no control character."""
    phase = {"may-be-taken": "clear", "do-not-take": "kept"}.get(state, state)
    one = tile(
        live(name or "x", phase, recorder=recorder, officer=name, problem=recorder or None, files_total=3)
    )
    lines = drawn(one, width, height, scale_for(width, height))
    assert [line.cell_len for line in lines] == [width] * height
    assert not any(ord(char) < 32 or char in "\u202e\u200b" for line in lines for char in line.plain)


def test_letters_are_whole():
    """Every state's word can be drawn; every letter has its points."""
    for sign in signs.SLOTS.values():
        assert glyphs.is_drawn(sign.word.zh)
        for scale in (1, 2, 3):
            columns, lines = glyphs.size(len(sign.word.zh), scale)
            assert [cell_len(line) for line in glyphs.large(sign.word.zh, scale)] == [columns] * lines


# --- on a terminal, over a daemon ---------------------------------------------------------------


class Terminal:
    """`status --watch --board` on a pseudo-terminal; what it wrote since it was last looked at."""

    def __init__(self, rig, width, height):
        pid, self.descriptor = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execv(
                sys.executable,
                [sys.executable, "-c", RUN, "status", "--home", str(rig.root), "--watch", "--board"],
            )
        self.pid = pid
        ioctl(self.descriptor, TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def until(self, *words, seconds=30):
        """Read until a picture has all these words."""
        end, said = time.monotonic() + seconds, ""
        while not all(word in said for word in words):
            assert time.monotonic() < end, said[-3000:]
            if select.select([self.descriptor], [], [], 0.2)[0]:
                said += os.read(self.descriptor, 65536).decode(errors="replace")
        return said

    def end(self):
        os.kill(self.pid, signal.SIGINT)
        with suppress(OSError):
            while os.read(self.descriptor, 65536):
                pass
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_day_on_a_terminal(tmp_path):
    """Empty, receiving to may be taken, the daemon killed: grey and since when; started again: back by itself."""
    rig = Rig(tmp_path / "home")
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001", officer="104233")
    card = made.card("e12-new", serial="KD00001", officer="104233").identity()
    card.clip(noise(200_000), started=1_790_000_000_000, sequence=1)
    made.dock().pull()
    rig.slot("1", "simulated", made.folder)
    running = Daemon(rig).ready()
    board_ = Terminal(rig, 120, 40)
    try:
        board_.until("empty", "时钟")
        made.dock()
        board_.until("may be taken", "KD00001")
        running.process.kill()
        running.process.wait()
        board_.until("采集服务无应答，自今天")
        running = Daemon(rig).ready()
        wait_for(lambda: running.live("1")["phase"] == "clear")
        board_.until("may be taken")
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()
        assert board_.end() == 130


def test_one_picture(tmp_path):
    """Without --watch: one picture, also where there is no daemon and no terminal."""
    rig = Rig(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "status", "--home", str(rig.root), "--board"],
        capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "100", "LINES": "30"})  # fmt: skip
    assert "采集服务没有运行" in done.stdout

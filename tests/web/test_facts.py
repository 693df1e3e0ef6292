"""What the board says, without a browser: names cut, columns chosen, old facts kept, times in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from ingestd import config
from ingestd.telling import signs
from ingestd.web.board import board, columns
from ingestd.web.drawing import frame, parts, whole
from ingestd.web.names import surname
from ingestd.web.watch import Heard, Known
from ingestd.words import Text
from tests.web.stage import FOUR, live, many

NOW = 1_795_310_000_000
SETTINGS = config.parse(
    config.render(
        agency="tongling-jiaoqu", station="north-1", policy="baseline", commissioned_at=0, uid=0, person="p"
    ).encode(),
    "x",
)
CLOCK = {"synchronised": True, "uncertainty_ms": 12}


def heard(slots: Any = FOUR, **changes: Any) -> Heard:
    told = {"slots": list(slots), "problems": [], "clock": CLOCK}
    return Heard(**({"live": told, "at": NOW, "is_gone": False} | changes))


def made(known: Known | None = None, said: Heard | None = None) -> Any:
    return board(SETTINGS, known or Known(), said or heard(), NOW)


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("张建国", "张某"),
        ("李敏", "李某"),
        ("欧阳修", "欧阳某"),
        ("欧阳", "欧某"),
        ("司马相如", "司马某"),
        ("𠮷田", None),
        ("阿不都·热合曼", None),
        ("J. Smith", None),
        ("张", None),
        ("", None),
    ],
)
def test_surnames(name, cut):
    """Compound surnames whole; where there is no surname nothing is shown but the number."""
    assert surname(name) == cut


@pytest.mark.parametrize(
    ("count", "wide", "upright"),
    [(0, 1, 1), (1, 1, 1), (4, 2, 2), (6, 3, 2), (12, 4, 3), (20, 5, 3), (40, 7, 5)],
)
def test_columns(count, wide, upright):
    """As many as make the words largest, on a wide screen and on an upright one."""
    assert (columns(count, 1160, 744), columns(count, 744, 1000)) == (wide, upright)


def test_the_moment():
    """In the station's zone, with the day in both languages."""
    seen = made()
    assert (seen.time, seen.zone) == ("09:13:20", "UTC+8")
    assert seen.date == Text("11 月 22 日 星期日", "Sun 2026-11-22")


def test_a_daemon_that_is_gone():
    """What was known stays; since when is told; the station's problems are no news any more."""
    seen = made(said=heard(is_gone=True, at=NOW - 65_000))
    assert [tile.facts.slot for tile in seen.tiles] == ["1", "2", "3", "4", "5", "6"]
    assert seen.gone.zh == "采集服务无应答，自今天 09:12:15起；以下为当时所知"
    assert "since today 09:12:15" in seen.gone.en
    assert made(said=Heard()).gone.zh == "采集服务没有运行"
    assert made(said=Heard()).clock is None


def test_a_log_that_cannot_be_followed_is_a_problem_of_the_station():
    """Beside those that the daemon tells; text from outside is safe."""
    seen = made(known=Known(fault=Text("日志\x1b", "the log\u202e")))
    assert seen.problems == (Text("日志\\x1b", "the log\\u202e"),)


@pytest.mark.parametrize("phase", ["empty", "looking", "receiving", "checking", "releasing", "kept", "waiting",
                                   "clear", "problem", "something new"])  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_phase_is_drawn(phase, lang):
    """With its sign's word in both languages; a phase of a newer daemon is a problem, never a wrong promise."""
    seen = made(said=heard([live("7", phase, files_total=3, bytes_total=0, battery=0)]))
    html = parts(seen, lang)["tile-1"]
    sign = signs.SLOTS[seen.tiles[0].facts.state]
    assert sign.word.zh in html
    assert sign.word.en in html
    assert (phase == "clear") == (seen.tiles[0].facts.state == "may-be-taken")


def test_the_board_is_made_of_its_parts():
    """What the stream sends later is what stood in the page before, byte for byte."""
    drawn, page = parts(made(), "zh"), whole(made(), "zh")
    assert all(html in page for html in drawn.values())
    assert list(drawn) == [*(f"tile-{n}" for n in range(1, 7)), "now", "station", "lacking", "checkpoint"]


def test_the_frame():
    """New slots or problems draw all anew; progress does not."""
    first = frame(made(said=heard(many(3))))
    assert frame(made(said=heard([*many(2), live("3", "problem", problem="no-space")]))) == first
    assert frame(made(said=heard(many(4)))) != first
    assert frame(made(said=heard(many(3), is_gone=True))) != first


def test_missing_notes():
    """The most first, four by name, the others counted; the rule where it is in force; nothing where none lacks."""
    lacking = tuple((str(104_200 + n), 9 - n) for n in range(6))
    known = Known(unnoted=lacking, notes_rule="REC-8", unnoted_names={"104200": "李某"})
    html = parts(made(known=known), "zh")["lacking"]
    assert [one.officer for one in made(known=known).lacking] == ["104200", "104201", "104202", "104203"]
    for word in ("待说明", "REC-8", "李某", "<b>9</b>", "另有 2 人", "/kiosk"):
        assert word in html
    assert "nobody" in parts(made(), "zh")["lacking"]


def test_files_that_are_no_clips():
    """A configuration alone is one file, not one clip."""
    one = live("1", "clear", files_done=1, files_total=1, bytes_total=86)
    assert "个文件" in parts(made(said=heard([one])), "zh")["tile-1"]
    assert "<b>7/11</b>" in parts(made(), "zh")["tile-2"]

"""The dock board in a real browser: live beside a real daemon, old when it says so, readable from two metres."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd.telling import signs
from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import STARTED, Daemon, Rig, noise, wait_for
from tests.web.stage import FOUR, StandIn, Web, live, many, web

MIB = 1 << 20
LIVE_MS = 60_000
"""For what must be seen within a second: a machine that runs other tests beside this one may be slow."""


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home")


@pytest.fixture(scope="module")
def stage(tmp_path_factory, browser):
    """A web process beside a stand-in of the daemon, with four officers in the register."""
    folder = tmp_path_factory.mktemp("stage")
    rig = Rig(folder / "home")
    names = "警号,姓名\n104233,张建国\n104198,欧阳修远\n104007,阿不都·热合曼\n104320,王小波\n"
    (folder / "officers.csv").write_text(names)
    assert rig.run("officer", "import", folder / "officers.csv").code == 0
    daemon = StandIn(rig.root)
    with web(rig) as running:
        yield running, daemon
    daemon.close()


@contextmanager
def opened(browser, running, *, lang="zh", width=1366, height=768):
    """The board as a screen of this size has it; what its console says is a fault."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": "lang", "value": lang, "url": running.url}])
    page, faults = context.new_page(), []
    page.set_default_timeout(LIVE_MS)
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{running.url}/board")
    yield page
    context.close()
    assert faults == []


@contextmanager
def shows(stage, browser, slots, **screen):
    """The board once it shows these slots."""
    running, daemon = stage
    daemon.slots, daemon.problems = slots, []
    with opened(browser, running, **screen) as page:
        expect(page.locator(".tile")).to_have_count(len(slots))
        expect(page.locator(".tile .slot").last).to_contain_text(slots[-1]["slot"])
        yield page


def test_a_docking_as_it_happens(browser, rig, tmp_path):
    """Empty, receiving with its speed, may be taken; the daemon killed: old and since when; back: live again."""
    made = SimulatedRecorder(tmp_path / "r").describe(
        serial="KD00001", officer="104233", battery=77, bytes_per_second=2 * MIB
    )
    card = made.card("e12-new", serial="KD00001", officer="104233").identity()
    for number in range(1, 5):
        card.clip(noise(2 * MIB, number), started=STARTED + number * 60_000, sequence=number)
    made.dock().pull()
    rig.slot("1", "simulated", made.folder)
    daemon = Daemon(rig).ready()
    try:
        with web(rig) as running, opened(browser, running) as page:
            tile = page.locator("#tile-1")
            expect(tile).to_have_class(re.compile("empty"))
            made.dock()
            expect(tile).to_contain_text("接收中")
            expect(tile).to_contain_text("MB/s")
            expect(tile.locator(".bar")).to_be_visible()
            expect(tile).to_contain_text("可取走", timeout=40_000)
            expect(tile).to_contain_text("104233")
            expect(tile).to_contain_text("KD00001")
            expect(tile).to_contain_text("77%")
            size = len(rig.events())
            expect(page.locator("#checkpoint b")).to_have_text(str(size))
            daemon.process.kill()
            daemon.process.wait()
            expect(page.locator(".banner").first).to_contain_text(re.compile(r"采集服务无应答，自今天 \d\d:"))
            expect(page.locator("#board")).to_have_class(re.compile("gone"))
            expect(tile).to_contain_text("可取走")
            daemon = Daemon(rig).ready()
            expect(page.locator("#board")).not_to_have_class(re.compile("gone"))
            expect(tile).to_contain_text("可取走", timeout=40_000)
            assert running.health()["ok"]
    finally:
        daemon.process.kill()
        daemon.process.wait()


def test_a_change_is_seen_within_a_second(stage, browser):
    """From the daemon's word to the page, at the median of ten changes."""
    with shows(stage, browser, many(20)) as page:
        _, daemon = stage
        waits = []
        for number in range(10):
            begun = time.monotonic()
            daemon.slots = [live("1", "receiving", files_total=99, files_done=number), *daemon.slots[1:]]
            wait_for(lambda said=f"{number}/99": said in page.locator("#tile-1").text_content())
            waits.append(time.monotonic() - begun)
        assert sorted(waits)[5] < 1, waits


def test_a_page_that_lost_its_server_says_so_and_comes_back(browser, rig):
    """Grey, with the last moment that it knew; alive again when the server is."""
    first = Web(rig).ready()
    daemon = StandIn(rig.root)
    daemon.slots = list(FOUR)
    second = None
    try:
        page = browser.new_page()
        page.goto(f"{first.url}/board")
        expect(page.locator(".tile")).to_have_count(len(FOUR))
        first.stop()
        expect(page.locator("#lost")).to_be_visible(timeout=LIVE_MS)
        expect(page.locator("#lost-since")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        expect(page.locator("body")).to_have_class(re.compile("is-lost"))
        second = Web(rig, port=first.port).ready()
        expect(page.locator("#lost")).to_be_hidden(timeout=LIVE_MS)
        before = page.locator("#now time").text_content()
        expect(page.locator("#now time")).not_to_have_text(before or "", timeout=LIVE_MS)
        page.close()
        second.stop()
    finally:
        daemon.close()
        for one in filter(None, (first, second)):
            one.process.kill()
            one.process.wait()


def test_what_a_tile_says(stage, browser):
    """Names cut as configured, numbers, amounts, speed, time left, battery, both languages of every word."""
    with shows(stage, browser, list(FOUR)) as page:
        said = {number: page.locator(f"#tile-{number}").inner_text() for number in range(1, 7)}
        for text in ("张某 104233", "可取走", "may be taken", "KD01234", "12 段", "8.4 GB", "96%"):
            assert text in said[1], said[1]
        for text in (
            "欧阳某 104198",
            "接收中",
            "receiving",
            "64%",
            "7/11 段",
            "38 MB/s",
            "剩余",
            "1:34",
            "41%",
        ):
            assert text in said[2], said[2]
        for text in (
            "104007",
            "异常",
            "problem",
            "有无法完整读取的记录",
            "请勿取走，联系管理员",
            "do not take it",
        ):
            assert text in said[3], said[3]
        assert "阿不都" not in page.content()
        assert "张建国" not in page.content()
        assert page.locator("#tile-2 .done").get_attribute("width") == "64"
        assert page.locator("#station .tally li").count() == 5


def test_english_is_a_persons_choice(stage, browser):
    """One button; the word that was second comes first, and the next visit remembers it."""
    with shows(stage, browser, list(FOUR)) as page:
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        assert page.locator("#tile-1 h2").inner_text() == "可取走"
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.locator("#tile-1 h2").inner_text() == "may be taken"
        assert page.locator("#tile-1 h2 span").get_attribute("lang") == "en"
        expect(page.locator("#tile-1")).to_contain_text("可取走")
        page.reload()
        expect(page.get_by_role("button", name="中文")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160), (768, 1024)])
def test_nothing_is_cut_off(stage, browser, tmp_path, lang, size):
    """20 slots with every problem and state on each screen: no scrolling, no tile or rail that overflows."""
    problems = [
        live(str(n), "problem", officer="104233", recorder="KD01502", problem=key)
        for n, key in enumerate(signs.PROBLEMS, 1)
    ]
    rest = [one | {"slot": str(n)} for n, one in enumerate(many(20 - len(problems)), len(problems) + 1)]
    with shows(stage, browser, problems + rest, lang=lang, width=size[0], height=size[1]) as page:
        expect(page.locator(".news .banner")).to_have_count(0)
        if size == (1366, 768):
            page.screenshot(path=tmp_path / f"board-{lang}.png")
        cut = page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll('.inner, .word, .rail')].filter(
            e => e.scrollWidth > e.clientWidth + 1 || (e.className !== 'word' && e.scrollHeight > e.clientHeight + 1)
            ).map(e => e.className + e.textContent)"""
        )  # a word's line is lower than its font's: its letters are not
        assert cut == []
        if lang == "zh" and size[0] > size[1]:
            word = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.word')).fontSize)")
            assert word >= 0.06 * size[1], "a word is 6 % of the screen's height at 20 slots"


def test_stations_problems_and_its_clock(stage, browser):
    """Above the tiles, in both languages; a free clock with its doubt."""
    _, daemon = stage
    with shows(stage, browser, list(FOUR)) as page:
        daemon.problems = [{"zh": "磁盘已满，采集暂停等待", "en": "the disk is full; intake waits"}]
        daemon.clock = {"synchronised": False, "uncertainty_ms": 16_000}
        expect(page.locator(".banner").first).to_contain_text("磁盘已满")
        expect(page.locator(".banner").first).to_contain_text("the disk is full")
        expect(page.locator("#station")).to_contain_text("时钟未同步（± 16 秒）")
        daemon.problems, daemon.clock = [], {"synchronised": True, "uncertainty_ms": 12}
        expect(page.locator(".news .banner")).to_have_count(0)


def test_the_code_is_the_checkpoint(stage, browser, tmp_path):
    """What a phone reads from the screen is the signed note that lies in the log."""
    zxing = pytest.importorskip("zxingcpp")
    from av import open as av_open

    with shows(stage, browser, list(FOUR)) as page:
        # The whole screen: an element of a live page may be drawn anew while its picture is taken.
        page.screenshot(path=tmp_path / "code.png")
        with av_open(tmp_path / "code.png") as picture:
            found = zxing.read_barcodes(next(picture.decode(video=0)).to_ndarray(format="gray"))
        running, _ = stage
        assert [one.text for one in found] == [(running.rig.root / "log/checkpoint").read_text()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(stage, browser, lang):
    """Accessibility rules of axe-core, contrast among them (AA; the board's own test asks for more)."""
    with shows(stage, browser, many(12), lang=lang) as page:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


_CONTRAST = """() => {
  const lum = ([r, g, b]) => { const f = [r, g, b].map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll('#board *')].filter(e => !(e instanceof SVGElement) && !e.closest('.unseen') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => { const a = lum(rgb(getComputedStyle(e).color)), b = lum(ground(e)); return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim()]; })
    .filter(([ratio]) => ratio < 7);
}"""  # noqa: E501 - one expression of the browser's


def test_every_word_has_contrast_aaa(stage, browser):
    """7:1 for whatever is written on the wall screen (WCAG 2.2, 1.4.6)."""
    with shows(stage, browser, many(20)) as page:
        assert page.evaluate(_CONTRAST) == []


def test_without_scripts_it_still_shows(stage, browser):
    """Drawn by the server; it loads itself anew."""
    running, daemon = stage
    daemon.slots = list(FOUR)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{running.url}/board")
    expect(page.locator("#tile-1")).to_contain_text("可取走")
    assert 'http-equiv="refresh"' in page.content()
    context.close()


def test_a_recorder_that_calls_itself_a_script(stage, browser):
    """Names from cards are text, first drawn and live."""
    evil = "<img src=x onerror=document.title='taken'>"
    with shows(
        stage, browser, [live("1", "receiving", recorder=evil, officer="\u202e104233", files_total=2)]
    ) as page:
        _, daemon = stage
        daemon.slots = [live("1", "problem", recorder=evil, problem=f"{evil} / {evil}")]
        expect(page.locator("#tile-1")).to_contain_text(evil[:20])
        assert page.title() != "taken"
        assert page.locator("img").count() == 0
        assert "\u202e" not in page.content()

"""The kiosk beside the dock: an officer's number and PIN, a note with few keys, and nothing else."""

from __future__ import annotations

import re
from contextlib import closing
from sqlite3 import connect

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd.demo.people import PIN
from tests.web.office import OFFICER, SUPERVISOR


def another(office):
    """A recording of somebody else."""
    with closing(connect(office.home.root / "index.db")) as index:
        query = "SELECT acquisition FROM clips WHERE officer <> ? AND kind = 'video' LIMIT 1"
        return index.execute(query, [OFFICER]).fetchone()[0]


def entered(page, *, lang="zh"):
    """The kiosk's page of the demonstration's officer, by its own keys."""
    page.goto("/kiosk")
    page.keyboard.type(OFFICER)
    page.keyboard.press("Enter")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.locator(".left")).to_contain_text("还有" if lang == "zh" else "left")


def test_an_officers_work(browser, office, tmp_path):
    """Number and PIN by keys alone, a phrase, a word of one's own, the next one; out, and the session is over."""
    context = office.context(browser)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    entered(page)
    expect(page.locator(".left")).to_contain_text("3")
    page.screenshot(path=tmp_path / "kiosk.png")
    second = page.locator("[data-clip]").nth(1)
    page.keyboard.press("Alt+2")
    expect(second).to_have_attribute("aria-current", "true")
    assert Axe().run(page).violations_count == 0
    page.locator(".phrases button").first.click()
    page.keyboard.type("仓库（虚构）")
    expect(page.locator("textarea")).to_have_value(re.compile("。仓库（虚构）$"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".left")).to_contain_text("2")
    (cookie,) = (one for one in context.cookies() if one["name"] == "kiosk")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_text("已退出")).to_be_visible()
    with httpx.Client(base_url=office.web.url, cookies={"kiosk": cookie["value"]}) as stale:
        assert "keypad" in stale.get("/kiosk").text
        assert stale.get("/kiosk/here").status_code == 401
    assert faults == []
    context.close()


def test_what_was_typed_is_not_lost(browser, office):
    """Another recording is opened: the note is saved first. English by the switch; fingers on an upright tablet."""
    context = browser.new_context(
        viewport={"width": 820, "height": 1180}, base_url=office.web.url, has_touch=True
    )
    context.add_cookies([{"name": "lang", "value": "en", "url": office.web.url}])
    page = context.new_page()
    page.goto("/kiosk")
    for key in OFFICER:
        page.locator(f'[data-key="{key}"]').tap()
    page.locator('[data-key="next"]').tap()
    for key in PIN:
        page.locator(f'[data-key="{key}"]').tap()
    page.get_by_role("button", name="go in").tap()
    before = int(page.locator(".left b").inner_text())
    page.locator("textarea").fill("inspected the workshop (invented)")
    page.locator("[data-clip]").nth(1).tap()
    expect(page.locator(".left b")).to_have_text(str(before - 1))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).violations_count == 0
    context.close()


def test_left_alone_it_goes(browser, office):
    """Nobody there for two minutes: the page logs out by itself; while somebody types it stays."""
    context = office.context(browser)
    page = context.new_page()
    page.clock.install()
    entered(page)
    page.clock.run_for(115_000)
    expect(page.locator(".leaving")).to_be_visible()
    page.keyboard.type("x")
    page.clock.run_for(60_000)
    expect(page.locator(".leaving")).to_be_hidden()
    page.clock.run_for(70_000)
    expect(page.get_by_text("已退出")).to_be_visible()
    context.close()


def test_it_opens_nothing_else(office):
    """A kiosk's session is no log-in: not as the session's cookie, not with another's recording."""
    with office.client() as client:
        client.post("/kiosk/open", data={"user": OFFICER, "pin": PIN})
        token = client.cookies["kiosk"]
        assert "没有说明" in client.get("/kiosk").text
        client.cookies.set("session", token)
        for path in ("/me", "/board/../me"):
            assert "/login" in str(client.get(path).url)
        assert client.get("/api/v1/whoami").status_code == 401
        foreign = client.post("/kiosk/note", data={"clip": another(office), "text": "x"})
        assert "只能为自己录制的录像写说明" in foreign.text
    with office.client(SUPERVISOR) as client:
        client.cookies.set("kiosk", client.cookies["session"])
        assert "keypad" in client.get("/kiosk").text


def test_a_wrong_pin_waits(office):
    """Four guesses are free; then the seconds are said, in both languages."""
    with office.client() as client:
        for _ in range(4):
            assert client.post("/kiosk/open", data={"user": "104301", "pin": "000000"}).status_code == 401
        for lang, words in (("zh", r"还须 \d+ 秒"), ("en", r"\d+ s to go")):
            client.cookies.set("lang", lang)
            client.post("/kiosk/open", data={"user": "104301", "pin": "000000"})
            assert re.search(words, client.post("/kiosk/open", data={"user": "104301", "pin": "1"}).text)


def test_without_scripts(office):
    """Phrases and notes work by forms alone; an idle page leads out by itself."""
    with office.client() as client:
        page = client.post("/kiosk/open", data={"user": OFFICER, "pin": PIN}).text
        assert 'http-equiv="refresh"' in page
        clip = re.search(r'name="clip" value="([^"]+)"', page)[1]
        added = client.post("/kiosk/note", data={"clip": clip, "text": "甲", "phrase": "乙。"}).text
        assert ">甲乙。</textarea>" in added
        for wrong in ("", "甲" * 1001):
            refused = client.post("/kiosk/note", data={"clip": clip, "text": wrong}).text
            assert "请写文字说明（不超过 1000 字）" in refused
            assert ">" + wrong + "</textarea>" in refused
        assert "已记录" in client.post("/kiosk/note", data={"clip": clip, "text": "甲\r\n乙。"}).text
        assert "keypad" in client.get("/kiosk/over").text
    with office.client(OFFICER) as client:
        assert "甲\n乙。" in client.get("/mine").text
        assert client.get(f"/api/v1/clips/{clip}").json()["note"] == "甲\n乙。"

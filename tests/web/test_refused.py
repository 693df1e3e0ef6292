"""What was refused: the frame, the way back and the typed words stay; a log-in that is over says what it means."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from ingestd.web.uploads import MOST_BYTES
from tests.rig import wait_for
from tests.web.office import CASE_OFFICER, OFFICER, SUPERVISOR

CASE = "铜郊罚〔2026〕36号"


@pytest.fixture
def page(browser, office):
    contexts = [office.context(browser, SUPERVISOR)]
    yield contexts[0].new_page()
    contexts[0].close()


def reasoned(page, text):
    """Opens the explanation of a finding that its own page has, and types the reason."""
    page.goto("/findings")
    page.locator(".finding h2 a").first.click()
    page.locator("summary", has_text="说明").first.click()
    box = page.locator("details[open] textarea")
    box.evaluate("box => { box.removeAttribute('maxlength'); box.removeAttribute('required'); }")
    box.fill(text)
    page.locator("details[open] button.main").click()


def test_a_refused_reason_is_there_to_be_sent_again(page):
    reasoned(page, "字" * 2001)
    expect(page.locator("nav a", has_text="异常")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("不超过 2000 字")
    assert page.get_by_label("理由").input_value() == "字" * 2001
    back = page.get_by_role("link", name="返回上一页").get_attribute("href")
    assert back.startswith("/findings/")
    page.get_by_label("理由").fill("记录仪没电，\n当晚未能接入")
    page.get_by_role("button", name="重新提交").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")
    assert page.locator(".taken q").first.inner_text() == "记录仪没电，\n当晚未能接入"


def test_a_daemon_that_does_not_answer_loses_no_words(page, office):
    page.goto("/findings")
    try:
        office.home.socket.rename(office.home.socket.with_suffix(".away"))
        action = page.locator("form[action$='/explain']").first
        action.evaluate("form => { form.closest('details').open = true; }")
        action.locator("textarea").fill("写了很久的理由")
        action.locator("button").click()
        expect(page.get_by_role("alert")).to_contain_text("采集服务无应答")
        expect(page.locator("nav a", has_text="异常")).to_be_visible()
        assert page.get_by_label("理由").input_value() == "写了很久的理由"
    finally:
        office.home.socket.with_suffix(".away").rename(office.home.socket)
    wait_for(lambda: office.web.health()["daemon"])
    page.get_by_role("button", name="重新提交").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")


def test_a_session_that_ended_says_so(page, office):
    page.goto("/search?q=36号")
    expect(page.locator("main")).to_contain_text("36号")
    page.get_by_role("button", name="English").click()
    assert "q=36" in page.url
    expect(page.locator("html")).to_have_attribute("lang", "en")
    with office.client(CASE_OFFICER) as client:
        client.cookies.delete("session")
        asked = client.get("/search", params={"q": "36号"}, follow_redirects=False)
        assert asked.headers["location"] == "/login?back=/search%3Fq%3D36%25E5%258F%25B7"
        stood = {"referer": f"{office.web.url}/mine?lacking=true"}
        said = client.post("/mine/note", data={"clip": "x", "text": "甲"}, headers=stood)
        assert "没有记录" in said.text
        assert 'name="back" value="/mine?lacking=true"' in said.text
        foreign = {"referer": "http://elsewhere.example/mine"}
        said = client.post("/mine/note", data={"clip": "x", "text": "甲"}, headers=foreign)
        assert 'name="back" value="/"' in said.text


def test_uploads_that_are_refused_lead_back(office):
    form = f"/cases/{quote(CASE)}"
    stood = {"referer": f"{office.web.url}{form}"}
    with office.client(CASE_OFFICER) as client:
        for files, told in (
            ({"file": ("", b"")}, "请选择一个文件"),
            ({"file": ("a.pdf", b"not a document")}, "PDF"),
        ):
            answer = client.post("/documents", data={"case": CASE}, files=files, headers=stood)
            assert answer.status_code >= 400
            assert told in answer.text
            assert f'href="{form}"' in answer.text
            assert 'href="/cases"' in answer.text
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with closing(
        HTTPConnection(urlsplit(office.web.url).netloc, timeout=30)
    ) as raw:  # says more than it sends
        raw.putrequest("POST", "/documents")
        for name, value in {
            **stood,
            "cookie": cookies,
            "sec-fetch-site": "same-origin",
            "content-type": "multipart/form-data; boundary=x",
            "content-length": str(MOST_BYTES + (2 << 20)),
        }.items():
            raw.putheader(name, value)
        raw.endheaders(b"--x")
        big = raw.getresponse()
        told = big.read().decode()
    assert big.status == 413
    assert "最多 64 MiB" in told
    assert f'href="{form}"' in told


def test_the_kiosk_leads_back_to_itself(office):
    with office.client() as client:
        lost = client.get("/kiosk/none")
        assert 'href="/kiosk"' in lost.text
        assert 'href="/"' not in lost.text
    with office.client(OFFICER) as client:
        told = client.get("/none").text
        assert 'href="/mine"' in told
        assert "没有这个页面" in told

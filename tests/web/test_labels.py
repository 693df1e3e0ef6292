"""What a classification label does on pages and in the API (OWN-24): who opens, frames in lists, taking away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from sqlite3 import connect
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ingestd.index import queries
from ingestd.index.database import open_database, reading
from ingestd.index.facts import Clip
from ingestd.model import Kind
from ingestd.people.separation import FRESH_MS
from tests.rig import wait_for
from tests.web.office import ARCHIVIST, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR
from tests.web.test_media import events, looked
from tests.web.test_player import shown

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
OPENED_BY = "执法人员、监督人员、法制审核人员、档案管理人员"


@pytest.fixture(scope="module")
def film(office) -> Clip:
    """A film of the officer's."""
    engine = open_database(office.home.root / "index.db")
    with reading(engine) as connection:
        found = queries.clips(connection, kind=Kind.VIDEO, limit=50)
    engine.dispose()
    return next(one for one in found if one.officer == OFFICER and one.sequence == 1)


@contextmanager
def labelled(office: Any, film: Clip, *labels: str) -> Iterator[str]:
    """The clip bears these labels, in the pages' own copy too; it has none afterwards."""
    url = f"/api/v1/clips/{film.acquisition}/labels"

    def state(*wanted: str) -> None:
        with office.client(ARCHIVIST) as client:
            told = client.put(url, json={"labels": wanted, "reason": "试验"})
            assert told.status_code == 200, told.text
            wait_for(lambda: client.get(url).json()["labels"] == [*wanted], 30)

    state(*labels)
    try:
        yield film.acquisition
    finally:
        state()


def refusals(office: Any, person: str) -> list[str]:
    """The deeds that OWN-24 kept from somebody."""
    found = events(office, "action.refused")
    mine = [one["data"] for one in found if one["actor"] == f"person:{person}"]
    assert all(one["layer"] and one["policy_sha256"] for one in mine if one["rule"] == "OWN-24")
    return [one["verb"] for one in mine if one["rule"] == "OWN-24"]


def ask(client: httpx.Client, clip: str, what: str) -> httpx.Response:
    return client.post("/api/v1/looks", json={"about": f"clip:{clip}", "what": what})


def test_a_secret_is_closed_wherever_it_is_asked_for(office, film):
    """Page, side by side, bytes, preview, original, snapshot, API; each refusal names OWN-24 and is in the log."""
    with office.client(CASE_OFFICER) as client:
        before = looked(client, office, film.acquisition)
        assert client.get(f"/media/clip/{film.acquisition}?look={before}").status_code == 200
        with labelled(office, film, "state") as clip:
            page = client.get(f"/clips/{clip}")
            assert page.status_code == 403
            for words in ("国家秘密", OPENED_BY, "本机关自行规定（基线）", f"/custody/clip:{clip}"):
                assert words in page.text
            assert "/media/" not in page.text
            other = next(one for one in clips_of(client) if one != clip)
            assert client.get(f"/clips/{other}").status_code == 200
            beside = client.get(f"/clips/{other}?beside={clip}")
            assert (beside.status_code, "/media/clip/" in beside.text) == (403, False)
            for what in ("player", "preview", "original"):
                told = ask(client, clip, what)
                assert (told.status_code, told.json()["error"]["rule"]) == (403, "OWN-24"), what
            taken = client.post(f"/api/v1/snapshots/{clip}", content=PNG)
            assert (taken.status_code, taken.json()["error"]["rule"]) == (403, "OWN-24")
            for path in (f"/media/about/{clip}", f"/media/strip/{clip}", f"/api/v1/clips/{clip}"):
                assert client.get(path).status_code == 403, path
            assert client.get(f"/custody/clip:{clip}").status_code == 200
            wait_for(lambda: client.get(f"/media/clip/{clip}?look={before}").status_code == 403, 30)
        assert client.get(f"/clips/{film.acquisition}").status_code == 200
    assert {"open", "picture"} <= set(refusals(office, CASE_OFFICER))


def clips_of(client: httpx.Client) -> list[str]:
    """What a search for nothing in particular finds."""
    found = client.get("/api/v1/search").json()["clips"]
    return [one["acquisition"] for one in found if one["kind"] == "video"]


def test_a_secret_is_open_to_those_whom_it_names(office, film):
    """The supervisor, the archivist, and the officer who recorded it, who takes nothing away all the same (REC-3)."""
    with labelled(office, film, "state", "privacy") as clip:
        for account in (SUPERVISOR, ARCHIVIST, OFFICER):
            with office.client(account) as client:
                assert client.get(f"/clips/{clip}").status_code == 200, account
                look = looked(client, office, clip)
                assert client.get(f"/media/clip/{clip}?look={look}").status_code == 200, account
                assert client.get(f"/api/v1/clips/{clip}").status_code == 200, account
        with office.client(OFFICER) as client:
            told = client.post(f"/api/v1/snapshots/{clip}", content=PNG).json()
            assert told["error"]["rule"] == "REC-3"


def test_a_film_that_plays_is_closed_by_a_label(office, browser, film):
    """The player says so, and does not speak of damage."""
    page = office.context(browser, CASE_OFFICER).new_page()
    page.goto(f"/clips/{film.acquisition}")
    url = shown(page).locator(".screen").get_attribute("data-url")
    with labelled(office, film, "work"):
        wait_for(lambda: page.request.get(url).status == 403, 30)
        page.evaluate("(url) => { document.querySelector('video').src = `${url}&anew`; }", url)
        expect(page.locator(".veil.bad")).to_contain_text("不再由您打开")
    page.context.close()


def test_lists_have_the_row_without_its_frames(office, film):
    """Wall, search, case, one's own: the label's name where the frames were; at its own address no frames either."""
    with office.client(SUPERVISOR) as client, office.client(OFFICER) as own:
        strip, case = (
            f"/media/strip/{film.acquisition}",
            client.get(f"/api/v1/clips/{film.acquisition}").json(),
        )
        lists = ("/home", "/search?q=", f"/cases/{case['clip']['case']}", f"/officers/{OFFICER}")
        pages = [path for path in lists if strip in client.get(path).text]
        assert len(pages) >= 3, pages
        assert strip in own.get("/mine").text
        assert client.get(strip).status_code == 200
        with labelled(office, film, "privacy") as clip:
            for who, path in [*((client, path) for path in pages), (own, "/mine")]:
                text = who.get(path).text
                assert f"/clips/{clip}" in text, path
                assert strip not in text, path
                assert "个人隐私" in text, path
            refused = client.get(strip)
            assert refused.status_code == 403
            assert "OWN-24" in refused.text
            listed = client.get("/api/v1/search").json()["clips"]
            (mine,) = [one for one in listed if one["acquisition"] == clip]
            assert [one["zh"] for one in mine["labels"]] == ["个人隐私"]
            assert client.get(f"/clips/{clip}").status_code == 200
        assert client.get(strip).status_code == 200
    assert refusals(office, SUPERVISOR) == ["picture"]


def test_an_agency_says_otherwise(office, film):
    """Its own file shows the frames and lets the original go as of other clips; it closes the film to reviewers."""
    text = (
        '[[label]]\nkey = "privacy"\nlook = ["supervisor", "archivist"]\npreview = true\nexport = "as-usual"\n'
        'by = "法制科"\nreason = "试行"\n'
    )
    policy = office.home.root / "policy.toml"
    before = policy.read_text() if policy.exists() else None
    with labelled(office, film, "privacy") as clip, office.client(SUPERVISOR) as client:
        assert ask(client, clip, "original").json()["error"]["rule"] == "OWN-24"
        policy.write_text((before or "") + text)
        os.kill(office.daemon.process.pid, signal.SIGHUP)
        try:
            # Daemon and pages take it one after the other.
            wait_for(lambda: client.get(f"/media/strip/{clip}").status_code == 200, 60)
            wait_for(lambda: ask(client, clip, "original").status_code == 200, 60)
            with office.client(CASE_OFFICER) as other:
                told = "本机关自行规定（policy.toml）"
                wait_for(lambda: told in (page := other.get(f"/clips/{clip}")).text and page.is_error, 60)
        finally:
            policy.unlink() if before is None else policy.write_text(before)
            os.kill(office.daemon.process.pid, signal.SIGHUP)
        wait_for(lambda: client.get(f"/media/strip/{clip}").status_code == 403, 60)


def test_what_is_taken_away_takes_a_code(office, browser, film):
    """The original and a snapshot: refused with the rule, then taken with a fresh code, given at the player."""
    with office.client(SUPERVISOR) as client:
        assert ask(client, film.acquisition, "original").status_code == 200
        with labelled(office, film, "privacy") as clip:
            told = ask(client, clip, "original").json()["error"]
            assert (told["code"], told["rule"], told["need"]) == ("second-factor", "OWN-24", "enrol")
            assert "个人隐私" in told["zh"]
    office.phone(SUPERVISOR)
    page = office.context(browser, SUPERVISOR).new_page()
    with closing(connect(office.home.root / "keys" / "private" / "accounts.db")) as accounts, accounts:
        accounts.execute("UPDATE keys SET second_at = second_at - ?", [2 * FRESH_MS])
    with labelled(office, film, "privacy") as clip:
        page.goto(f"/clips/{clip}")
        shown(page).get_by_role("button", name="截图").first.click()
        expect(page.locator("#picture-told")).to_contain_text("OWN-24")
        expect(page.locator("#picture-save")).to_be_hidden()
        page.get_by_label("验证码").fill("000000")
        page.get_by_role("button", name="验证并截图").click()
        expect(page.locator("#picture-told")).to_contain_text("验证码不符")
        page.get_by_label("验证码").fill(office.code(SUPERVISOR))
        page.get_by_role("button", name="验证并截图").click()
        expect(page.locator("#picture-told")).to_contain_text("已记入日志")
        expect(page.get_by_label("验证码")).to_be_hidden()
        with httpx.Client(
            base_url=office.web.url, cookies=session_of(page), headers={"sec-fetch-site": "same-origin"}
        ) as client:
            look = ask(client, clip, "original").json()["look"]
            assert (
                client.get(f"/media/clip/{clip}?look={look}").headers["content-disposition"].startswith("att")
            )
    page.context.close()


def test_a_text_record_is_closed_as_a_clip_is(office, browser):
    """Its page says by which label and whose it is; its file is handed over for a code; the case names the label."""
    record, url = "WS-3701", "/api/v1/documents/WS-3701"
    with office.client(CASE_OFFICER) as own, office.client(ARCHIVIST) as client:
        told = own.post("/api/v1/documents", params=PAPER, content=b"%PDF-1.7\n%%EOF\n")
        assert told.status_code == 200, told.text
        about, sha256 = {"about": f"text-record:{record}", "what": "document"}, told.json()["sha256"]
        assert own.post("/api/v1/looks", json=about).status_code == 200
        assert own.put(f"{url}/labels", json={"labels": ["state"]}).json()["changed"]
        try:
            page = own.get(f"/documents/{record}").text
            for words in ("国家秘密", OPENED_BY, "本机关自行规定（基线）"):
                assert words in page
            assert "/documents/open" not in page
            told = own.post("/documents/open", data={"record": record, "sha256": sha256})
            assert (told.status_code, "国家秘密" in told.text) == (403, True)
            assert own.post("/api/v1/looks", json=about).json()["error"]["rule"] == "OWN-24"
            assert own.put(f"{url}/labels", json={"labels": [], "reason": "误标"}).status_code == 403
            assert own.get(url).json()["labels"] == ["state"]
            assert "国家秘密" in own.get(f"/cases/{PAPER['case']}").text
            assert "国家秘密" in own.get(f"/custody/text-record:{record}").text
            told = client.post("/api/v1/looks", json=about).json()["error"]
            assert (told["code"], told["rule"]) == ("second-factor", "OWN-24")
            _opened_for_a_code(office, browser, record)
        finally:
            assert client.put(f"{url}/labels", json={"labels": [], "reason": "试验"}).status_code == 200
        assert own.post("/api/v1/looks", json=about).status_code == 200
        assert "/documents/open" in own.get(f"/documents/{record}").text


PAPER = {"case": "铜郊罚〔2026〕37号", "record": "WS-3701", "name": "笔录.pdf"}


def _opened_for_a_code(office: Any, browser: Browser, record: str) -> None:
    """By a legal reviewer, whose code was shown long ago: the page asks for one, and then hands the file over."""
    office.phone(REVIEWER)
    page = office.context(browser, REVIEWER).new_page()
    with closing(connect(office.home.root / "keys" / "private" / "accounts.db")) as accounts, accounts:
        accounts.execute("UPDATE keys SET second_at = second_at - ?", [2 * FRESH_MS])
    page.goto(f"/documents/{record}")
    expect(page.locator("main")).to_contain_text("国家秘密")
    page.get_by_role("button", name="打开（记入日志）").click()
    page.get_by_label("验证码").fill(office.code(REVIEWER))
    with page.expect_response(lambda told: "/media/document/" in told.url) as answer:
        page.get_by_role("button", name="验证并执行").click()
    assert answer.value.status == 200
    page.context.close()


def session_of(page: Page) -> dict[str, str]:
    return {one["name"]: one["value"] for one in page.context.cookies()}

"""The watch: what comes in is on the wall as it is secured, for those who may see it, while they are logged in."""

from __future__ import annotations

import json
import signal
import time

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import Daemon, noise
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, READY_S, SUPERVISOR

SOON_MS = 15_000
"""Within a few seconds, on a machine that runs other tests beside."""
LIVE_MS = 60_000
"""For what must be seen within a second: a machine that runs other tests beside this one may be slow."""


def came_in(office, serial, *, slot="1", officer="104233", clips=1):
    """A recorder that was out is docked with clips on it."""
    made = SimulatedRecorder(office.home.root / "demo" / slot)
    made.pull()
    made.describe(serial=serial, officer=officer, battery=80)
    card = made.card("e12-new", serial=serial, officer=officer).identity()
    begun = int(time.time()) * 1000 - 3_600_000
    for number in range(1, clips + 1):
        card.clip(noise(1 << 18, number), started=begun + number * 60_000, sequence=number)
    return made


@pytest.mark.parametrize(("lang", "word", "serial"), [("zh", "实时", "KD08001"), ("en", "live", "KD08002")])
def test_a_docking_is_on_the_wall(browser, office, lang, word, serial):
    """Without a reload: the tile is there once the clip is secured; what is opened beside it stays open."""
    context = office.context(browser, SUPERVISOR, lang=lang)
    page = context.new_page()
    page.set_default_timeout(LIVE_MS)
    page.goto("/home")
    expect(page.locator("#live")).to_contain_text(word)
    expect(page.locator("#wall .clip").first).to_be_visible()
    page.locator(".wrong summary").first.click()
    came_in(office, serial).dock()
    tile = page.locator("#wall .clip", has_text=serial)
    expect(tile).to_have_count(1, timeout=LIVE_MS)
    expect(tile).to_contain_text("张建国")
    expect(tile.locator(".when")).to_contain_text("开始" if lang == "zh" else "began")
    assert page.locator("#wall .clip").first.text_content() == tile.text_content()
    assert page.locator(".wrong").first.evaluate("one => one.open")
    assert Axe().run(page).violations_count == 0
    context.close()


def test_a_daemon_that_is_not_heard_is_told(browser, office):
    """Standing still, then dead: within seconds, as on the board, and not as live; heard again, live again."""
    context = office.context(browser, SUPERVISOR)
    page = context.new_page()
    with page.expect_response("**/wall/stream"):
        page.goto("/home")
    told, live = page.locator("#silence"), page.locator("#live")
    expect(live).to_be_visible()
    expect(told).to_be_hidden()
    process = office.daemon.process
    try:
        process.send_signal(signal.SIGSTOP)
        expect(told).to_contain_text("采集服务无应答", timeout=SOON_MS)
        expect(live).to_be_hidden()
        process.send_signal(signal.SIGCONT)
        expect(live).to_be_visible()
        expect(told).to_be_hidden()
        process.kill()
        expect(told).to_contain_text("采集服务无应答", timeout=SOON_MS)
    finally:
        process.kill()
        process.wait()
        office.daemon = Daemon(office.home).ready(READY_S)
    expect(live).to_be_visible()
    context.close()


def test_who_sees_which_clips(office):
    """Others' units are not on the wall; who administers, and an officer, have none."""
    with office.client(SUPERVISOR) as client:
        every = client.get("/api/v1/wall").json()["clips"]
        assert {one["unit"] for one in every} == {"34079901", "34079903"}
        page = client.get("/home").text
        assert all(one["recorder"] in page for one in every)
        older = client.get("/api/v1/wall", params={"before": every[2]["seq"], "limit": 2}).json()["clips"]
        assert [one["seq"] for one in older] == [one["seq"] for one in every[3:5]]
    with office.client(CASE_OFFICER) as client:
        assert {one["unit"] for one in client.get("/api/v1/wall").json()["clips"]} == {"34079903"}
        assert "一中队" not in client.get("/home").text
    for nobody in (ADMINISTRATOR, OFFICER):
        with office.client(nobody) as client:
            assert client.get("/home").status_code == 403
            assert client.get("/wall/stream").status_code == 403


def test_the_stream_ends_with_the_login(office):
    """Log out elsewhere, and the page is told at once; nobody has too many open."""
    with office.client(SUPERVISOR) as client, client.stream("GET", "/wall/stream") as answer:
        lines = answer.iter_lines()
        assert any(line == "event: parts" for line in lines)
        told = json.loads(next(lines).removeprefix("data: "))
        assert {"order", "tiles", "wrong"} <= set(told)
        session = dict(client.cookies)
        httpx.post(f"{office.web.url}/logout", cookies=session, headers={"sec-fetch-site": "same-origin"})
        assert any(line == "event: over" for line in lines)
        assert httpx.get(f"{office.web.url}/wall/stream", cookies=session).status_code == 303


def test_nobody_has_too_many_walls(office):
    """So many of one person, then 503."""
    from ingestd.web.pages.home import A_PERSON

    with office.client(SUPERVISOR) as client:
        held = [
            client.send(client.build_request("GET", "/wall/stream"), stream=True) for _ in range(A_PERSON)
        ]
        assert {one.status_code for one in held} == {200}
        told = [one.iter_lines() for one in held]  # kept: one that is dropped closes its stream
        assert {next(lines) for lines in told} == {"retry: 1000"}
        with client.stream("GET", "/wall/stream") as one_more:
            assert one_more.status_code == 503
        for one in held:
            one.close()

"""Findings at the pages: seen by whom they are for, explained, waived with a code, refused with the rule's words."""

from __future__ import annotations

import json
import os
import signal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd.model import Sha256
from ingestd.vault import layout
from tests.faults.test_damage import rot
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, ARCHIVIST, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR

WAIT_MS = 60_000
LATE, MATE = "clip-late", "104198"
"""The late clip of the demonstration is by this officer, of the case officer's unit."""

ADDED = """
[[extend]]
rule = "REC-6"
acts = ["on-the-spot", "questioning", "sampling", "evidence-preservation", "service"]
by = "法制科"
reason = "实践中争议多"
"""


def found(client, **narrowed):
    answer = client.get("/api/v1/findings", params=narrowed)
    assert answer.status_code == 200, answer.text
    return answer.json()["findings"]


def late(office):
    """The finding of the late clip that its unit may explain."""
    with office.client(SUPERVISOR) as client:
        return next(one for one in found(client) if one["kind"] == LATE and one["concerns"] == [MATE])


@pytest.fixture
def opened(browser, office):
    """A page of somebody in a language; all are closed at the end."""
    contexts = []

    def opened(account, lang="zh"):
        contexts.append(office.context(browser, account, lang=lang))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT_MS)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_explained_by_the_unit_waived_by_the_supervisor(office, opened):
    """The case officer of the unit says why, may not waive and is told who may; a supervisor waives with a code."""
    id_ = late(office)["finding"]
    page = opened(CASE_OFFICER)
    page.goto(f"/findings/{id_}")
    expect(page.locator("h1")).to_contain_text("音像记录超过规定时限入库")
    expect(page.locator(".cited")).to_contain_text("REC-1")
    expect(page.locator(".cited")).to_contain_text("应当")
    expect(page.locator(".barred")).to_contain_text("免除须由监督人员执行")
    page.locator(".move summary", has_text="说明").click()
    page.locator(".move[open] textarea").fill("记录仪没电，次日才接入 <script>alert(1)</script>")
    page.locator(".move[open] button").click()
    expect(page.locator(".taken")).to_contain_text("次日才接入 <script>")
    expect(page.locator(".story")).to_contain_text("次日才接入")
    office.phone(SUPERVISOR)
    with office.client(SUPERVISOR, lang="en") as client:
        data = {"reason": "battery report is in the file", "code": "000000"}
        asked = client.post(f"/findings/{id_}/waive", data=data)
        assert (asked.status_code, "one-time-code" in asked.text) == (403, True)
        assert "battery report" in asked.text
    boss = opened(SUPERVISOR, "en")  # by a log-in that has just shown a code
    boss.goto(f"/findings/{id_}")
    boss.locator(".move summary", has_text="waive").click()
    boss.locator(".move[open] textarea").fill("battery report is in the file")
    boss.locator(".move[open] button").click()
    expect(boss.locator(".taken")).to_contain_text("battery report is in the file")
    expect(boss.locator(".parties .tag")).to_have_text("waived")
    with office.client(SUPERVISOR) as client:
        assert id_ not in {one["finding"] for one in found(client)}
        assert id_ in {one["finding"] for one in found(client, state="waived")}


def test_the_officer_whom_it_judges(office):
    """Sees what is his own and nothing else; waiving it is refused, in the log in both languages."""
    with office.client(SUPERVISOR) as client:
        every = found(client)
        others = next(one for one in every if one["concerns"] and OFFICER not in one["concerns"])
    with office.client(OFFICER) as client:
        assert all(OFFICER in one["concerns"] for one in found(client))
        assert client.get(f"/findings/{others['finding']}").status_code in (403, 404)
        answer = client.post(
            f"/findings/{others['finding']}/waive", data={"reason": "x", "back": "/findings"}
        )
        assert answer.status_code == 403
        assert "免除须由监督人员执行" in answer.text
    with office.client(SUPERVISOR) as client:
        # A refusal has no place in the log that the answer could wait for.
        wait_for(lambda: f"person:{OFFICER}" in client.get(f"/findings/{others['finding']}").text, 60)
        page = client.get(f"/findings/{others['finding']}").text
        assert "被拒绝" in page
        assert "免除须由监督人员执行" in page


def test_who_administers_sees_none(office):
    """SEP-6: not the list, not one by its id."""
    with office.client(SUPERVISOR) as client:
        id_ = found(client)[0]["finding"]
    with office.client(ADMINISTRATOR) as client:
        for path in ("/findings", f"/findings/{id_}", "/api/v1/findings", f"/api/v1/findings/{id_}"):
            assert client.get(path).status_code == 403, path


def test_the_list_is_narrowed_and_goes_on(office):
    """By level, rule, unit, officer, state; page by page in one order, without repetition."""
    with office.client(SUPERVISOR) as client:
        every = found(client, limit=100)
        order = ["violation", None, "unclear", "proposal", "notice"]
        ranks = [max(order.index(one["level"]) - 1, 0) for one in every]
        assert ranks == sorted(ranks)
        paged, after = [], None
        while True:
            answer = client.get("/api/v1/findings", params={"limit": 2} | ({"after": after} if after else {}))
            paged += answer.json()["findings"]
            after = answer.json()["next"]
            if after is None:
                break
        assert [one["finding"] for one in paged] == [one["finding"] for one in every]
        notices = found(client, level="notice")
        assert {one["level"] for one in notices} == {"notice"}
        assert {one["level"] for one in found(client, level="dock")} == {None}
        assert {one["rule"] for one in found(client, rule="OWN-13")} == {"OWN-13"}
        assert all("104301" in one["concerns"] for one in found(client, officer="104301"))
        first = {one["finding"] for one in found(client, unit="34079901")}
        third = {one["finding"] for one in found(client, unit="34079903")}
        assert first
        assert third
        assert not first & third
        assert {one["finding"] for one in found(client, unit="340799")} >= first | third
        page = client.get("/findings", params={"level": "notice", "rule": "OWN-13"}).text
        assert page.count('class="card finding') == len(found(client, level="notice", rule="OWN-13"))
        assert found(client, state="ended")[0]["ended"]
        assert client.get("/findings/0000000000000000").status_code == 404


def test_what_the_agency_added_is_told_as_its_own(office):
    """Once its file adds a kind of act to the text's list, the finding says who did and why, not the text."""
    policy = office.home.root / "policy.toml"
    before = policy.read_text("utf-8") if policy.exists() else None
    with office.client(SUPERVISOR) as client:
        one = next(one for one in found(client, rule="OWN-13") if one["about"].startswith("act:"))
        policy.write_text((before or "") + ADDED, "utf-8")
        os.kill(office.daemon.process.pid, signal.SIGHUP)
        try:
            wait_for(lambda: "本机关按“等”增列" in client.get(f"/findings/{one['finding']}").text, 60)
            page = client.get(f"/findings/{one['finding']}").text
            for told in ("REC-6", "法制科", "实践中争议多", "根据实际情况"):
                assert told in page, told
            assert "条文所列" not in page
            (now,) = [each for each in found(client, rule="REC-6") if each["finding"] == one["finding"]]
            assert now["source"]["zh"] == "本机关自行规定（policy.toml）"
        finally:
            policy.unlink() if before is None else policy.write_text(before, "utf-8")
            os.kill(office.daemon.process.pid, signal.SIGHUP)
        wait_for(lambda: one["finding"] in {each["finding"] for each in found(client, rule="OWN-13")}, 60)


def test_steps_by_a_program_and_twice(office):
    """The API's step is the page's; the same key does nothing twice; a recorder is urged."""
    with office.client(SUPERVISOR) as client:
        one = next(one for one in found(client) if one["state"] is None)
        path = f"/api/v1/findings/{one['finding']}/acknowledge"
        first = client.post(path, json={"key": "once-1"})
        assert first.json() == client.post(path, json={"key": "once-1"}).json()
        assert first.json()["changed"]
        assert not client.post(path, json={}).json()["changed"]
        detail = client.get(f"/api/v1/findings/{one['finding']}").json()
        assert detail["finding"]["state"]["en"] == "acknowledged"
        assert [line["seq"] for line in detail["history"]][-1] == first.json()["seq"]
        away = next(one for one in found(client) if one["kind"] == "not-returned")
        for body in ({}, {"key": "once-1"}):  # of another verb the same key is another one
            assert client.post(f"/api/v1/findings/{away['finding']}/urge", json=body).status_code == 200, body
        assert client.post(f"/findings/{away['finding']}/urge", data={"key": "once-2"}).status_code == 200
        assert client.post(f"/api/v1/findings/{one['finding']}/determine", json={}).status_code == 400
    with office.client(REVIEWER) as client:
        away = next(one for one in found(client) if one["kind"] == "not-returned")
        urge = next(move for move in away["moves"] if move["step"] == "urge")
        assert not urge["may"]
        assert urge["why_not"]["zh"] == "催交须由监督人员、采集站管理人员执行"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_can_read_it(office, opened, lang):
    """axe-core finds nothing; no sideways scrolling on a desk or a tablet."""
    page = opened(REVIEWER, lang)
    page.goto("/findings")
    assert Axe().run(page).violations_count == 0
    page.locator(".finding h2 a").first.click()
    expect(page.locator("h1")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width, height in ((1366, 768), (820, 1180)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_damaged_bytes_are_told_as_the_clips_that_have_them(office, opened):
    """On the card, on the clip's page, its case and in the sufficiency table; in a search, in the terminal too."""
    with office.client(ARCHIVIST) as client:
        newest = client.get("/api/v1/wall").json()["clips"]
        clip = next(one for one in newest if one["officer"] == OFFICER and one["case"])
        troubled = {"q": "有异常"}
        assert clip["acquisition"] not in client.get("/search", params=troubled).text
        before = line_of(client, clip["case"])
        whole = json.loads(office.home.run("show", clip["acquisition"], "--json").out)
        rot(layout.Home(office.home.root).clips(Sha256(whole["clip"]["sha256"])))
        assert not client.post(f"/api/v1/clips/{clip['acquisition']}/check").json()["ok"]
        wait_for(lambda: [one for one in found(client) if one["kind"] == "clip-damaged"])
        (told,) = [one for one in found(client) if one["kind"] == "clip-damaged"]
        assert (told["case"], told["clips"]) == (
            clip["case"],
            [{name: clip[name] for name in told["clips"][0]}],
        )
        assert line_of(client, clip["case"])["violations"] == before["violations"] + 1
        assert clip["acquisition"] in client.get("/search", params=troubled).text
    page = opened(SUPERVISOR)
    page.goto("/findings?level=dock")
    card = page.locator(f"#finding-{told['finding']}")
    expect(card.get_by_role("link", name=clip["path"])).to_be_visible()
    expect(card.get_by_role("link", name=clip["case"])).to_be_visible()
    expect(card).to_contain_text(OFFICER)
    page.goto(f"/cases/{clip['case']}")
    expect(page.locator(f"#finding-{told['finding']}")).to_contain_text(clip["path"])
    page.goto(f"/clips/{clip['acquisition']}")
    expect(page.locator(f"a[href='/findings/{told['finding']}']").first).to_be_visible()
    page.goto(f"/reviews/{clip['case']}")
    expect(page.locator(f"a[href='/findings/{told['finding']}']").first).to_be_visible()
    lines = office.home.run("findings").out
    assert clip["acquisition"] in lines.replace("\n", "")
    assert json.loads(office.home.run("case", "explain", clip["case"], "--json").out)["damaged"]


def line_of(client, case):
    return next(one for one in client.get("/api/v1/cases").json()["cases"] if one["case"] == case)

"""Audits, legal review, custody as people work with them: supervisor, reviewer, archivist, and the wearer."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, ARCHIVIST, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR

CASE = "铜郊罚〔2026〕38号"
OTHER = "铜郊罚〔2026〕32号"
FORM = {"narrated": "yes", "whole": "yes", "certificate": "none", "informed": "yes", "proper": "yes"}


@pytest.fixture(scope="module")
def clips(office) -> list[dict[str, Any]]:
    """The clips of the day as the index has them."""
    found = sqlite3.connect(office.home.root / "index.db")
    found.row_factory = sqlite3.Row
    rows = found.execute("SELECT * FROM clips ORDER BY seq").fetchall()
    return [dict(row) for row in rows]


def one(clips: list[dict[str, Any]], officer: str, kind: str = "video") -> dict[str, Any]:
    return next(clip for clip in clips if clip["officer"] == officer and clip["kind"] == kind)


def events(office, type_: str) -> list[dict[str, Any]]:
    rows = sqlite3.connect(office.home.root / "index.db").execute("SELECT entry FROM entries ORDER BY seq")
    found = [json.loads(row[0]) for row in rows]
    return [entry for entry in found if entry["type"] == type_]


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# --- custody ----------------------------------------------------------------------------------------


def test_an_archivist_checks_a_clip_now(browser, office, clips):
    """Follows the chain, opens an entry with its proof, reads the bytes now, in both languages."""
    clip = one(clips, "104233")
    context = office.context(browser, ARCHIVIST)
    page = context.new_page()
    page.goto(f"/custody/clip:{clip['acquisition']}")
    chain = page.get_by_role("list").filter(has_text="录制：开始")
    expect(chain).to_contain_text("已读出、回读一致、签名并入库")
    expect(page.get_by_role("img", name="从记录仪到证据库")).to_contain_text("KD01234")
    expect(page.locator(".check-now")).to_contain_text("本站签名有效")
    fits(page)
    page.get_by_role("button", name="现在核验").click()
    expect(page.locator(".check-now")).to_contain_text("全部一致")
    expect(page.locator(".check-now")).to_contain_text(clip["sha256"])
    page.get_by_role("link", name=f"第 {clip['seq']} 条").click()
    expect(page.locator(".opened")).to_contain_text("已签名检查点")
    expect(page.locator(".opened .json")).to_contain_text(clip["manifest_sha256"])
    expect(page.get_by_role("table")).to_contain_text("SEP-2")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="现在核验")).to_be_hidden()
    context.close()
    english = office.context(browser, ARCHIVIST, lang="en")
    page = english.new_page()
    page.goto(f"/custody/clip:{clip['acquisition']}")
    page.get_by_role("button", name="read all").click()
    expect(page.locator(".check-now")).to_contain_text("everything agrees")
    english.close()


def test_a_changed_byte_is_found(office, clips):
    """Without scripts too: what does not agree is named with its place, and becomes a finding, once."""
    clip = one(clips, "104275")
    path = (
        office.home.root / f"vault/clips/sha256/{clip['sha256'][:2]}/{clip['sha256'][2:4]}/{clip['sha256']}"
    )
    mode = path.stat().st_mode
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[1 << 20] ^= 1
    path.write_bytes(data)
    path.chmod(mode)
    with office.client(ARCHIVIST) as client:
        page = client.post(f"/custody/clip:{clip['acquisition']}/check", data={})
        assert "1048576" in page.text
        assert "有不符之处" in page.text
        told = client.post(f"/api/v1/clips/{clip['acquisition']}/check").json()
        assert not told["ok"]
        assert {fault["kind"] for fault in told["parts"]["bytes"]} >= {"bytes", "chunk"}
        assert not told["parts"]["manifest"]
        assert not told["parts"]["log"]
    (damaged,) = [one for one in events(office, "clip.damaged") if one["data"]["sha256"] == clip["sha256"]]
    assert (damaged["actor"], damaged["data"]["found_by"]) == (f"person:{ARCHIVIST}", "person")
    assert any(entry["data"]["kind"] == "clip-damaged" for entry in events(office, "finding.opened"))


def test_an_archivist_checks_a_text_records_files_now(browser, office):
    """Each of them by itself, with script and without; with the outsider's commands; a rotten one is named."""
    bad, rest = office.document(CASE), b"%PDF-1.7\nsecond"
    office.daemon.ask("document.part", case=CASE, offset=0, part=base64.b64encode(rest).decode())
    good = office.daemon.ask("document.store", case=CASE, name="b.pdf", record=bad["record"])
    about = f"text-record:{bad['record']}"
    page = office.context(browser, ARCHIVIST).new_page()
    with office.client(ARCHIVIST) as client:
        wait_for(lambda: good["document"] in client.get(f"/custody/{about}").text)
    page.goto(f"/custody/{about}")
    newer, older = page.locator(".check-now").all()
    for section in (newer, older):
        expect(section).to_contain_text("本站签名有效")
        expect(section).to_contain_text("读一遍")
    expect(newer).to_contain_text("b.pdf")
    expect(page.locator("pre.commands").nth(1)).to_contain_text(bad["sha256"])
    fits(page)
    serious = [
        one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")
    ]
    assert not serious
    with office.rotten(bad["sha256"]):
        older.get_by_role("button").click()
        expect(older).to_contain_text("有不符之处")
        newer.get_by_role("button").click()
        expect(newer).to_contain_text("全部一致")
        expect(newer).to_contain_text(good["sha256"])
        with office.client(ARCHIVIST) as client:
            plain = client.post(f"/custody/{about}/check", data={"document": bad["document"]}).text
            assert plain.count("有不符之处") == 1
            assert "全部一致" not in plain
            for wrong in ({"document": "nothing"}, {}):
                assert client.post(f"/custody/{about}/check", data=wrong).status_code == 404
    page.context.close()
    (damaged,) = [one for one in events(office, "document.damaged") if one["subject"] == about]
    assert (damaged["actor"], damaged["data"]["document"]) == (f"person:{ARCHIVIST}", bad["document"])
    assert [one for one in events(office, "finding.opened") if one["subject"] == about]


def test_chains_of_other_things(office, clips):
    """A recorder, a case, an account; what is another item's entry, or nobody's item, is not there."""
    clip = one(clips, "104233")
    with office.client(ARCHIVIST) as client:
        for about, word in (
            ("recorder:KD01377", "提前取走"),
            (f"case:{CASE}", "登记"),
            (f"account:{OFFICER}", "账户"),
        ):
            assert word in client.get(f"/custody/{about}").text, about
        shown = client.get(f"/api/v1/custody/account:{OFFICER}").json()["lines"]
        printed = office.home.run("custody", f"account:{OFFICER}", "--json").json["chain"]
        same = ("seq", "type", "zh", "en")
        assert [[line[key] for key in same] for line in printed] == [
            [line[key] for key in same] for line in shown
        ]
        for wrong in ("clip:none", "recorder:none", "nothing:x", "clip", f"case:{CASE}?entry=1"):
            assert client.get(f"/custody/{wrong}").status_code == 404, wrong
        entry = client.get(f"/api/v1/custody/clip:{clip['acquisition']}/entries/{clip['seq']}").json()
        assert entry["fault"] is None
        assert len(entry["path"]) >= 7
        who = client.get(f"/api/v1/custody/clip:{clip['acquisition']}/reach").json()
        assert {one["account"]: one["barred"].get("judge") for one in who}[OFFICER] == "SEP-2"
        lines = client.get(f"/api/v1/custody/clip:{clip['acquisition']}").json()["lines"]
        assert all(line["zh"] and line["en"] for line in lines)


def test_who_sees_no_chain(office, clips):
    """The administrator sees no evidence, the officer what is his own and no check; refusals are logged."""
    mine, other = one(clips, "104233"), one(clips, "104275")
    with office.client(ADMINISTRATOR) as client:
        assert client.get(f"/custody/clip:{mine['acquisition']}").status_code == 403
    with office.client(OFFICER) as client:
        assert client.get(f"/custody/clip:{other['acquisition']}").status_code == 403
        page = client.get(f"/custody/clip:{mine['acquisition']}")
        assert page.status_code == 200
        assert "check-form" not in page.text
        assert client.post(f"/api/v1/clips/{mine['acquisition']}/check").status_code == 403
        assert client.post(f"/api/v1/clips/{other['acquisition']}/check?whole=false").status_code == 403
    refused = events(office, "action.refused")
    assert {(one["data"]["verb"], one["data"]["about"]) for one in refused} >= {
        ("look", f"clip:{other['acquisition']}"),
        ("clip.check", f"clip:{mine['acquisition']}"),
    }


# --- audits -----------------------------------------------------------------------------------------


def test_a_supervisor_draws_plays_and_judges(browser, office, clips):
    """The nonce is the browser's until the checkpoint stands; nobody judges what he did not play (OWN-23)."""
    context = office.context(browser, SUPERVISOR)
    page = context.new_page()
    page.goto("/audits")
    page.get_by_label("入库月份").select_option("")
    at = datetime.fromtimestamp(
        max(clip["secured_at"] for clip in clips) / 1000, timezone(timedelta(hours=8))
    )
    page.get_by_label("自", exact=True).fill(str(at.date() - timedelta(days=30)))
    page.get_by_label("至（不含）").fill(str(datetime.now(timezone(timedelta(hours=8))).date()))
    page.get_by_role("button", name="生成随机数").click()
    nonce, digest = (page.locator(f"#{name}").inner_text() for name in ("nonce", "digest"))
    assert hashlib.sha256(bytes.fromhex(nonce)).hexdigest() == digest
    with page.expect_download() as saved:
        page.get_by_role("link", name="另存随机数").click()
    assert nonce in saved.value.path().read_text()
    fits(page)
    page.get_by_role("button", name="承诺").click()
    expect(page.get_by_label("随机数（此浏览器存有的已填好）")).to_have_value(nonce)
    assert not events(office, "audit.revealed")
    page.get_by_role("button", name="公开并抽取").click()
    expect(page.get_by_role("heading", name="抽中的录像")).to_be_visible()
    wait_for(lambda: page.evaluate("localStorage.length") == 0, 10)  # its script comes after its picture
    fits(page)
    audit = digest[:16]
    assert office.home.run("audit", "redo", audit).code == 0
    drawn = page.locator(".drawn[id]").first.get_attribute("id").removeprefix("drawn-")
    judge(page, drawn)
    expect(page.get_by_role("main")).to_contain_text("OWN-23")
    play(office, SUPERVISOR, next(clip for clip in clips if clip["acquisition"] == drawn))
    page.goto(f"/audits/{audit}")
    judge(page, drawn)
    expect(page.locator(f"[id='drawn-{drawn}']")).to_contain_text("合格")
    expect(page.get_by_role("status")).to_contain_text("已记录")
    everything = page.locator(".drawn[id]").count()
    page.goto(f"/audits/{audit}?from=1")
    expect(page.locator(".drawn[id]")).to_have_count(everything - 1)
    page.goto("/audits")
    expect(page.get_by_role("table").last).to_contain_text(SUPERVISOR)
    context.close()
    english = office.context(browser, SUPERVISOR, lang="en")
    page = english.new_page()
    page.goto(f"/audits/{audit}")
    expect(page.get_by_text("why nobody could steer it")).to_be_visible()
    english.close()
    with office.client(SUPERVISOR) as client:
        assert client.get(f"/api/v1/audits/{audit}").json()["draw"]["judged"] == 1
        assert client.get("/api/v1/audits").json()[0]["audit"] == audit
        assert audit in client.get(f"/audits/sheet/{at:%Y}").text
        assert client.get("/audits/sheet/never").status_code == 404
        assert client.get("/audits/none").status_code == 404


def test_a_chosen_span_is_there_after_back(browser, office):
    """The browser puts the choice there again, and its dates are beside it."""
    page = office.context(browser, SUPERVISOR).new_page()
    page.goto("/audits")
    page.get_by_label("入库月份").select_option("")
    page.goto("/cases")
    page.go_back()
    expect(page.get_by_label("入库月份")).to_have_value("")
    expect(page.get_by_label("自", exact=True)).to_be_visible()
    page.context.close()


def test_a_look_that_ended_names_whose_it_was(office, clips):
    """The station itself ends it; the sentence is about the person all the same."""
    clip = one(clips, "104198")
    play(office, SUPERVISOR, clip)
    with office.client(ARCHIVIST) as client:
        chain = client.get(f"/custody/clip:{clip['acquisition']}").text
    assert f"person:{SUPERVISOR}：打开查看" in chain
    assert f"person:{SUPERVISOR}：查看结束" in chain


def judge(page: Page, clip: str) -> None:
    """Fill in the form of a clip that was drawn, and send it."""
    form = page.locator(f"[id='drawn-{clip}'] form")
    if not form.is_visible():
        page.locator(f"[id='drawn-{clip}'] summary").click()
    for name, value in {**FORM, "verdict": "good"}.items():
        form.locator(f"input[name={name}][value={value}]").check()
    form.get_by_role("button", name="记入日志").click()


def play(office, account: str, clip: dict[str, Any]) -> None:
    """As a player does it: a look that tells what was played, and ends."""
    with office.client(account) as client:
        headers = {"accept": "application/json"}
        about = {"about": f"clip:{clip['acquisition']}", "what": "original"}
        look = client.post("/api/v1/looks", json=about, headers=headers).json()["look"]
        played = {"ranges": [[0, 3_600_000]], "watched_ms": 60_000}
        assert client.post(f"/api/v1/looks/{look}/close", json=played).is_success
    wait_for(lambda: [one for one in events(office, "look.closed") if one["data"]["look"] == look])


def test_who_judges_no_audit(office):
    """An officer has no audits at all; a form from nowhere draws nothing."""
    with office.client(OFFICER) as client:
        assert client.get("/audits").status_code == 403
        assert client.get("/api/v1/audits").status_code == 403
    with office.client(SUPERVISOR) as client:
        assert client.post("/audits", data={"month": "2020-01"}).status_code == 400
        wrong = {"commitment": "0" * 64, "since": "x", "until": ""}
        assert client.post("/audits", data=wrong).status_code == 400


# --- legal review -----------------------------------------------------------------------------------


def test_a_reviewer_gives_an_opinion(browser, office):
    """Sees what the case rests on, each verdict with its proof; the opinion takes a code; the gate opens."""
    with office.client(REVIEWER) as client:  # the demonstration's day ends with one that waits for her
        assert CASE in client.get("/reviews").text
        data = {"opinion": "agree", "reason": "x"}
        answer = client.post(f"/reviews/{CASE}/opinion", data=data)
        assert (answer.status_code, "绑定验证器" in answer.text) == (403, True)
    office.phone(REVIEWER)
    context = office.context(browser, REVIEWER)  # its log-in shows a code, good for five minutes
    page = context.new_page()
    page.goto("/reviews")
    page.get_by_role("link", name=CASE).click()
    expect(page.get_by_role("status")).to_contain_text("不得作出")
    rows = page.locator(".enough tbody tr:not(.part)")
    assert rows.count() >= 6
    for row in rows.all():
        assert row.locator("td:last-child a").count() >= 1, row.inner_text()
    expect(page.locator(".enough")).to_contain_text("重大执法决定")
    fits(page)
    page.get_by_label("同意", exact=True).check()
    page.get_by_label("理由").fill("事实清楚，\n证据充分")
    page.get_by_role("button", name="出具意见").click()
    expect(page.get_by_role("status").first).to_contain_text("已记录")
    expect(page.get_by_text("重大执法决定，可以作出")).to_be_visible()
    assert page.locator(".story q").inner_text() == "事实清楚，\n证据充分"
    page.emulate_media(media="print")
    expect(page.locator(".enough")).to_be_visible()
    context.close()
    english = office.context(browser, REVIEWER, lang="en")
    page = english.new_page()
    page.goto(f"/reviews/{CASE}")
    expect(page.get_by_role("columnheader", name="verdict")).to_be_visible()
    english.close()
    with office.client(REVIEWER) as client:
        told = client.get(f"/api/v1/reviews/{CASE}").json()
        assert not told["is_barred"]
        assert all(check["proofs"] for part in told["parts"] for check in part["checks"])
        assert CASE in [row["case"] for row in client.get("/api/v1/reviews").json()["given"]]


def test_dates_that_cannot_be(office):
    """A check that is still to come, a limit that is over; a correction without a limit takes OWN-20's again."""
    with office.client(ADMINISTRATOR) as client:
        submit = f"/api/v1/reviews/{OTHER}"
        day = lambda by: f"{datetime.now(timezone(timedelta(hours=8))) + timedelta(days=by):%Y-%m-%d}"  # noqa: E731
        for said, told in (
            ({"self_checked_at": day(2)}, "自查不能在将来"),
            ({"self_checked_at": day(-1), "due_at": day(-2)}, "审核期限已过"),
        ):
            refused = office.home.run("review", "open", OTHER, *flags(said), "--lang", "zh")
            assert refused.code != 0
            assert told in refused.err
        assert client.get(submit).status_code == 403
    assert office.home.run("review", "open", OTHER, *flags({"self_checked_at": day(-1)})).code == 0
    usual = rounds(office, OTHER)[-1]["due_at"]
    assert office.home.run("review", "open", OTHER, *flags({"due_at": day(90)})).code == 0
    assert rounds(office, OTHER)[-1]["due_at"] != usual
    assert office.home.run("review", "open", OTHER).code == 0
    assert rounds(office, OTHER)[-1]["due_at"] == usual


def flags(said):
    return [part for name, value in said.items() for part in (f"--{name.replace('_', '-')}", value)]


def rounds(office, case):
    return json.loads(office.home.run("case", "explain", case, "--json").out)["reviews"]


def test_other_peoples_reviews(office):
    """A case officer of another unit sees nothing of it and submits nothing; nobody reviews without the role."""
    with office.client(CASE_OFFICER) as client:
        assert client.get(f"/reviews/{CASE}").status_code == 403
        assert CASE not in client.get("/reviews").text
        assert client.post(f"/reviews/{CASE}/open", data={}).status_code == 403
        data = {"opinion": "agree", "reason": "x"}
        assert client.post(f"/reviews/{CASE}/opinion", data=data).status_code in (400, 403)
    with office.client(REVIEWER) as client:
        assert client.get("/reviews/none").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_and_width(browser, office, clips, lang):
    """Nothing serious for axe-core, nothing to scroll sideways on a desk and a tablet."""
    context = office.context(browser, SUPERVISOR, lang=lang)
    page = context.new_page()
    paths = [f"/custody/clip:{one(clips, '104233')['acquisition']}", "/custody/recorder:KD01377", "/audits"]
    audits = events(office, "audit.drawn")
    paths += [f"/audits/{audit['data']['audit']}" for audit in audits]
    for path in (*paths, "/reviews", f"/reviews/{CASE}"):
        page.goto(path)
        found = Axe().run(page)
        serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert not serious, (path, found.generate_report())
        for width, height in ((820, 1180), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            fits(page)
    context.close()

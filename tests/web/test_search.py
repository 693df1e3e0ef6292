"""Searching as people do it: one box, what it understood, what it found, and nothing that they may not see."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import expect

from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, SUPERVISOR

HOSTILE = (
    '"', "'", "a OR b", "NEAR(a b)", "*", "grams:酒", "酒驾*", "-酒", "((((", "%00", "\0",
    "<script>alert(1)</script>",
    "a" * 10_000, "酒" * 1_500, "“" * 300, "REC-999", "9999-99-99", "0月0日", "2026年13月", "99:99", "最近999天",
)  # fmt: skip


def test_from_the_box_to_a_recording(browser, office):
    """A supervisor types a name, a day and a place; takes a piece away; goes on to the case; in both languages."""
    context = office.context(browser, SUPERVISOR)
    page = context.new_page()
    page.goto("/search")
    expect(page.locator("article.clip").first).to_be_visible()
    box = page.get_by_role("searchbox", name="查找")
    box.fill("张建国 长江路")
    box.press("Enter")
    chips = page.get_by_role("list", name="理解为").get_by_role("listitem")
    expect(chips).to_have_count(2)
    expect(chips.first).to_contain_text("张建国 104233")
    expect(page.locator("article.clip")).to_have_count(1)
    expect(page.locator("mark").first).to_have_text("长江路")
    page.get_by_role("link", name="去掉 长江路").click()
    expect(chips).to_have_count(1)
    assert page.locator("article.clip").count() > 1
    page.goto("/search?q=铜郊罚〔2026〕32号")
    case = page.get_by_role("region", name="案件").get_by_role("link")
    expect(case).to_have_attribute("href", f"/cases/{quote('铜郊罚〔2026〕32号')}")
    context.add_cookies([{"name": "lang", "value": "en", "url": office.web.url}])
    page.goto("/search?q=kd01234+unlinked+last+week")
    chips = page.get_by_role("list", name="understood as").get_by_role("listitem")
    expect(chips).to_have_count(3)
    expect(chips.nth(1)).to_contain_text("linked to no case")
    expect(page.locator("main")).to_contain_text("no recording is like that")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_only_what_ones_units_see(office):
    """A case officer of one unit finds their own unit's; another unit's names and cases are words without meaning."""
    with office.client(SUPERVISOR) as all_, office.client(CASE_OFFICER) as unit:
        foreign = "铜郊罚〔2026〕34号"
        assert foreign in _named(all_, foreign)
        assert foreign not in _named(unit, foreign)
        assert "铜郊罚〔2026〕32号" in _named(unit, "铜郊罚〔2026〕32号")
        whole = all_.get("/api/v1/search?limit=200").json()["clips"]
        mine = unit.get("/api/v1/search?limit=200").json()["clips"]
        officers = {clip["officer"] for clip in mine}
        assert len(mine) < len(whole)
        assert "104233" in officers
        assert not officers & {"104275", "104301"}
        told = unit.get("/api/v1/search", params={"q": "104275"}).json()
        assert (told["understood"][0]["what"], told["clips"]) == ("words", [])


def _named(client, text):
    return [one["title"] for one in client.get("/api/v1/search", params={"q": text}).json()["named"]]


def test_who_may_not_search(office):
    """The administrator sees no evidence; an officer has a page of their own."""
    for account in (ADMINISTRATOR, OFFICER):
        with office.client(account) as client:
            assert client.get("/search").status_code == 403
            assert client.get("/api/v1/search").status_code == 403


def test_hostile_questions(office):
    """Whatever is typed is answered, and stands on the page as text."""
    with office.client(SUPERVISOR) as client:
        for text in HOSTILE:
            answer = client.get("/search", params={"q": text})
            # A request's head has its limit in bytes: what is beyond is no question.
            assert answer.status_code == 200 or (len(text) > 9_000 and answer.status_code == 400), text[:20]
            assert "<script>alert" not in answer.text


def test_pages_of_the_api_go_on(office):
    """From one answer to the next: every clip once, newest first."""
    with office.client(SUPERVISOR) as client:
        whole = [one["acquisition"] for one in client.get("/api/v1/search?limit=200").json()["clips"]]
        seen, before = [], {}
        while True:
            answer = client.get("/api/v1/search", params={"limit": 5, **before}).json()
            seen += [one["acquisition"] for one in answer["clips"]]
            if answer["next"] is None:
                break
            before = {"before": answer["next"]}
        assert seen == whole
        assert len(seen) > 5
        assert client.get("/api/v1/search?before=x").status_code == 422
        assert client.get("/search?before=x&kind=y&unit=z").status_code == 200

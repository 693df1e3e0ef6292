"""Logging in and out as people do it: in a browser, by its forms, and what a session is worth."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from ingestd.demo.people import PASSWORD
from tests.web.office import ADMINISTRATOR, OFFICER, REVIEWER, SUPERVISOR


def test_in_and_out(browser, office):
    """Number and password lead to one's own page; out, and the session is worth nothing."""
    context = office.context(browser)
    page = context.new_page()
    page.goto("/")
    expect(page).to_have_url(f"{office.web.url}/login")
    page.get_by_label("编号").fill(SUPERVISOR)
    page.get_by_label("密码").fill("wrong wrong wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("banner")).to_contain_text("陈立")
    (cookie,) = (one for one in context.cookies() if one["name"] == "session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{office.web.url}/login")
    with httpx.Client(base_url=office.web.url, cookies={"session": cookie["value"]}) as stale:
        assert stale.get("/me").headers["location"].startswith("/login")
    context.close()


def test_a_code_where_there_is_a_second_factor(office):
    """Password alone opens nothing; the session changes with the code, so a planted one is worth nothing."""
    office.phone(REVIEWER)
    with office.client() as client:
        half = client.post("/login", data={"user": REVIEWER, "password": PASSWORD})
        assert "one-time-code" in half.text
        before = client.cookies["session"]
        assert "one-time-code" in client.get("/me").text
        assert client.post("/login", data={"code": "000000"}).status_code == 401
        done = client.post("/login", data={"code": office.code(REVIEWER), "back": "/me"})
        assert str(done.url).endswith("/me")
        assert client.cookies["session"] != before


def test_logins_are_listed_and_ended(office):
    """Another log-in of one's own is ended from the list."""
    with office.client(OFFICER) as here, office.client(OFFICER) as there:
        page = here.get("/me").text
        other = page.split('name="login" value="')[1].split('"')[0]
        assert "已记录" in here.post("/me/end", data={"login": other}).text
        assert "/login" in str(there.get("/me").url)


def test_a_log_in_leads_to_no_other_site(office):
    """Whatever the address says."""
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        with office.client() as client:
            client.post("/login", data={"user": OFFICER, "password": PASSWORD, "back": back})
            assert str(client.get("/me").url) == f"{office.web.url}/me"


def test_a_form_of_another_site(office):
    """A request that did not come from these pages changes nothing."""
    with office.client(ADMINISTRATOR) as client:
        answer = client.post("/logout", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert client.get("/me").status_code == 200


def test_programs(office):
    """A token reads the API within its scopes; none, a wrong one, another scope: one shape of error."""
    office.phone(SUPERVISOR)
    with office.client(SUPERVISOR) as client:
        data = {"scope-read": "1", "label": "测试", "days": "5"}
        page = client.post("/me/token", data=data)
        token = page.text.split("ingestd_")[1].split("<")[0]
    url = f"{office.web.url}/api/v1"
    bearer = {"authorization": f"Bearer ingestd_{token}"}
    assert httpx.get(f"{url}/whoami", headers=bearer).json()["person"] == SUPERVISOR
    assert httpx.get(f"{url}/checkpoint", headers=bearer).json()["size"] > 100
    for headers in ({}, {"authorization": "Bearer ingestd_x"}):
        answer = httpx.get(f"{url}/whoami", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login")
    assert httpx.get(f"{url}/nothing").json()["error"]["code"] == "not-found"
    assert "/whoami" in httpx.get(f"{url}/openapi.json").json()["paths"]

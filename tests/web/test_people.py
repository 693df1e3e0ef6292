"""The administrator's work on accounts, from log-in to result; what is told before saving, and what is refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ingestd.demo.people import PASSWORD
from tests.web.office import ADMINISTRATOR, OFFICER, SUPERVISOR


@pytest.fixture(scope="module")
def office(office):
    """The same, its administrator with a second factor."""
    office.phone(ADMINISTRATOR)
    return office


@pytest.fixture(scope="module")
def keeper(office):
    """The administrator, having just shown a code."""
    with office.client(ADMINISTRATOR) as client:
        yield client


def named(**fields):
    """A form that names an account."""
    return {"account": OFFICER} | fields


def test_a_new_colleague(browser, office, tmp_path):
    """Conflicting roles are told before saving; then the account, its first password once, its first log-in."""
    context = office.context(browser, ADMINISTRATOR)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto("/")
    expect(page).to_have_url(re.compile("/people$"))
    expect(page.locator("table.people").first).to_contain_text(SUPERVISOR)
    page.screenshot(path=tmp_path / "people.png")
    page.get_by_role("link", name="新建账户").click()
    page.get_by_label("账号").fill("204777")
    page.get_by_label("姓名").fill("周宁（虚构）")
    page.get_by_label("系统管理员").check()
    page.get_by_label("档案管理人员").check()
    expect(page.locator(".conflict")).to_be_visible()
    page.get_by_label("系统管理员").uncheck()
    expect(page.locator(".conflict")).to_be_hidden()
    page.get_by_role("button", name="建立账户").click()
    secret = page.locator(".secret").inner_text()
    expect(page.locator(".story")).to_contain_text("档案管理人员")
    expect(page.locator("h1")).to_contain_text("首次密码未改")
    page.screenshot(path=tmp_path / "person.png")
    assert faults == []
    page.reload()  # asks for the same account again, which is refused
    expect(page.locator(".secret")).to_have_count(0)
    context.close()
    with office.client() as client:
        answer = client.post("/login", data={"user": "204777", "password": secret})
        assert "请设置自己的密码" in answer.text


def test_what_is_refused(keeper):
    """SEP-8 by the form and by the daemon; one's own roles; a name twice; no role; what no account is called."""
    both = {"role-administrator": "1", "role-archivist": "1", "account": "204778", "name": "甲（虚构）"}
    assert "SEP-8" in keeper.post("/people/~new", data=both).text
    own = {"account": ADMINISTRATOR, "role-administrator": "1", "role-dock-keeper": "1"}
    assert "SEP-8" in keeper.post("/people/~roles", data=own).text
    twice = keeper.post("/people/~new", data={"account": OFFICER, "name": "乙（虚构）", "role-officer": "1"})
    assert "已有账户" in twice.text
    assert "乙（虚构）" in twice.text
    assert "至少选择一个角色" in keeper.post("/people/~new", data={"account": "204779", "name": "丙"}).text
    assert keeper.get("/people/nobody").status_code == 404
    assert keeper.post("/people/~do/burn", data=named()).status_code == 404


def test_locking(office, keeper):
    """Whoever is in is out at once; unlocked, the old password is good again."""
    with office.client(OFFICER) as theirs:
        assert "▲ 锁定" in keeper.post("/people/~do/lock", data=named()).text
        assert "/login" in str(theirs.get("/me").url)
        refused = theirs.post("/login", data={"user": OFFICER, "password": PASSWORD})
        assert "联系管理员" in refused.text
    assert "▲ 锁定" not in keeper.post("/people/~do/unlock", data=named()).text
    with office.client(OFFICER) as theirs:
        page = keeper.get(f"/people/{OFFICER}").text
        login = re.search(r'name="login" value="([^"]+)"', page)[1]
        keeper.post("/people/~end-login", data=named(login=login))
        keeper.post("/people/~do/end-logins", data=named())
        assert "/login" in str(theirs.get("/me").url)


def test_credentials_and_tokens(keeper):
    """A PIN that everybody tries is refused; tokens are shown once, and end; who acts by one makes it himself."""
    assert "PIN" in keeper.post("/people/~pin", data=named(pin="123456")).text
    assert "已记录" in keeper.post("/people/~pin", data=named(pin="730518")).text
    data = named(label="案件平台", days="30")
    made = keeper.post("/people/~token", data=data | {"scope-events": "1"}).text
    assert "ingestd_" in made
    assert "ingestd_" not in keeper.get(f"/people/{OFFICER}").text
    id_ = re.search(r'name="id" value="([^"]+)"', made)[1]
    assert (
        id_ not in keeper.post("/people/~end-token", data=named(id=id_)).text.partition("接口令牌")[2][:400]
    )
    refused = keeper.post("/people/~token", data=data | {"scope-read": "1", "account": SUPERVISOR})
    assert "SEP-6" in refused.text
    assert "本人登录后建立" in keeper.post("/people/~token", data=data | {"scope-notes": "1"}).text
    assert "1 至 366" in keeper.post("/people/~token", data=named(days="x") | {"scope-events": "1"}).text


def test_closing(office, keeper):
    """Nobody logs in; opened again it has no password until one is given."""
    keeper.post("/people/~new", data={"account": "A/7", "name": "丁（虚构）", "role-dock-keeper": "1"})
    assert "停用" in keeper.post("/people/~do/close", data=named(account="A/7")).text
    assert "已停用" in keeper.post("/people/~password", data=named(account="A/7")).text
    assert "无密码" in keeper.post("/people/~do/open", data=named(account="A/7")).text
    page = keeper.post("/people/~password", data=named(account="A/7")).text
    secret = re.search(r'secret">([^<]+)<', page)[1]
    with office.client() as client:
        assert "新密码" in client.post("/login", data={"user": "A/7", "password": secret}).text


def test_finding_people(keeper):
    """By number, name, unit or role; in English by the switch."""
    assert keeper.get("/people", params={"q": "张建国"}).text.count("<tr>") == 2
    assert "没有符合的账户" in keeper.get("/people", params={"q": "nobody at all"}).text
    assert SUPERVISOR not in keeper.get("/people", params={"role": "officer"}).text
    keeper.cookies.set("lang", "en")
    page = keeper.get(f"/people/{OFFICER}").text
    keeper.cookies.set("lang", "zh")
    assert "what happened" in page
    assert "came in by password" in page


def test_a_code_is_asked_for(office):
    """Who has no fresh second factor is asked, and the form goes on where it was; others have no such page."""
    with office.client(SUPERVISOR) as client:
        for path in ("/people", f"/people/{OFFICER}", "/people/~new"):
            assert client.get(path).status_code == 403
        assert client.post("/people/~do/lock", data=named()).status_code == 403
        assert client.post("/people/~end-token", data=named(id="x")).status_code == 403

"""Cases in a browser: opened, linked by a key, a document uploaded, a clip labelled; others' cases stay closed."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd.demo.people import PASSWORD
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, SUPERVISOR

OWN, OTHERS = "铜郊罚〔2026〕37号", "铜郊强〔2026〕33号"
QUEUED = "铜郊罚〔2026〕38号"
SCRIPT = "<script>document.title='run'</script><img src=x onerror=document.title='run'>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF\n"


def case(number):
    return f"/cases/{quote(number)}"


def entered(office, browser, account, lang="zh"):
    """A page of somebody who is logged in."""
    context = office.context(browser, lang=lang)
    page = context.new_page()
    page.goto("/login?back=/me")
    page.locator("[name=user]").fill(account)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/me")
    return page


def test_a_case_officers_work(office, browser):
    """From the list to the case: a document is uploaded, a clip labelled and noted, with script in every field."""
    page = entered(office, browser, CASE_OFFICER)
    page.goto("/cases")
    expect(page.get_by_role("main")).not_to_contain_text(OTHERS)
    page.get_by_role("link", name=OWN).first.click()
    expect(page.locator("h1")).to_contain_text(OWN)
    expect(page.locator(".dial")).to_have_count(3)
    expect(page.locator(".coverage")).to_contain_text("全程已录")

    page.get_by_text("上传文书").click()
    page.locator("input[type=file]").set_input_files(
        {"name": f"{SCRIPT}.exe", "mimeType": "text/html", "buffer": PDF}
    )
    page.locator("input[name=kind]").fill("<svg onload=x()>")
    page.get_by_role("button", name="上传并签名入库").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")
    expect(page.locator("#records")).to_contain_text("SHA-256")
    expect(page.locator("#records")).to_contain_text(f"{SCRIPT}.exe")

    page.locator(".more > summary").first.click()
    page.locator(".shot").get_by_text("标识", exact=True).first.click()
    page.get_by_label("个人隐私").check()
    page.get_by_role("button", name="保存标识").click()
    expect(page.locator(".label")).to_have_text("◆ 个人隐私")
    page.locator(".more > summary").first.click()
    page.locator(".shot").get_by_text("写说明").first.click()
    page.locator("textarea[name=text]").first.fill(SCRIPT)
    page.get_by_role("button", name="保存", exact=True).click()
    page.locator(".more > summary").first.click()
    expect(page.locator(".shot q")).to_have_text(SCRIPT)
    assert page.title() != "run"

    page.locator(".paper a").first.click()
    expect(page.locator(".file")).to_contain_text("已签名入库")
    assert page.title() != "run"
    page.context.close()


def test_a_link_by_one_key(office, browser):
    """The first candidate is taken by 1; what is next comes by itself; U takes it back, with a code."""
    office.phone(SUPERVISOR)
    page = office.context(browser, SUPERVISOR).new_page()  # its log-in shows a code, good for five minutes
    page.goto("/queue")
    expect(page.locator(".option")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("clip="))
    second = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(second)
    page.wait_for_load_state()
    page.goto("/queue")
    page.keyboard.press("n")
    expect(page.locator("#none input[name=reason]")).to_be_focused()
    page.locator("#none input[name=reason]").evaluate("one => one.blur()")
    page.keyboard.press("1")
    expect(page.get_by_role("status").first).to_contain_text("已记录")
    expect(page.locator("#undo summary")).to_contain_text(re.compile(r" · .* · \S+\.\w{3}"))
    page.goto(case(QUEUED))
    expect(page.locator("main")).to_contain_text(re.compile(r"\w\.\w{3}：(person:\d+：)?(由人|自动)归入"))
    page.locator(".more > summary").nth(1).click()
    expect(page.locator("main")).to_contain_text(f"由 person:{SUPERVISOR} 归入")
    page.go_back()
    page.keyboard.press("u")
    reason = page.locator("#undo input[name=reason]")
    expect(reason).to_be_focused()
    reason.fill("按错键")
    reason.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已记录")
    page.goto(case(QUEUED))
    expect(page.locator("main")).not_to_contain_text(f"由 person:{SUPERVISOR} 归入")
    page.context.close()


def test_other_units_cases_stay_closed(office):
    """A case, an act, a subject of another unit by their ids: refused, and it stands in the case's history."""
    with office.client(CASE_OFFICER) as client:
        refused = client.get(case(OTHERS))
        assert refused.status_code == 403
        assert client.get("/acts/XW-3301").status_code == 403
        assert client.get("/officers/104275").status_code == 403
        assert client.get("/units/34079901").status_code == 403
        assert OTHERS not in client.get("/cases?unit=34079901").text
        assert client.get(f"/api/v1{case(OTHERS)}").status_code == 403
        assert client.get("/queue").status_code == 200
        assert client.get("/units/34079903").status_code == 200
        assert client.get("/officers/104233").status_code == 200
        assert client.get("/recorders/KD01234").status_code == 200
        assert client.get("/cases/nothing").status_code in (403, 404)
        page = client.get(case(OWN)).text
        party = page.split('href="/subjects/')[1].split('"')[0]
        assert OWN in client.get(f"/subjects/{party}").text
    with office.client(OFFICER) as client:
        assert client.get("/queue").status_code == 403
    with office.client(ADMINISTRATOR) as client:
        assert client.get(case(OWN)).status_code == 403
        assert client.get("/cases").status_code == 403


def zipped(*names):
    """A ZIP with these empty files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"<html><script>1</script>", 400),
        (b"", 400),
        (b"PK\x03\x04 and no more", 400),
        (zipped("a.txt"), 400),
        (zipped("[Content_Types].xml", "word/document.xml"), 200),
        (zipped("OFD.xml"), 200),
    ],
    ids=["html", "empty", "torn-zip", "zip", "docx", "ofd"],
)
def test_files_are_judged_by_their_content(office, data, status):
    """Whatever they are called."""
    with office.client(CASE_OFFICER) as client:
        answer = client.post(
            "/documents", data={"case": OWN, "kind": "证据"}, files={"file": ("a.pdf", data)}
        )
        assert answer.status_code == status, answer.text
        if status == 200:
            again = client.post("/documents", data={"case": OTHERS}, files={"file": ("a.pdf", data)})
            assert again.status_code == 403


def test_a_file_keeps_its_name_and_older_ones_open_too(office):
    """As it was called when it was sent, but for what a file system reads; each file of a record has its button."""
    docx, sent = zipped("[Content_Types].xml", "word/document.xml"), {"kind": "延期审批表"}
    for name, data in (("审批/表:一.docx", docx), ("b.pdf", b"%PDF-1.7\nsecond")):
        part = base64.b64encode(data).decode()
        office.daemon.ask("document.part", case=OWN, offset=0, part=part)
        record = office.daemon.ask("document.store", case=OWN, name=name, **sent)["record"]
        sent = {"record": record}
    with office.client(CASE_OFFICER) as client:
        page = client.get(f"/documents/{quote(record)}").text
        digests = re.findall(r'name="sha256" value="([0-9a-f]{64})"', page)
        assert len(digests) == 2
        got = client.post("/documents/open", data={"record": record, "sha256": digests[1]})
        assert got.content == docx
        told = got.headers["content-disposition"]
        assert told.startswith(f'attachment; filename="{digests[1][:16]}.docx"; ')
        assert unquote(told.rpartition("filename*=UTF-8''")[2]) == "审批_表_一.docx"


def test_labels_and_the_api(office):
    """A label goes only with a reason; a program reads the same facts."""
    with office.client(CASE_OFFICER) as client:
        told = client.get(f"/api/v1{case(OWN)}").json()
        clip = told["footage"][0]["clips"][0]
        url = f"/api/v1/clips/{clip}/labels"
        assert client.put(url, json={"labels": ["privacy", "trade"]}).status_code == 200
        assert client.get(url).json() == {"labels": ["trade", "privacy"]}
        assert client.put(url, json={"labels": ["trade"]}).status_code == 400
        assert client.put(url, json={"labels": ["top"]}).status_code == 400
        assert client.put(url, json={"labels": [], "reason": "误标"}).json()["labels"] == []
        listed = client.get("/api/v1/cases?state=concluded").json()["cases"]
        assert [one["case"] for one in listed] == [OWN]
        assert client.get("/api/v1/queue").json() == []
        assert client.get("/api/v1/acts/XW-3701").json()["case"] == OWN
        party = told["subjects"][0]
        assert [one["case"] for one in client.get(f"/api/v1/subjects/{party}/cases").json()] == [OWN]
        assert client.put(f"/api/v1/clips/{clip}/link", json={"act": "nothing"}).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_and_width(office, browser, lang):
    """Accessibility, no sideways scrolling on a desk and a tablet, and the page as it prints."""
    page = office.context(browser, SUPERVISOR, lang=lang).new_page()
    all_ = ("/cases", case(QUEUED), "/queue", "/units/34079901", "/documents/WS-3701")
    for path in all_ if lang == "zh" else all_[1:3]:
        page.goto(path)
        found = Axe().run(page)
        serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert not serious, found.generate_report()
        for width, height in ((1366, 768), (820, 1180)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(case(QUEUED))
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".coverage").first).to_be_visible()
    page.context.close()

"""What people do on the pages, done by programs; the log has it, and the API shows it.

Who may not is refused with the daemon's words, a token beyond its scopes too; what makes no sense is told as such.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ingestd.actions.client import RemoteError
from ingestd.vault.layout import Home
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR, Office
from tests.web.test_api import token

OWN, OTHERS = "铜郊罚〔2026〕37号", "铜郊强〔2026〕33号"
"""Cases of the case officer's unit, and of another."""
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
ANSWERS = {"narrated": "yes", "whole": "yes", "certificate": "none", "informed": "yes", "proper": "yes"}


@contextmanager
def program(office: Office, account: str, *scopes: str) -> Iterator[httpx.Client]:
    """A program with a token of somebody's."""
    headers = {"authorization": f"Bearer {token(office, account, *scopes)}"}
    with httpx.Client(base_url=f"{office.web.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def platform(office: Office) -> Iterator[httpx.Client]:
    """A program of the case officer's."""
    with program(office, CASE_OFFICER, "cases", "accounts", "read") as client:
        yield client


@contextmanager
def person(office: Office, account: str) -> Iterator[httpx.Client]:
    """Somebody who is logged in, with a fresh code where they have a phone."""
    with office.client(account) as client:
        client.base_url = httpx.URL(f"{office.web.url}/api/v1")
        yield client


def rows(office: Office, query: str) -> list[tuple[Any, ...]]:
    """Of the daemon's index."""
    with closing(sqlite3.connect(office.home.root / "index.db")) as index:
        return index.execute(query).fetchall()


def events(office: Office, type_: str) -> list[dict[str, Any]]:
    """Entries of the log of one type."""
    found = [json.loads(row[0]) for row in rows(office, "SELECT entry FROM entries ORDER BY seq")]
    return [entry for entry in found if entry["type"] == type_]


def is_refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Whether an answer is an error, in the one shape."""
    error = answer.json()["error"]
    return (answer.status_code, error["code"]) == (status, code) and bool(error["zh"] and error["en"])


# --- documents --------------------------------------------------------------------------------------


def test_a_platform_sends_a_document(office, platform):
    """Signed, published, shown; the same bytes again are no second file; its bytes come for a look."""
    told = {"case": OWN, "name": "笔录.pdf", "kind": "现场检查笔录"}
    stored = platform.post("/documents", params=told, content=PDF).json()
    assert stored["sha256"] == hashlib.sha256(PDF).hexdigest()
    (event,) = [one for one in events(office, "document.stored") if one["seq"] == stored["seq"]]
    assert event["actor"] == f"person:{CASE_OFFICER}"
    record = platform.get(f"/documents/{quote(stored['record'])}").json()
    assert [(one["name"], one["is_newest"]) for one in record["files"]] == [("笔录.pdf", True)]
    assert (record["case"], record["statements"][0]["by"]) == (OWN, f"person:{CASE_OFFICER}")
    again = platform.post("/documents", params=told | {"record": stored["record"]}, content=PDF).json()
    assert (again["seq"], again["document"]) == (None, stored["document"])
    assert stored["record"] in [one["record"] for one in platform.get(f"/cases/{OWN}").json()["records"]]
    about = {"about": f"text-record:{stored['record']}", "what": "document"}
    look = platform.post("/looks", json=about).json()["look"]
    media = f"{office.web.url}/media/document/{stored['sha256']}"
    assert platform.get(media, params={"look": look}).content == PDF


def test_a_rotten_document_is_not_shown_and_the_daemon_is_told(office, platform):
    """Whoever looks at it: the event and the finding come by themselves, once."""
    stored = office.document(OWN)
    with office.rotten(stored["sha256"]):
        about = f"text-record:{stored['record']}"
        look = platform.post("/looks", json={"about": about, "what": "document"}).json()["look"]
        media = f"{office.web.url}/media/document/{stored['sha256']}"
        for _ in range(2):
            wait_for(lambda: platform.get(media, params={"look": look}).status_code == 410)
        assert "已告知采集服务" in platform.get(media, params={"look": look}).text
        wait_for(lambda: [one for one in events(office, "document.damaged") if one["subject"] == about], 30)
        (damaged,) = [one for one in events(office, "document.damaged") if one["subject"] == about]
        assert (damaged["data"]["document"], damaged["data"]["found_by"]) == (stored["document"], "look")
        (opened,) = [one for one in events(office, "finding.opened") if one["subject"] == about]
        assert opened["data"]["kind"] == "document-damaged"


def test_a_rotten_document_that_is_whole_as_a_clip(office, platform):
    """It is shown from there, and its own damage is told all the same."""
    stored = office.document(OWN)
    home, sha256, about = Home(office.home.root), stored["sha256"], f"text-record:{stored['record']}"
    whole = home.blob(sha256).read_bytes()
    look = platform.post("/looks", json={"about": about, "what": "document"}).json()["look"]
    elsewhere = home.clips(sha256)
    elsewhere.parent.mkdir(parents=True, exist_ok=True)
    with office.rotten(sha256):
        try:
            elsewhere.write_bytes(whole)
            elsewhere.chmod(0o444)
            media = f"{office.web.url}/media/document/{sha256}"
            wait_for(lambda: platform.get(media, params={"look": look}).status_code == 200)
            assert platform.get(media, params={"look": look}).content == whole
            wait_for(
                lambda: [one for one in events(office, "document.damaged") if one["subject"] == about], 30
            )
        finally:
            elsewhere.unlink()


def test_a_document_is_checked_now(office, platform):
    """Part by part, by whoever may read it; damage is theirs to have found, and so is its end."""
    stored = office.document(OWN)
    about, check = f"text-record:{stored['record']}", f"/documents/{stored['document']}/check"
    light = platform.post(check, params={"whole": False}).json()
    assert (light["ok"], light["digest"], light["parts"]) == (True, None, {"manifest": [], "log": []})
    good = platform.post(check).json()
    assert (good["ok"], good["digest"], good["record"]) == (True, stored["sha256"], stored["record"])
    with office.rotten(stored["sha256"]):
        bad = platform.post(check).json()
        assert [fault["kind"] for fault in bad["parts"]["bytes"]] == ["bytes"]
        assert not bad["ok"]
        assert bad["digest"] != stored["sha256"]
        wait_for(lambda: said_damaged(office, platform, stored["record"]) == {True})
    assert platform.post(check).json()["ok"]
    wait_for(lambda: said_damaged(office, platform, stored["record"]) == {False})
    news = (*events(office, "document.damaged"), *events(office, "document.repaired"))
    assert [(one["type"], one["actor"]) for one in news if one["subject"] == about] == [
        ("document.damaged", f"person:{CASE_OFFICER}"),
        ("document.repaired", f"person:{CASE_OFFICER}"),
    ]
    assert is_refused(platform.post("/documents/nothing/check"), 404, "not-found")


def said_damaged(office, platform, record: str) -> set[bool]:
    """What the API, the record's page and its case's say, once they know of it."""
    answer = platform.get(f"/documents/{record}")
    if answer.status_code == 404:
        return set()
    with office.client(CASE_OFFICER) as client:
        on_page = "不可信" in client.get(f"/documents/{record}").text
        row = client.get(f"/cases/{OWN}").text.partition(f"/documents/{record}")[2].partition("</li>")[0]
    return {answer.json()["files"][0]["damaged"], on_page, "已损坏" in row}


def test_the_outsiders_commands_for_a_document_run_as_given(office, platform):
    """Each succeeds, with tools that are not ours but for the log."""
    stored = office.document(OWN)
    wait_for(lambda: platform.get(f"/documents/{stored['record']}").status_code == 200)
    given = platform.get(f"/documents/{stored['record']}").json()["files"][0]["commands"]
    lines = given.replace("ingestd log check", f"{sys.executable} -m ingestd log check")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "INGESTD_LANG": "zh", "LC_ALL": "C"}
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail"],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    assert "CMS Verification successful" in ran.stdout + ran.stderr
    told = ran.stdout.splitlines()
    assert told[0].endswith(": OK")
    assert "1" in told
    assert any(line.startswith("log/tile/entries/") for line in told)
    assert "✔ 日志完整" in ran.stdout


def test_who_may_not_see_a_document_has_nothing_read(office):
    """Of another unit, or the administrator: refused by the daemon itself, and logged; nothing is found."""
    stored = office.document(OTHERS)
    with office.rotten(stored["sha256"]):
        about = f"text-record:{stored['record']}"
        for account in (CASE_OFFICER, ADMINISTRATOR):
            with office.client(account) as client:
                session = client.cookies["session"]
                with pytest.raises(RemoteError) as refused:
                    office.daemon.ask("document.suspect", session=session, document=stored["document"])
                assert refused.value.remote_code == "refused"
            with person(office, account) as client:
                for whole in ("true", "false"):
                    check = client.post(f"/documents/{stored['document']}/check", params={"whole": whole})
                    assert is_refused(check, 403, "refused")
                assert client.get(f"/custody/{about}").status_code == 403
                page = f"{office.web.url}/custody/{about}/check"
                assert client.post(page, data={"document": stored["document"]}).status_code == 403
        found = [one for one in events(office, "action.refused") if one["data"]["about"] == about]
        assert {(one["actor"], one["data"]["verb"]) for one in found} >= {
            (f"person:{account}", verb)
            for account in (CASE_OFFICER, ADMINISTRATOR)
            for verb in ("look", "document.check")
        }
        assert not [one for one in events(office, "document.damaged") if one["subject"] == about]


@pytest.mark.parametrize(
    ("told", "data", "status"),
    [
        ({"case": OTHERS}, PDF, 403),
        ({"case": "nothing"}, PDF, 403),
        ({"record": "nothing"}, PDF, 404),
        ({}, b"<html><script>1</script>", 400),
        ({}, b"", 400),
        ({}, b"\0" * ((64 << 20) + 1), 413),
        ({"case": ""}, PDF, 422),
        ({"name": "x" * 256}, PDF, 422),
        ({"made_at": "once"}, PDF, 400),
    ],
    ids=[
        "other-unit",
        "no-case",
        "no-record",
        "html",
        "empty",
        "large",
        "no-number",
        "long-name",
        "no-moment",
    ],
)
def test_documents_that_are_not_taken(office, platform, told, data, status):
    """By whose case it is, by content, by size; nothing of them is in the log."""
    before = len(events(office, "document.stored"))
    answer = platform.post("/documents", params={"case": OWN, "name": "a.pdf", **told}, content=data)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["zh"]
    assert len(events(office, "document.stored")) == before


def test_who_sends_no_documents(office):
    """A token without the scope, a supervisor, somebody of another unit who reads."""
    told = {"case": OWN, "name": "a.pdf"}
    with program(office, CASE_OFFICER, "read") as client:
        assert is_refused(client.post("/documents", params=told, content=PDF), 403, "refused")
    with person(office, SUPERVISOR) as client:
        assert is_refused(client.post("/documents", params=told, content=PDF), 403, "refused")
    with person(office, ADMINISTRATOR) as client:
        assert is_refused(client.get("/documents/JL-3701-1"), 403, "refused")
    anonymous = httpx.post(f"{office.web.url}/api/v1/documents", params=told, content=PDF)
    assert anonymous.status_code == 403
    assert anonymous.json()["error"]["zh"]


# --- cases and their review -------------------------------------------------------------------------


def test_a_case_from_its_review_to_its_file(office, platform):
    """Submitted by the platform, an opinion by a person with a fresh code, taken further, its file formed."""
    office.phone(REVIEWER)
    url = f"/reviews/{quote(OWN)}"
    opened = platform.post(f"{url}/open", json={"self_checked_at": "2026-11-20"}).json()
    assert (opened["round"], opened["changed"]) == (1, True)
    assert is_refused(
        platform.post(f"{url}/opinion", json={"opinion": "agree", "reason": "x"}), 403, "refused"
    )
    with person(office, REVIEWER) as client:
        bad = client.post(f"{url}/opinion", json={"opinion": "perhaps", "reason": "x"})
        assert is_refused(bad, 400, "usage")
        said = client.post(f"{url}/opinion", json={"opinion": "correct", "reason": "请补勘验笔录"}).json()
        assert (said["round"], said["changed"]) == (1, True)
        (round_,) = client.get(url).json()["rounds"]
        assert (round_["opinion"], round_["reviewer"], round_["reason"]) == (
            "correct",
            REVIEWER,
            "请补勘验笔录",
        )
        assert is_refused(client.post(f"{url}/escalate"), 403, "refused")
    assert platform.post(f"{url}/escalate").json()["changed"]
    assert platform.get(url).json()["rounds"][0]["escalated_at"] is not None
    first, again = (
        platform.post(f"/cases/{OWN}/filed", json={}, headers={"idempotency-key": "f-1"}).json()
        for _ in range(2)
    )
    assert first == again
    assert [one["seq"] for one in events(office, "case.filed")][-1] == first["seq"]
    told = platform.get(f"/cases/{OWN}").json()
    assert "REC-11" in [one["rule"] for one in told["clocks"]]
    assert is_refused(platform.post(f"/cases/{OTHERS}/filed", json={}), 403, "refused")
    assert is_refused(platform.post("/cases/nothing/filed", json={}), 404, "not-found")
    assert platform.post(f"/cases/{OWN}/filed", json={"at": -1}).status_code == 422
    assert platform.post(f"/cases/{OWN}/filed", json={"at": 1 << 52}).status_code == 400


# --- audits -----------------------------------------------------------------------------------------


def pages_on(client: httpx.Client, audit: str, drawn: list[str]) -> None:
    """A draw's clips from a place on."""
    rest = client.get(f"/audits/{audit}", params={"from": 1}).json()
    assert [one["acquisition"] for one in rest["clips"]] == drawn[1:]
    assert rest["next"] is None
    assert client.get(f"/audits/{audit}", params={"from": -1}).status_code == 422


def test_a_program_draws_and_a_person_judges(office):
    """The nonce stays here until the checkpoint is signed; nobody judges what he did not play, no token at all."""
    nonce = secrets.token_bytes(32)
    digest = hashlib.sha256(nonce).hexdigest()
    audit, today = digest[:16], datetime.now(timezone(timedelta(hours=8))).date()
    stored = rows(office, "SELECT max(secured_at) FROM clips")[0][0] // 1000
    since = datetime.fromtimestamp(stored, timezone(timedelta(hours=8))).date() - timedelta(days=30)
    asked = {"commitment": digest, "since": str(since), "until": str(today)}
    with program(office, SUPERVISOR, "audits", "read") as client:
        bound = client.post("/audits", json=asked).json()
        assert (bound["audit"], bound["state"], bound["drawn"]) == (audit, "seeded", [])
        assert client.get("/audits/work").json()["to_reveal"] == audit
        other = asked | {"commitment": "0" * 64}
        assert is_refused(client.post("/audits", json=other), 403, "refused")
        wrong = client.post(f"/audits/{audit}/reveal", json={"nonce": "0" * 64})
        assert is_refused(wrong, 403, "refused")
        drawn = client.post(f"/audits/{audit}/reveal", json={"nonce": nonce.hex()}).json()
        assert drawn["state"] == "drawn"
        clip = drawn["drawn"][0]
        said = {"clip": clip, "verdict": "good", **ANSWERS}
        assert is_refused(client.post(f"/audits/{audit}/judge", json=said), 403, "refused")
        assert is_refused(client.post(f"/audits/{audit}/void", json={"reason": "x"}), 403, "refused")
    assert [one["data"]["audit"] for one in events(office, "audit.drawn")][-1] == audit
    with person(office, SUPERVISOR) as client:
        waits = {one["acquisition"] for one in client.get("/audits/work").json()["clips"]}
        assert waits == set(drawn["drawn"])
        unplayed = client.post(f"/audits/{audit}/judge", json=said)
        assert is_refused(unplayed, 403, "refused")
        assert unplayed.json()["error"]["rule"] == "OWN-23"
        look = client.post("/looks", json={"about": f"clip:{clip}", "what": "original"}).json()["look"]
        played = {"ranges": [[0, 3_600_000]], "watched_ms": 60_000}
        assert client.post(f"/looks/{look}/seen", json=played).status_code == 204
        assert client.post(f"/looks/{look}/close", json={}).is_success
        wait_for(lambda: [one for one in events(office, "look.closed") if one["data"]["look"] == look])
        flawed = client.post(f"/audits/{audit}/judge", json=said | {"verdict": "flawed"})
        assert is_refused(flawed, 400, "usage")  # without saying what is wrong
        assert client.post(f"/audits/{audit}/judge", json=said | {"whole": "maybe"}).status_code == 422
        judged = client.post(f"/audits/{audit}/judge", json=said | {"note": "清楚"}).json()
        assert [one["seq"] for one in events(office, "audit.judged")][-1] == judged["seq"]
        first = client.get(f"/audits/{audit}").json()["clips"][0]
        assert (first["judgement"]["verdict"], first["judgement"]["note"]) == ("good", "清楚")
        assert first["played_percent"] in (100, None)
        pages_on(client, audit, drawn["drawn"])
        assert clip not in {one["acquisition"] for one in client.get("/audits/work").json()["clips"]}
        for hostile in ({}, {"month": "2026-13"}, {"since": "x", "until": "y"}, {"since": "2026-10-01"}):
            answer = client.post("/audits", json={"commitment": "1" * 64, **hostile})
            assert answer.status_code in (400, 422), hostile
    with person(office, OFFICER) as client:
        assert is_refused(client.get("/audits/work"), 403, "refused")
        assert is_refused(client.post("/audits", json=asked | {"commitment": "2" * 64}), 403, "refused")


# --- what is shown ----------------------------------------------------------------------------------


def test_an_officers_own_recordings(office):
    """Newest first, nobody else's; a note that is written is there; who records nothing has no such list."""
    with person(office, OFFICER) as client:
        told = client.get("/mine").json()
        assert {one["clip"]["officer"] for one in told["recordings"]} == {OFFICER}
        lacking = client.get("/mine?lacking=true").json()["recordings"]
        assert all(one["is_lacking"] for one in lacking)
        clip = told["recordings"][0]["clip"]["acquisition"]
        assert client.post(f"/clips/{clip}/note", json={"text": "路面积水（虚构）"}).is_success
        noted = {one["clip"]["acquisition"]: one for one in client.get("/mine").json()["recordings"]}
        assert (noted[clip]["note"], noted[clip]["is_lacking"]) == ("路面积水（虚构）", False)
        whole = client.get(f"/clips/{clip}").json()
        assert (whole["note"], whole["note_by"]) == ("路面积水（虚构）", f"person:{OFFICER}")
        assert whole["clip"]["acquisition"] == clip
        assert client.get("/mine?before=x").status_code == 422
    with person(office, SUPERVISOR) as client:
        assert is_refused(client.get("/mine"), 403, "refused")


def test_rows_of_the_registers(office):
    """What their pages show; another unit's are closed, and so is every clip to the administrator."""
    with person(office, CASE_OFFICER) as client:
        unit = client.get("/units/34079903").json()
        assert (unit["id"], bool(unit["cases"]), bool(unit["linked"])) == ("34079903", True, True)
        assert client.get("/officers/104233").json()["clips"]
        assert client.get("/recorders/KD01234").json()["state"]["en"]
        (party, *_) = client.get(f"/cases/{OWN}").json()["subjects"]
        assert OWN in [one["case"] for one in client.get(f"/subjects/{party}").json()["cases"]]
        for closed in ("/units/34079901", "/officers/104275", "/subjects/none", "/recorders/none"):
            answer = client.get(closed)
            assert answer.status_code in (403, 404), closed
            assert answer.json()["error"]["zh"]
        assert client.get(f"/units/{'x' * 65}").status_code == 422
    clip = rows(office, "SELECT acquisition FROM clips WHERE kind = 'video' LIMIT 1")[0][0]
    with person(office, ADMINISTRATOR) as client:
        assert is_refused(client.get(f"/clips/{clip}"), 403, "refused")
        assert client.get("/board").json()["slots"]
    with person(office, SUPERVISOR) as client:
        assert client.get(f"/clips/{clip}").json()["proof"]["zh"]
        queued = client.get("/queue").json()[0]["clip"]["acquisition"]
        assert {one["clip"]["acquisition"] for one in client.get(f"/queue?clip={queued}").json()} == {queued}
        assert is_refused(client.get("/clips/none"), 404, "not-found")


# --- accounts ---------------------------------------------------------------------------------------


def test_a_program_looks_after_accounts(office):
    """Lists, locks, ends log-ins and tokens; what lets somebody in takes a person with a fresh code."""
    with program(office, ADMINISTRATOR, "accounts") as client, person(office, OFFICER) as officer:
        assert OFFICER in {one["account"] for one in client.get("/accounts").json()}
        found = client.get("/accounts", params={"q": OFFICER, "role": "officer"}).json()
        assert [one["account"] for one in found] == [OFFICER]
        (login,) = [one["login"] for one in officer.get("/logins").json() if one["this"]]
        assert login in {one["login"] for one in client.get(f"/accounts/{OFFICER}").json()["logins"]}
        assert client.post(f"/accounts/{OFFICER}/logins/{login}/end").json()["changed"]
        wait_for(lambda: officer.get("/whoami").status_code == 401)
        assert client.post(f"/accounts/{OFFICER}/lock").json()["changed"]
        assert [one["data"]["account"] for one in events(office, "account.locked")][-1] == OFFICER
        assert client.get(f"/accounts/{OFFICER}").json()["state"] == "locked"
        for deed in ("unlock", "close", "end-totp"):
            assert client.post(f"/accounts/{OFFICER}/{deed}").status_code == 403, deed
        assert is_refused(client.put(f"/accounts/{OFFICER}", json={"roles": ["supervisor"]}), 403, "refused")
        assert is_refused(client.post(f"/accounts/{OFFICER}/burn"), 404, "not-found")
        assert is_refused(client.get("/accounts/none"), 404, "not-found")
        assert is_refused(client.get("/findings"), 403, "refused")
    with person(office, ADMINISTRATOR) as client:
        assert client.post(f"/accounts/{OFFICER}/unlock").json()["changed"]
        changed = client.put(f"/accounts/{OFFICER}", json={"name": "张立国（虚构）"}).json()
        assert [one["seq"] for one in events(office, "account.stated")][-1] == changed["seq"]
        told = client.get(f"/accounts/{OFFICER}").json()
        assert (told["name"], told["roles"], told["state"]) == ("张立国（虚构）", ["officer"], "open")
        both = {"roles": ["administrator", "supervisor"]}
        assert is_refused(client.put("/accounts/204778", json=both), 403, "refused")
        assert client.put("/accounts/204778", json={"roles": ["king"]}).status_code == 400


def test_ones_own_log_ins_and_tokens(office, platform):
    """Listed and ended by their owner; of others they are not there, and a token ends itself."""
    assert {one["this"] for one in platform.get("/logins").json()} == {False}
    with person(office, CASE_OFFICER) as owner:
        (this,) = [one["login"] for one in owner.get("/logins").json() if one["this"]]
        assert platform.post(f"/logins/{this}/end").json()["changed"]
        wait_for(lambda: owner.get("/whoami").status_code == 401)
    assert is_refused(platform.get("/accounts"), 403, "refused")
    assert is_refused(platform.post("/logins/none/end"), 404, "not-found")
    mine = platform.get("/tokens").json()
    assert {one["account"] for one in mine} == {CASE_OFFICER}
    with program(office, SUPERVISOR, "accounts") as other:
        assert is_refused(other.post(f"/tokens/{mine[-1]['id']}/end"), 404, "not-found")
        assert is_refused(other.get("/tokens", params={"account": CASE_OFFICER}), 403, "refused")
        (own,) = [one for one in other.get("/tokens").json() if one["scopes"] == ["accounts"]]
        assert other.post(f"/tokens/{own['id']}/end").json()["changed"]
        wait_for(lambda: other.get("/tokens").status_code == 401)

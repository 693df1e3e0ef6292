"""The API: the log followed from a position and proved, rows and notes by token, one shape of every error."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from ingestd import merkle
from ingestd.errors import WaitError
from ingestd.ledger.checkpoint import verify
from ingestd.ledger.note import parse_verifier
from ingestd.ledger.proof import verify_consistency, verify_inclusion
from ingestd.web.api.pace import A_SECOND, BURST, Pace
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, SUPERVISOR, Office

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def token(office: Office, account: str, *scopes: str) -> str:
    """An API token, made at the page."""
    if account not in office._codes:
        office.phone(account)
    with office.client(account) as client:
        data = {**{f"scope-{one}": "1" for one in scopes}, "label": "测试", "days": "5"}
        page = client.post("/me/token", data=data)
    return "ingestd_" + page.text.split("ingestd_")[1].split("<")[0]


def clip_of(office: Office) -> str:
    """Some clip of the day."""
    database = sqlite3.connect(f"file:{office.home.root / 'index.db'}?mode=ro", uri=True)
    with closing(database):
        (found,) = database.execute("SELECT acquisition FROM clips WHERE kind = 'video' LIMIT 1").fetchone()
    return str(found)


@pytest.fixture(scope="module")
def program(office):
    """A program of the supervisor's, with every scope."""
    shown = token(office, SUPERVISOR, "read", "events", "registers", "notes")
    with httpx.Client(
        base_url=f"{office.web.url}/api/v1", headers={"authorization": f"Bearer {shown}"}, timeout=60
    ) as client:
        yield client


def signed(office: Office, told: dict[str, Any]) -> Any:
    """A checkpoint of an answer, its signature checked."""
    verifier = parse_verifier((office.home.root / "keys/log.vkey").read_text().strip())
    return verify(told["note"].encode(), verifier.name, (verifier,))


def test_a_follower_loses_nothing_and_believes_nothing(office, program):
    """Every entry once, in order, each proved by the signed root; one tree continues the other."""
    at, seqs = 0, []
    while True:
        page = program.get("/events", params={"from": at, "limit": 60, "proof": True}).json()
        seen = signed(office, page["checkpoint"])
        for one in page["entries"]:
            leaf = merkle.leaf_hash(one["entry"].encode())
            assert base64.b64decode(one["leaf"]) == leaf
            path = [base64.b64decode(step) for step in one["proof"]]
            verify_inclusion(leaf, one["seq"], seen.size, seen.root, path)
            assert json.loads(one["entry"])["seq"] == one["seq"]
        seqs += [one["seq"] for one in page["entries"]]
        at = page["next"]
        if not page["entries"]:
            break
    assert seqs == list(range(at))
    early = program.get("/events/7").json()
    assert early["entries"][0]["seq"] == 7
    told = program.get("/log/consistency", params={"from": 50}).json()
    newer = signed(office, told["newer"])
    older = merkle.root_of_hashes(
        [merkle.leaf_hash(e["entry"].encode()) for e in program.get("/events?limit=50").json()["entries"]]
    )
    verify_consistency(50, newer.size, older, newer.root, [base64.b64decode(one) for one in told["proof"]])
    assert program.get("/events", params={"from": at + 10_000}).json()["error"]["code"] == "usage"


def test_who_waits_hears_at_once(office, program):
    """A long poll answers when something happens, well before its time is over."""
    at = program.get("/log/checkpoint").text.splitlines()[1]
    heard: list[tuple[float, Any]] = []

    def wait() -> None:
        page = program.get("/events", params={"from": at, "wait": 20}).json()
        heard.append((time.monotonic(), page))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    begun = time.monotonic()
    office.home.run("unit", "add", "34079909", "--name", "九中队（虚构）")
    thread.join(25)
    ((ended, page),) = heard
    assert page["entries"]
    assert ended - begun < 15


def test_the_log_as_files(office, program):
    """Tiles and bundles as a client of the format asks for them; nothing else below the address."""
    size = int(program.get("/log/checkpoint").text.splitlines()[1])
    full, rest = divmod(size, 256)
    path = "entries/000" if full else f"entries/000.p/{rest}"
    data = program.get(f"/log/tile/{path}").content
    assert int.from_bytes(data[:2], "big") < len(data)
    assert len(program.get(f"/log/tile/0/{path.partition('/')[2]}").content) == 32 * (256 if full else rest)
    assert len(program.get("/log/tile/0/000.p/5").content) == 32 * 5
    for wrong in ("0/999", "entries/x000/000", "..%2f..%2fkeys/log.vkey", "0/000.p/0"):
        answer = program.get(f"/log/tile/{wrong}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


def test_rows_and_notes(office, program):
    """By scope and role, as by hand; the same key does nothing twice."""
    clip = clip_of(office)
    noted = program.post(f"/clips/{clip}/note", json={"text": "某餐馆后厨（虚构）"})
    assert noted.json()["clip"] == clip
    assert program.post("/registers/unit", json={"said": {"unit": "1", "name": "x"}}).status_code == 403
    shown = token(office, ADMINISTRATOR, "registers")
    with httpx.Client(
        base_url=f"{office.web.url}/api/v1", headers={"authorization": f"Bearer {shown}"}, timeout=60
    ) as client:
        row = {"said": {"unit": "34079908", "name": "八中队（虚构）"}}
        first, again = (
            client.post("/registers/unit", json=row, headers={"idempotency-key": "a-1"}).json()
            for _ in range(2)
        )
        assert first == again
        assert first["changed"]
        taken = client.post(
            "/registers/import",
            params={"name": "units.csv", "among": "unit"},
            content="单位编号,单位名称\n34079907,七中队（虚构）\n".encode(),
        ).json()
        assert taken["tables"][0]["rows"] == 1
        assert client.get("/registers").status_code == 403  # no scope "read"
        assert client.get("/events").status_code == 403


def test_every_error_has_one_shape(office):
    """Of the guard, the framework, the pages' process and the daemon alike."""
    with office.client(CASE_OFFICER) as client:
        wrong = [
            (client.get("/api/v1/events"), 403),
            (client.get("/api/v1/events?from=x"), 422),
            (client.get("/api/v1/nothing"), 404),
            (client.delete("/api/v1/events"), 405),
            (client.get("/api/v1/events", headers={"host": "evil.example"}), 421),
            (client.post("/api/v1/registers/unit", json={}, headers={"sec-fetch-site": "cross-site"}), 403),
            (client.post("/api/v1/registers/unit", content=b"x" * (2 << 20)), 413),
        ]
    with office.client(OFFICER) as client:
        wrong.append((client.get("/api/v1/log/checkpoint"), 403))
    wrong.append((httpx.get(f"{office.web.url}/api/v1/events"), 401))
    for answer, status in wrong:
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert {"code", "zh", "en"} <= error.keys()
        assert answer.headers["content-security-policy"]


def test_a_program_that_runs_away_waits():
    """A burst, then so many a second; others are not held up."""
    at = [0.0]
    pace = Pace(lambda: at[0])
    for _ in range(int(BURST)):
        pace.take("a")
    with pytest.raises(WaitError):
        pace.take("a")
    pace.take("b")
    at[0] += 2 / A_SECOND
    pace.take("a")


def has_example(schema: dict[str, Any]) -> bool:
    """Whether the page of the API has something to show for a parameter."""
    kinds = schema.get("anyOf", ())
    return bool({"examples", "default", "enum"} & schema.keys()) or any(map(has_example, kinds))


def test_the_description(browser, office):
    """OpenAPI 3.1 with what a reader needs on every operation; the page lists all of them."""
    document = httpx.get(f"{office.web.url}/api/v1/openapi.json", timeout=60).json()
    assert document["openapi"].startswith("3.1")
    assert {"token", "session"} <= document["components"]["securitySchemes"].keys()
    operations = [
        (path, method, told) for path, each in document["paths"].items() for method, told in each.items()
    ]
    for path, method, told in operations:
        assert told["description"], (path, method)
        assert told["security"], (path, method)
        assert {"401", "403", "404", "422", "429", "503"} <= told["responses"].keys(), (path, method)
        failure = told["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
        assert failure.endswith("/Failure")
        for one in told.get("parameters", ()):
            assert one.get("description"), (path, one["name"])
            assert has_example(one["schema"]), (path, one["name"])
    context = office.context(browser, SUPERVISOR)
    page = context.new_page()
    page.goto("/api")
    expect(page.locator(".operations section[id]")).to_have_count(len(operations))
    expect(page.locator("body")).to_contain_text("/api/v1/events")
    context.close()


def test_the_examples_of_the_document_run(office, tmp_path):
    """Every block of docs/api.md, in a shell, with curl."""
    (tmp_path / "record.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    env = {
        "CASE": "铜郊罚〔2026〕37号",
        "TOKEN_CASES": token(office, CASE_OFFICER, "cases"),
        "STATION": office.web.url,
        "TOKEN": token(office, SUPERVISOR, "read", "events", "notes"),
        "PATH": "/usr/bin:/bin",
        "CLIP": clip_of(office),
    }
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    ran = [block for block in blocks if "curl" in block]
    assert len(ran) > 3
    for block in ran:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            check=False,
            env=env,
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, (block, done.stderr)
        assert b'"error"' not in done.stdout, (block, done.stdout)

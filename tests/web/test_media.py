"""Bytes for players: only by a look of one's own, only as they were signed, only the range that was asked for."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from ingestd.model import CHUNK_BYTES
from ingestd.vault.layout import Home
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, OFFICER, REVIEWER, SUPERVISOR


def events(office: Any, *types: str) -> list[dict[str, Any]]:
    """Of the office's log."""
    found: list[dict[str, Any]] = []
    for tile in sorted((office.home.root / "log" / "tile" / "entries").rglob("*")):
        if tile.is_file():
            found += [one for one in entries(tile.read_bytes()) if one["type"] in types]
    unique = {one["seq"]: one for one in found}
    return [unique[seq] for seq in sorted(unique)]


def entries(data: bytes) -> list[dict[str, Any]]:
    """Of a tile: each with two bytes of length before it."""
    found = []
    while data:
        size = int.from_bytes(data[:2], "big")
        found.append(json.loads(data[2 : 2 + size]))
        data = data[2 + size :]
    return found


@pytest.fixture(scope="module")
def clips(office) -> list[dict[str, Any]]:
    """What was secured, as its events say; films first, the largest in front."""
    found = [one["data"] for one in events(office, "clip.secured")]
    return sorted(found, key=lambda one: (one["kind"] != "video", -one["size"]))


def looked(client: httpx.Client, office: Any, clip: str, what: str = "player") -> str:
    """A look, as a page opens it."""
    session = client.cookies["session"]
    told = office.daemon.ask("look.open", session=session, about=f"clip:{clip}", what=what)
    return str(told["look"])


def stored(office: Any, clip: dict[str, Any]) -> Path:
    return Home(office.home.root).clips(clip["sha256"])


def test_the_whole_and_ranges(office, clips):
    """The bytes of the vault, whole and by range, with what a browser needs to seek; HEAD sends none."""
    with office.client(SUPERVISOR) as client:
        about = (client.get(f"/media/about/{one['acquisition']}").json()["content_type"] for one in clips)
        clip = next(one for one, kind in zip(clips, about, strict=True) if kind == "video/mp4")
        data = stored(office, clip).read_bytes()
        size = len(data)
        url = f"/media/clip/{clip['acquisition']}?look={looked(client, office, clip['acquisition'])}"
        whole = client.get(url)
        assert (whole.status_code, whole.content) == (200, data)
        assert whole.headers["etag"] == f'"{clip["sha256"]}"'
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["content-type"] == "video/mp4"
        bare = client.head(url)
        assert (bare.headers["content-length"], bare.content) == (str(size), b"")
        spans = {
            "bytes=0-0": (0, 1),
            "bytes=5-": (5, size),
            "bytes=-7": (size - 7, size),
            f"bytes={size - 1}-{size + 99}": (size - 1, size),
            f"bytes=-{size + 5}": (0, size),
            f"bytes={size // 2}-{size // 2 + 9}": (size // 2, size // 2 + 10),
        }
        for asked, (begin, end) in spans.items():
            part = client.get(url, headers={"range": asked})
            assert part.status_code == 206, asked
            assert part.content == data[begin:end], asked
            assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
        for beyond in (f"bytes={size}-", "bytes=-0"):
            answer = client.get(url, headers={"range": beyond})
            assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
        for odd in (
            "bytes=1-2,5-6",
            "bytes=9-3",
            "lines=1-2",
            "bytes=a-b",
            "bytes=--1",
            "bytes=" + "9" * 400 + "-",
        ):
            assert client.get(url, headers={"range": odd}).status_code == 200, odd
        other = client.get(url, headers={"range": "bytes=0-9", "if-range": '"another"'})
        assert (other.status_code, len(other.content)) == (200, size)
        same = client.get(url, headers={"range": "bytes=0-9", "if-range": f'"{clip["sha256"]}"'})
        assert same.status_code == 206


def test_only_by_a_look_of_ones_own(office, clips):
    """No look, another's, another login's of the same person, another clip's, one that is over: nothing is sent."""
    one, other = clips[0]["acquisition"], clips[1]["acquisition"]
    with (
        office.client(SUPERVISOR) as client,
        office.client(REVIEWER) as stranger,
        office.client(SUPERVISOR) as twin,
    ):
        look = looked(client, office, one)
        assert client.get(f"/media/clip/{one}?look={look}").status_code == 200
        refused = [
            client.get(f"/media/clip/{one}"),
            client.get(f"/media/clip/{one}?look=%00"),
            client.get(f"/media/clip/{other}?look={look}"),
            client.get(f"/media/preview/{other}?look={look}"),
            stranger.get(f"/media/clip/{one}?look={look}"),
            twin.get(f"/media/clip/{one}?look={look}"),
            client.get(f"/media/clip/../../keys/private/station.key?look={look}"),
            client.get(f"/media/clip/{clips[0]['sha256']}?look={look}"),
        ]
        assert {answer.status_code for answer in refused} <= {403, 404}, refused
        assert all(len(answer.content) < 20_000 for answer in refused)
        client.post(f"/looks/{look}/close")
        assert client.get(f"/media/clip/{one}?look={look}").status_code == 404
    with httpx.Client(base_url=office.web.url) as nobody:
        assert nobody.get(f"/media/clip/{one}?look={look}").headers["location"].startswith("/login")


def test_who_may_not_look(office, clips):
    """An administrator sees no evidence (SEP-6), an officer what is his own; what is refused is in the log."""
    theirs = next(one for one in clips if one["officer"] not in (None, OFFICER))
    own = next(one for one in clips if one["officer"] == OFFICER)
    for account in (ADMINISTRATOR, OFFICER):
        with office.client(account) as client:
            session = client.cookies["session"]
            about = f"clip:{theirs['acquisition']}"
            with pytest.raises(Exception, match=r"SEP-6|SEP-7"):
                office.daemon.ask("look.open", session=session, about=about, what="player")
            assert client.get(f"/media/strip/{theirs['acquisition']}").status_code == 403
            assert client.get(f"/media/about/{theirs['acquisition']}").status_code == 403
    with office.client(OFFICER) as client:
        look = looked(client, office, own["acquisition"])
        assert client.get(f"/media/clip/{own['acquisition']}?look={look}").status_code == 200
        with pytest.raises(Exception, match="REC-3"):
            looked(client, office, own["acquisition"], "original")


def test_a_look_in_the_log(office, clips):
    """Opened before the first byte, closed with what was sent, what was played, and for how long."""
    clip = clips[0]["acquisition"]
    with office.client(SUPERVISOR) as client:
        look = looked(client, office, clip)
        client.get(f"/media/clip/{clip}?look={look}", headers={"range": "bytes=0-99"})
        client.get(f"/media/clip/{clip}?look={look}", headers={"range": "bytes=50-199"})
        client.get(f"/media/clip/{clip}?look={look}", headers={"range": "bytes=1000-1000"})
        seen = {"ranges": "[[0, 900], [500, 1500], [4000, 4200]]", "watched_ms": "1900"}
        assert client.post(f"/looks/{look}/seen", data={"ranges": "[[0, 10]]"}).status_code == 204
        assert client.post(f"/looks/{look}/close", data=seen).status_code == 204
        for wrong in ("[[1]]", "{}", "x", "[[5, 1]]", '[["a", 2]]'):
            assert client.post(f"/looks/{look}/seen", data={"ranges": wrong}).status_code in (400, 404)
    wait_for(lambda: [e for e in events(office, "look.closed") if e["data"]["look"] == look])
    (opened,) = [e for e in events(office, "look.opened") if e["data"]["look"] == look]
    (closed,) = [e for e in events(office, "look.closed") if e["data"]["look"] == look]
    assert (opened["actor"], opened["data"]["what"]) == (f"person:{SUPERVISOR}", "player")
    told = closed["data"]
    assert (told["why"], told["watched_ms"]) == ("closed", 1900)
    assert told["seen"] == [[0, 1500], [4000, 4200]]
    assert told["served"] == [[0, 200], [1000, 1001]]


def test_a_damaged_chunk_stops_the_stream(office, clips):
    """One byte on disk: what is before it comes, nothing of its chunk does, and the daemon finds it by itself."""
    clip = next(one for one in clips if one["kind"] == "video" and one["size"] > CHUNK_BYTES)
    path = stored(office, clip)
    good = path.read_bytes()
    path.chmod(0o644)
    at = CHUNK_BYTES + 17
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([good[at] ^ 1]))
    try:
        with office.client(SUPERVISOR) as client:
            url = f"/media/clip/{clip['acquisition']}?look={looked(client, office, clip['acquisition'])}"
            got = b""
            with client.stream("GET", url) as answer, suppress(httpx.RemoteProtocolError):
                assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(good)))
                for piece in answer.iter_raw():
                    got += piece
            assert got == good[:CHUNK_BYTES]
            told = client.get(url, headers={"range": f"bytes={at + 5}-{at + 6}"})
            assert told.status_code == 410
            assert "签名" in told.text
            assert client.get(url, headers={"range": "bytes=0-99"}).content == good[:100]
            wait_for(lambda: client.get(f"/media/about/{clip['acquisition']}").json()["damaged"], 30)
        (damaged,) = [e for e in events(office, "clip.damaged") if e["data"]["sha256"] == clip["sha256"]]
        assert damaged["data"]["found_by"] == "look"
        assert [
            e for e in events(office, "finding.opened") if e["data"]["about"] == f"bytes:{clip['sha256']}"
        ]
    finally:
        path.write_bytes(good)
        path.chmod(0o444)


def test_a_chunk_list_or_manifest_that_was_changed(office, clips):
    """Whoever changes bytes and their list alike is stopped by the signed root."""
    clip = next(one for one in clips[1:] if one["kind"] == "video")
    list_ = Home(office.home.root).chunks(clip["sha256"])
    good = list_.read_bytes()
    list_.chmod(0o644)
    list_.write_bytes(bytes([good[0] ^ 1]) + good[1:])
    try:
        with office.client(SUPERVISOR) as client:
            url = f"/media/clip/{clip['acquisition']}?look={looked(client, office, clip['acquisition'])}"
            assert client.get(url).status_code == 410
    finally:
        list_.write_bytes(good)
        list_.chmod(0o444)


def test_a_connection_that_is_cut(office, clips):
    """A browser that goes away in the middle leaves a station that serves on."""
    clip = clips[0]["acquisition"]
    with office.client(SUPERVISOR) as client:
        url = f"/media/clip/{clip}?look={looked(client, office, clip)}"
        for _ in range(5):
            with client.stream("GET", url) as answer:
                next(answer.iter_raw(1000))
        assert client.get(url, headers={"range": "bytes=0-9"}).status_code == 206


def test_a_preview_on_demand(office, clips):
    """What no browser takes gets its preview while one waits; it is served, and it is another file."""
    with office.client(SUPERVISOR) as client:
        ways = {one["acquisition"]: client.get(f"/media/about/{one['acquisition']}").json() for one in clips}
        clip = next(one for one in clips if ways[one["acquisition"]]["way"] == "preview")
        acquisition, session = clip["acquisition"], client.cookies["session"]
        told = office.daemon.ask("preview.state", session=session, clip=acquisition)
        assert told["state"] in ("waiting", "making", "made")
        url = f"/media/preview/{acquisition}?look={looked(client, office, acquisition, 'preview')}"
        wait_for(lambda: client.get(url).status_code == 200)
        wait_for(lambda: client.get(f"/media/about/{acquisition}").json()["preview"]["state"] == "made")
        data = client.get(url)
        assert data.headers["content-type"] == "video/mp4"
        assert data.headers["etag"] == f'"{hashlib.sha256(data.content).hexdigest()}"'
        assert client.get(url, headers={"range": "bytes=4-7"}).content == b"ftyp"
        made = Home(office.home.root).derived / "previews" / clip["sha256"][:2] / f"{clip['sha256']}.mp4"
        good = made.read_bytes()
        made.chmod(0o644)
        made.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        assert client.get(url).status_code == 410
        made.write_bytes(good)


def test_strips(office, clips):
    """Five frames of what one may see; a list's look is logged once an hour, with the clips at its end."""
    with office.client(SUPERVISOR) as client:
        films = [one for one in clips if one["kind"] == "video"]
        first = films[0]["acquisition"]

        def picture() -> bool:
            return client.get(f"/media/strip/{first}").headers["content-type"] == "image/jpeg"

        wait_for(picture, 60)
        assert client.get(f"/media/strip/{first}").content[:3] == b"\xff\xd8\xff"
        for one in clips[:8]:
            assert client.get(f"/media/strip/{one['acquisition']}").status_code == 200
    strips = [e for e in events(office, "look.opened") if e["data"]["what"] == "strip"]
    assert [e["data"]["about"] for e in strips] == [f"account:{SUPERVISOR}"]


def test_purposes(office, clips):
    """Where the policy asks, what for is said once a login and case; it stands in a value, not in the log."""
    text = '[[override]]\nrule = "OWN-22"\nnumbers = { asked = 1 }\nby = "法制科"\nreason = "试行"\n'
    policy = office.home.root / "policy.toml"
    before = policy.read_text() if policy.exists() else None
    policy.write_text((before or "") + text)
    os.kill(office.daemon.process.pid, 1)
    try:
        with office.client(SUPERVISOR) as client:
            session, about = client.cookies["session"], f"clip:{clips[0]['acquisition']}"

            def open_(**more: str) -> Any:
                return office.daemon.ask("look.open", session=session, about=about, what="player", **more)

            def is_asked() -> bool:
                try:
                    open_()
                except Exception as error:  # noqa: BLE001 - whatever the daemon answers
                    return getattr(error, "remote_code", "") == "purpose-due"
                return False

            wait_for(is_asked, 30)
            open_(purpose="核对现场检查笔录")
            open_()
        assert "核对" not in json.dumps(events(office, "look.opened"), ensure_ascii=False)
    finally:
        policy.unlink() if before is None else policy.write_text(before)
        os.kill(office.daemon.process.pid, 1)


def test_the_list_of_looks(browser, office, clips, tmp_path):
    """A supervisor sees who looked at what and what was played, in both languages; narrows it to a person."""
    clip = clips[0]["acquisition"]
    with office.client(REVIEWER) as client:
        look = looked(client, office, clip)
        client.get(f"/media/clip/{clip}?look={look}", headers={"range": "bytes=0-4095"})
        client.post(f"/looks/{look}/close", data={"ranges": "[[0, 700], [1200, 1500]]", "watched_ms": "1000"})
    for lang, heading, older in (("zh", "查看记录", "法制"), ("en", "looks", "reviewer")):
        context = office.context(browser, SUPERVISOR, lang=lang)
        page = context.new_page()
        page.goto("/looks")
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        page.get_by_label("人员编号" if lang == "zh" else "person's number").fill(REVIEWER)
        page.get_by_role("button", name="筛选" if lang == "zh" else "show").click()
        row = page.locator("table.looks tbody tr").first
        expect(row).to_contain_text(REVIEWER)
        expect(row).to_contain_text("4.1 kB")
        expect(row.get_by_role("link").first).to_have_attribute("href", f"/clips/{clip}")
        expect(row.get_by_role("img")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
        page.screenshot(path=tmp_path / f"looks-{lang}.png")
        context.close()
        assert older


def test_whose_looks_one_sees(office, clips):
    """An officer his own, a supervisor those of their units, an administrator none; programs by the API."""
    own = next(one for one in clips if one["officer"] == OFFICER)["acquisition"]
    with office.client(OFFICER) as client:
        look = looked(client, office, own)
        mine = client.get("/api/v1/looks").json()["looks"]
        assert {one["person"] for one in mine} == {OFFICER}
        assert own in client.get("/looks").text
        main = client.get(f"/looks?person={REVIEWER}").text.partition("<main")[2]
        assert main
        assert REVIEWER not in main
    with office.client(SUPERVISOR) as client:
        told = client.get("/api/v1/looks", params={"item": f"clip:{own}"}).json()
        assert {one["about"] for one in told["looks"]} == {f"clip:{own}"}
        assert told["looks"][0]["closed_at"] is None
        assert client.get("/looks?item=铜郊罚〔2026〕34号&before=99999999").status_code == 200
        for odd in ("/looks?before=x", "/looks?before=-1", "/api/v1/looks?before=9e99"):
            assert client.get(odd).status_code in (404, 422)
        opened = client.post("/api/v1/looks", json={"about": f"clip:{own}", "what": "original"}).json()
        taken = client.get(f"/media/clip/{own}?look={opened['look']}")
        assert taken.headers["content-disposition"].startswith("attachment; filename=")
        assert client.post(f"/api/v1/looks/{opened['look']}/close", json={}).status_code == 200
        assert client.post(f"/api/v1/looks/{look}/close", json={}).status_code == 403
    with office.client(ADMINISTRATOR) as client:
        assert client.get("/looks").status_code == 403
        assert client.get("/api/v1/looks").status_code == 403


def test_documents(office, tmp_path):
    """Only by a look at its record; what could be active content is taken away as a file."""
    home = Home(office.home.root)
    files = {"pdf": b"%PDF-1.7\n%%EOF\n", "html": b"<html><script>alert(1)</script>"}
    with office.client(SUPERVISOR) as client:
        session = client.cookies["session"]
        for name, data in files.items():
            digest = hashlib.sha256(data).hexdigest()
            home.blob(digest).parent.mkdir(parents=True, exist_ok=True)
            home.blob(digest).write_bytes(data)
            office.daemon.ask(
                "register.add", register="record", said={"record": f"doc-{name}", "sha256": digest}
            )
            about = f"text-record:doc-{name}"
            look = office.daemon.ask("look.open", session=session, about=about, what="document")["look"]
            wait_for(lambda d=digest, k=look: client.get(f"/media/document/{d}?look={k}").status_code != 404)
            answer = client.get(f"/media/document/{digest}?look={look}")
            assert answer.content == data
            assert answer.headers["content-security-policy"].startswith("sandbox")
            is_shown = name == "pdf"
            kind = "application/pdf" if is_shown else "application/octet-stream"
            assert answer.headers["content-type"] == kind
            assert answer.headers["content-disposition"].startswith("inline" if is_shown else "attachment")
            assert client.get(f"/media/document/{'0' * 64}?look={look}").status_code == 404
            assert client.get(f"/media/document/{digest}").status_code in (403, 404)
            home.blob(digest).write_bytes(data + b" ")
            assert client.get(f"/media/document/{digest}?look={look}").status_code == 410

"""Requests that mean harm, byte by byte: paths, methods, hosts, sizes, slowness; what every answer carries."""

from __future__ import annotations

import re
import socket
import time

import httpx
import pytest

from tests.rig import Rig, wait_for
from tests.web.stage import FOUR, StandIn, web

CSP = ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    rig = Rig(tmp_path_factory.mktemp("hostile") / "home")
    text = rig.config.read_text().replace('web.hosts = ""', 'web.hosts = "board.example"')
    rig.config.write_text(text)
    daemon = StandIn(rig.root)
    daemon.slots = list(FOUR)
    with web(rig) as made:
        yield made
    daemon.close()


def sent(running, data, *, seconds=15.0):
    """What comes back for these bytes, until the server closes."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=seconds) as connection:
        connection.sendall(data)
        got = b""
        while more := connection.recv(65536):
            got += more
    return got.decode("utf-8", "replace")


def asked(running, target, *, method="GET", host=None, more=""):
    host = f"127.0.0.1:{running.port}" if host is None else host
    return sent(
        running, f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n".encode()
    )


def is_guarded(answer):
    head = answer.partition("\r\n\r\n")[0].lower()
    return (
        all(part in head for part in CSP)
        and head.count("content-security-policy:") == 1
        and "x-content-type-options: nosniff" in head
        and "referrer-policy: same-origin" in head
        and "server:" not in head
    )


@pytest.mark.parametrize(
    "target",
    [
        "/../ingestd.toml",
        "/static/../../ingestd.toml",
        "/static/..%2f..%2fingestd.toml",
        "/static/%2e%2e/%2e%2e/keys/private/log.key",
        "/static//etc/passwd",
        "/static/site.css%00.png",
        "/static/",
        "/board/",
        "/board/%2e%2e/health",
        "//board.example/board",
        "http://evil.example/board",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/index.db",
        "/language/en",
        "/%ff%fe",
        "*",
    ],
)
def test_paths_lead_nowhere(running, target):
    """404 or 405, drawn by us, with all headers; nothing of the home."""
    answer = asked(running, target)
    assert re.match(r"HTTP/1\.1 (404|405|400) ", answer), answer[:200]
    assert is_guarded(answer), answer[:2000]
    assert "agency" not in answer
    assert "PRIVATE" not in answer
    assert "Traceback" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_the_board_is_read_only(running, method):
    """No method but GET and HEAD does anything."""
    answer = asked(running, "/board", method=method, more="Content-Length: 0\r\n")
    assert re.match(r"HTTP/1\.1 (405|403|400) ", answer), answer[:200]
    assert is_guarded(answer)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "board.example.evil.example", "", "127.0.0.1@evil.example", "a b", "board.example:x"],
)
def test_another_sites_name_is_refused(running, host):
    """DNS rebinding: pages answer to their own names only."""
    answer = asked(running, "/board", host=host)
    assert re.match(r"HTTP/1\.1 (421|400) ", answer), answer[:200]
    assert is_guarded(answer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "board.example", "[::1]:8787", "192.0.2.7"])
def test_its_own_names_are_answered(running, host):
    """Configured names, loopback, plain addresses."""
    assert asked(running, "/board", method="HEAD", host=host).startswith("HTTP/1.1 200 ")


def test_two_hosts(running):
    """A proxy and we could mean different ones."""
    answer = asked(running, "/board", more="Host: evil.example\r\n")
    assert re.match(r"HTTP/1\.1 (421|400) ", answer)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /board HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /board HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
        b"GET /board HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /board HTTP/1.1\r\n\r\n",
        b"GET /board HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET /board HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    ],
    ids=["huge header", "huge path", "many headers", "TLS", "version", "no host", "negative", "smuggled"],
)
def test_what_is_no_request(running, data):
    """Refused with all headers, or cut off; the server stands."""
    try:
        answer = sent(running, data)
    except ConnectionError:
        answer = ""  # closed while we still sent
    assert not answer or (re.match(r"HTTP/1\.1 (4\d\d|200) ", answer) and is_guarded(answer)), answer[:300]
    assert running.answers()


def test_whoever_says_nothing_is_cut_off(running):
    """Half a head, then silence: closed after ten seconds, while others are served."""
    begun = time.monotonic()
    assert sent(running, b"GET /board HTTP/1.1\r\nHost: loc", seconds=60) == ""
    assert time.monotonic() - begun >= 9
    assert running.answers()


def test_a_crowd(running):
    """Five hundred connections that say nothing: the board is there again once they are cut off or gone."""
    crowd = [socket.create_connection(("127.0.0.1", running.port), timeout=5) for _ in range(500)]
    for one in crowd:
        one.close()
    wait_for(running.answers, 10)  # it has not met the last of them yet


@pytest.mark.parametrize("path", ["/", "/board", "/health", "/static/site.css", "/static/board.js", "/none"])
def test_headers_of_every_answer(running, path):
    """CSP without inline code, no sniffing, no caching but of marked files."""
    answer = asked(running, path)
    assert is_guarded(answer)
    assert "unsafe" not in answer.partition("\r\n\r\n")[0]
    assert re.search(r"(?i)cache-control: (no-store|no-cache)", answer)


def test_a_page_has_nothing_inline(running):
    """No script or style in it, no address of another site."""
    html = httpx.get(f"{running.url}/board").text
    assert not re.search(r"<style|\sstyle=|<script>|\son\w+=|javascript:", html)
    assert not re.search(r"(?:src|href|action)=\"(?!/)", html)
    assert re.search(r'src="/static/board\.js\?[0-9a-f]{16}"', html)


def test_marked_files_are_kept(running):
    """A file asked for with this version's mark may be kept for ever."""
    html = httpx.get(f"{running.url}/board").text
    found = httpx.get(running.url + re.search(r"/static/site\.css\?\w+", html)[0])
    assert "immutable" in found.headers["cache-control"]
    assert found.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_change_comes_from_our_own_page(running, headers, status):
    """Else another site could send people's browsers (CSRF)."""
    assert httpx.post(f"{running.url}/language/en?back=/board", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/board", "/board"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
    ],
)
def test_the_way_back_is_ours(running, back, to):
    """No open redirect, no header of somebody else's; the cookie is for the server alone."""
    own = {"Origin": running.url}
    found = httpx.post(f"{running.url}/language/en", params={"back": back}, headers=own)
    assert found.headers["location"] == to
    assert re.fullmatch(
        r"lang=en; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax", found.headers["set-cookie"]
    )
    assert httpx.post(f"{running.url}/language/fr", headers=own).status_code == 404


def test_the_first_page_leads_on(running):
    """Whoever is not logged in is asked who it is."""
    found = httpx.get(f"{running.url}/")
    assert (found.status_code, found.headers["location"]) == (303, "/login")


def test_health(running):
    """For monitoring: live and followed, or what is wrong."""
    facts = httpx.get(f"{running.url}/health")
    assert facts.status_code == 200
    assert facts.json() == {"ok": True, "daemon": True, "entries": 1, "reading": None, "problems": []}


def test_an_error_speaks_the_persons_language(running):
    """Both languages, the chosen one first."""
    zh = httpx.get(f"{running.url}/none").text
    en = httpx.get(f"{running.url}/none", cookies={"lang": "en"}).text
    assert zh.index("没有这个页面") < zh.index("there is no such page")
    assert en.index("there is no such page") < en.index("没有这个页面")
    assert '<html lang="en"' in en
